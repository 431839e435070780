"""A lane as the daemon sees it: samples as an array, counts, and the clock drawn under the child's marks.

May not wait for the child: whatever it does, a look costs microseconds.
"""

from __future__ import annotations

import mmap

import numpy as np

from audio.live.layout import (
    CAPACITY,
    FIRST_MARK,
    FLAGGED,
    FRAMES,
    HEADER_BYTES,
    LATENCY,
    MARKED,
    MARKS,
    RATE,
)
from audio.live.timebase import FrameClock

SAFE_MARKS = MARKS - 16
"""Marks that the child does not overwrite while they are read: it would need 160 ms for that."""


class LaneView:
    """One direction of a card's shared memory, at `offset` bytes."""

    def __init__(self, memory: mmap.mmap, offset: int) -> None:
        words = HEADER_BYTES // 8
        self.samples = np.frombuffer(memory, np.int16, CAPACITY, offset + HEADER_BYTES)
        self._words = np.frombuffer(memory, np.uint64, words, offset)
        self._times = np.frombuffer(memory, np.float64, words, offset)
        self._clock: FrameClock | None = None
        self._seen = 0

    @property
    def rate(self) -> int:
        """Samples per second; 0 before the stream is open."""
        return int(self._words[RATE])

    @property
    def frames(self) -> int:
        """Samples captured, or taken for playing."""
        return int(self._words[FRAMES])

    @property
    def flagged(self) -> int:
        """Callbacks with an overflow or underflow."""
        return int(self._words[FLAGGED])

    @property
    def callbacks(self) -> int:
        """Callbacks so far."""
        return int(self._words[MARKED])

    @property
    def latency_s(self) -> float:
        """Between a sample at the card and its count, as the sound server says; never negative."""
        return max(0.0, float(self._times[LATENCY]))

    def last_stamp(self) -> float | None:
        """When the newest callback was; None before the first."""
        marked = self.callbacks
        return None if not marked else float(self._times[FIRST_MARK + 2 * ((marked - 1) % MARKS)])

    def look(self) -> FrameClock | None:
        """The clock with every mark that came since the last look, None before any; one thread calls this."""
        marked = self.callbacks
        if not marked:
            return None
        if self._clock is None:
            self._clock = FrameClock(self.rate)
        for mark in range(max(self._seen, marked - SAFE_MARKS), marked):
            place = FIRST_MARK + 2 * (mark % MARKS)
            self._clock.add(float(self._times[place]), int(self._words[place + 1]))
        self._seen = marked
        return self._clock
