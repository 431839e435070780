"""The lines apps serve: who may have which name, requests to their app and to nobody else, time limits.

May not decide about a call. A line is its connection's, and ends with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from callseat import clock
from callseat.api.errors import RequestError
from callseat.api.line_params import DoneParams, LineAsk, RegisterParams, ReportParams, UnregisterParams
from callseat.app_lines.line import AppLine, Holder, earliest
from callseat.executor import Ports
from callseat.ports import Post
from state.commands import DeviceCommand, LineCommand
from state.errors import TransportReason
from state.events import Event, LineOutOfService
from state.ids import LineId

MAX_LINES = 4
"""Lines one app may serve at once (ours)."""
MAX_NAMES = 16
"""Names not in the configuration that may be used in one run: the seat forgets none of its lines."""

Tell = Callable[[str, Mapping[str, object]], bool]
"""Sends a `line.command` with these members to one client; False: it is not there any more."""


class _Port:
    """Where the executor sends the commands of one line; nothing waits here."""

    def __init__(self, ask: Callable[[LineCommand], None]) -> None:
        self._ask = ask

    def request(self, command: LineCommand | DeviceCommand) -> None:
        """Ask the app."""
        if isinstance(command, LineCommand):
            self._ask(command)

    def part(self) -> None:
        """An app needs no farewell: its connection ends."""

    async def drained(self) -> None:
        """What was asked is with the connection already."""


class AppLines:
    """All lines of apps, on the loop; `configured` are shown from the start, `taken` names are others'."""

    def __init__(
        self, configured: Iterable[LineId], taken: Iterable[str], *, post: Post, tell: Tell, ports: Ports
    ) -> None:
        self._lines = {line: AppLine(line) for line in configured}
        self._taken = frozenset(taken)
        self._room = len(self._lines) + MAX_NAMES
        self._post = post
        self._tell = tell
        self._ports = ports
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Tell the seat of the lines that are configured: none has its app yet."""
        at = clock.now()
        self._told(LineOutOfService(at, line, line, TransportReason.GONE) for line in self._lines)

    def ask(self, asked: LineAsk, client: str) -> Mapping[str, object]:
        """Serve a `line.*` method; RequestError says what is wrong with it."""
        at = clock.now()
        match asked:
            case RegisterParams():
                return self._register(asked, client, at)
            case ReportParams():
                call, events = self._held(asked, client).report(asked, at)
                self._told(events)
                return {} if call is None else {"call": call}
            case DoneParams():
                self._told(self._held(asked, client).done(asked, at))
            case UnregisterParams():
                self._end(self._held(asked, client), at)
        return {}

    def left(self, client: str) -> None:
        """A client is gone: its lines are out of service, their calls marked as lost."""
        for line in self._of(client):
            self._end(line, clock.now())

    def health(self) -> dict[str, object]:
        """Per line with an app: its name, how many calls are up and how many requests are unanswered."""
        return {
            line.id: {"app": line.holder.app, "calls": len(line.book.calls), "requests": len(line.pending)}
            for line in self._lines.values()
            if line.holder is not None
        }

    # inside --------------------------------------------------------------------------------------

    def _register(self, asked: RegisterParams, client: str, at: float) -> Mapping[str, object]:
        line = self._free(asked, client)
        self._told(line.register(asked, client, at))
        self._ports.lines[line.id] = _Port(lambda command: self._ask(line, command))
        return {"calls": {call.name: call.id for call in line.book.calls.values()}}

    def _free(self, asked: RegisterParams, client: str) -> AppLine:
        """The line of this name, where this client may have it."""
        name = asked.line
        if name in self._taken:
            raise RequestError(
                "held", f"{name} is a line or headset of the seat itself", {"holder": "callseat"}
            )
        line = self._lines.get(LineId(name))
        if line is not None and line.holder is not None:
            return _own(line, line.holder, client)
        if len(self._of(client)) >= MAX_LINES:
            raise RequestError("busy", f"this app serves {MAX_LINES} lines already")
        if line is None and len(self._lines) >= self._room:
            raise RequestError("busy", f"{MAX_NAMES} names of lines were used already: use one of them again")
        return self._lines.setdefault(LineId(name), AppLine(LineId(name)))

    def _held(self, asked: LineAsk, client: str) -> AppLine:
        """The client's own line."""
        line = self._lines.get(LineId(asked.line))
        if line is None or line.holder is None:
            raise RequestError("not_held", f"register line {asked.line} first")
        return _own(line, line.holder, client)

    def _of(self, client: str) -> list[AppLine]:
        return [line for line in self._lines.values() if line.client == client]

    def _end(self, line: AppLine, at: float) -> None:
        self._ports.lines.pop(line.id, None)
        self._told(line.lose(at, TransportReason.GONE))

    def _ask(self, line: AppLine, command: LineCommand) -> None:
        at = clock.now()
        order, events = line.request(command, at)
        if order is not None and not self._tell(line.client, order.params(line.id)):
            events = line.unsent(order, at)
        self._told(events)

    def _told(self, events: Iterable[Event]) -> None:
        for event in events:
            self._post(event)
        self._arm()

    def _arm(self) -> None:
        """One timer for whatever is due first."""
        if self._timer is not None:
            self._timer.cancel()
        due = earliest(self._lines.values())
        self._timer = None if due is None else asyncio.get_running_loop().call_at(due, self._due)

    def _due(self) -> None:
        at = clock.reached(earliest(self._lines.values()))
        late = () if at is None else [line.advance(at) for line in self._lines.values()]
        self._told(event for events in late for event in events)


def _own(line: AppLine, holder: Holder, client: str) -> AppLine:
    """The line, where this client serves it; else a refusal that names who does."""
    if holder.client != client:
        raise RequestError("held", f"line {line.id} is held by {holder.app}", {"holder": holder.app})
    return line
