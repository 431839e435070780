"""One engine and one transport, bound together: bytes are stamped here, deadlines are kept here.

May not interpret bytes or events. Lives exactly as long as the connection.
"""

from __future__ import annotations

import asyncio
from typing import Any

from callseat import clock
from callseat.ports import Post
from firmware_bridge.transport import Transport
from state.commands import DeviceCommand, LineCommand, SetDisplay, SetLamps
from state.engine import Engine, Step, Write
from state.errors import ProtocolError, TransportError
from state.events import EffectFailed

PortEngine = Engine[Any]
"""An engine takes its own kind of commands; the executor sends it no others."""


class EnginePort:
    """Runs one engine over one transport until the transport fails."""

    def __init__(self, name: str, engine: PortEngine, transport: Transport, post: Post) -> None:
        self.name = name
        self._engine = engine
        self._transport = transport
        self._post = post
        self._outgoing: asyncio.Queue[tuple[Write, str]] = asyncio.Queue()
        self._rearm = asyncio.Event()

    async def run(self) -> None:
        """Serve until the transport fails (raises its TransportError) or the task is cancelled."""
        failure: TransportError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(), name=f"{self.name} read")
                group.create_task(self._write(), name=f"{self.name} write")
                group.create_task(self._keep_deadlines(), name=f"{self.name} deadlines")
        except* TransportError as failures:
            failure = _first(failures)
        # Raised out here: Python 3.11.2 (Debian 12) wraps what is raised inside `except*` in a group again.
        if failure is not None:
            raise failure

    def request(self, command: LineCommand | DeviceCommand) -> None:
        """Hand a command to the engine; what it writes leaves in order."""
        effect = "SendToDevice" if isinstance(command, SetLamps | SetDisplay) else "CallCommand"
        self.apply(self._engine.request(command, clock.now()), effect)

    def apply(self, step: Step, effect: str = "") -> None:
        """Post a step's events and queue its writes."""
        for event in step.events:
            self._post(event)
        for write in step.writes:
            self._outgoing.put_nowait((write, effect))
        self._rearm.set()

    async def drained(self) -> None:
        """Return once everything queued so far has been written."""
        await self._outgoing.join()

    async def _read(self) -> None:
        while True:
            data = await self._transport.read()
            self.apply(self._engine.feed(data, clock.now()))

    async def _write(self) -> None:
        while True:
            write, effect = await self._outgoing.get()
            try:
                await self._transport.write(write.data, write.via)
            except ProtocolError as error:
                self._failed(effect, error.reason, str(error))
            except TransportError as error:
                self._failed(effect, error.reason, str(error))
                raise
            finally:
                self._outgoing.task_done()

    async def _keep_deadlines(self) -> None:
        while True:
            self._rearm.clear()
            try:
                async with asyncio.timeout_at(self._engine.next_deadline()):
                    await self._rearm.wait()
            except TimeoutError:
                at = clock.reached(self._engine.next_deadline())
                if at is not None:
                    self.apply(self._engine.advance(at))

    def _failed(self, effect: str, reason: str, detail: str) -> None:
        if effect:
            self._post(EffectFailed(clock.now(), self.name, effect, self.name, reason, detail=detail))


def _first(group: ExceptionGroup[TransportError]) -> TransportError:
    for error in group.exceptions:
        if isinstance(error, TransportError):
            return error
        if isinstance(error, ExceptionGroup):
            return _first(error)
    raise AssertionError("an exception group without an exception")
