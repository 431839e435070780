"""A live card in a test's loop as a call uses it: a tone played to it, what it hears and holds.

May not open or close a card: `audio.live.card` does, as in the daemon.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.live.card import Card
from audio.live.ring import Samples
from audio.live.sides import Capture, Playback
from tests.kernel.kit.waiting import LOOK_S

BLOCK_S = 0.02
"""One block of a call (callseat.listening)."""
LOUD = 3000
"""A sample over this is the headset's tone."""
PLAYED_HZ = 700
PATIENCE_S = 120.0
"""On a machine without a free processor a child gives up several times before it hears the card."""


class CallSound:
    """What a call takes from a card and gives it, block by block."""

    def __init__(self, card: Card) -> None:
        self.blocks = 0
        """Blocks read while the card was open."""
        self.heard = 0
        """Those with something of the card in them."""
        self._card = card
        self._size = round(BLOCK_S * card.spec.rate)

    async def run(self) -> None:
        """Until cancelled."""
        capture, playback, start = Capture(self._card), Playback(self._card), time.monotonic()
        phase = 2 * np.pi * PLAYED_HZ / self._card.spec.rate * np.arange(self._size)
        tone = (8000 * np.sin(phase)).astype(np.int16)
        for number in itertools.count(1):
            end = start + number * BLOCK_S
            await passes(end - time.monotonic())
            capture.read(end, self._size)
            self.blocks += self._card.process is not None
            self.heard += capture.heard
            playback.write(end, tone)


def newest(card: Card, seconds: float) -> Samples | None:
    """What the card heard last, however late it came; None: there is not as much yet."""
    lane = None if card.process is None else card.process.capture
    count = 0 if lane is None else round(seconds * lane.rate)
    if lane is None or not 0 < count <= lane.frames:
        return None
    return lane.samples[np.arange(lane.frames - count, lane.frames) % len(lane.samples)]


def is_loud(samples: Samples | None) -> bool:
    """Whether there is sound, and it is more than noise."""
    return samples is not None and bool(np.abs(samples).max() > LOUD)


def pitch_hz(samples: Samples, rate: int) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * len(samples)))
    return float(np.argmax(spectrum)) * rate / (4 * len(samples))


@asynccontextmanager
async def in_a_call(card: Card) -> AsyncIterator[CallSound]:
    """The card wanted and looked after, and a call that uses it."""
    call = CallSound(card)
    tasks = [asyncio.create_task(card.run()), asyncio.create_task(call.run())]
    card.want(True)
    try:
        yield call
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks), tasks


async def passes(seconds: float) -> None:
    """Let real time pass: sound lasts as long as it lasts."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        pass


async def until(condition: Callable[[], object], what: Callable[[], object]) -> float:
    """When it was so, CLOCK_MONOTONIC; AssertionError with `what` when PATIENCE_S are up."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s: {what()}"
        await passes(LOOK_S)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds of the system."""

    descriptors: int
    threads: int
    children: int
    resident_mb: float


def held(pid: int) -> Held:
    """Of this process now."""
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text().split()[1])
    return Held(
        descriptors=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        children=len(children(pid)),
        resident_mb=round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
    )


def children(pid: int) -> set[int]:
    """Every child of this process, dead ones that nobody reaped included."""
    lists = (task.read_text() for task in Path(f"/proc/{pid}").glob("task/*/children"))
    return {int(child) for listed in lists for child in listed.split()}
