"""The socket server: requests become commands for the seat, its answers and happenings go to the clients.

May not decide anything about a call and never waits: what takes time is a ticket with a time limit.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from callseat.api.codec import (
    Bad,
    JsonId,
    Message,
    Notification,
    encode_bad,
    encode_error,
    encode_notification,
    encode_response,
)
from callseat.api.connection import Connection, Limits, Trace
from callseat.api.errors import ERROR_KINDS, RequestError
from callseat.api.feed import Feed
from callseat.api.line_params import LineAsk
from callseat.api.methods import METHODS, parse
from callseat.api.paths import Claim, claim
from callseat.api.topics import LINE_COMMAND, SERVER_CLOSING, TOPICS
from callseat.masking import OURS
from state.commands import Command
from state.effects import Reply
from state.errors import SeatError
from state.ids import RequestId
from state.snapshot import Snapshot

API_VERSION = 1
"""Grows when a client written for the one before would break."""

_log = logging.getLogger("callseat.api")


class SeatPort(Protocol):
    """The seat, as the socket sees it."""

    def snapshot(self) -> Snapshot:
        """Give the seat as it is now."""
        ...

    def submit(self, command: Command, request: RequestId, client: str) -> None:
        """Queue a command of `client`; the answer comes through `ApiServer.reply`."""
        ...

    def serve(self, asked: LineAsk, client: str) -> Mapping[str, object]:
        """Take what an app that is a line tells; RequestError when it does not fit."""
        ...

    def left(self, client: str) -> None:
        """A client that asked for something is gone."""
        ...

    async def query(self, name: str, params: Mapping[str, object]) -> object:
        """Answer `records.<what>` with something JSON can carry; the client gets it as `{<what>: ...}`."""
        ...


@dataclass(slots=True)
class Counters:
    """What happened at the socket since the start."""

    clients: int = 0
    requests: int = 0
    refused: int = 0
    timeouts: int = 0
    late_replies: int = 0
    dropped: int = 0
    notifications: int = 0


@dataclass(slots=True, eq=False)
class Ticket:
    """A request under way; `answered` ends it once. `id` is None for a notification: nothing is sent."""

    connection: Connection
    id: JsonId | None
    trace: Trace
    request: RequestId
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[bytes] | None = None
    answered: bool = False


class ApiServer:
    """Serve `seat` on the Unix socket `path`; every method runs on the loop's thread."""

    def __init__(
        self,
        path: Path,
        seat: SeatPort,
        *,
        about: Mapping[str, object] | None = None,
        health: Callable[[], Mapping[str, object]] = dict,
        limits: Limits | None = None,
    ) -> None:
        self.path = path
        self.counters = Counters()
        self._seat = seat
        self._about = dict(about or {})
        self._health = health
        self._limits = limits or Limits()
        self._feed: Feed
        self._claim: Claim | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[int, Connection] = {}
        self._tickets: dict[RequestId, Ticket] = {}
        self._all_gone = asyncio.Event()
        self._queries: Mapping[str, Callable[[Connection], object]] = {
            "server.info": self._info,
            "server.capabilities": self._capabilities,
            "server.clients": self._clients,
            "events.subscribe": self._subscribe,
            "events.unsubscribe": self._unsubscribe,
            "state.get": lambda _connection: self._picture(),
            "status.why": lambda _connection: self._why(),
        }

    @property
    def seq(self) -> int:
        """Number of the newest notification."""
        return self._feed.seq

    @property
    def connected(self) -> int:
        """How many clients there are."""
        return len(self._connections)

    async def start(self) -> None:
        """Take the socket and listen; ConfigError when it is somebody else's."""
        self._feed = Feed(self._seat.snapshot())
        self._claim = claim(self.path)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._accept, sock=self._claim.listener)
        _log.info("listening on %s", self.path)

    async def close(self) -> None:
        """Say good-bye to every client, then give the socket back."""
        if self._server is None or self._claim is None:
            return
        self._server.close()
        self._all_gone.clear()
        for connection in list(self._connections.values()):
            connection.end(encode_notification(SERVER_CLOSING, {}))
        if self._connections:
            await self._all_gone.wait()
        self._claim.release()
        self._server = self._claim = None

    # what the seat tells -------------------------------------------------------------------------

    def publish(self, topic: str, data: Mapping[str, object], at: float, wall: float | None = None) -> None:
        """Tell subscribers that `topic` happened at `at` (monotonic) and `wall` (POSIX seconds)."""
        self._broadcast(self._feed.happened(topic, data, at, wall))

    def snapshot_changed(self, snapshot: Snapshot, wall: float | None = None) -> None:
        """Tell subscribers what differs from the picture they have, if anything does."""
        line = self._feed.changed(snapshot, wall)
        if line is not None:
            self._broadcast(line)

    def command(self, client: str, params: Mapping[str, object]) -> bool:
        """Ask something of the app that serves a line; False: it is not connected any more."""
        for connection in self._connections.values():
            if client_name(connection) == client:
                connection.send(encode_notification(LINE_COMMAND, params))
                return True
        return False

    def reply(self, reply: Reply) -> None:
        """Answer the request that was submitted under `reply.request`."""
        ticket = self._tickets.get(reply.request)
        if ticket is None:
            self.counters.late_replies += 1
        elif reply.kind:
            self._refuse(ticket, RequestError(reply.kind, reply.message or reply.kind, reply.data))
        else:
            self._settle(ticket, encode_response(ticket.id, reply.data), "ok")

    def _broadcast(self, line: bytes) -> None:
        for connection in list(self._connections.values()):
            if connection.subscribed:
                self.counters.notifications += 1
                connection.send(line)

    # what clients do -----------------------------------------------------------------------------

    def _accept(self) -> Connection:
        self.counters.clients += 1
        return Connection(self, self.counters.clients, self._limits, asyncio.get_running_loop())

    def opened(self, connection: Connection) -> None:
        """A client is there."""
        self._connections[connection.number] = connection
        _log.info("client %d connected: %s", connection.number, connection.peer, extra=OURS)
        if len(self._connections) > self._limits.max_clients:
            connection.drop("busy", f"{self._limits.max_clients} clients are connected already")

    def asked_all(self, connection: Connection) -> None:
        """A client will ask nothing more: it holds nothing from now on, even if it still listens."""
        self._seat.left(client_name(connection))

    def lost(self, connection: Connection) -> None:
        """A client is gone: what it asked for goes on, the answers have nowhere to go."""
        del self._connections[connection.number]
        for ticket in [one for one in self._tickets.values() if one.connection is connection]:
            self._finish(ticket, "client gone")
        if not self._connections:
            self._all_gone.set()
        self._seat.left(client_name(connection))

    def dropped(self, connection: Connection, kind: str) -> None:
        """A client was given up."""
        self.counters.dropped += 1
        connection.subscribed = False

    def received(self, connection: Connection, message: Message) -> None:
        """Serve one message."""
        self.counters.requests += 1
        if isinstance(message, Bad):
            self.counters.refused += 1
            connection.trace("?").outcome = message.kind
            connection.send(encode_bad(message))
            return
        number = None if isinstance(message, Notification) else message.id
        request = RequestId(f"api-{connection.number}-{self.counters.requests}")
        ticket = Ticket(connection, number, connection.trace(message.method), request)
        connection.waiting += 1
        self._tickets[request] = ticket
        try:
            self._serve(ticket, message.method, message.params)
        except Exception as error:  # noqa: BLE001 - the socket's edge: a client must not end the daemon
            self._refuse(ticket, _refusal(error))

    def _serve(self, ticket: Ticket, name: str, params: Mapping[str, Any]) -> None:
        method, values = parse(name, params)
        local = self._queries.get(name)
        if local is not None:
            self._settle(ticket, encode_response(ticket.id, local(ticket.connection)), "ok")
            return
        if isinstance(values, LineAsk):
            told = self._seat.serve(values, client_name(ticket.connection))
            self._settle(ticket, encode_response(ticket.id, told), "ok")
            return
        if ticket.connection.waiting > self._limits.max_waiting:
            raise RequestError("busy", f"{self._limits.max_waiting} requests of this client are under way")
        loop = asyncio.get_running_loop()
        ticket.timer = loop.call_later(self._limits.request_timeout_s, self._expire, ticket)
        if method.build is not None:
            self._seat.submit(method.build(values), ticket.request, client_name(ticket.connection))
        else:
            ticket.task = loop.create_task(self._ask(ticket.id, name, msgspec.structs.asdict(values)))
            ticket.task.add_done_callback(lambda task: self._asked(ticket, task))

    async def _ask(self, number: JsonId | None, name: str, params: Mapping[str, object]) -> bytes:
        found = await self._seat.query(name, params)
        return encode_response(number, {name.rpartition(".")[2]: found})

    def _asked(self, ticket: Ticket, task: asyncio.Task[bytes]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._settle(ticket, task.result(), "ok")
        else:
            self._refuse(ticket, _refusal(error))

    def _expire(self, ticket: Ticket) -> None:
        self.counters.timeouts += 1
        limit_s = self._limits.request_timeout_s
        self._refuse(ticket, RequestError("timeout", f"no answer within {limit_s:g} s"))

    def _refuse(self, ticket: Ticket, error: RequestError) -> None:
        self.counters.refused += not ticket.answered
        self._settle(ticket, encode_error(ticket.id, error), error.kind)

    def _settle(self, ticket: Ticket, line: bytes, outcome: str) -> None:
        if ticket.answered:
            return
        self._finish(ticket, outcome)
        if ticket.id is not None:
            ticket.connection.send(line)
        ticket.connection.finish_if_done()

    def _finish(self, ticket: Ticket, outcome: str) -> None:
        ticket.answered = True
        ticket.trace.outcome = outcome
        ticket.connection.waiting -= 1
        del self._tickets[ticket.request]
        if ticket.timer is not None:
            ticket.timer.cancel()
        if ticket.task is not None:
            ticket.task.cancel()

    # queries the server answers by itself ----------------------------------------------------------

    def _picture(self) -> dict[str, object]:
        """Give the picture of now, after announcing what nobody announced yet: seq and picture agree."""
        self.snapshot_changed(self._seat.snapshot())
        return self._feed.picture()

    def _subscribe(self, connection: Connection) -> object:
        picture = self._picture()
        connection.subscribed = True
        return picture

    def _unsubscribe(self, connection: Connection) -> object:
        connection.subscribed = False
        return {}

    def _info(self, _connection: Connection) -> object:
        ours = {"name": "callseat", "api": API_VERSION, "pid": os.getpid(), "seq": self.seq}
        socket = {"clients": self.connected, "counters": asdict(self.counters)}
        return {**self._about, **self._health(), **ours, **socket}

    def _capabilities(self, _connection: Connection) -> object:
        lines = {line.line: line.capabilities for line in self._seat.snapshot().lines}
        return {
            "methods": sorted(METHODS),
            "notifications": sorted(TOPICS),
            "errors": {entry.kind: entry.code for entry in ERROR_KINDS.values()},
            "limits": asdict(self._limits),
            "lines": lines,
        }

    def _clients(self, _connection: Connection) -> object:
        return {"clients": [_client(connection) for connection in self._connections.values()]}

    def _why(self) -> object:
        snapshot = self._seat.snapshot()
        silence = {
            call.call: {
                "cause": call.silence_cause,
                "since": call.silence_since,
                "evidence": call.silence_evidence,
            }
            for call in snapshot.calls
            if call.silence_cause is not None
        }
        return {"cue": snapshot.cue, "why": snapshot.cue.why if snapshot.cue else "", "silence": silence}


def _refusal(error: BaseException) -> RequestError:
    """What a client is told of `error`; a fault of ours goes to the log, not to the client."""
    if isinstance(error, RequestError):
        return error
    if isinstance(error, SeatError):
        return RequestError("device_error", str(error))
    _log.error("a request failed by our own fault", exc_info=error)
    return RequestError("internal_error", "a fault of callseat; its log has the details")


def client_name(connection: Connection) -> str:
    """How the seat knows a connection: never given twice."""
    return f"client-{connection.number}"


def _client(connection: Connection) -> dict[str, object]:
    return {
        "client": connection.number,
        "peer": asdict(connection.peer),
        "subscribed": connection.subscribed,
        "received": connection.received,
        "sent": connection.sent,
        "queued": connection.queued,
        "requests": [asdict(entry) for entry in connection.traces],
    }
