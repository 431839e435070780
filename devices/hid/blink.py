"""Which headset is which: one of its lamps goes on and off for a few seconds.

May not write: it lays its lamp over those to be shown, and says when the next change is due.
"""

from __future__ import annotations

from dataclasses import replace

from state.commands import Lamps

STEP_S = 0.5
STEPS = 6
"""On and off three times: three seconds, long enough to look around (ours)."""
CANDIDATES = ("message_waiting", "ring", "hold")
"""Lamps by which nothing happens to a call; Off-Hook and Mute would make a headset change its own state."""


class Blink:
    """The lamp of one device that can be spared, and how far its blinking is."""

    def __init__(self, features: frozenset[str]) -> None:
        self._lamp = next((lamp for lamp in CANDIDATES if f"lamp_{lamp}" in features), None)
        self._began: float | None = None
        self._step = 0

    @property
    def possible(self) -> bool:
        """Whether there is a lamp to blink."""
        return self._lamp is not None

    def start(self, at: float) -> None:
        """Begin, or begin anew."""
        self._began, self._step = at, 0

    def stop(self) -> None:
        """Enough: the lamps are needed."""
        self._began = None

    def advance(self, at: float) -> bool:
        """Go on to where `at` is; whether the lamps differ from before."""
        before = self._step
        while (due := self.next_deadline()) is not None and due <= at:
            self._step += 1
            if self._step == STEPS:
                self._began = None
        return self._step != before

    def next_deadline(self) -> float | None:
        """When the lamp changes next."""
        return None if self._began is None else self._began + (self._step + 1) * STEP_S

    def over(self, lamps: Lamps) -> Lamps:
        """These lamps, with the blinking one as it is now."""
        if self._began is None or self._lamp is None:
            return lamps
        return replace(lamps, **{self._lamp: self._step % 2 == 0})
