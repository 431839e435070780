"""The calls of one SIP line: notices and lists become events, in one place.

May not talk to baresip. Whoever creates, changes or ends a call does it through this table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devices.line_calls import OFFERED, UNSETTLED, LineCalls
from devices.sip.causes import End, sip_end, why
from devices.sip.listing import CallFacts, ListedCall
from devices.sip.messages import Notice
from devices.sip.numbers import name_of, number_of
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    DigitsReceived,
    Event,
)
from state.ids import CallId, LineId
from state.words import By, CallState, Cause, Direction

ESTABLISHED = frozenset({CallState.CONNECTED, CallState.HELD})
_PROGRESS = frozenset({"CALL_RINGING", "CALL_PROGRESS"})
_NEW = frozenset({"CALL_INCOMING", "CALL_OUTGOING", "CALL_ESTABLISHED"}) | _PROGRESS


@dataclass(slots=True)
class Call:
    """One call. `key` is its Call-ID, `row` its line number in baresip's list, each None until told.

    A call of the box to itself is two calls with one Call-ID: only with the direction it names one.
    `muted` is None where nobody has said. `transfer_end` is why sending it on failed.
    """

    id: CallId
    direction: Direction
    state: CallState
    number: str = ""
    name: str = ""
    peer: str = ""
    key: str | None = None
    row: int | None = None
    muted: bool | None = False
    established: bool = False
    ended_here: bool = False
    transfer_end: str = ""

    @property
    def incoming(self) -> bool:
        """Who called whom, as baresip's messages have it."""
        return self.direction is Direction.INBOUND


class CallTable(LineCalls[Call]):
    """The calls of a line, oldest first, and the events of every change. Ids are never used twice."""

    def __init__(self, line: LineId) -> None:
        super().__init__(line)
        self.outgoing_so_far = 0
        """How many outgoing calls there have been; the newest is `newest_outgoing`."""
        self.newest_outgoing: CallId | None = None

    # what is there ---------------------------------------------------------------------------

    def by_key(self, key: str, peer: str, *, incoming: bool) -> Call | None:
        """The call of that Call-ID and direction; an outgoing one to `peer` that has none yet takes it."""
        same = [call for call in self.calls if call.incoming is incoming]
        for call in same:
            if key and call.key == key:
                return call
        if not key or incoming:
            return None
        nameless = [call for call in same if call.key is None]
        fitting = [call for call in nameless if call.number == number_of(peer)]
        for call in fitting or (nameless if len(nameless) == 1 else []):
            call.key = key
            return call
        return None

    def forget_rows(self) -> None:
        """Line numbers are another process's from now on, perhaps; calls keep their Call-IDs."""
        for call in self.calls:
            call.row = None

    # from notices ----------------------------------------------------------------------------

    def notice(self, notice: Notice, at: float) -> list[Event]:
        """Events of one notice; one that is about no call, or says nothing of its state, has none."""
        call = self.by_key(notice.key, notice.peer, incoming=notice.incoming)
        if notice.type == "CALL_CLOSED":
            return [] if call is None else [self.end(call, at, notice.param), *self.offer_again(at)]
        if notice.type == "CALL_DTMF_START" and call is not None:
            return [DigitsReceived(at, self._line, self._line, call.id, 1)]
        if notice.type == "TRANSFER_FAILED" and call is not None:
            call.transfer_end = notice.param
            call.row = None  # baresip 1.0.0 and 1.1.0 end such a call without saying so
        if notice.type not in _NEW or not notice.key:
            return []
        events: list[Event] = []
        if call is None:
            direction = Direction.INBOUND if notice.incoming else Direction.OUTBOUND
            call = self.open(direction, notice.peer, notice.key, notice.name)
            events += self.enter(call, at)
        if notice.type in _PROGRESS and not notice.incoming and call.state is CallState.DIALING:
            events += self.move(call, CallState.RINGBACK, at)
        if notice.type == "CALL_ESTABLISHED" and not call.established:
            events += self.move(call, CallState.CONNECTED, at)
        return events

    # from lists ------------------------------------------------------------------------------

    def match(self, row: ListedCall) -> Call | None:
        """The call a row is about, or None where only the report on that call can tell."""
        if row.key:
            same = [
                call for call in self.calls if call.key == row.key and row.incoming in {None, call.incoming}
            ]
        else:
            same = [call for call in self.calls if call.row == row.line and _may_be(call, row)]
        if len(same) > 1:
            same = [call for call in same if call.row == row.line]
        return same[0] if same else None

    def bind(self, row: ListedCall, facts: CallFacts, at: float) -> list[Event]:
        """The report says which call a row is; one of which nothing was known before begins here."""
        events: list[Event] = []
        call = self.by_key(facts.key, row.peer, incoming=facts.incoming)
        if call is None:
            direction = Direction.INBOUND if facts.incoming else Direction.OUTBOUND
            call = self.open(direction, row.peer, facts.key)
            call.muted = None if row.state in ESTABLISHED else False
            events = self.enter(call, at)
        call.row, call.peer = row.line, row.peer
        return events

    def adopt(self, rows: Sequence[tuple[ListedCall, Call]]) -> None:
        """Take a list as it is, without events; calls that are not in it are gone."""
        self.calls = [call for call in self.calls if any(call is listed for _, listed in rows)]
        for row, call in rows:
            call.row, call.state = row.line, row.state
            call.established = call.established or row.state in ESTABLISHED
        for call in self.calls:
            call.state = self._offered_as(call)

    def diff(self, rows: Sequence[tuple[ListedCall, Call]], at: float, *, whole: bool) -> list[Event]:
        """Compare with a list: ends first, then holds, then the rest. Not `whole`: it proves few ends."""
        listed = {call.id for _, call in rows}
        gone = [call for call in self.calls if call.id not in listed and (whole or call.row is not None)]
        events: list[Event] = [self.end(call, at) for call in gone]
        for row, call in sorted(rows, key=lambda each: each[0].state is not CallState.HELD):
            call.row = row.line
            if row.state is not CallState.RINGING:
                events += self.move(call, row.state, at)
        return events + self.offer_again(at)

    # single changes --------------------------------------------------------------------------

    def open(self, direction: Direction, peer: str, key: str | None, name: str = "") -> Call:
        """Name a new call; it is ringing or dialling until somebody says more."""
        self._count += 1
        state = CallState.RINGING if direction is Direction.INBOUND else CallState.DIALING
        call = Call(CallId(f"{self._line}-{self._count}"), direction, state, number_of(peer), name_of(name))
        call.peer, call.key = peer, key
        call.state = self._offered_as(call)
        self.calls.append(call)
        if direction is Direction.OUTBOUND:
            self.outgoing_so_far += 1
            self.newest_outgoing = call.id
        return call

    def dial(self, number: str, key: str | None, at: float) -> list[Event]:
        """A call was dialled of which no notice has told yet."""
        call = self.open(Direction.OUTBOUND, number, key)
        return self.enter(call, at)

    def enter(self, call: Call, at: float) -> list[Event]:
        """The events of a call that begins."""
        if call.direction is Direction.OUTBOUND:
            return [CallOriginated(at, self._line, self._line, call.id, call.number)]
        return self._delivered(call, at)

    def move(self, call: Call, state: CallState, at: float) -> list[Event]:
        """Bring a call to `state` and say what that was; nothing where it is there already."""
        before, call.state = call.state, state
        if before is state or state is CallState.DIALING:
            return []
        if state in UNSETTLED:
            return self._delivered(call, at)
        events: list[Event] = []
        if not call.established:
            call.established = True
            events.append(CallEstablished(at, self._line, self._line, call.id))
        elif state is CallState.CONNECTED:
            events.append(CallRetrieved(at, self._line, self._line, call.id))
        if state is CallState.HELD:
            events.append(CallHeld(at, self._line, self._line, call.id))
        return events

    def offer_again(self, at: float) -> list[Event]:
        """A call that waited rings once no other call is in its way, and the other way round."""
        events: list[Event] = []
        for call in self.calls:
            if call.state in OFFERED:
                events += self.move(call, self._offered_as(call), at)
        return events

    def end(self, call: Call, at: float, text: str = "") -> Event:
        """A call is gone: cleared once it was connected, failed before. `text` is what baresip says of it."""
        self.calls.remove(call)
        end = why(text, incoming=call.incoming, established=call.established, ended_here=call.ended_here)
        if call.transfer_end and not text:
            told = sip_end(call.transfer_end)
            end = End(Cause.UNKNOWN if told is None else told.cause, By.LOCAL)
        make: Callable[..., Event] = CallCleared if call.established else CallFailed
        return make(at, self._line, self._line, call.id, end.cause, end.by)

    def _offered_as(self, call: Call) -> CallState:
        """Ringing, or waiting where another call was there before it."""
        if call.state not in OFFERED:
            return call.state
        before = self.calls[: self.calls.index(call)] if call in self.calls else self.calls
        others = [each for each in self.calls if each is not call and each.state not in OFFERED]
        return CallState.WAITING if others or before else CallState.RINGING

    def _delivered(self, call: Call, at: float) -> list[Event]:
        return [
            CallDelivered(
                at, self._line, self._line, call.id, call.state, call.direction, call.number, call.name
            )
        ]


def _may_be(call: Call, row: ListedCall) -> bool:
    """Whether a row under a known line number can be that call: 1.0.0 lists no Call-ID."""
    same_way = row.incoming in {None, call.incoming}
    begins_again = call.established and row.state in UNSETTLED
    return same_way and not begins_again and (not row.peer or not call.peer or row.peer == call.peer)
