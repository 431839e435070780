"""One command of baresip in flight: what was asked, why, and until when its answer is waited for.

May not write bytes: it makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.sip.messages import command
from state.engine import Write

MISSES_LOST = 3
"""So many unanswered commands in a row and baresip is lost."""


class Kind(StrEnum):
    """Why a command was asked."""

    ABOUT = "about"
    LIST = "list"
    SELECT = "select"
    REPORT = "report"
    DEED = "deed"


@dataclass(frozen=True, slots=True)
class Ask:
    """A command without its token."""

    kind: Kind
    name: str
    params: str = ""
    timeout_s: float = 5.0
    """A `hangup` took 0.8 s where the sound card had to be closed first; the rest answers in milliseconds."""


@dataclass(frozen=True, slots=True)
class _Flight:
    ask: Ask
    token: str
    deadline: float


class OneInFlight:
    """Tokens tell answers apart, so one that comes late is nobody's and dropped."""

    def __init__(self) -> None:
        self._flight: _Flight | None = None
        self._count = 0
        self.misses = 0

    @property
    def free(self) -> bool:
        """Whether a command may be sent."""
        return self._flight is None

    @property
    def lost(self) -> bool:
        """Whether baresip has been silent too often in a row."""
        return self.misses >= MISSES_LOST

    def clear(self) -> None:
        """Forget everything, as on a new connection."""
        self._flight = None
        self.misses = 0

    def send(self, ask: Ask, at: float) -> Write:
        """The command's bytes; it is in flight now."""
        self._count += 1
        self._flight = _Flight(ask, f"c{self._count}", at + ask.timeout_s)
        return Write(command(ask.name, ask.params, self._flight.token))

    def answered(self, token: str) -> Ask | None:
        """The command this token answers; None for one that is not waited for."""
        if self._flight is None or self._flight.token != token:
            return None
        ask, self._flight, self.misses = self._flight.ask, None, 0
        return ask

    def expire(self, at: float) -> Ask | None:
        """Give up the command in flight if its time is over."""
        if self._flight is None or at < self._flight.deadline:
            return None
        ask, self._flight = self._flight.ask, None
        self.misses += 1
        return ask

    def deadline(self) -> float | None:
        """When `expire` has something to do, or None."""
        return None if self._flight is None else self._flight.deadline
