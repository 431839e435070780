"""The shared memory between the daemon and a card's child: one lane of samples in each direction.

May not need more than the standard library: the child imports it and must start fast. One side alone writes
each word; a word is stored whole, and the child publishes samples and marks before the counts that name them.
"""

from __future__ import annotations

import threading

HEADER_BYTES = 4096
"""Counts and marks of a lane, before its samples."""
CAPACITY = 1 << 16
"""Samples a lane holds: 4 s at 16 kHz, 1.4 s at 48 kHz; a reader later than that has other troubles."""
LANE_BYTES = HEADER_BYTES + 2 * CAPACITY
RING_BYTES = 2 * LANE_BYTES
"""A capture lane, then a playback lane."""

FRAMES = 0
"""Word: samples the child has captured, or taken for playing, since it opened."""
MARKED = 1
"""Word: callbacks so far; each has left a mark."""
FLAGGED = 2
"""Word: callbacks that PortAudio flagged with an overflow or underflow."""
RATE = 4
"""Word: samples per second the card runs at, which may be another rate than was asked for."""
LATENCY = 3
"""Word (double): seconds between a sample at the card and its place in `FRAMES` time, smoothed."""
FIRST_MARK = 16
MARKS = 128
"""Marks kept: more than a second of 10 ms callbacks. A mark is two words: stamp (double), frames after it."""

SMOOTHING = 0.05
"""Weight of a new latency: twenty callbacks, a fifth of a second (ours)."""


class Lane:
    """One direction as the child writes it. Times are seconds of CLOCK_MONOTONIC."""

    def __init__(self, memory: memoryview, rate: int) -> None:
        self._words = memory[:HEADER_BYTES].cast("Q")
        self._times = memory[:HEADER_BYTES].cast("d")
        self._samples = memory[HEADER_BYTES:LANE_BYTES]
        self._words[RATE] = rate
        self._frames = 0
        self._marks = 0
        self._fence = threading.Lock()
        self._fence.acquire()

    def put(self, data: bytes) -> None:
        """Append captured s16 samples; the oldest are overwritten."""
        begin = 2 * (self._frames % CAPACITY)
        fits = min(len(data), 2 * CAPACITY - begin)
        self._samples[begin : begin + fits] = data[:fits]
        self._samples[: len(data) - fits] = data[fits:]
        self._frames += len(data) // 2

    def take(self, count: int) -> bytes:
        """The next `count` samples to play; what was written and not overwritten is zeros from now on."""
        begin = 2 * (self._frames % CAPACITY)
        fits = min(2 * count, 2 * CAPACITY - begin)
        rest = 2 * count - fits
        data = bytes(self._samples[begin : begin + fits]) + bytes(self._samples[:rest])
        self._samples[begin : begin + fits] = bytes(fits)
        self._samples[:rest] = bytes(rest)
        self._frames += count
        return data

    def mark(self, stamp: float, latency_s: float, flagged: bool) -> None:
        """Publish what was put or taken: the callback at `stamp` is done."""
        place = FIRST_MARK + 2 * (self._marks % MARKS)
        self._times[place] = stamp
        self._words[place + 1] = self._frames
        known = self._times[LATENCY] if self._marks else latency_s
        self._times[LATENCY] = known + SMOOTHING * (latency_s - known)
        self._words[FLAGGED] += flagged
        self._marks += 1
        self._order()
        self._words[FRAMES] = self._frames
        self._words[MARKED] = self._marks

    def _order(self) -> None:
        """What was stored before is seen before what is stored after, on ARM too: release, then acquire."""
        self._fence.release()
        self._fence.acquire()
