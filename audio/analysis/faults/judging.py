"""What the analysers share: a scale of warn, fail and end, and a memory of events.

May not know any fault.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from audio.analysis.faults.thresholds import CONFIDENCE_FAIL, CONFIDENCE_MOST, CONFIDENCE_WARN


@dataclass(frozen=True, slots=True)
class Scale:
    """A measured value judged: found from `warn` on, grave from `fail` on, over only beyond `end`."""

    warn: float
    fail: float
    end: float

    def holds(self, value: float, already: bool) -> bool:
        """Whether the fault is there, given that it was there before or not."""
        limit = self.end if already else self.warn
        return value >= limit if self.fail > self.warn else value <= limit

    def confidence(self, value: float) -> float:
        """0.4 at warn, 0.8 at fail, on a line through both up to 0.95 and down to half of the first."""
        share = (value - self.warn) / (self.fail - self.warn)
        sure = CONFIDENCE_WARN + share * (CONFIDENCE_FAIL - CONFIDENCE_WARN)
        return min(max(sure, CONFIDENCE_WARN / 2.0), CONFIDENCE_MOST)


class Recent:
    """Times of events in the last seconds that count."""

    def __init__(self, seconds: float) -> None:
        self._seconds: deque[list[float]] = deque(maxlen=round(seconds))

    def push(self, times: list[float], counts: bool) -> None:
        """Add a second's events; a second that does not count ages nothing."""
        if counts or not self._seconds:
            self._seconds.append(list(times))
        else:
            self._seconds[-1].extend(times)

    @property
    def count(self) -> int:
        """How many are remembered."""
        return sum(len(times) for times in self._seconds)

    @property
    def first(self) -> float:
        """Time of the oldest one; only asked while there is one."""
        return min(min(times) for times in self._seconds if times)

    def reset(self) -> None:
        """Forget them."""
        self._seconds.clear()
