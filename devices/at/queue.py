"""The command queue of one AT device: one command in flight, priorities, timeouts, resynchronisation.

May not write bytes or read a reply: it says what to write next, and when to stop waiting.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

DRAIN_S = 0.3
"""After a timeout nothing is written for this long: what arrives late belongs to nobody."""
SETTLE_S = 0.05
"""After an error too: some devices send `+CME ERROR: 4` and then OK for one command (bumble, HFP)."""
MISSES_LOST = 3
"""So many unanswered commands in a row and the device is lost."""


URGENT = 3
"""A command of this priority does not wait for the dialogue to be in step again: it brings it there."""


class Kind(StrEnum):
    """Why a command was asked; `CALL` are those that act on a call."""

    INIT = "init"
    LIST = "list"
    CALL = "call"
    QUERY = "query"
    SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Ask:
    """One command line without its CR. Higher priority goes first, equal ones in order."""

    text: str
    kind: Kind
    timeout_s: float
    priority: int = 0

    @property
    def may_connect(self) -> bool:
        """Whether NO CARRIER, BUSY and CONNECT are final results of this command."""
        return self.text.upper().startswith(("ATD", "ATA", "ATO"))


@dataclass(slots=True)
class Flight:
    """A command that was written at `at` and has no final yet; `serial` orders it among all that happened."""

    ask: Ask
    serial: int
    at: float
    deadline: float
    broken_off: bool = False
    reply: list[str] = field(default_factory=list)


class CommandQueue:
    """Holds what waits and what is in flight (more than one only where a host is merely watched)."""

    def __init__(self, sync: Ask) -> None:
        self._sync = sync
        self._waiting: list[Ask] = []
        self._flying: deque[Flight] = deque()
        self._quiet_until: float | None = None
        self._must_sync = False
        self.misses = 0

    @property
    def current(self) -> Flight | None:
        """The command whose final result comes next."""
        return self._flying[0] if self._flying else None

    @property
    def lost(self) -> bool:
        """Whether the device has been silent too often in a row."""
        return self.misses >= MISSES_LOST

    def clear(self) -> None:
        """Forget everything, as after opening a port."""
        self._waiting.clear()
        self._flying.clear()
        self._quiet_until = None
        self._must_sync = False
        self.misses = 0

    def submit(self, ask: Ask) -> None:
        """Add a command; a list that already waits is not asked twice."""
        if ask.kind is Kind.LIST and any(other.kind is Kind.LIST for other in self._waiting):
            return
        self._waiting.append(ask)
        self._waiting.sort(key=lambda each: -each.priority)

    def start(self, at: float, serial: int) -> Flight | None:
        """Take the next command to write, if the device is free for one."""
        if self._flying or (self._quiet_until is not None and at < self._quiet_until):
            return None
        self._quiet_until = None
        if self._must_sync:
            urgent = self._waiting and self._waiting[0].priority >= URGENT
            ask = self._waiting.pop(0) if urgent else self._sync
        elif self._waiting:
            ask = self._waiting.pop(0)
        else:
            return None
        return self.observe(ask, at, serial)

    def observe(self, ask: Ask, at: float, serial: int) -> Flight:
        """A command went out: by `start`, or by a host that is watched."""
        flight = Flight(ask, serial, at, at + ask.timeout_s)
        self._flying.append(flight)
        return flight

    def finish(self, at: float, *, ok: bool) -> Flight:
        """The final result for the oldest command in flight arrived."""
        flight = self._flying.popleft()
        self.misses = 0
        if flight.ask.kind is Kind.SYNC or flight.ask.priority >= URGENT:
            self._must_sync = False
        if not ok:
            self._quiet_until = at + SETTLE_S
        return flight

    def break_off(self, deadline: float) -> None:
        """The command in flight was broken off: stop waiting for it at `deadline`, if that is earlier."""
        if self._flying:
            self._flying[0].broken_off = True
            self._flying[0].deadline = min(self._flying[0].deadline, deadline)

    def expire(self, at: float) -> Flight | None:
        """Give up the command in flight if its time is over; then drain, then synchronise."""
        if not self._flying or at < self._flying[0].deadline:
            return None
        self.misses += 1
        self._must_sync = True
        self._quiet_until = at + DRAIN_S
        return self._flying.popleft()

    def overlook(self) -> None:
        """A timeout that is another host's affair: no draining, no synchronising."""
        self._quiet_until = None
        self._must_sync = False
        self.misses = 0

    def deadline(self) -> float | None:
        """When `expire` or `start` has something to do, or None."""
        if self._flying:
            return self._flying[0].deadline
        if self._must_sync or self._waiting:
            return self._quiet_until
        return None
