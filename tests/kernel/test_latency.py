"""From a press to the socket, and to the lamp: beside a bare C loop over the same headset, in the same run.

Both have the same keys at the same pace and the same client. The pace is a person's: everything sleeps before
a press, and waking up is part of the time; pressed without a pause the bare loop is three times as fast.
Prints figures; asserts only that every press arrived and every lamp was written. Times are the guest's, where
every instruction is emulated: the ratio counts, not the milliseconds.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel.box import SOCKET, Box, pause
from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset
from tests.kernel.kit.waiting import TIMEOUT_S
from tests.kernel.test_seat import talk

KEYS = 300
"""A key is quickly pressed again; the 99th percentile of fewer is little more than the worst."""
PRESSES = 100
KEY_PAUSE_S = 0.1
"""Longer than any window in which a key may be the same press twice."""
KEY_DOWN, KEY_UP = "021000", "020000"
"""Jabra Evolve Link: Redial, which does nothing where nobody was called yet."""
FORWARD = "forward"
MUTE, LIVE = "020300", "021100"
"""Jabra Evolve Link in a call: Off-Hook with Mute, and Off-Hook with Microphone."""
Headset = VirtualHeadset | VirtualUsbHeadset


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds from the device to where they were taken."""

    what: str
    values: tuple[float, ...]

    def at(self, share: float) -> float:
        ordered = sorted(self.values)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    def beside(self, floor: Times) -> str:
        """The ratios to another measurement."""
        p50, p99 = (self.at(share) / floor.at(share) for share in (0.5, 0.99))
        return f"ratio p50 {p50:.1f}, p99 {p99:.1f}"

    def __str__(self) -> str:
        return f"{self.what:<34} p50 {self.at(0.5):7.2f} ms   p99 {self.at(0.99):7.2f} ms"


@contextmanager
def forwarding(node: Path, *mode: str) -> Iterator[None]:
    """The bare loop on this node."""
    program = Path(os.environ["CALLSEAT_LAB_BIN"]) / FORWARD
    with subprocess.Popen([program, str(node), *mode], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
        process.kill()


def sent_after(headset: Headset, before: int) -> float:
    """When the device handed its first report since to the kernel."""
    return headset.await_event("sent", since=before).at


class Listener:
    """A client that only waits for a line: the same one for both, so that what it costs is in both."""

    def __init__(self, path: Path, *, subscribe: bool = False) -> None:
        self._link = socket.socket(socket.AF_UNIX)
        self._link.connect(str(path))
        self._link.settimeout(TIMEOUT_S)
        self._lines = self._link.makefile("rb")
        if subscribe:
            self._link.sendall(b'{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}\n')
            self.await_line(b'"id":1')

    def await_line(self, part: bytes) -> float:
        """When the next line with this in it was read."""
        while line := self._lines.readline():
            at = time.monotonic()
            if part in line:
                return at
        raise AssertionError(f"no {part!r} before the end")

    def close(self) -> None:
        self._lines.close()
        self._link.close()


def keys(what: str, headset: Headset, listener: Listener, part: bytes) -> Times:
    """A key while nothing is up: what the agent pressed, at a client."""
    times = []
    for _ in range(KEYS):
        before = len(headset.events)
        headset.send(bytes.fromhex(KEY_DOWN))
        at = listener.await_line(part)
        times.append((at - sent_after(headset, before)) * 1000)
        headset.send(bytes.fromhex(KEY_UP))
        pause(KEY_PAUSE_S)
    return Times(what, tuple(times))


def floor_event(headset: Headset, node: Path) -> Times:
    path = Path("/run/forward.sock")
    with forwarding(node, "socket", str(path)), closing(Listener(path)) as listener:
        return keys("C loop: key -> socket", headset, listener, KEY_DOWN.encode())


def floor_lamp(headset: Headset, node: Path) -> Times:
    times = []
    with forwarding(node, "lamps", MUTE, LIVE):
        headset.send(bytes.fromhex("020100"))
        pause()  # the first lamps make the headset report its hook, and that is answered too
        for _ in range(PRESSES):
            before = len(headset.events)
            headset.send(bytes.fromhex("020100"))
            lit = headset.await_event("report", since=before)
            times.append((lit.at - sent_after(headset, before)) * 1000)
            pause(KEY_PAUSE_S)
    return Times("C loop: press -> lamp", tuple(times))


def our_key(headset: Headset) -> Times:
    with closing(Listener(SOCKET, subscribe=True)) as listener:
        return keys("callseat: key -> socket event", headset, listener, b'"device.button"')


def our_mute(headset: Headset) -> tuple[Times, Times]:
    """The mute key in a call, with its sound analysed: the event at a client, and the lamp at the device."""
    events, lamps = [], []
    with closing(Listener(SOCKET, subscribe=True)) as listener:
        for _ in range(PRESSES):
            before = len(headset.events)
            headset.press_mute()
            event = listener.await_line(b'"device.mute"')
            lit = headset.await_event("report", since=before)
            pressed = sent_after(headset, before)
            events.append((event - pressed) * 1000)
            lamps.append((lit.at - pressed) * 1000)
            pause()
    event_times = Times("callseat: mute in a call -> event", tuple(events))
    return event_times, Times("callseat: mute in a call -> lamp", tuple(lamps))


@pytest.mark.parametrize("kind", [VirtualHeadset, VirtualUsbHeadset])
def test_press_to_socket_and_to_lamp(
    box: Box, kind: type[Headset], capsys: pytest.CaptureFixture[str]
) -> None:
    with VirtualHeadset() if kind is VirtualHeadset else VirtualUsbHeadset(parts=("hid",)) as headset:
        headset.plug()
        node = headset.await_hidraw()
        event_floor, lamp_floor = floor_event(headset, node), floor_lamp(headset, node)
        headset.unplug()
        headset.await_gone()
        box.start()
        with box.subscribe() as seat:
            since = len(seat.told)
            headset.plug()
            seat.await_told("device.added", since=since)
        key = our_key(headset)
        with box.subscribe() as seat:
            talk(seat, headset)
            pause()
        mute, lamp = our_mute(headset)
        with box.connect() as seat:
            acks = seat.call("server.info")["ack_ms"]
        box.stop()
    with capsys.disabled():
        print(f"\n{kind.__name__}, {KEYS} keys, {PRESSES} presses in a call")
        for base, own in ((event_floor, (key, mute)), (lamp_floor, (lamp,))):
            print(f"  {base}")
            for own_times in own:
                print(f"  {own_times}   {own_times.beside(base)}")
        print(f"  callseat: arrival of the report -> return of write(): {acks}")
    assert len(event_floor.values) == len(key.values) == KEYS
    assert len(lamp_floor.values) == len(mute.values) == len(lamp.values) == PRESSES
