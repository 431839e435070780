"""The mute of a line, kept true for every call: baresip has one per call and a command that toggles it.

May not believe what it asked for: only what the answer says counts.
"""

from __future__ import annotations

from devices.sip.calls import ESTABLISHED, Call, CallTable
from devices.sip.planning import Deed, Plan

MAX_TRIES = 4
"""One toggle finds out, one puts right; twice over, should another call have been hit in between."""


class MuteKeeper:
    """What the microphone should be, and which call has yet to be told."""

    def __init__(self) -> None:
        self.wanted: bool | None = None
        """None: nobody has asked since the last call ended, so calls stay as they are."""
        self.waiting = 0
        """SetMute commands not yet answered."""
        self._tries = 0
        self._had_calls = False

    def want(self, muted: bool) -> None:
        """Somebody asks for it."""
        self.wanted = muted
        self.waiting += 1
        self._tries = 0

    def next(self, table: CallTable) -> Plan | None:
        """What to do for the next call that is not as wanted; a new one begins live in baresip."""
        call = next((call for call in table.calls if self._wrong(call)), None)
        if call is None or self.wanted is None or self._tries >= MAX_TRIES:
            return None
        return Plan((Deed(call, "mute", "true" if self.wanted else "false"),), call)

    def told(self, call: Call, muted: bool | None) -> None:
        """The answer to a mute says what the call is now; None: it does not say."""
        call.muted = muted
        self._tries = 0 if muted is self.wanted else self._tries + 1

    def mistook(self, table: CallTable) -> None:
        """Another call had become the current one: nobody knows which was meant."""
        self._tries += 1
        for call in table.calls:
            call.muted = None if call.state in ESTABLISHED else call.muted

    def outcome(self, table: CallTable) -> bool | None:
        """Whether all is as wanted, or None while that is being worked on. False gives up."""
        if any(self._wrong(call) for call in table.calls):
            return False if self._tries >= MAX_TRIES else None
        return True

    def settle(self) -> int:
        """How many commands are answered by that."""
        answered, self.waiting = self.waiting, 0
        return answered

    def give_up(self) -> None:
        """It cannot be had: nobody is kept trying."""
        self.wanted = None

    def saw(self, table: CallTable) -> None:
        """The last call ended, and mute with it."""
        if self._had_calls and not table.calls:
            self.wanted = None
        self._had_calls = bool(table.calls)

    def _wrong(self, call: Call) -> bool:
        return call.state in ESTABLISHED and self.wanted is not None and call.muted is not self.wanted
