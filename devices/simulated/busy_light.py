"""A busy light nobody has to buy: it remembers what it showed, can be pulled out, and can refuse.

May not flash by itself: like the real ones it shows what it was last told.
"""

from __future__ import annotations

from state.busy import Colour
from state.errors import TransportError, TransportReason

KEPT = 64
"""Last colours remembered: a minute of flashing."""


class SimulatedBusyLight:
    """One light on one cable; `find` is what looks for it, `shown` its last colours, the newest last."""

    name = "simulated busy light"

    def __init__(self) -> None:
        self.plugged = True
        self.refuses: TransportReason | None = None
        self.opened = 0
        self.shown: list[Colour] = []

    @property
    def colour(self) -> Colour:
        """What it shows now; a light without its cable is dark."""
        return self.shown[-1] if self.plugged and self.shown else Colour.OFF

    def unplug(self) -> None:
        """Pull the cable: it is dark, and forgets."""
        self.plugged = False
        self.shown.clear()

    def plug(self) -> None:
        """Put the cable back."""
        self.plugged = True

    def find(self) -> SimulatedBusyLight | None:
        """Open it; None while it is not plugged in."""
        if not self.plugged:
            return None
        self._obey()
        self.opened += 1
        return self

    def show(self, colour: Colour) -> None:
        """Light up in this colour."""
        if not self.plugged:
            raise TransportError(TransportReason.GONE, f"{self.name}: not plugged in")
        self._obey()
        self.shown = [*self.shown, colour][-KEPT:]

    def close(self) -> None:
        """Let it go; it goes on showing what it shows."""
        self.opened -= 1

    def _obey(self) -> None:
        if self.refuses is not None:
            raise TransportError(self.refuses, f"{self.name}: refuses")
