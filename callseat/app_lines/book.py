"""The calls of one app's line as the app told them: what may follow what, and the seat's names for them.

May not trust the app: whatever does not fit is refused (RequestError), and nothing of it is told to the seat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callseat.api.errors import RequestError
from callseat.api.line_params import MAX_CALLS, ListedCall, ReportParams
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallEvent,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CallSeen,
    CallUpdated,
)
from state.ids import CallId, LineId
from state.words import By, CallState, Cause, Direction

_C = CallState
_TALKING = (_C.CONNECTED, _C.HELD)
_BEGINNING = (_C.DIALING, _C.RINGBACK, _C.RINGING, _C.WAITING)

MOVES: Mapping[str, Mapping[CallState, CallState]] = {
    "originated": {_C.IDLE: _C.DIALING, _C.DIALING: _C.DIALING},
    "ringback": {_C.DIALING: _C.RINGBACK, _C.RINGBACK: _C.RINGBACK},
    "ringing": dict.fromkeys((_C.IDLE, _C.WAITING, _C.RINGING), _C.RINGING),
    "waiting": dict.fromkeys((_C.IDLE, _C.RINGING, _C.WAITING), _C.WAITING),
    "established": dict.fromkeys((*_BEGINNING, _C.CONNECTED), _C.CONNECTED),
    "held": dict.fromkeys(_TALKING, _C.HELD),
    "retrieved": dict.fromkeys(_TALKING, _C.CONNECTED),
    "cleared": dict.fromkeys((*_BEGINNING, *_TALKING), _C.IDLE),
    "failed": dict.fromkeys(_BEGINNING, _C.FAILED),
    "updated": {state: state for state in (*_BEGINNING, *_TALKING)},
}
"""From which state a report leads where; `delivered` by its `state`. Idle: not heard of yet, or over."""

MEMBERS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "originated": (frozenset({"call", "number"}), frozenset()),
    "delivered": (frozenset({"call", "state"}), frozenset({"number", "name"})),
    "established": (frozenset({"call"}), frozenset()),
    "held": (frozenset({"call"}), frozenset()),
    "retrieved": (frozenset({"call"}), frozenset()),
    "cleared": (frozenset({"call"}), frozenset({"cause", "by"})),
    "failed": (frozenset({"call"}), frozenset({"cause", "by"})),
    "updated": (frozenset({"call"}), frozenset({"number", "name"})),
    "muted": (frozenset({"muted"}), frozenset()),
}
"""Members of a report besides `line` and `event`: those it must have, and those it may have."""

_SIDES = {
    Direction.INBOUND: frozenset({_C.RINGING, _C.WAITING, *_TALKING}),
    Direction.OUTBOUND: frozenset({_C.DIALING, _C.RINGBACK, *_TALKING}),
}
"""States a call of this direction can be listed in."""
_PROGRESS = {
    _C.DIALING: 0,
    **dict.fromkeys((_C.RINGBACK, _C.RINGING, _C.WAITING), 1),
    **dict.fromkeys(_TALKING, 2),
}
"""A call is never listed further back than it was."""


@dataclass(slots=True)
class AppCall:
    """One call: the app's name for it, ours, and where it stands."""

    name: str
    id: CallId
    direction: Direction
    state: CallState
    number: str = ""
    caller: str = ""

    def learn(self, number: str, caller: str) -> bool:
        """Take number and name where they are told; whether that is news."""
        before = self.number, self.caller
        self.number, self.caller = number or self.number, caller or self.caller
        return (self.number, self.caller) != before


class Book:
    """The calls of one line that are up; names are given out once in a run of the daemon."""

    def __init__(self, line: LineId) -> None:
        self._line = line
        self._named = 0
        self.calls: dict[str, AppCall] = {}

    def by_id(self, call: CallId | None) -> AppCall | None:
        """The call the seat means; None where it is over."""
        return next((each for each in self.calls.values() if each.id == call), None)

    def report(self, told: ReportParams, at: float) -> tuple[AppCall, list[CallEvent]]:
        """Take a report of one call: the call, and what the seat is told of it (a repeated one: nothing)."""
        check_members(told)
        name, step = told.call or "", (told.state if told.event == "delivered" else told.event) or ""
        known = self.calls.get(name)
        before = _C.IDLE if known is None else known.state
        after = MOVES[step].get(before)
        if after is None and known is None:
            raise RequestError("no_such_call", f"{told.event}: line {self._line} has no call of this name")
        if after is None:
            raise RequestError("invalid_state", f"{told.event}: the call is {before.value}")
        call = known or self._open(name, Direction.OUTBOUND if after is _C.DIALING else Direction.INBOUND)
        call.state = after
        if after in (_C.IDLE, _C.FAILED):
            del self.calls[name]
        return call, self._told(call, before, told, at)

    def listed(
        self, calls: tuple[ListedCall, ...], at: float
    ) -> tuple[tuple[CallSeen, ...], list[CallEvent]]:
        """Take the app's whole list: the calls as the seat names them, and the ends of those not in it."""
        self._check_list(calls)
        names = {each.call for each in calls}
        gone = [call for name, call in self.calls.items() if name not in names]
        ends: list[CallEvent] = [self._end(call, at, Cause.UNKNOWN) for call in gone]
        for each in calls:
            call = self.calls.get(each.call) or self._open(each.call, Direction(each.direction))
            call.state = CallState(each.state)
            call.learn(each.number, "")
        return self.seen(), ends

    def seen(self) -> tuple[CallSeen, ...]:
        """The calls that are up, as a line lists them."""
        return tuple(
            CallSeen(each.id, each.state, each.direction, each.number) for each in self.calls.values()
        )

    def lost(self, at: float) -> list[CallEvent]:
        """The app is gone: nobody can say any more how its calls are."""
        return [self._end(call, at, Cause.LINE_LOST) for call in list(self.calls.values())]

    def _open(self, name: str, direction: Direction) -> AppCall:
        if len(self.calls) >= MAX_CALLS:
            raise RequestError("busy", f"line {self._line} has {MAX_CALLS} calls up already")
        self._named += 1
        call = AppCall(name, CallId(f"{self._line}-{self._named}"), direction, _C.IDLE)
        self.calls[name] = call
        return call

    def _end(self, call: AppCall, at: float, cause: Cause) -> CallCleared:
        del self.calls[call.name]
        call.state = _C.IDLE
        return CallCleared(at, self._line, self._line, call.id, cause)

    def _check_list(self, calls: tuple[ListedCall, ...]) -> None:
        if len({each.call for each in calls}) < len(calls):
            raise RequestError("invalid_params", "a call is listed twice")
        for each in calls:
            state, direction, known = (
                CallState(each.state),
                Direction(each.direction),
                self.calls.get(each.call),
            )
            if state not in _SIDES[direction]:
                raise RequestError("invalid_params", f"an {each.direction} call is not {each.state}")
            if known is not None and known.direction is not direction:
                raise RequestError("invalid_state", f"call {known.id} is {known.direction.value}")
            if known is not None and _PROGRESS[state] < _PROGRESS[known.state]:
                raise RequestError("invalid_state", f"call {known.id} was {known.state.value} already")

    def _told(self, call: AppCall, before: CallState, told: ReportParams, at: float) -> list[CallEvent]:
        where = (at, self._line, self._line, call.id)
        number, name = told.number or "", told.name or ""
        news = call.learn(number, name)
        if call.state is before:  # told again, perhaps with what was not known then
            return [CallUpdated(*where, number, name)] if news else []
        cause, by = Cause(told.cause or "unknown"), By(told.by or "unknown")
        match told.event:
            case "originated":
                return [CallOriginated(*where, number)]
            case "delivered":
                return [CallDelivered(*where, call.state, call.direction, number, name)]
            case "established":
                return [CallEstablished(*where)]
            case "held":
                return [CallHeld(*where)]
            case "retrieved":
                return [CallRetrieved(*where)]
            case "failed":
                return [CallFailed(*where, cause, by)]
        return [CallCleared(*where, cause, by)]


def check_members(told: ReportParams) -> None:
    """Refuse a report that lacks a member of its event, or has one of another event."""
    needed, possible = MEMBERS[told.event]
    members = ("call", "state", "number", "name", "cause", "by", "muted")
    given = {each for each in members if getattr(told, each) is not None}
    if missing := sorted(needed - given):
        raise RequestError("invalid_params", f"{told.event} needs {', '.join(missing)}")
    if other := sorted(given - needed - possible):
        raise RequestError("invalid_params", f"{told.event} takes no {', '.join(other)}")
