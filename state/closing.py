"""The closing of one call: the customer hangs up first, and the agent only after a wait.

May not know what was said: closing words are known only when a key or the app confirms them.
"""

from __future__ import annotations

from dataclasses import replace

from state.call import Call
from state.cues import CueId
from state.desk import Desk
from state.hearing import Hearing
from state.machine import Region
from state.tables import CLOSING, ClosingOn
from state.timers import Timer
from state.words import ClosingState


class Closing(Region[ClosingState]):
    """Who hangs up first, and after how long a silence."""

    table = CLOSING

    def __init__(self, desk: Desk, call: Call, hearing: Hearing) -> None:
        super().__init__()
        self.desk = desk
        self.call = call
        self.hearing = hearing
        self._wait_s = desk.settings.closing.customer_hang_up_s
        self._key = (call.key, "closing")

    def was_quiet(self) -> bool:
        """Both sides were silent long enough, though nobody confirmed closing words."""
        quiet = self.hearing.quiet_since()
        return quiet is not None and self.desk.at - max(quiet, self.call.since) >= self._wait_s

    def arm_quiet(self) -> None:
        """The wait runs from the last sound of either side."""
        quiet = self.hearing.quiet_since()
        start = self.desk.at if quiet is None else max(quiet, self.call.since)
        self.desk.changed = True
        self.desk.timers.set(
            self._key, Timer(start + self._wait_s, self._quiet, self.hearing.ready, self._wait_s)
        )

    def cue_hang_up(self) -> None:
        """The customer has not hung up: the agent may."""
        self.desk.cue(
            CueId.CLOSING_MAY_HANG_UP, self.call.id, self.call.direction, quiet_s=round(self._wait_s, 1)
        )

    def agent_after_wait(self) -> None:
        """Allowed: the customer was given the time."""
        self.call.row = replace(self.call.row, closing="agent_after_wait")

    def agent_first(self) -> None:
        """The agent ended the call while the customer was still on: sensed, so it counts."""
        self.call.row = replace(self.call.row, closing="agent_first")
        if self.hearing.listening:
            evidence = f"our own hang-up before {self._wait_s:.0f} s of silence on both sides"
            self.call.breach("agent_hung_up_first", evidence)

    def disarm(self) -> None:
        """No deadline is left."""
        self.desk.timers.cancel(self._key)

    def _quiet(self) -> None:
        self.fire(ClosingOn.QUIET)
        self.desk.changed = True
