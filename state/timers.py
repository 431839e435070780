"""Deadlines as data: who is waited for, until when, and whether the customer would notice.

May not read a clock: the owner asks what is due at a time it was handed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Timer(NamedTuple):
    """One deadline.

    `ready` says whether it may fire yet (audio watermarks); `rearm_s` is set on customer-facing ones.
    """

    deadline: float
    fire: Callable[[], None]
    ready: Callable[[float], bool] | None = None
    rearm_s: float | None = None


class Timers:
    """A handful of named deadlines; the earliest due and ready one fires first, one at a time."""

    def __init__(self, late_s: float) -> None:
        self._late_s = late_s
        self._timers: dict[tuple[str, str], Timer] = {}
        self._next: float | None = None
        self._stale = False
        """Something was taken away since `_next` was the earliest: it is worked out when it is asked for."""
        self.rearmed = 0

    def set(self, key: tuple[str, str], timer: Timer) -> None:
        """Arm or replace a deadline."""
        if key in self._timers:
            self._stale = True
        elif self._next is None or timer.deadline < self._next:
            self._next = timer.deadline
        self._timers[key] = timer

    def cancel(self, key: tuple[str, str]) -> None:
        """Forget a deadline; one that is not armed is fine."""
        if self._timers.pop(key, None) is not None:
            self._stale = True

    def cancel_owner(self, owner: str) -> None:
        """Forget every deadline of one owner."""
        for key in [k for k in self._timers if k[0] == owner]:
            del self._timers[key]
        self._stale = True

    def get(self, key: tuple[str, str]) -> Timer | None:
        """An armed deadline, or None."""
        return self._timers.get(key)

    def next_deadline(self) -> float | None:
        """The earliest deadline time alone can bring; one that waits for audio is due when audio comes."""
        earliest: float | None = None
        for timer in self._timers.values():
            deadline = timer.deadline
            if (earliest is None or deadline < earliest) and (timer.ready is None or timer.ready(deadline)):
                earliest = deadline
        return earliest

    def due(self, at: float) -> bool:
        """Whether anything may have to fire at `at` (cheap; `fire_next` decides)."""
        if self._stale:
            self._next = min([timer.deadline for timer in self._timers.values()], default=None)
            self._stale = False
        return self._next is not None and self._next <= at

    def fire_next(self, at: float) -> bool:
        """Fire the earliest deadline that is due and ready at `at`; False where there is none.

        A customer-facing deadline later than the allowance is armed again from `at`, never fired late.
        """
        due: tuple[float, tuple[str, str]] | None = None
        for name, armed in self._timers.items():
            deadline = armed.deadline
            if deadline > at or (due is not None and due < (deadline, name)):
                continue
            if armed.ready is None or armed.ready(deadline):
                due = deadline, name
        if due is None:
            return False
        key = due[1]
        timer = self._timers.pop(key)
        self._stale = True
        if timer.rearm_s is not None and at - timer.deadline > self._late_s:
            self.rearmed += 1
            self.set(key, Timer(at + timer.rearm_s, timer.fire, timer.ready, timer.rearm_s))
            return True
        timer.fire()
        return True
