"""Who kept the loop waiting: named slices of work and the turns of the loop are timed, slow ones counted.

May not decide or log: counters are read by `server.info` and the journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from callseat import clock
from callseat.loops import BusyMeter

LIMIT_S = 0.005
"""Beyond this a prompt's first sample is late by more than a quarter of an audio block."""
UNNAMED = "unnamed turn"


@dataclass(slots=True)
class LatencyWatch:
    """Counts slices over the limit by name; what no slice explains of a slow turn counts as unnamed."""

    limit_s: float = LIMIT_S
    slow: Counter[str] = field(default_factory=Counter)
    worst_s: float = 0.0
    worst: str = ""
    _named_s: float = 0.0

    def attach(self, meter: BusyMeter) -> None:
        """Be told of every slow turn of a loop from now on; what came before was start-up."""
        meter.leave_select()
        meter.limit_s = self.limit_s
        meter.over = self.turn_was_slow

    @contextmanager
    def slice(self, name: str) -> Iterator[None]:
        """Time the work inside under `name`."""
        began = clock.stopwatch()
        try:
            yield
        finally:
            took_s = clock.stopwatch() - began
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
        if took_s > self.worst_s:
            self.worst_s, self.worst = took_s, name
