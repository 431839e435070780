"""What finals and unsolicited lines alone tell of calls: for lines without a call list, and a watched host.

May not be used where the call list can be read: counting RINGs is the second-best truth.
"""

from __future__ import annotations

import re

from devices.at.calls import OFFERED, CallTable, RingTimer
from devices.at.grammar import Final, Meaning, Notice
from devices.at.planning import dialled_number
from state.events import Event
from state.words import By, CallState, Cause, Direction

_OUTGOING = (CallState.DIALING, CallState.RINGBACK)
_STARTING = (CallState.RINGING, *_OUTGOING)
_CONNECTS = {("call", 1, state) for state in _STARTING}
_ENDS = {("callsetup", 0, state) for state in _STARTING} | {
    ("call", 0, state) for state in (CallState.CONNECTED, CallState.HELD)
}
_SUPPLEMENT = re.compile(r"AT\+CHLD=([01])([0-9]*)")
"""Call release of TS 22.030: 0 waiting or held calls, 1 the active one, 1x call x."""


class Tracker:
    """Moves the calls of a table by what was said, without asking."""

    def __init__(self, table: CallTable, rings: RingTimer, *, by_finals_only: bool) -> None:
        self._table = table
        self._rings = rings
        self._by_finals_only = by_finals_only
        """The final of a dial command is the fate of the call (no `;`), not only its start."""

    def notice(self, notice: Notice, indicator: str, at: float, serial: int) -> list[Event]:
        """An unsolicited line other than a caller id."""
        if notice.meaning is Meaning.RING:
            return self._ring(at, serial)
        if notice.meaning is Meaning.WAITING and not self._table.any_in({CallState.WAITING}):
            return self._table.offer(CallState.WAITING, at, serial)
        if notice.meaning is Meaning.INDICATOR:
            return self._indicator(indicator, notice.value, at)
        return []

    def _ring(self, at: float, serial: int) -> list[Event]:
        """One call, many RINGs; while another call is up a RING is about that one or its successor."""
        self._rings.rang(at)
        if self._table.calls:
            return []
        return self._table.offer(CallState.RINGING, at, serial)

    def _indicator(self, name: str, value: int | None, at: float) -> list[Event]:
        """HFP call and callsetup of the only call; with two calls only a list can tell."""
        if len(self._table.calls) != 1:
            return []
        call = self._table.calls[0]
        if (name, value, call.state) in _CONNECTS:
            return self._table.move(call, CallState.CONNECTED, at)
        return [self._table.end(call, at)] if (name, value, call.state) in _ENDS else []

    def result(self, final: Final, at: float) -> list[Event]:
        """NO CARRIER, BUSY and the like as an event: the only call ended, or its fate is known."""
        if len(self._table.calls) != 1:
            return []
        call = self._table.calls[0]
        if final.ok:
            return self._table.move(call, CallState.CONNECTED, at)
        return [self._table.end(call, at)]

    def done(self, text: str, final: Final, at: float, serial: int) -> list[Event]:
        """The final result of a command that acts on a call."""
        upper = text.upper()
        if upper.startswith("ATA"):
            return self._answered(final, at)
        if upper.startswith("ATD"):
            return self._dialled(text, final, at, serial)
        if upper.startswith(("ATH", "AT+CHUP")) and final.ok:
            return self._hung_up(at, may_reject=upper.startswith("AT+CHUP"))
        if (found := _SUPPLEMENT.fullmatch(upper)) and final.ok:
            self._released(found[1], found[2])
        return []

    def _released(self, operation: str, index: str) -> None:
        """The next list will show which calls are gone; these are gone by our side's will."""
        waiting = self._table.any_in({CallState.WAITING})
        state = CallState.CONNECTED
        if operation == "0":
            state = CallState.WAITING if waiting else CallState.HELD
        for call in self._table.calls:
            call.ended_here |= str(call.index) == index if index else call.state is state

    def _answered(self, final: Final, at: float) -> list[Event]:
        call = self._table.first(CallState.RINGING)
        if call is None:
            return []
        if final.ok:
            return self._table.move(call, CallState.CONNECTED, at)
        return [self._table.end(call, at)] if final.ambiguous else []

    def _dialled(self, text: str, final: Final, at: float, serial: int) -> list[Event]:
        """OK is dialled, CONNECT and VCON are connected; a network's no is a call that failed."""
        if not final.ok and not final.ambiguous:
            call = self._table.first(*_OUTGOING)
            return [] if call is None else [self._table.end(call, at)]
        events: list[Event] = []
        call = self._table.first(*_OUTGOING)
        if call is None:
            call, events = self._table.dial(dialled_number(text), at, serial)
        if not final.ok or call.ended_here:
            return [*events, self._table.end(call, at, final.cause)]
        if final.ambiguous:
            return events + self._table.move(call, CallState.CONNECTED, at)
        if self._by_finals_only:
            return events + self._table.move(call, CallState.RINGBACK, at)
        return events

    def _hung_up(self, at: float, *, may_reject: bool) -> list[Event]:
        states = (CallState.CONNECTED, *_OUTGOING, *((CallState.RINGING,) if may_reject else ()))
        call = self._table.first(*states)
        if call is None:
            return []
        call.ended_here = True
        return [self._table.end(call, at)]

    def rings_stopped(self, at: float) -> list[Event]:
        """No RING for longer than the line's cadence allows: whoever called has given up."""
        self._rings.stop()
        return [
            self._table.end(call, at)
            for call in list(self._table.calls)
            if call.state in OFFERED and call.index is None
        ]

    def timed_out(self, at: float) -> list[Event]:
        """A dial command without any final: nobody knows, so the call counts as over."""
        call = self._table.first(*_OUTGOING)
        if call is None or call.direction is not Direction.OUTBOUND:
            return []
        by = By.LOCAL if call.ended_here else By.UNKNOWN
        return [self._table.end(call, at, Cause.TIMEOUT, by)]
