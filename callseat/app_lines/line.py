"""One line that an app serves: who holds it, what it is asked and what came of that, as events for the seat.

May not do I/O or read a clock: time is handed in. The seat sees an ordinary line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callseat.api.errors import RequestError
from callseat.api.line_params import DoneParams, RegisterParams, ReportParams
from callseat.app_lines.book import AppCall, Book, check_members
from callseat.app_lines.rate import PER_S, Bucket
from callseat.app_lines.verbs import VERBS, Verb, details
from state.abilities import ABILITY
from state.commands import Dial, LineCommand, SendDigits, SetMute
from state.events import (
    CommandCompleted,
    EffectFailed,
    Event,
    LineInService,
    LineMuteReported,
    LineOutOfService,
)
from state.ids import CallId, LineId
from state.words import CallState

COMMAND_S = 5.0
"""An app that has not done in this time what it was asked has failed; less than the 10 s of a request."""
MAX_PENDING = 8
"""Requests an app may have before it; an agent does not press more keys than that (as on an AT line)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The connection that serves a line, and the app's own name."""

    client: str
    app: str
    capabilities: frozenset[str]


@dataclass(slots=True)
class Order:
    """Something asked of the app, until it is done or has failed."""

    id: int
    command: LineCommand
    verb: Verb
    call: AppCall | None
    deadline: float
    said: bool = False
    """The app says it is done; its call does not show it yet."""

    def params(self, line: LineId) -> dict[str, object]:
        """The members of the `line.command`."""
        named = {} if self.call is None else {"call": self.call.name}
        return {"line": line, "id": self.id, "command": self.verb.word, **named, **details(self.command)}


class AppLine:
    """One line by its name, with or without an app; it lasts as long as the daemon."""

    def __init__(self, line: LineId) -> None:
        self.id = line
        self.holder: Holder | None = None
        self.book = Book(line)
        self.pending: dict[int, Order] = {}
        self._asked = 0
        self._muted = False
        """The softphone's own mute, as the app last told it."""
        self._bucket = Bucket()

    @property
    def client(self) -> str:
        """The connection that serves it; empty: none does."""
        return "" if self.holder is None else self.holder.client

    # the app -------------------------------------------------------------------------------------

    def register(self, asked: RegisterParams, client: str, at: float) -> list[Event]:
        """Serve the line, or serve it with other capabilities and calls: the newest word holds."""
        self._count(at)
        first, listed = self.holder is None, asked.calls
        seen, ends = (None, []) if listed is None and not first else self.book.listed(listed or (), at)
        self.holder = Holder(client, asked.app, frozenset(asked.capabilities))
        if first:
            self._muted = False
        self._settle()
        return [*ends, LineInService(at, self.id, self.id, self.holder.capabilities, seen)]

    def report(self, told: ReportParams, at: float) -> tuple[CallId | None, list[Event]]:
        """Take what happened: which call, and what the seat is told."""
        self._count(at)
        if told.event == "muted":
            check_members(told)
            return None, self._mute_told(bool(told.muted), at)
        call, events = self.book.report(told, at)
        if told.event == "originated" and events:
            self._drop(next((each for each in self.pending.values() if isinstance(each.command, Dial)), None))
        self._settle()
        return call.id, list(events)

    def done(self, told: DoneParams, at: float) -> list[Event]:
        """Take what came of a command; of one that is over nothing more is to be said."""
        if told.ok and (told.kind is not None or told.message):
            raise RequestError("invalid_params", "kind and message go with ok = false only")
        if not 0 < told.command <= self._asked:
            raise RequestError("invalid_params", f"line {self.id} was asked no command {told.command}")
        order = self.pending.get(told.command)
        if order is None:
            return []
        if not told.ok:
            # a softphone may quote what it was to send: digits are told nobody
            detail = "" if isinstance(order.command, SendDigits) else told.message
            return self._failed(order, told.kind or "device_error", at, detail)
        order.said = True
        if order.verb.proof is not None:
            return []
        self._drop(order)
        if isinstance(order.command, SetMute):
            self._muted = order.command.muted
        call = None if order.call is None else order.call.id
        return [CommandCompleted(at, self.id, "CallCommand", self.id, call)]

    def lose(self, at: float, reason: str) -> list[Event]:
        """The app is gone, or wants to be no line any more: requests fail, calls are marked as lost."""
        failed = [self._fail(order, "line_out_of_service", at) for order in self.pending.values()]
        self.pending.clear()
        self.holder = None
        return [*failed, *self.book.lost(at), LineOutOfService(at, self.id, self.id, reason)]

    # the seat ------------------------------------------------------------------------------------

    def request(self, command: LineCommand, at: float) -> tuple[Order | None, list[Event]]:
        """What the app is to be asked, or why it is not asked."""
        verb, call = VERBS[type(command)], None
        about = None if isinstance(command, Dial | SetMute) else command.call
        if self.holder is None:
            return None, [self._refusal("line_out_of_service", at, about)]
        if ABILITY[type(command)] not in self.holder.capabilities:
            return None, [self._refusal("not_supported", at, about)]
        if not isinstance(command, Dial | SetMute):
            call = self.book.by_id(command.call)
            if call is None:
                return None, [self._refusal("no_such_call", at, about)]
        if len(self.pending) >= MAX_PENDING:
            return None, [self._refusal("busy", at, about, "the app has not answered the requests before")]
        self._asked += 1
        order = Order(self._asked, command, verb, call, at + COMMAND_S)
        if _proven(order):
            return None, []  # the app was quicker: that it is so is on its way already
        self.pending[order.id] = order
        return order, []

    def unsent(self, order: Order, at: float) -> list[Event]:
        """The app could not be told."""
        return self._failed(order, "gone", at)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        return min((order.deadline for order in self.pending.values()), default=None)

    def advance(self, at: float) -> list[Event]:
        """Give up what the app was asked too long ago."""
        events: list[Event] = []
        for order in [each for each in self.pending.values() if each.deadline <= at]:
            if order.said:
                events += self._failed(
                    order, "device_error", at, "said to be done, but the call did not change"
                )
            else:
                events += self._failed(order, "timeout", at, "the app did not answer")
        return events

    # inside --------------------------------------------------------------------------------------

    def _count(self, at: float) -> None:
        if not self._bucket.take(at):
            raise RequestError("busy", f"line {self.id} is told more than {PER_S:g} things a second")

    def _mute_told(self, muted: bool, at: float) -> list[Event]:
        self._muted = muted
        for order in list(self.pending.values()):
            if isinstance(order.command, SetMute) and order.command.muted is muted:
                self._drop(order)
        return [LineMuteReported(at, self.id, self.id, muted)]

    def _settle(self) -> None:
        """Forget what is proven, and what was asked of calls that are over: their end is the answer."""
        for order in list(self.pending.values()):
            if _proven(order) or (order.call is not None and not self._up(order.call)):
                self._drop(order)

    def _up(self, call: AppCall) -> bool:
        return self.book.by_id(call.id) is not None

    def _drop(self, order: Order | None) -> None:
        if order is not None:
            self.pending.pop(order.id, None)

    def _failed(self, order: Order, reason: str, at: float, detail: str = "") -> list[Event]:
        self._drop(order)
        events: list[Event] = [self._fail(order, reason, at, detail)]
        if isinstance(order.command, SetMute):
            events.append(LineMuteReported(at, self.id, self.id, self._muted))
        return events

    def _fail(self, order: Order, reason: str, at: float, detail: str = "") -> EffectFailed:
        return self._refusal(reason, at, None if order.call is None else order.call.id, detail)

    def _refusal(self, reason: str, at: float, call: CallId | None, detail: str = "") -> EffectFailed:
        return EffectFailed(at, self.id, "CallCommand", self.id, reason, call, detail)


def _proven(order: Order) -> bool:
    """Whether the call is reported as the command wants it; a dialled one is a new call, seen elsewhere."""
    if order.call is None or order.verb.proof is None:
        return False
    return order.call.state is order.verb.proof or (
        order.verb.proof is CallState.IDLE and order.call.state is CallState.FAILED
    )


def earliest(lines: Iterable[AppLine]) -> float | None:
    """When the first of these lines has something to do, or None."""
    return min((due for line in lines if (due := line.next_deadline()) is not None), default=None)
