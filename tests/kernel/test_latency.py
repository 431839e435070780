"""From a press to the socket, and to the lamp: beside a bare C loop over the same headset, in the same run.

Prints figures; asserts only that every press arrived and every lamp was written. Times are the guest's, where
every instruction is emulated: the ratio counts, not the milliseconds.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from state.words import Button
from tests.kernel.box import Box, SeatSocket, pause
from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset
from tests.kernel.test_seat import talk

PRESSES = 100
KEY_PAUSE_S = 0.1
"""Longer than any window in which a key may be the same press twice."""
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


def floor_event(headset: Headset, node: Path) -> Times:
    path = Path("/run/forward.sock")
    with forwarding(node, "socket", str(path)), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        lines, times = client.makefile("rb"), []
        for _ in range(PRESSES):
            before = len(headset.events)
            headset.send(bytes.fromhex("020400"))
            assert lines.readline() == b"020400\n"
            times.append((time.monotonic() - sent_after(headset, before)) * 1000)
            headset.send(bytes.fromhex("020000"))
            assert lines.readline() == b"020000\n"
    return Times("C loop: press -> socket", tuple(times))


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
    return Times("C loop: press -> lamp", tuple(times))


def our_key(seat: SeatSocket, headset: Headset) -> Times:
    """A key while nothing is up: what the agent pressed, at a client."""
    events = []
    for _ in range(PRESSES):
        told, before = len(seat.told), len(headset.events)
        headset.press(Button.REDIAL)
        event = seat.await_told("device.button", since=told)
        events.append((event.at - sent_after(headset, before)) * 1000)
        pause(KEY_PAUSE_S)
    return Times("callseat: key -> socket event", tuple(events))


def our_mute(seat: SeatSocket, headset: Headset) -> tuple[Times, Times]:
    """The mute key in a call, with its sound analysed: the event at a client, and the lamp at the device."""
    events, lamps = [], []
    for _ in range(PRESSES):
        told, before = len(seat.told), len(headset.events)
        headset.press_mute()
        event = seat.await_told("device.mute", since=told)
        lit = headset.await_event("report", since=before)
        pressed = sent_after(headset, before)
        events.append((event.at - pressed) * 1000)
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
            key = our_key(seat, headset)
            talk(seat, headset)
            pause()
            mute, lamp = our_mute(seat, headset)
            acks = seat.call("server.info")["ack_ms"]
        box.stop()
    with capsys.disabled():
        print(f"\n{kind.__name__}, {PRESSES} presses")
        for base, own in ((event_floor, (key, mute)), (lamp_floor, (lamp,))):
            print(f"  {base}")
            for own_times in own:
                print(f"  {own_times}   {own_times.beside(base)}")
        print(f"  callseat: arrival of the report -> return of write(): {acks}")
    assert all(len(times.values) == PRESSES for times in (event_floor, lamp_floor, key, mute, lamp))
