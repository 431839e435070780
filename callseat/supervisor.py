"""One supervisor per device or line: open, run the engine, and when the device goes, say so and try again.

May not decide anything about calls. Only TransportError is survived: a programming error escapes and ends the
daemon, for systemd to restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from callseat import clock
from callseat.ports import Farewell, Post, Tap
from callseat.runtime.engine_port import EnginePort, PortEngine, Witness
from callseat.runtime.latency import DeviceCounts
from devices.hid.descriptor import parse_descriptor
from devices.hid.redactor import Redactor
from firmware_bridge.inventory import HidNode
from firmware_bridge.transport import Transport
from state.engine import NOTHING, Step, Write
from state.errors import TransportError, TransportReason
from state.events import DeviceAttached, DeviceDetached, LineOutOfService
from state.ids import DeviceId, LineId
from state.words import DeviceKind

STABLE_S = 120.0
"""A connection that lasted this long was a good one: the next loss starts from the shortest pause again."""
FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait before the next try: first, and at most."""

    first_s: float
    cap_s: float


PAUSES: dict[TransportReason, Pause] = {
    TransportReason.GONE: Pause(0.5, 5.0),
    TransportReason.BUSY: Pause(1.0, 30.0),
    TransportReason.DENIED: Pause(0.3, 30.0),
    TransportReason.TIMEOUT: Pause(1.0, 15.0),
}
"""Denied starts short: a node appears before udev has set its group. Gone stays short: an agent waits."""


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection: who speaks (engine) over what (transport), and what the device is to the seat."""

    transport: Transport
    engine: PortEngine
    start: Callable[[float], Step] = lambda _at: NOTHING
    stop: Callable[[float, str], Step] = lambda _at, _reason: NOTHING
    """For an engine that outlives its connections: told that the port is open, and that it is gone."""
    name: str = ""
    kind: DeviceKind = DeviceKind.HEADSET
    features: frozenset[str] = frozenset()
    announces: bool = False
    """The engine tells by itself when the device is there and when it is gone: an open port is none yet."""
    farewell: Callable[[], tuple[Write, ...]] | None = None
    """Reports that leave the device as it is shown, but silent."""
    ignored: Callable[[], int] = lambda: 0
    """Reports so far that were none of this device's."""
    node: HidNode | None = None
    """Where a device can be told its farewell by another process."""
    descriptor: bytes = b""
    """Of a HID device: which of its bytes may be shown to a tape."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One configured device, line, or a phone that is both; `connect` opens it anew each time."""

    name: str
    connect: Callable[[], Awaitable[Link]]
    device: DeviceId | None = None
    line: LineId | None = None
    counts: Callable[[], Mapping[str, int]] = dict
    """What its engine found wrong with the dialogue since the start, by name."""


class PortRegistry(Protocol):
    """Where open ports are found by the executor."""

    def opened(self, endpoint: Endpoint, port: EnginePort) -> None:
        """Commands for this endpoint go to `port` now."""
        ...

    def closed(self, endpoint: Endpoint) -> None:
        """Commands for this endpoint fail from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Bystanders:
    """Who is told what passes at a headset, besides the core."""

    tap: Tap | None = None
    farewell: Farewell | None = None


class Supervisor:
    """Keeps one endpoint connected for as long as `run` runs."""

    def __init__(
        self,
        endpoint: Endpoint,
        post: Post,
        ports: PortRegistry,
        bystanders: Bystanders | None = None,
        counts: DeviceCounts | None = None,
        decide: Post | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.first_try = asyncio.Event()
        self.attached = False
        """The core believes that the device is there."""
        self.counts = counts or DeviceCounts()
        self._link: Link | None = None
        self._post = post
        self._decide = decide
        self._ports = ports
        self._bystanders = bystanders or Bystanders()
        self._again = asyncio.Event()
        self._pause_s = 0.0
        self._told: TransportReason | None = None
        self._line_told = False
        self._device_told = False
        self._paused_for: TransportReason | None = None

    @property
    def ignored_reports(self) -> int:
        """Reports that were none of the device's, over all its connections."""
        return self.counts.ignored_reports + (0 if self._link is None else self._link.ignored())

    def wake(self) -> None:
        """Try at once: somebody saw the device come (hot-plug)."""
        self._again.set()

    async def run(self) -> None:
        """Connect, serve, and on loss back off by its reason; returns only by cancellation."""
        while True:
            began = clock.now()
            # Here and not before waiting: whoever wakes us while a try fails has seen something newer.
            self._again.clear()
            try:
                await self._serve()
            except TransportError as error:
                self._lost(error.reason, clock.now() - began)
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    # A device that fails in the very moment we are cancelled hides the cancellation.
                    raise asyncio.CancelledError from error
            await self._wait()

    def ended(self) -> None:
        """`run` was cancelled because the device is no longer wanted: nobody may believe in it any more."""
        self.first_try.set()
        if self.attached:
            self.counts.losses += 1
            self._tell(TransportReason.GONE)
        self._drop_farewell()

    async def _serve(self) -> None:
        try:
            link = await self.endpoint.connect()
        except TransportError:
            self.first_try.set()
            raise
        port = EnginePort(
            self.endpoint.name, link.engine, link.transport, self._post, self._witness(link), self._decide
        )
        self._link = link
        self._told = None
        self._line_told = self._device_told = False
        if self.endpoint.device is not None and not link.announces:
            at = clock.now()
            name = link.name or self.endpoint.name
            device = self.endpoint.device
            self._post(DeviceAttached(at, self.endpoint.name, device, link.kind, name, link.features))
            self.attached = True
        self._ports.opened(self.endpoint, port)
        try:
            port.apply(link.start(clock.now()))
            self.first_try.set()
            # A task of its own: on Python 3.11.2 (Debian 12) a task group that failed leaves its task marked
            # as cancelling, and every later asyncio.timeout of that task would then look like a cancellation.
            await asyncio.create_task(port.run(), name=f"{self.endpoint.name} port")
        except TransportError as error:
            last = link.stop(clock.now(), error.reason)
            self._line_told = any(isinstance(event, LineOutOfService) for event in last.events)
            self._device_told = any(isinstance(event, DeviceDetached) for event in last.events)
            port.apply(last)
            self._drop_farewell()
            raise
        finally:
            self._link = None
            self.counts.ignored_reports += link.ignored()
            self._ports.closed(self.endpoint)
            await link.transport.aclose()

    def _witness(self, link: Link) -> Witness:
        if link.farewell is None:
            return Witness(self.counts.acks)
        name, keep = self.endpoint.name, self._bystanders.farewell
        tap = self._bystanders.tap if link.descriptor else None
        if tap is not None:
            tap.admit(name, Redactor(parse_descriptor(link.descriptor)))
        return Witness(
            self.counts.acks,
            traffic=None if tap is None else partial(tap, name),
            farewell=link.farewell,
            parting=None if keep is None or link.node is None else partial(keep.set, name, link.node),
        )

    def _drop_farewell(self) -> None:
        if self._bystanders.farewell is not None and self.endpoint.device is not None:
            self._bystanders.farewell.drop(self.endpoint.name)

    def _lost(self, reason: TransportReason, lasted_s: float) -> None:
        pause = PAUSES[reason]
        if self._told is not reason:
            self._told = reason
            self._tell(reason)
        if self._paused_for is not reason or lasted_s >= STABLE_S:
            self._paused_for = reason
            self._pause_s = pause.first_s
        self._pause_s = min(self._pause_s, pause.cap_s)
        self.counts.losses += 1

    def _tell(self, reason: TransportReason) -> None:
        at = clock.now()
        if self.endpoint.device is not None and not self._device_told:
            self._post(DeviceDetached(at, self.endpoint.name, self.endpoint.device, reason))
            self.attached = False
        if self.endpoint.line is not None and not self._line_told:
            self._post(LineOutOfService(at, self.endpoint.name, self.endpoint.line, reason))

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._pause_s):
                await self._again.wait()
        except TimeoutError:
            self._pause_s *= FACTOR
