"""A seat at the socket's port: keeps what was asked, answers when the test says so."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, cast

from callseat.api.connection import Limits
from callseat.api.line_params import LineAsk
from callseat.api.server import ApiServer
from state.commands import Command, Lamps
from state.ids import CallId, DeviceId, LineId, RecordId, RequestId
from state.snapshot import (
    AgentView,
    CallView,
    CueView,
    DeviceView,
    FocusView,
    LineView,
    MuteView,
    Snapshot,
)
from state.words import AgentState, CallState, DeviceKind, Direction

PATIENCE_S = 20.0
"""A test that waits longer than this for a condition has failed; none waits on a passing run."""


def call_view(name: str = "sim-1", state: CallState = CallState.CONNECTED, **changes: Any) -> CallView:
    view = CallView(
        call=CallId(name),
        line=LineId("sim"),
        record=RecordId(f"r-{name}"),
        state=state,
        direction=Direction.INBOUND,
        number="13800138000",
        name="",
        since=10.0,
        established_at=None,
        silent="inactive",
        silence_cause=None,
        silence_evidence="",
        closing="not_started",
        customer_spoke=False,
        adopted=False,
        pending="",
    )
    return dataclasses.replace(view, **changes)


def seat_snapshot(at: float = 1.0, *calls: CallView, **changes: Any) -> Snapshot:
    snapshot = Snapshot(
        at=at,
        agent=AgentView(agent="1007", state=AgentState.READY, reason="", pending="", since=0.5),
        calls=calls,
        lines=(LineView(LineId("sim"), True, "", ("answer", "hold"), False),),
        devices=(DeviceView(DeviceId("headset"), DeviceKind.HEADSET, "Evolve2", Lamps()),),
        mute=MuteView("live", "device", False, "sure"),
        focus=FocusView(None, None, None),
        cue=None,
        lamps=Lamps(),
        display=("ready",),
        promises=0,
    )
    return dataclasses.replace(snapshot, **changes)


def cue_view(**changes: Any) -> CueView:
    cue = CueView("silent.stage_2", 9.0, CallId("sim-1"), "请说第二句", "请说第二句", "5 s of silence", 0)
    return dataclasses.replace(cue, **changes)


class FakeSeat:
    """A SeatPort whose snapshot is set and whose answers come from the test."""

    def __init__(self) -> None:
        self.now = seat_snapshot()
        self.submitted: list[tuple[Command, RequestId]] = []
        self.clients: list[str] = []
        self.gone: list[str] = []
        self.served: list[tuple[LineAsk, str]] = []
        self.on_serve: Callable[[LineAsk, str], Mapping[str, object]] = lambda _asked, _client: {}
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.on_submit: Callable[[Command, RequestId], None] = lambda _command, _request: None
        self.answer: Callable[[], Awaitable[object]] = self._nothing

    def snapshot(self) -> Snapshot:
        return self.now

    def submit(self, command: Command, request: RequestId, client: str) -> None:
        self.submitted.append((command, request))
        self.clients.append(client)
        self.on_submit(command, request)

    def serve(self, asked: LineAsk, client: str) -> Mapping[str, object]:
        self.served.append((asked, client))
        return self.on_serve(asked, client)

    def left(self, client: str) -> None:
        self.gone.append(client)

    async def query(self, name: str, params: Mapping[str, object]) -> object:
        self.asked.append((name, params))
        return await self.answer()

    async def _nothing(self) -> object:
        return []


class Raw:
    """A client that writes bytes and reads lines, with nothing clever in between."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def read(self) -> Any:
        """The next line as JSON; None at the end."""
        line = await self.reader.readline()
        return json.loads(line) if line else None

    def stop_reading(self) -> None:
        """Leave what comes in the socket, as a program that hangs would."""
        cast("asyncio.Transport", self.writer.transport).pause_reading()

    def go_on_reading(self) -> None:
        cast("asyncio.Transport", self.writer.transport).resume_reading()

    async def ask(self, method: str, params: object = None, number: object = 1) -> Any:
        request = {"jsonrpc": "2.0", "id": number, "method": method}
        if params is not None:
            request["params"] = params
        await self.write(json.dumps(request).encode() + b"\n")
        return await self.read()

    async def close(self) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


class Bench:
    """A real server on a real socket, its seat, and the clients a test opened."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.seat = FakeSeat()
        self.path = path
        self.server = ApiServer(path, self.seat, about={"version": "1.2"}, limits=limits)
        self.clients: list[Raw] = []

    async def connect(self) -> Raw:
        """Open a client that is closed after the test."""
        reader, writer = await asyncio.open_unix_connection(self.path, limit=1 << 24)
        client = Raw(reader, writer)
        self.clients.append(client)
        return client


def on_bench(
    directory: Path, test: Callable[[Bench], Coroutine[Any, Any, None]], limits: Limits | None = None
) -> None:
    """Run `test` against a started server and close everything after it."""

    async def main() -> None:
        bench = Bench(directory / "s", limits or Limits())
        await bench.server.start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await test(bench)
        finally:
            for client in bench.clients:
                await client.close()
            await bench.server.close()

    asyncio.run(main())


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until the condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the condition is the server's own state, nothing signals it
            await asyncio.sleep(0)
