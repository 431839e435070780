"""A card's child without a card: it fills and empties a lane as a sound server would, in time handed in.

May not read a clock.
"""

from __future__ import annotations

import mmap

import numpy as np

from audio.live.layout import LANE_BYTES, RING_BYTES, Lane
from audio.live.timebase import FrameClock
from audio.live.view import LaneView

RATE = 8000
PERIOD = 80


class Fake:
    """One direction of a card whose clock runs `ppm` fast; callbacks come at most `jitter_s` late."""

    def __init__(self, rate: int = RATE, ppm: float = 0.0, jitter_s: float = 0.0, seed: int = 1) -> None:
        self._memory = mmap.mmap(-1, RING_BYTES)
        self.lane = Lane(memoryview(self._memory)[:LANE_BYTES], rate)
        self.view = LaneView(self._memory, 0)
        self.played: list[np.ndarray] = []
        self.frames = 0
        self.stopped = False
        self._rate = rate
        self._true_rate = rate * (1 + ppm / 1e6)
        self._jitter_s = jitter_s
        self._random = np.random.default_rng(seed)
        self._next_s = 0.0

    def until(self, at: float, *, capture: bool) -> None:
        """Every callback before `at`; what is captured counts its samples, modulo 10000."""
        period = PERIOD * self._rate // RATE
        while not self.stopped:
            due = (self.frames + period) / self._true_rate
            stamp = max(self._next_s, due + self._jitter_s * self._random.random())
            if stamp > at:
                return
            if capture:
                self.lane.put(
                    (np.arange(self.frames, self.frames + period) % 10000).astype(np.int16).tobytes()
                )
            else:
                self.played.append(np.frombuffer(self.lane.take(period), np.int16))
            self.frames += period
            self._next_s = stamp
            self.lane.mark(stamp, 0.02, flagged=False)

    def clock(self) -> FrameClock:
        """As the daemon sees it now."""
        clock = self.view.look()
        assert clock is not None
        return clock

    def heard(self) -> np.ndarray:
        """Everything played."""
        return np.concatenate(self.played) if self.played else np.zeros(0, np.int16)
