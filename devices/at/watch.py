"""The AT engine as a witness: another host talks to the device, and the engine is told what it wrote.

May not write: its steps carry events only.
"""

from __future__ import annotations

from devices.at.engine import AtEngine
from devices.at.profiles import Profile
from devices.at.queue import Ask, Kind
from state.engine import Step
from state.ids import LineId

_MAX_COMMAND = 1024
_ON_CALLS = ("ATD", "ATA", "ATH", "AT+CHUP", "AT+CHLD")


class WatchingEngine(AtEngine):
    """Sees both directions of somebody else's dialogue; in service from the first byte on."""

    def __init__(self, line: LineId, profile: Profile) -> None:
        super().__init__(line, profile, observing=True)
        self._typed = ""

    def host_wrote(self, data: bytes, at: float) -> Step:
        """Bytes of the host: complete command lines are in flight from now on."""
        self._lexer.expect_echo(data)
        *lines, rest = (self._typed + data.decode("latin-1")).replace("\n", "").split("\r")
        self._typed = rest[-_MAX_COMMAND:]
        for line in lines:
            place = line.upper().find("AT")
            if place >= 0:
                text = line[place:].strip()
                self._numeric = self._numeric or "V0" in text.upper()
                self._queue.observe(self._ask(text), at, self._next_serial())
        return self._end(at)

    def _ask(self, text: str) -> Ask:
        times = self._profile.timeouts
        upper = text.upper()
        if upper == self._profile.list_command:
            return Ask(text, Kind.LIST, times.ordinary_s)
        if upper.startswith(_ON_CALLS):
            return Ask(text, Kind.CALL, times.call_s)
        return Ask(text, Kind.QUERY, times.ordinary_s)
