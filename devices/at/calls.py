"""The calls of one line: differences between lists become events, in one place.

May not talk to a device. Whoever creates, changes or ends a call does it through this table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devices.at.values import Caller, ListedCall
from devices.line_calls import OFFERED, UNSETTLED, LineCalls
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CallUpdated,
    Event,
)
from state.ids import CallId, LineId
from state.words import By, CallState, Cause, Direction

CALLER_KEPT_S = 6.0
"""A caller id without a RING is forgotten after this: British lines send it before the first RING."""

UNLISTED_S = 1.0
"""A call may ring for so long before the list has it."""

_CAUSED_BY = {
    Cause.NORMAL_CLEARING: By.REMOTE,
    Cause.BUSY: By.REMOTE,
    Cause.CALL_NOT_ANSWERED: By.REMOTE,
    Cause.REJECTED: By.REMOTE,
    Cause.RESOURCES_NOT_AVAILABLE: By.NETWORK,
    Cause.NETWORK_CONGESTION: By.NETWORK,
    Cause.DEST_NOT_OBTAINABLE: By.NETWORK,
}


_ONLY_BEFORE = {Cause.UNKNOWN, Cause.BUSY, Cause.CALL_NOT_ANSWERED, Cause.REJECTED}
"""No reason for the end of a call that was up: a busy tone then means that the far end has gone."""


@dataclass(slots=True)
class Call:
    """One call; `index` is its number in the device's list, None as long as no list showed it.

    `said` is the number unsolicited lines give it; `believed`: up because the device said OK, and no more;
    `ended_as`: why, where `ended_here` does not say enough.
    """

    id: CallId
    direction: Direction
    state: CallState
    number: str = ""
    name: str = ""
    index: int | None = None
    said: int | None = None
    established: bool = False
    believed: bool = False
    ended_here: bool = False
    ended_as: Cause | None = None
    rang_at: float = float("-inf")
    serial: int = 0


@dataclass(slots=True)
class _Evidence:
    """What an unsolicited line said of an end, until a list asked after it is read."""

    cause: Cause
    serial: int


class CallTable(LineCalls[Call]):
    """The calls of a line, and the events of every change. Ids are never used twice."""

    def __init__(self, line: LineId) -> None:
        super().__init__(line)
        self._evidence: _Evidence | None = None
        self._caller = Caller()
        self._caller_at = 0.0
        self._dialled = ""
        self.ended_at = float("-inf")
        """When a call of this line ended last."""

    # what is there ---------------------------------------------------------------------------

    # from lists ------------------------------------------------------------------------------

    def adopt(self, rows: Sequence[ListedCall]) -> None:
        """Take a list as it is, without events; calls known from before keep their ids."""
        kept: list[Call] = []
        for row in _voice(rows):
            call = self._match(row) or self._new(row, serial=0)
            self._copy(call, row)
            call.established = call.established or row.state in {CallState.CONNECTED, CallState.HELD}
            kept.append(call)
        self.calls = kept
        self._evidence = None

    def diff(self, rows: Sequence[ListedCall], at: float, asked: int) -> list[Event]:
        """Compare with a list that was asked for at serial `asked`: ends first, then holds, then the rest."""
        listed = [(self._match(row), row) for row in _voice(rows)]
        matched = {call.id for call, _ in listed if call is not None}
        events: list[Event] = []
        gone = [call for call in self.calls if call.id not in matched]
        known = [call for call in gone if call.index is not None or call.serial < asked]
        events += [self.end(call, at) for call in known if not self._rang_just_now(call, at)]
        paired = [(call or self._new(row, serial=asked), call is None, row) for call, row in listed]
        for call, new, row in sorted(paired, key=lambda each: each[2].state is not CallState.HELD):
            events += self._enter(call, at) if new else []
            events += self._changed(call, row, at)
        if self._evidence is not None and self._evidence.serial < asked:
            self._evidence = None
        return events

    def _rang_just_now(self, call: Call, at: float) -> bool:
        """Some modems ring before their list shows the call; unless it was said to be over, it is there."""
        unlisted = call.index is None and call.state is CallState.RINGING
        return unlisted and self._evidence is None and at - call.rang_at < UNLISTED_S

    def _match(self, row: ListedCall) -> Call | None:
        """The call a row is about: by index, else one known from RINGs or from dialling only."""
        direction = Direction.INBOUND if row.incoming else Direction.OUTBOUND
        fit = [
            call
            for call in self.calls
            if call.index in {row.index, None} and call.direction is direction and _continues(call, row)
        ]
        for call in sorted(fit, key=lambda each: row.index not in {each.index, each.said}):
            call.index = row.index
            return call
        return None

    def _new(self, row: ListedCall, serial: int) -> Call:
        direction = Direction.INBOUND if row.incoming else Direction.OUTBOUND
        start = row.state if row.state in UNSETTLED else _FIRST_STATE[direction]
        call = self.open(direction, start, serial)
        call.index = row.index
        self._copy(call, row, state=start)
        return call

    def _copy(self, call: Call, row: ListedCall, state: CallState | None = None) -> None:
        call.state = state if state is not None else row.state
        call.number = call.number or row.number or (self._dialled if not row.incoming else "")
        call.name = call.name or row.name

    def _changed(self, call: Call, row: ListedCall, at: float) -> list[Event]:
        events = self.update(call, row.number, row.name, at)
        return events + self.move(call, row.state, at)

    # single changes --------------------------------------------------------------------------

    def open(self, direction: Direction, state: CallState, serial: int, number: str = "") -> Call:
        """Name a new call; the caller id that came before it is its own."""
        self._count += 1
        call = Call(CallId(f"{self._line}-{self._count}"), direction, state, number, serial=serial)
        self.calls.append(call)
        return call

    def offer(self, state: CallState, at: float, serial: int) -> list[Event]:
        """A call rings of which no list has told yet."""
        call = self.open(Direction.INBOUND, state, serial)
        call.rang_at = at
        return self._enter(call, at)

    def dial(self, number: str, at: float, serial: int) -> tuple[Call, list[Event]]:
        """A call was dialled of which no list has told yet."""
        call = self.open(Direction.OUTBOUND, CallState.DIALING, serial, number)
        return call, self._enter(call, at)

    def will_dial(self, number: str) -> None:
        """The number of the next outgoing call, for devices whose list leaves it out."""
        self._dialled = number

    def _enter(self, call: Call, at: float) -> list[Event]:
        if call.direction is Direction.OUTBOUND:
            events: list[Event] = [CallOriginated(at, self._line, self._line, call.id, call.number)]
            return events + (self._delivered(call, at) if call.state is CallState.RINGBACK else [])
        if at - self._caller_at <= CALLER_KEPT_S:
            call.number = call.number or self._caller.number
            call.name = call.name or self._caller.name
        self._caller = Caller()
        return self._delivered(call, at)

    def _delivered(self, call: Call, at: float) -> list[Event]:
        return [
            CallDelivered(
                at, self._line, self._line, call.id, call.state, call.direction, call.number, call.name
            )
        ]

    def move(self, call: Call, state: CallState, at: float) -> list[Event]:
        """Bring a call to `state` and say what that was; nothing where it is there already."""
        before, call.state = call.state, state
        if before is state:
            return []
        call.believed = False
        if state in UNSETTLED:
            call.established = False
            return self._delivered(call, at) if state is not CallState.DIALING else []
        events: list[Event] = []
        if not call.established:
            call.established = True
            events.append(CallEstablished(at, self._line, self._line, call.id))
        elif state is CallState.CONNECTED:
            events.append(CallRetrieved(at, self._line, self._line, call.id))
        if state is CallState.HELD:
            events.append(CallHeld(at, self._line, self._line, call.id))
        return events

    def update(self, call: Call, number: str, name: str, at: float) -> list[Event]:
        """Number or name became known; nothing where nothing is new."""
        if (not number or number == call.number) and (not name or name == call.name):
            return []
        call.number, call.name = number or call.number, name or call.name
        return [CallUpdated(at, self._line, self._line, call.id, call.number, call.name)]

    def caller(self, caller: Caller, at: float, *, waiting: bool = False) -> list[Event]:
        """A caller id: for the call that rings and lacks it, else for the one that will.

        `waiting`: it is of a second caller, never of a first one that still rings.
        """
        states = {CallState.WAITING} if waiting else OFFERED
        offered = [call for call in self.calls if call.state in states]
        lacking = [
            call for call in offered if (caller.number and not call.number) or (caller.name and not call.name)
        ]
        if len(offered) == 1:
            return self.update(offered[0], caller.number, caller.name, at)
        if any(_says_again(caller, call) for call in offered):
            return []
        if lacking:
            return self.update(lacking[-1], caller.number, caller.name, at)
        if not offered:
            fresh = at - self._caller_at <= CALLER_KEPT_S
            self._caller = Caller(
                number=caller.number or (self._caller.number if fresh else ""),
                name=caller.name or (self._caller.name if fresh else ""),
            )
            self._caller_at = at
        return []

    def new_caller_block(self) -> None:
        """A caller id begins: what an earlier one left is not about this call."""
        self._caller = Caller()

    def suggest(self, cause: Cause, serial: int) -> None:
        """An unsolicited line says that a call ended, and perhaps why."""
        if self.calls:
            self._evidence = _Evidence(cause, serial)

    def end(self, call: Call, at: float, cause: Cause | None = None, by: By | None = None) -> Event:
        """A call is gone: cleared once it was connected, failed before."""
        self.calls.remove(call)
        self.ended_at = at
        told, self._evidence = (self._evidence.cause if self._evidence is not None else None), None
        why, who = _why(call, cause if cause is not None else told)
        make: Callable[..., Event] = CallCleared if call.established else CallFailed
        return make(at, self._line, self._line, call.id, why, by if by is not None else who)


_FIRST_STATE = {Direction.INBOUND: CallState.RINGING, Direction.OUTBOUND: CallState.DIALING}
"""A call first listed connected or held went through this unseen; its events must still be whole."""


def _voice(rows: Sequence[ListedCall]) -> list[ListedCall]:
    """Voice calls that are there, each index once: an EC25 lists its data session as mode 1 (VoCat#71)."""
    last = {row.index: row for row in rows if row.voice}
    return [row for row in last.values() if row.state is not CallState.IDLE]


def _continues(call: Call, row: ListedCall) -> bool:
    """Whether a row can be the same call later on, or is a new call under an old index.

    Networks rewrite a dialled number, so only a caller's counts.
    """
    same_number = not call.number or not row.number or call.number == row.number
    begins_again = call.established and not call.believed and row.state in UNSETTLED
    return (same_number or not row.incoming) and not begins_again


def _says_again(caller: Caller, call: Call) -> bool:
    """Whether a caller id is the one a call was told with before: every RING of it brings it again."""
    return caller.number in {"", call.number} and caller.name in {"", call.name}


def _why(call: Call, told: Cause | None) -> tuple[Cause, By]:
    """Cause and side; an end that only a list tells of is remote for a caller, else unknown."""
    offered = call.direction is Direction.INBOUND and not call.established
    if call.ended_here:
        ours = Cause.NORMAL_CLEARING if call.established else Cause.CALL_CANCELLED
        return call.ended_as or (Cause.REJECTED if offered else ours), By.LOCAL
    if offered:
        return Cause.CALL_CANCELLED, By.REMOTE
    if call.established:
        clear = told if told is not None and told not in _ONLY_BEFORE else Cause.NORMAL_CLEARING
        return clear, By.REMOTE if told is not None else By.UNKNOWN
    cause = told if told is not None else Cause.UNKNOWN
    return cause, _CAUSED_BY.get(cause, By.UNKNOWN)


class RingTimer:
    """Learns how often a line rings, and says when a caller must have given up."""

    def __init__(self, least_s: float, factor: float) -> None:
        self._least_s = least_s
        self._factor = factor
        self._last: float | None = None
        self._cadence_s = 0.0
        self._not_before = 0.0

    def rang(self, at: float) -> None:
        """A RING; less than a second after the last one it is the same ring said twice."""
        if self._last is None or at - self._last >= 1.0:
            self._cadence_s = 0.0 if self._last is None else at - self._last
            self._last = at

    def wait_until(self, at: float) -> None:
        """Silence proves nothing before `at`: the line is being answered, or may not speak."""
        self._not_before = at

    @property
    def patience_s(self) -> float:
        """How long a line that rings may be silent."""
        return max(self._least_s, self._factor * self._cadence_s)

    def stop(self) -> None:
        """Nothing rings any more."""
        self._last = None

    def deadline(self) -> float | None:
        """When the caller counts as gone, or None."""
        if self._last is None or self._not_before == float("inf"):
            return None
        return max(self._last + self.patience_s, self._not_before)
