"""The microphone of one device or line: live, muted, locked or unknown, since when and who says so.

May not un-mute by itself within a call, and never calls an unknown microphone live.
"""

from __future__ import annotations

from state.desk import Desk
from state.machine import Region
from state.tables import MUTE
from state.words import MuteState


class Mute(Region[MuteState]):
    """Mute of one place: `headset`, `line`."""

    table = MUTE

    def __init__(self, desk: Desk, where: str, owner: str) -> None:
        super().__init__()
        self.desk = desk
        self.where = where
        self.owner = owner
        self.since = desk.at
        self.confidence = "none"

    @property
    def muted(self) -> bool:
        """Whether this place keeps the agent from being heard."""
        return self.state in (MuteState.MUTED, MuteState.LOCKED)

    def apply(self) -> None:
        """The box set it: lamps and line follow from the state."""
        self.since, self.confidence = self.desk.at, "set"

    def learn(self) -> None:
        """The place reported it of itself."""
        self.since, self.confidence = self.desk.at, "reported"

    def forget(self) -> None:
        """The place is gone; nothing is known of it any more."""
        self.since, self.confidence = self.desk.at, "none"
