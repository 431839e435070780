"""A simulated device behind a transport: a device-side pure model, with latency, unplugging and presses.

May not know which device it is. A shipped backend: the daemon's real engine talks to it through the same
Transport; bytes that the model refuses are refused here the way the kernel would.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from firmware_bridge.transport import gone
from state.engine import Step, Write
from state.errors import TransportError, TransportReason

LATENCY_S = 0.002
"""One USB full-speed interrupt interval of a headset is 1 to 10 ms; two is typical."""


class DeviceModel(Protocol):
    """The device's own side: what is fed comes from the host, writes go to the host."""

    def feed(self, data: bytes, at: float, /) -> Step:
        """Bytes from the host; ProtocolError refuses them as the kernel would."""
        ...

    def advance(self, at: float, /) -> Step:
        """Let time pass in the device."""
        ...

    def next_deadline(self) -> float | None:
        """When the device does something by itself."""
        ...


ModelT = TypeVar("ModelT", bound=DeviceModel)


def _feed_stream(model: DeviceModel, data: bytes, _via: str, at: float) -> Step:
    return model.feed(data, at)


class SimulatedPort(Generic[ModelT]):
    """A socket with a simulated device in it, or nothing; lives as long as the simulation.

    `feed`: for a model that tells output from feature reports; `let_go`: for one that notices the host leave.
    """

    def __init__(
        self,
        name: str,
        model: ModelT,
        *,
        latency_s: float = LATENCY_S,
        plugged: bool = True,
        feed: Callable[[ModelT, bytes, str, float], Step] | None = None,
        let_go: Callable[[ModelT], None] = lambda _model: None,
    ) -> None:
        self.name = name
        self.model = model
        self.plugged = plugged
        self.plugged_again: Callable[[], None] = lambda: None
        self._latency_s = latency_s
        self._feed = feed or _feed_stream
        self._let_go = let_go
        self._open: SimulatedTransport | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def open(self) -> SimulatedTransport:
        """Connect the host; GONE when unplugged, BUSY when somebody has it."""
        if not self.plugged:
            raise gone(self.name, "not plugged in")
        if self._open is not None:
            raise TransportError(TransportReason.BUSY, f"{self.name}: already open")
        self._open = SimulatedTransport(self.name, self.receive, self.closed)
        self._arm()
        return self._open

    def act(self, act: Callable[[ModelT, float], Step]) -> None:
        """Do something at the device (press, hang up, ring); what it sends then goes to the host."""
        self.deliver(act(self.model, self._now()))

    def unplug(self) -> None:
        """Pull the cable: the host's reads and writes fail from now on."""
        self.plugged = False
        if self._open is not None:
            self._open.break_off()
            self.closed(self._open)

    def plug(self, model: ModelT | None = None) -> None:
        """Put it back, or another `model` (a fresh one, as a re-plugged device starts anew)."""
        if model is not None:
            self.model = model
        self.plugged = True
        self.plugged_again()

    def receive(self, data: bytes, via: str) -> None:
        """Bytes from the host."""
        self.deliver(self._feed(self.model, data, via, self._now()))

    def deliver(self, step: Step) -> None:
        """Send what the device wrote to the host, in order, after the latency."""
        for write in step.writes:
            if self._open is not None:
                asyncio.get_running_loop().call_later(self._latency_s, self._open.arrive, write)
        self._arm()

    def closed(self, transport: SimulatedTransport) -> None:
        """The host let go."""
        if self._open is transport:
            self._open = None
            self._let_go(self.model)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        deadline = self.model.next_deadline()
        if deadline is not None:
            self._alarm = asyncio.get_running_loop().call_at(deadline, self._ring, deadline)

    def _ring(self, deadline: float) -> None:
        self._alarm = None
        self.deliver(self.model.advance(max(deadline, self._now())))


class SimulatedTransport:
    """The host's end of a simulated device."""

    def __init__(
        self, name: str, receive: Callable[[bytes, str], None], closed: Callable[[SimulatedTransport], None]
    ) -> None:
        self._name = name
        self._receive = receive
        self._closed = closed
        self._arrived: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._broken = False

    async def read(self) -> bytes:
        """The next report or chunk the device sent."""
        while not self._arrived:
            if self._broken:
                raise gone(self._name, "unplugged")
            self._wake.clear()
            await self._wake.wait()
        return self._arrived.popleft()

    async def write(self, data: bytes, via: str = "output") -> None:
        """Give bytes to the device; what it refuses raises ProtocolError."""
        if self._broken:
            raise gone(self._name, "unplugged")
        self._receive(data, via)

    async def aclose(self) -> None:
        """Let the device go."""
        self._broken = True
        self._wake.set()
        self._closed(self)

    def arrive(self, write: Write) -> None:
        """Bytes come out of the device."""
        if not self._broken:
            self._arrived.append(write.data)
            self._wake.set()

    def break_off(self) -> None:
        """The cable is pulled; what has not arrived yet is lost."""
        self._arrived.clear()
        self._broken = True
        self._wake.set()
