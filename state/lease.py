"""Leases: an app holds a headset for calls that no line of the seat knows of.

May not decide about a call of the seat, which always comes first. A lease ends with its holder's connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from state.commands import Lamps

CONFIRM_S = 2.0
"""A press is shown before the app has answered; after this without an answer it is taken back. It is the
time after which a headset itself gives up (WICG/webhid issue 61)."""


@dataclass(slots=True)
class Lease:
    """Who holds a headset, what the app shows there, and what a press has run ahead of it to show."""

    client: str
    app: str
    hands_off: bool = False
    shown: Lamps = field(default_factory=Lamps)
    ahead: Lamps | None = None

    def lamps(self, muted: bool) -> Lamps:
        """What the headset shows for this app."""
        wished = self.shown if self.ahead is None else self.ahead
        return replace(wished, mute=muted, microphone=wished.off_hook and not muted)

    def press_hook(self, off_hook: bool) -> None:
        """Acknowledge a press for the app: the headset would not wait for it."""
        self.ahead = Lamps(off_hook=off_hook)

    def show(self, lamps: Lamps) -> bool:
        """The app's own word; returns whether it ended a call with it."""
        before = self.shown
        self.shown, self.ahead = lamps, None
        return before.off_hook and not lamps.off_hook

    def take_back(self) -> None:
        """The app did not answer in time: what it last said holds."""
        self.ahead = None
