"""Blocks by time, from and into a lane that another process fills or empties by count.

May not read a clock or wait: what has not come is silence, what comes too late is dropped, and both are
counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.live.timebase import FrameClock

Samples = NDArray[np.int16]

RESYNC_S = 0.03
"""Farther from where a block belongs than this, and it is put there at once."""
SLACK_S = 0.004
"""Nearer than this, and nothing is done: how a server asks for sound wanders by 1 to 3 ms (measured)."""


@dataclass(slots=True)
class Counts:
    """What one direction went through since the daemon started; samples unless they say otherwise."""

    blocks: int = 0
    missing: int = 0
    """Silence that stands for sound that had not come, or that was not there to be played in time."""
    dropped: int = 0
    """Too late to be played."""
    nudged: int = 0
    """Single samples left out or said twice, for the drift of two clocks."""
    resyncs: int = 0


class Margin:
    """How far a block keeps from the other side: grows with what came late, shrinks slowly."""

    LONGEST_S = 0.06
    STEP_S = 0.005
    """Most that one late block adds: a hiccup costs once, jitter adds up (ours)."""
    SHRINK = 0.0002
    """Seconds per second: 5 ms are forgotten in 25 s, a sample at a time (ours)."""

    def __init__(self, least_s: float) -> None:
        self._least_s = least_s
        self.now_s = least_s

    def late(self, by_s: float) -> None:
        """Something came that much too late."""
        self.now_s = min(self.LONGEST_S, self.now_s + min(by_s, self.STEP_S))

    def passed(self, seconds: float) -> None:
        """Nothing came late for a while."""
        self.now_s = max(self._least_s, self.now_s - self.SHRINK * seconds)


class _Cursor:
    """Where the next block begins, against where it should."""

    def __init__(self, rate: int, least_s: float, counts: Counts) -> None:
        self.rate = rate
        self.margin = Margin(least_s)
        self.counts = counts
        self.next: int | None = None

    def place(self, ideal: float) -> tuple[int, int]:
        """The begin of the next block, and whether it lies behind (1), ahead (-1) or neither (0)."""
        if self.next is None:
            return max(0, round(ideal)), 0
        off = ideal - self.next
        if abs(off) > RESYNC_S * self.rate:
            self.counts.resyncs += 1
            return max(0, round(ideal)), 0
        if abs(off) <= SLACK_S * self.rate:
            return self.next, 0
        self.counts.nudged += 1
        return self.next, 1 if off > 0 else -1


class BlockReader:
    """Captured blocks by the time they were over; `ring` is the lane's samples."""

    LEAST_S = 0.018
    """A callback's 10 ms, the slack, and as much for a process that is woken late (ours)."""

    def __init__(self, ring: Samples, rate: int, counts: Counts) -> None:
        self._ring = ring
        self._cursor = _Cursor(rate, self.LEAST_S, counts)

    @property
    def margin_s(self) -> float:
        """How long after its last sample a block is read."""
        return self._cursor.margin.now_s

    def read(self, end_at: float, count: int, clock: FrameClock, captured: int) -> tuple[Samples, int]:
        """The `count` samples over at `end_at`, and how many have not come: zeros at the end.

        `captured` is the count of frames in the ring.
        """
        cursor, margin = self._cursor, self._cursor.margin
        cursor.counts.blocks += 1
        begin, behind = cursor.place(clock.frames_at(end_at - margin.now_s) - count)
        begin += behind > 0
        wanted = count - (behind < 0)
        there = min(wanted, captured - begin)
        block = np.zeros(count, np.int16)
        if there < 0 or captured - begin > len(self._ring):
            # It has not begun, or has been overwritten: what is wanted lies outside the ring.
            cursor.next, there = None, 0
        else:
            block[:there] = self._ring[np.arange(begin, begin + there) % len(self._ring)]
            cursor.next = begin + there
        if there == wanted:
            block[there:] = block[there - 1]
            margin.passed(count / cursor.rate)
            return block, 0
        cursor.counts.missing += count - there
        margin.late((count - there) / cursor.rate)
        return block, count - there


class BlockWriter:
    """Blocks to play, each at the time it is due; added to what others have put there."""

    LEAST_S = 0.01
    """Mixing two channels takes a few milliseconds of a slow box before a block is put (ours)."""

    def __init__(self, ring: Samples, rate: int, counts: Counts) -> None:
        self._ring = ring
        self._cursor = _Cursor(rate, self.LEAST_S, counts)

    @property
    def margin_s(self) -> float:
        """How long before its first sample is taken a block is put."""
        return self._cursor.margin.now_s

    def write(self, begin_at: float, block: Samples, clock: FrameClock, taken: Callable[[], int]) -> None:
        """Put a block that is mixed at `begin_at`; `taken` counts the frames that are gone."""
        cursor, margin, gone = self._cursor, self._cursor.margin, taken()
        cursor.counts.blocks += 1
        ideal = clock.frames_at(begin_at) + margin.now_s * cursor.rate
        if ideal < gone - RESYNC_S * cursor.rate:
            # It belongs into a time that is over: blocks of a loop that was held up come all at once.
            cursor.next = None
            cursor.counts.dropped += len(block)
            return
        begin, behind = cursor.place(ideal)
        if begin < gone:
            cursor.counts.missing += gone - begin
            margin.late((gone - begin) / cursor.rate)
            begin = max(gone, round(clock.frames_at(begin_at) + margin.now_s * cursor.rate))
        else:
            margin.passed(len(block) / cursor.rate)
        placed = block if not behind else np.append(block, block[-1:]) if behind > 0 else block[:-1]
        at = np.arange(begin, begin + len(placed)) % len(self._ring)
        total = self._ring[at].astype(np.int32) + placed
        self._ring[at] = np.clip(total, -32768, 32767).astype(np.int16)
        cursor.next = begin + len(placed)
        # What was taken meanwhile is not zeroed by the other side any more, and would sound a ring later.
        self._ring[at[: max(0, taken() - begin)]] = 0
