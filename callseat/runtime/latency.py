"""Who kept the loop waiting, and how soon a press is acknowledged: times are kept, slow ones counted.

May not decide or log: counters are read by `server.info` and the journal.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from callseat import clock
from callseat.loops import BusyMeter

LIMIT_S = 0.005
"""Beyond this a prompt's first sample is late by more than a quarter of an audio block."""
UNNAMED = "unnamed turn"
KEPT_TURNS = 32
KEPT_ACKS = 1000
"""The newest; a busy agent presses some hundred keys a day."""


class AckTimes:
    """How long after a press the lamps that acknowledge it were written."""

    def __init__(self) -> None:
        self.count = 0
        self._worst_s = 0.0
        self._newest: deque[float] = deque(maxlen=KEPT_ACKS)

    def add(self, took_s: float) -> None:
        """One more press was acknowledged."""
        self.count += 1
        self._worst_s = max(self._worst_s, took_s)
        self._newest.append(took_s)

    def summary(self) -> dict[str, float]:
        """Milliseconds: percentiles of the newest, the worst of all."""
        ordered = sorted(self._newest) or [0.0]
        p50, p99 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.99))
        return {
            "count": self.count,
            "p50": round(p50 * 1000, 3),
            "p99": round(p99 * 1000, 3),
            "max": round(self._worst_s * 1000, 3),
        }


@dataclass(slots=True)
class DeviceCounts:
    """What is counted of one device for as long as the daemon runs, however often it is plugged in."""

    losses: int = 0
    ignored_reports: int = 0
    """Of connections that are over."""
    acks: AckTimes = field(default_factory=AckTimes)


@dataclass(frozen=True, slots=True)
class SlowTurn:
    """One stretch of work that kept the loop waiting too long; `at` is its end."""

    at: float
    name: str
    took_s: float


@dataclass(slots=True)
class LatencyWatch:
    """Counts slices over the limit by name; what no slice explains of a slow turn counts as unnamed."""

    limit_s: float = LIMIT_S
    slow: Counter[str] = field(default_factory=Counter)
    worst_s: float = 0.0
    worst: str = ""
    recent: deque[SlowTurn] = field(default_factory=lambda: deque(maxlen=KEPT_TURNS))
    """The newest that were over the limit."""
    _named_s: float = 0.0

    def attach(self, meter: BusyMeter) -> None:
        """Be told of every slow turn of a loop from now on; what came before was start-up."""
        meter.leave_select()
        meter.limit_s = self.limit_s
        meter.over = self.turn_was_slow

    def add(self, name: str, took_s: float) -> None:
        """A slice of a turn took this long."""
        if took_s > self.limit_s:
            self._named_s += took_s
            self._count(name, took_s)

    def turn_was_slow(self, took_s: float) -> None:
        """A whole turn took too long; what named slices explain is already counted."""
        if took_s - self._named_s > self.limit_s:
            self._count(UNNAMED, took_s - self._named_s)
        self._named_s = 0.0

    def _count(self, name: str, took_s: float) -> None:
        self.slow[name] += 1
        self.recent.append(SlowTurn(clock.now(), name, round(took_s, 6)))
        if took_s > self.worst_s:
            self.worst_s, self.worst = took_s, name
