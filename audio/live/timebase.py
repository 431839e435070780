"""Frame counts against monotonic time: the line under the callbacks' arrivals, which jitter only one way.

May not read a clock or a sample.
"""

from __future__ import annotations

from collections import deque

WINDOW_S = 4.0
"""Callbacks the line is drawn under: 400 of 10 ms, of which the most punctual counts (ours)."""
JUMP_S = 0.02
"""A newest stretch this far over the line is no jitter: the server skipped or lost frames (ours)."""
JUDGED_S = 0.2
"""How long that must last; a loaded box holds callbacks up for less (ours)."""


class _Lowest:
    """The smallest value of the last `window_s` seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._rising: deque[tuple[float, float]] = deque()

    def add(self, at: float, value: float) -> float:
        """The smallest value, this one included."""
        rising = self._rising
        while rising and rising[-1][1] >= value:
            rising.pop()
        rising.append((at, value))
        while rising[0][0] < at - self._window_s:
            rising.popleft()
        return rising[0][1]

    def clear(self) -> None:
        """Nothing was before."""
        self._rising.clear()


class FrameClock:
    """Which frame is due when, for one direction at `rate` frames per second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._since: float | None = None
        self._offset: float | None = None
        self._line = _Lowest(WINDOW_S)
        self._newest = _Lowest(JUDGED_S)

    def add(self, stamp: float, frames: int) -> None:
        """After the callback at `stamp` `frames` had been counted; stamps ascend."""
        offset = stamp - frames / self._rate
        lowest, newest = self._line.add(stamp, offset), self._newest.add(stamp, offset)
        self._since = stamp if self._since is None else self._since
        if newest > lowest + JUMP_S and stamp - self._since > JUDGED_S:
            self._line.clear()
            self._since, lowest = stamp, self._line.add(stamp, newest)
        self._offset = lowest

    def frames_at(self, at: float) -> float:
        """How many frames a punctual callback would have counted by `at`."""
        if self._offset is None:
            raise RuntimeError("no callback has been seen yet")
        return (at - self._offset) * self._rate
