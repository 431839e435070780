"""What finals and unsolicited lines alone tell of calls: for lines without a call list, and a watched host.

May not be used where the call list can be read: counting RINGs is the second-best truth.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.at.calls import Call, CallTable, RingTimer
from devices.at.grammar import Final, Meaning, Notice
from devices.at.hostline import Effect, dialled_number, dials, effects_of
from devices.at.indicators import NAMES, indicated
from devices.at.said import Said
from devices.line_calls import OFFERED, UNSETTLED
from state.events import Event
from state.words import By, CallState, Cause, Direction

TAKEN_S = 1.0
"""A modem that says NO CARRIER so long after ATA had taken the line; that nobody is there is said at once."""
LATE_OK_S = 2.0
"""OK is the start of a call; so late it is an answer after ringback (Wavecom), else a refusal (ZTE)."""
SAME_END_S = 1.0
"""NO CARRIER so soon after a line or a list that told of an end is about that end, not about another call."""
MAX_CALLS = 8
"""No line has more; a device that tells of ever new ones and of no end is not believed."""
ANSWERING_S = 20.0
"""No RING is missed for so long after ATA: modems fall silent while they train (a SIM800 may take 20 s)."""
_OUTGOING = (CallState.DIALING, CallState.RINGBACK)
_STARTING = (*_OUTGOING, CallState.RINGING)
_DIRECTIONS = {True: Direction.INBOUND, False: Direction.OUTBOUND}
_COMES_FROM = {
    CallState.CONNECTED: (
        *_OUTGOING,
        CallState.RINGING,
        CallState.WAITING,
        CallState.HELD,
        CallState.CONNECTED,
    ),
    CallState.HELD: (CallState.CONNECTED, CallState.HELD),
    CallState.DIALING: _OUTGOING,
    CallState.RINGBACK: _OUTGOING,
    CallState.RINGING: (CallState.RINGING, CallState.WAITING),
    CallState.WAITING: (CallState.WAITING, CallState.RINGING),
}
"""Whom a line without a known number means, in this order."""


class Tracker:
    """Moves the calls of a table by what was said, without asking.

    `patience_s`: a bare OK is believed so much later, unless a list or a line says otherwise before.
    """

    def __init__(
        self, table: CallTable, rings: RingTimer, *, by_finals_only: bool, patience_s: float = 0.0
    ) -> None:
        self._table = table
        self._rings = rings
        self._by_finals_only = by_finals_only
        """The final of a dial command is the fate of the call (no `;`), not only its start."""
        self._patience_s = patience_s
        self._command = ""
        self._asked: list[Effect] = []
        self._told = False
        self._due: float | None = None

    # commands --------------------------------------------------------------------------------

    def begins(self, text: str, at: float, serial: int) -> list[Event]:
        """A command that acts on calls was written; a modem that dials is dialling from then on."""
        events = self.believe(at)
        if self._by_finals_only and dials(text) and not self._table.any_in(_OUTGOING):
            events += self._table.dial(dialled_number(text), at, serial)[1]
        self._command, self._told = text, False
        self._asked = self._effects(text)
        if text == "ATA":
            self._rings.wait_until(at + ANSWERING_S)
        return events

    def done(self, text: str, final: Final, at: float, serial: int, took_s: float = 0.0) -> list[Event]:
        """The final result of a command that acts on calls, `took_s` after it was written."""
        if text.startswith("ATD"):
            return self._dialled(text, final, at, serial, took_s)
        if text == "ATA":
            self._rings.wait_until(0.0)
        if text == "ATA" and (final.ambiguous or (final.ok and self._by_finals_only)):
            return self._answered(final, at, took_s)
        if not final.ok:
            self._asked = []
            return []
        if self._told:
            return []
        self._asked = self._asked or self._effects(text)
        for call, state in self._asked:
            if state is CallState.IDLE:
                self._mine(call)
        self._due = at + (0.0 if self._by_finals_only else self._patience_s)
        return self.believe(at) if self._due <= at else []

    def _effects(self, text: str) -> list[Effect]:
        return effects_of(text, self._table.calls, rejects=not self._by_finals_only)

    def deadline(self) -> float | None:
        """When `believe` has something to do, or None."""
        return self._due

    def believe(self, at: float) -> list[Event]:
        """Nobody contradicted the OK: what was asked for is so."""
        if self._due is None:
            return []
        self._due = None
        events = self._apply(self._asked, at)
        for call, state in self._asked:
            call.believed = state is CallState.CONNECTED and call.established
        self._asked = []
        return events

    def listed(self, at: float) -> None:
        """A list was read after the command: it is right, whatever the command was meant to do."""
        self._due = None
        for call, state in self._asked:
            call.ended_here &= state is not CallState.IDLE
        self._asked = []
        if self._table.any_in(OFFERED):
            self._rings.wait_until(at + self._rings.patience_s)

    def _apply(self, effects: Sequence[Effect], at: float) -> list[Event]:
        events: list[Event] = []
        for call, state in effects:
            if call not in self._table.calls:
                continue
            if state is CallState.IDLE:
                events.append(self._end(call, at))
            else:
                events += self._table.move(call, state, at)
        return events

    def _end(self, call: Call, at: float, cause: Cause | None = None) -> Event:
        """A call is gone, by our will where that was asked for."""
        if any(each is call and state is CallState.IDLE for each, state in self._asked):
            self._mine(call)
        return self._table.end(call, at, cause)

    def _mine(self, call: Call) -> None:
        call.ended_here = True
        call.ended_as = Cause.TRANSFER if self._command == "AT+CHLD=4" else None

    def _answered(self, final: Final, at: float, took_s: float) -> list[Event]:
        call = self._table.first(CallState.RINGING)
        if call is None:
            return []
        if final.ok:
            return self._table.move(call, CallState.CONNECTED, at)
        taken = self._by_finals_only and took_s >= TAKEN_S
        events = self._table.move(call, CallState.CONNECTED, at) if taken else []
        return [*events, self._table.end(call, at, final.cause if taken else None)]

    def _dialled(self, text: str, final: Final, at: float, serial: int, took_s: float) -> list[Event]:
        """OK is dialled, CONNECT and VCON are connected; a network's no is a call that failed."""
        call = self._table.first(*_OUTGOING)
        if not final.ok and not final.ambiguous:
            return [] if call is None else [self._table.end(call, at)]
        if self._told and call is None:
            return []
        events: list[Event] = []
        if call is None:
            if final.text == "OK" and not dials(text):
                return []
            call, events = self._table.dial(dialled_number(text), at, serial)
        broken_off = any(each is call and state is CallState.IDLE for each, state in self._asked)
        if not final.ok or call.ended_here or broken_off:
            return [*events, self._end(call, at, final.cause)]
        if final.ambiguous:
            return events + self._table.move(call, CallState.CONNECTED, at)
        if took_s >= LATE_OK_S and call.state is CallState.RINGBACK:
            return events + self._table.move(call, CallState.CONNECTED, at)
        if took_s >= LATE_OK_S:
            self._table.suggest(Cause.REJECTED, serial)
        return events

    def timed_out(self, at: float) -> list[Event]:
        """A dial command without any final: nobody knows, so the call counts as over."""
        call = self._table.first(*_OUTGOING)
        if call is None:
            return []
        by = By.LOCAL if call.ended_here else By.UNKNOWN
        return [self._table.end(call, at, Cause.TIMEOUT, by)]

    # unsolicited lines -----------------------------------------------------------------------

    def notice(self, notice: Notice, indicator: str, at: float, serial: int) -> list[Event]:
        """An unsolicited line other than a caller id."""
        if notice.meaning is Meaning.RING:
            return self._ring(at, serial)
        if notice.meaning is Meaning.WAITING and not self._table.any_in({CallState.WAITING}):
            return self._table.offer(CallState.WAITING, at, serial)
        if indicator in NAMES and notice.value is not None:
            return self._indicator(indicator, notice.value, at, serial)
        return [] if notice.said is None else self.said(notice.said, at, serial)

    def _ring(self, at: float, serial: int) -> list[Event]:
        """One call, many RINGs; a waiting call that is alone rings; beside any other it is about that one."""
        self._rings.rang(at)
        calls = self._table.calls
        if not calls:
            return self._table.offer(CallState.RINGING, at, serial)
        if all(call.state is CallState.WAITING for call in calls):
            return self._table.move(calls[0], CallState.RINGING, at)
        if self._due is not None and any(call.state is CallState.RINGING for call, _ in self._asked):
            self._due, self._asked = None, []
        return []

    def _indicator(self, name: str, value: int, at: float, serial: int) -> list[Event]:
        events: list[Event] = []
        if name == "callsetup" and value in {2, 3} and not self._table.any_in(_OUTGOING):
            number = dialled_number(self._command) if self._command.startswith("ATD") else ""
            events = self._table.dial(number, at, serial)[1]
            self._told = True
        changes = indicated(name, value, self._table.calls, self._asked)
        if not changes:
            return events
        events += self._apply(changes, at)
        self._told, self._due = True, None
        self._asked = [effect for effect in self._asked if effect not in changes]
        return events

    def result(self, final: Final, at: float) -> list[Event]:
        """NO CARRIER, BUSY and the like as an event: the only call that can be meant ended, or is up."""
        if not final.ok and at - self._table.ended_at < SAME_END_S:
            return []
        calls = self._table.calls
        setting_up = [call for call in calls if call.state in _OUTGOING]
        ending = [call for call, state in self._asked if state is CallState.IDLE and call in calls]
        meant = setting_up if final.cause not in {None, Cause.UNKNOWN} else ending
        call = calls[0] if len(calls) == 1 else meant[0] if len(meant) == 1 else None
        if call is None:
            return []
        if final.ok:
            return self._table.move(call, CallState.CONNECTED, at)
        return [self._end(call, at)]

    def rings_stopped(self, at: float) -> list[Event]:
        """No RING for longer than the line's cadence allows: whoever called has given up."""
        self._rings.stop()
        ringing = [call for call in self._table.calls if call.state is CallState.RINGING]
        return [self._table.end(call, at) for call in ringing]

    # lines that say what state a call is in ----------------------------------------------------

    def said(self, said: Said, at: float, serial: int) -> list[Event]:
        """A vendor's line about one call."""
        call = self._whom(said)
        self._told = True
        if call is None:
            return self._new(said, at, serial)
        call.said = said.index if said.index is not None else call.said
        if said.state is CallState.IDLE:
            return [self._end(call, at, said.cause or Cause.UNKNOWN)]
        events = self._table.update(call, said.number if said.incoming else "", "", at)
        return (
            events if self._stale(call, said) else events + self._table.move(call, self._as(call, said), at)
        )

    def _as(self, call: Call, said: Said) -> CallState:
        """Vendors say ringing where 27.007 says waiting."""
        if said.state not in OFFERED:
            return said.state
        alone = all(other is call for other in self._table.calls)
        return CallState.RINGING if alone else call.state if call.state in OFFERED else CallState.WAITING

    @staticmethod
    def _stale(call: Call, said: Said) -> bool:
        inbound = call.direction is Direction.INBOUND
        backwards = call.established and said.state in UNSETTLED
        return backwards or (inbound and said.state in _OUTGOING) or said.state is CallState.DIALING

    def _whom(self, said: Said) -> Call | None:
        way = None if said.incoming is None else _DIRECTIONS[said.incoming]
        fit = [call for call in self._table.calls if way in {None, call.direction} and _same(call, said)]
        if said.offered_only:
            fit = [call for call in fit if call.state in OFFERED]
        if said.index is not None:
            named = [call for call in fit if said.index in {call.said, call.index}]
            fit = named or [call for call in fit if call.said is None and call.index is None]
        if said.state is CallState.IDLE:
            return fit[0] if len(fit) == 1 else None
        nameless = said.state is CallState.CONNECTED and said.index is None
        for state in _STARTING if nameless else _COMES_FROM[said.state]:
            for call in fit:
                if call.state is state:
                    return call
        return None

    def _new(self, said: Said, at: float, serial: int) -> list[Event]:
        """A call nobody told of yet; without its direction, or where it is over, there is nothing to tell."""
        full = len(self._table.calls) >= MAX_CALLS
        if said.state is CallState.IDLE or said.incoming is None or full:
            return []
        if said.incoming:
            alone = not self._table.calls
            events = self._table.offer(CallState.RINGING if alone else CallState.WAITING, at, serial)
            call = self._table.calls[-1]
            events += self._table.update(call, said.number, "", at)
        else:
            dialled = dialled_number(self._command) if self._command.startswith("ATD") else ""
            call, events = self._table.dial(dialled or said.number, at, serial)
        call.said = said.index
        if said.state in OFFERED | {CallState.DIALING}:
            return events
        return events + self._table.move(call, said.state, at)


def _same(call: Call, said: Said) -> bool:
    """Whether the number does not speak against it; networks rewrite a dialled one."""
    known = call.direction is Direction.INBOUND and call.number and said.number
    return not known or call.number.lstrip("+").endswith(said.number.lstrip("+")[-7:])
