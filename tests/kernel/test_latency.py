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

from tests.kernel.box import Box, SeatSocket, pause
from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset
from tests.kernel.test_seat import talk

PRESSES = 100
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
        for _ in range(PRESSES):
            before = len(headset.events)
            headset.send(bytes.fromhex("020100"))
            lit = headset.await_event("report", since=before)
            times.append((lit.at - sent_after(headset, before)) * 1000)
    return Times("C loop: press -> lamp", tuple(times))


def ours(seat: SeatSocket, headset: Headset) -> tuple[Times, Times]:
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
    return Times("callseat: press -> socket event", tuple(events)), Times(
        "callseat: press -> lamp", tuple(lamps)
    )


@pytest.mark.parametrize("kind", [VirtualHeadset, VirtualUsbHeadset])
def test_press_to_socket_and_to_lamp(
    box: Box, kind: type[Headset], capsys: pytest.CaptureFixture[str]
) -> None:
    with VirtualHeadset() if kind is VirtualHeadset else VirtualUsbHeadset(parts=("hid",)) as headset:
        headset.plug()
        node = headset.await_hidraw()
        floor = floor_event(headset, node), floor_lamp(headset, node)
        headset.unplug()
        headset.await_gone()
        box.start()
        with box.subscribe() as seat:
            since = len(seat.told)
            headset.plug()
            seat.await_told("device.added", since=since)
            talk(seat, headset)
            pause()
            mine = ours(seat, headset)
            acks = seat.call("server.info")["ack_ms"]
        box.stop()
    with capsys.disabled():
        print(f"\n{kind.__name__}, {PRESSES} presses")
        for base, own in zip(floor, mine, strict=True):
            print(f"  {base}\n  {own}   p99 ratio {own.at(0.99) / base.at(0.99):.2f}")
        print(f"  callseat: arrival of the report -> return of write(): {acks}")
    assert all(len(times.values) == PRESSES for times in (*floor, *mine))
