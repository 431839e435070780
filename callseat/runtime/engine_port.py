"""One engine and one transport, bound together: bytes are stamped here, deadlines are kept here.

May not interpret bytes or events. Lives exactly as long as the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from callseat import clock
from callseat.ports import Post
from callseat.runtime.latency import AckTimes
from firmware_bridge.transport import PromptTransport, Transport
from state.commands import DeviceCommand, LineCommand, SetLamps
from state.engine import Engine, Step, Write
from state.errors import ProtocolError, TransportError
from state.events import EffectFailed, HookChanged, MuteRequested

PortEngine = Engine[Any]
"""An engine takes its own kind of commands; the executor sends it no others."""
Traffic = Callable[[str, bytes, str, float], None]
"""Shown direction, bytes, kind of report and time."""

_PRESSES = (HookChanged, MuteRequested)
"""What a device waits to be acknowledged."""
ACK_WINDOW_S = 2.0
"""A Jabra takes back a press that nobody acknowledged in about this time (WICG/webhid issue 61)."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Who is told what a port does; by default nobody is."""

    acks: AckTimes | None = None
    traffic: Traffic | None = None
    farewell: Callable[[], tuple[Write, ...]] = tuple
    """What would leave the device silent, as its engine says now."""
    parting: Callable[[tuple[Write, ...]], None] | None = None
    """Told the farewell whenever it is another one."""


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """A report on its way. `pressed_at`: when the press came that it acknowledges."""

    write: Write
    effect: str = ""
    pressed_at: float | None = None
    begun: Awaitable[float] | None = None
    """Already under way, where the transport begins by itself."""


class EnginePort:
    """Runs one engine over one transport until the transport fails."""

    def __init__(
        self,
        name: str,
        engine: PortEngine,
        transport: Transport,
        post: Post,
        witness: Witness | None = None,
        decide: Post | None = None,
    ) -> None:
        """`decide`: where what the device said goes, when it need not wait its turn; `post` by default."""
        self.name = name
        self._engine = engine
        self._transport = transport
        self._prompt = transport if isinstance(transport, PromptTransport) else None
        self._post = post
        self._decide = decide or post
        self._witness = witness or Witness()
        self._outgoing: asyncio.Queue[_Outgoing] = asyncio.Queue()
        self._rearm = asyncio.Event()
        self._pressed_at: float | None = None
        self._farewell: tuple[Write, ...] = ()
        self._parted = self._over = False

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
        finally:
            self._give_up()
        # Raised out here: Python 3.11.2 (Debian 12) wraps what is raised inside `except*` in a group again.
        if failure is not None:
            raise failure

    def request(self, command: LineCommand | DeviceCommand) -> None:
        """Hand a command to the engine; what it writes leaves in order."""
        if self._parted:
            return
        step = self._engine.request(command, clock.now())
        pressed_at = None
        if isinstance(command, SetLamps) and step.writes:
            pressed_at, self._pressed_at = self._pressed_at, None
        effect = "SendToDevice" if isinstance(command, DeviceCommand) else "CallCommand"
        self._send(step, effect, pressed_at)
        if self._witness.parting is not None and (farewell := self._witness.farewell()) != self._farewell:
            self._farewell = farewell
            self._witness.parting(farewell)

    def part(self) -> None:
        """Write what leaves the device as it is shown, but silent; nothing asked later is carried out."""
        self._parted = True
        self._send(Step(writes=self._witness.farewell()))

    def apply(self, step: Step) -> None:
        """Post a step's events and queue its writes."""
        self._send(step)

    def _send(self, step: Step, effect: str = "", pressed_at: float | None = None) -> None:
        self._begin(step.writes, effect, pressed_at)
        for event in step.events:
            self._post(event)
        self._rearm.set()

    def _begin(self, writes: tuple[Write, ...], effect: str = "", pressed_at: float | None = None) -> None:
        for write in () if self._over else writes:
            begun = None if self._prompt is None else self._prompt.begin(write.data, write.via)
            self._outgoing.put_nowait(_Outgoing(write, effect, pressed_at, begun))
            pressed_at = None

    def _give_up(self) -> None:
        """Nothing more is sent: nobody waits for what is left."""
        self._over = True
        while not self._outgoing.empty():
            self._outgoing.get_nowait()
            self._outgoing.task_done()

    async def drained(self) -> None:
        """Return once everything queued so far has been written, or never will be."""
        await self._outgoing.join()

    async def _read(self) -> None:
        if self._prompt is not None:
            await self._prompt.listen(self._hear)
        while True:
            self._hear(await self._transport.read())

    def _hear(self, data: bytes) -> None:
        at = clock.now()
        step = self._engine.feed(data, at)
        if step.events or step.writes:
            self._heard(step, at)
        self._rearm.set()
        if self._witness.traffic is not None:
            self._witness.traffic("in", data, "input", at)

    def _heard(self, step: Step, at: float) -> None:
        """A press: its acknowledgement leaves first, then it is decided."""
        pressed_at = at if any(isinstance(event, _PRESSES) for event in step.events) else None
        self._pressed_at = None if step.writes else pressed_at
        self._begin(step.writes, pressed_at=pressed_at)
        for event in step.events:
            self._decide(event)

    async def _write(self) -> None:
        while True:
            leaving = await self._outgoing.get()
            try:
                self._written(leaving, await self._finish(leaving))
            except ProtocolError as error:
                self._failed(leaving.effect, error.reason, str(error))
            except TransportError as error:
                self._failed(leaving.effect, error.reason, str(error))
                raise
            finally:
                self._outgoing.task_done()

    async def _finish(self, leaving: _Outgoing) -> float:
        """When the device had it."""
        if leaving.begun is not None:
            return await leaving.begun
        await self._transport.write(leaving.write.data, leaving.write.via)
        return clock.now()

    def _written(self, sent: _Outgoing, at: float) -> None:
        witness = self._witness
        if witness.acks is not None and sent.pressed_at is not None and at - sent.pressed_at <= ACK_WINDOW_S:
            witness.acks.add(at - sent.pressed_at)
        if witness.traffic is not None:
            witness.traffic("out", sent.write.data, sent.write.via, at)

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
