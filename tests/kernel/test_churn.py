"""A hundred times pulled out and put back: nothing of it stays in the daemon, its loop never waits for it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.kernel.box import Box, SeatSocket
from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset
from tests.kernel.kit.waiting import await_until

CYCLES = 100
WARM = 5
"""The first plugs load modules and fill caches; they are not counted."""


POOL = (os.cpu_count() or 1) + 4
"""The loop's own pool (asyncio.to_thread) starts a thread whenever none is idle, up to this, and keeps it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds of the system and of its loop."""

    descriptors: int
    threads: int
    children: int
    tasks: int


def held(box: Box, seat: SeatSocket) -> Held:
    process = Path(f"/proc/{box.pid}")
    children = [child for task in process.glob("task/*/children") for child in task.read_text().split()]
    return Held(
        descriptors=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        children=len(children),
        tasks=seat.call("server.info")["tasks"],
    )


def leaks(before: Held, now: Held) -> bool:
    """Whether anything grew, the pool's own threads aside: every re-plug could leave one of each."""
    return now != replace(before, threads=now.threads) or now.threads > before.threads + POOL


def cycle(seat: SeatSocket, headset: VirtualHeadset | VirtualUsbHeadset) -> None:
    since = len(seat.told)
    headset.plug()
    seat.await_told("device.added", since=since)
    headset.unplug()
    seat.await_told("device.removed", since=since)
    headset.await_gone()


@pytest.mark.parametrize("kind", [VirtualHeadset, VirtualUsbHeadset])
def test_a_hundred_replugs_leave_nothing_behind(
    box: Box,
    seat: SeatSocket,
    kind: type[VirtualHeadset | VirtualUsbHeadset],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with VirtualHeadset() if kind is VirtualHeadset else VirtualUsbHeadset(parts=("hid",)) as headset:
        for _ in range(WARM):
            cycle(seat, headset)
        settled = await_until(lambda: held(box, seat), what="the daemon's counts")
        began = seat.call("server.info")["at"]
        for _ in range(CYCLES):
            cycle(seat, headset)
        await_until(lambda: not leaks(settled, held(box, seat)), what=f"{settled} again")
        ended = held(box, seat)
    slices = [turn for turn in seat.call("server.info")["slow"]["recent"] if turn["at"] >= began]
    slices.append({"took_s": 0.0, "name": "none over 5 ms"})
    longest = max(slices, key=lambda turn: float(turn["took_s"]))
    with capsys.disabled():
        print(f"\n{kind.__name__}: {CYCLES} re-plugs, before {settled}, after {ended}")
        print(f"longest slice of the loop meanwhile: {longest['took_s'] * 1000:.1f} ms ({longest['name']})")
