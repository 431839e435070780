"""One client: bytes in, cut into messages a slice at a time; lines out through a bounded queue.

May not know a method. Never waits: a client that does not read is dropped, one that asks a lot is read
more slowly.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from dataclasses import dataclass
from typing import Protocol, cast

from callseat.api.codec import MAX_LINE, Decoder, Message, encode_notification
from callseat.api.paths import Peer, peer_of
from callseat.api.topics import CLIENT_DROPPED

_log = logging.getLogger("callseat.api")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the socket, each with its reason."""

    max_line: int = MAX_LINE
    slice: int = 4096
    """Bytes decoded per turn of the loop (about 60 requests), so that a flood does not hold up the seat."""
    max_messages: int = 256
    max_bytes: int = 1 << 20
    """Lines, and bytes, that may wait for a client beyond what its socket holds."""
    max_waiting: int = 64
    """Requests of one client under way at once."""
    max_clients: int = 64
    request_timeout_s: float = 10.0
    """Longer than the slowest honest answer (an AT dial that is refused takes a few seconds)."""
    grace_s: float = 1.0
    """How long a client that is dropped has for reading its last line."""


@dataclass(slots=True)
class Trace:
    """A past request, for diagnosis: never its parameters."""

    method: str
    outcome: str = "pending"


class Owner(Protocol):
    """The server, as a connection sees it."""

    def opened(self, connection: Connection) -> None: ...

    def received(self, connection: Connection, message: Message) -> None: ...

    def asked_all(self, connection: Connection) -> None: ...

    def dropped(self, connection: Connection, kind: str) -> None: ...

    def lost(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """One client's connection, from accept to loss."""

    def __init__(self, owner: Owner, number: int, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.number = number
        self.peer = Peer(0, 0, 0)
        self.subscribed = False
        self.waiting = 0
        self.sent = 0
        self.received = 0
        self.traces: deque[Trace] = deque(maxlen=20)
        self._owner = owner
        self._limits = limits
        self._loop = loop
        self._decoder = Decoder(limits.max_line)
        self._backlog = bytearray()
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._transport: asyncio.Transport
        self._full = False
        self._half_closed = False
        self._ending = False
        self._turn: asyncio.Handle | None = None
        self._reaper: asyncio.TimerHandle | None = None

    @property
    def queued(self) -> int:
        """Lines waiting for the client to read."""
        return len(self._queue)

    def trace(self, method: str) -> Trace:
        """Note a request in the ring of the last 20."""
        self.received += 1
        entry = Trace(method[:64])
        self.traces.append(entry)
        return entry

    def send(self, line: bytes) -> None:
        """Send a line, or queue it, or drop the client whose queue is full."""
        if self._ending:
            return
        self.sent += 1
        if not self._full:
            self._transport.write(line)
            return
        self._queue.append(line)
        self._queued_bytes += len(line)
        too_much = self._queued_bytes > self._limits.max_bytes and len(self._queue) > 1
        if too_much or len(self._queue) > self._limits.max_messages:
            self.drop("slow_client", f"{len(self._queue)} lines ({self._queued_bytes} bytes) were not read")

    def drop(self, kind: str, message: str) -> None:
        """Give up on the client: what waits is thrown away, the reason is its last line."""
        if self._ending:
            return
        past = ", ".join(f"{entry.method} {entry.outcome}" for entry in self.traces)
        _log.warning(
            "client %d (%s) dropped: %s; its last requests: %s", self.number, self.peer, message, past
        )
        self.end(encode_notification(CLIENT_DROPPED, {"kind": kind, "message": message}))
        self._owner.dropped(self, kind)

    def end(self, last_line: bytes) -> None:
        """Close after `last_line`; a client that never reads it is cut off after the grace time."""
        if self._ending:
            return
        self._discard_queue()
        self._transport.write(last_line)
        self._close()
        self._reaper = self._loop.call_later(self._limits.grace_s, self._transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the client is there."""
        self._transport = cast("asyncio.Transport", transport)
        self.peer = peer_of(cast("socket.socket", transport.get_extra_info("socket")))
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came."""
        self._backlog += data
        self._work()

    def eof_received(self) -> bool:
        """asyncio: the client will ask nothing more, but may still wait for answers (`nc -N`, `socat`).

        One that was killed looks the same, until something is written to it.
        """
        self._half_closed = True
        if not self._backlog:
            self._owner.asked_all(self)
        self.finish_if_done()
        return not self._ending

    def pause_writing(self) -> None:
        """asyncio: the socket is full."""
        self._full = True

    def resume_writing(self) -> None:
        """asyncio: the socket takes more."""
        self._full = False
        while self._queue and not self._full:
            line = self._queue.popleft()
            self._queued_bytes -= len(line)
            self._transport.write(line)
        self.finish_if_done()
        self._work()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: it is over, by whatever cause."""
        self._ending = True
        self._backlog.clear()
        self._discard_queue()
        for handle in (self._turn, self._reaper):
            if handle is not None:
                handle.cancel()
        self._owner.lost(self)

    def _work(self) -> None:
        """Serve one slice of what came in; while more is left, read no further."""
        if self._turn is not None or self._ending:
            return
        if self._full:
            self._transport.pause_reading()
            return
        piece = bytes(self._backlog[: self._limits.slice])
        del self._backlog[: self._limits.slice]
        for message in self._decoder.feed(piece):
            self._owner.received(self, message)
        if self._transport.is_closing():
            return
        if not self._backlog:
            if self._half_closed:
                self._owner.asked_all(self)
            self._transport.resume_reading()
            return
        self._transport.pause_reading()
        if not self._full:
            self._turn = self._loop.call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._turn = None
        self._work()

    def finish_if_done(self) -> None:
        """Close the connection of a client that asks nothing more and has had every answer."""
        if self._half_closed and not (self.waiting or self.subscribed or self._queue or self._backlog):
            self._close()

    def _close(self) -> None:
        if not self._ending:
            self._ending = True
            self._transport.close()

    def _discard_queue(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0
