"""A client of the socket: calls, and a subscription that keeps its own copy of the snapshot up to date.

May not decide anything; used by the command line, and a model for other clients.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callseat.api.codec import Bad, Notification, Response, decode_answer, encode_request
from callseat.api.document import Document, merged
from callseat.api.topics import CLIENT_DROPPED, SERVER_CLOSING, STATE_CHANGED
from state.errors import Blame, ProtocolError, ProtocolReason, TransportError, TransportReason

MAX_LINE = 16 << 20
"""Longest answer taken: 500 call records with long notes are about 5 MB."""
MAX_UNREAD = 4096
"""Notifications kept for a subscription that is not iterated; more is the program's own fault."""
HURRY = 64
"""Unread notifications from which on the reader gives the program a turn after each."""
ANSWER_S = 15.0
"""Longer than the server's own time limit, so that its reason is the one seen."""


class ApiClient:
    """One connection; `async with await ApiClient.connect(path) as client: ...`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.snapshot: Document = {}
        self.seq = 0
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._notifications: asyncio.Queue[Notification | None] = asyncio.Queue()
        self._over: Exception | None = None
        self._task = asyncio.create_task(self._read(), name="callseat api client")

    @classmethod
    async def connect(cls, path: Path) -> ApiClient:
        """Connect to the daemon; TransportError says what to do when that fails."""
        try:
            reader, writer = await asyncio.open_unix_connection(path, limit=MAX_LINE)
        except PermissionError:
            message = f"not allowed to use {path}: your user must be in the group of that socket (callseat)"
            raise TransportError(TransportReason.DENIED, message) from None
        except OSError:
            message = f"no callseat is listening on {path}: start it with `callseat run`"
            raise TransportError(TransportReason.GONE, message) from None
        return cls(reader, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; calls under way fail."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._end(TransportError(TransportReason.GONE, "the connection was closed here"))
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)

    async def call(
        self, method: str, params: Mapping[str, object] | None = None, *, answer_s: float = ANSWER_S
    ) -> Any:
        """Ask and wait for the result; RequestError when it is refused."""
        if self._over is not None:
            raise self._over
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        self._writer.write(encode_request(number, method, params or {}))
        try:
            async with asyncio.timeout(answer_s):
                return await answer
        except TimeoutError:
            raise TransportError(TransportReason.TIMEOUT, f"{method}: no answer in {answer_s:g} s") from None
        finally:
            self._calls.pop(number, None)

    async def subscribe(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Take the picture into `snapshot` and `seq`; iterate the result for what follows."""
        picture = await self.call("events.subscribe")
        self.snapshot, self.seq = picture["snapshot"], picture["seq"]
        return self._follow()

    async def _follow(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Every line once, `state.changed` already merged; ends when the daemon does, raises when cut off."""
        while (told := await self._notifications.get()) is not None:
            if "seq" in told.params and not self._next(told.params):
                continue
            if told.method == STATE_CHANGED:
                self.snapshot = merged(self.snapshot, told.params["patch"])
            yield told.method, told.params
            if told.method == SERVER_CLOSING:
                return
        raise self._over or TransportError(TransportReason.GONE, "the daemon is gone")

    def _next(self, params: Mapping[str, Any]) -> bool:
        """Count `params` in; False for one the picture already holds."""
        if params["seq"] <= self.seq:
            return False
        if params["seq"] != self.seq + 1:
            message = f"notification {params['seq']} came after {self.seq}"
            raise ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, message)
        self.seq = params["seq"]
        return True

    async def _read(self) -> None:
        error: Exception = TransportError(TransportReason.GONE, "the daemon closed the connection")
        try:
            while line := await self._reader.readline():
                self._take(line)
                if self._notifications.qsize() > HURRY:
                    await asyncio.sleep(0)  # a full buffer is read without a pause: let the program catch up
        except (OSError, ValueError) as broken:
            error = TransportError(TransportReason.GONE, f"the connection broke: {broken}")
        except (TransportError, ProtocolError) as refused:
            error = refused
        self._end(error)

    def _take(self, line: bytes) -> None:
        message = decode_answer(line)
        if isinstance(message, Bad):
            raise ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, f"the daemon sent {message.message}")
        if isinstance(message, Response):
            self._answer(message)
            return
        if message.method == CLIENT_DROPPED:
            raise TransportError(TransportReason.BUSY, f"dropped by the daemon: {message.params['message']}")
        if self._notifications.qsize() >= MAX_UNREAD:
            raise TransportError(
                TransportReason.BUSY, f"{MAX_UNREAD} notifications were not read by this program"
            )
        self._notifications.put_nowait(message)

    def _answer(self, message: Response) -> None:
        answer = self._calls.get(message.id) if isinstance(message.id, int) else None
        if answer is None or answer.done():
            return
        if message.error is None:
            answer.set_result(message.result)
        else:
            answer.set_exception(message.error)

    def _end(self, error: Exception) -> None:
        """Fail whoever waits, once."""
        if self._over is not None:
            return
        self._over = error
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(error)
        self._notifications.put_nowait(None)
