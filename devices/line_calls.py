"""What the calls of every line have in common, whatever its protocol: kinds of states, look-ups, refusals.

May not know a protocol; a table of one adds what creates, changes and ends its calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from state.events import CallSeen
from state.ids import CallId, LineId
from state.words import CallState, Direction

OFFERED = frozenset({CallState.RINGING, CallState.WAITING})
OUTGOING = (CallState.DIALING, CallState.RINGBACK)
UNSETTLED = OFFERED | set(OUTGOING)
"""States that are left without the device always saying so."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that is not begun; `reason` is an error kind of docs/api.md."""

    reason: str
    detail: str = ""
    call: CallId | None = None


class LineCall(Protocol):
    """One call, as far as every line knows it."""

    id: CallId
    direction: Direction
    state: CallState
    number: str


CallT = TypeVar("CallT", bound=LineCall)


class LineCalls(Generic[CallT]):
    """The calls of a line, oldest first. Ids are never used twice."""

    def __init__(self, line: LineId) -> None:
        self._line = line
        self._count = 0
        self.calls: list[CallT] = []

    def find(self, call: CallId) -> CallT | None:
        """The call of that id, if it is still there."""
        return next((each for each in self.calls if each.id == call), None)

    def first(self, *states: CallState) -> CallT | None:
        """The oldest call in the first of `states` that has one."""
        for state in states:
            for call in self.calls:
                if call.state is state:
                    return call
        return None

    def any_in(self, states: Iterable[CallState]) -> bool:
        """Whether some call is in one of `states`."""
        return self.first(*states) is not None

    def seen(self) -> tuple[CallSeen, ...]:
        """Every call as a line lists it."""
        return tuple(CallSeen(call.id, call.state, call.direction, call.number) for call in self.calls)
