"""The serial transport over a real pty: a real AT engine on one end, a simulated phone on the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import tty

import pytest

from callseat.loops import VirtualTimeLoop
from callseat.runtime.engine_port import EnginePort
from devices.at.engine import AtEngine
from devices.at.profiles import profile_named
from devices.simulated.phone import SimulatedPhone
from firmware_bridge.descriptors import read_some, write_all
from firmware_bridge.serial_port import open_serial
from state.commands import Answer, HangUp
from state.errors import TransportError, TransportReason
from state.events import CallCleared, CallDelivered, CallEstablished, CommandCompleted, LineInService

PATIENCE_S = 20.0


class PhoneEnd:
    """Runs a simulated phone on the master side of a pty; its answers are due on the loop's own clock."""

    def __init__(self):
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(slave)
        self._slave = slave
        self.phone = SimulatedPhone(latency_s=0.001, split_seed=7)
        self._moved = asyncio.Event()

    def now(self):
        return asyncio.get_running_loop().time()

    async def send(self, step):
        for write in step.writes:
            await write_all(self.master, write.data, "pty")
        self._moved.set()

    async def listen(self):
        while True:
            await self.send(self.phone.feed(await read_some(self.master, 4096, "pty"), self.now()))

    async def live(self):
        while True:
            self._moved.clear()
            try:
                async with asyncio.timeout_at(self.phone.next_deadline()):
                    await self._moved.wait()
            except TimeoutError:
                await self.send(self.phone.advance(self.now()))

    def close(self):
        for fd in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)


class Heard:
    """Events of the engine, to wait for."""

    def __init__(self):
        self.events = []
        self._more = asyncio.Event()

    def post(self, event):
        self.events.append(event)
        self._more.set()

    async def until(self, kind):
        while not any(isinstance(event, kind) for event in self.events):
            self._more.clear()
            await self._more.wait()
        return next(event for event in self.events if isinstance(event, kind))


def test_a_call_over_a_pty_from_ring_to_hang_up():
    async def main():
        end, heard = PhoneEnd(), Heard()
        engine = AtEngine("l1", profile_named("27007"))
        transport = await open_serial(end.path)
        port = EnginePort("l1", engine, transport, heard.post)
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in (end.listen(), end.live(), port.run())]
            port.apply(engine.start(end.now()))
            service = await heard.until(LineInService)
            await end.send(end.phone.ring_in("13800138000", end.now()))
            delivered = await heard.until(CallDelivered)
            port.request(Answer(delivered.call))
            await heard.until(CallEstablished)
            port.request(HangUp(delivered.call))
            cleared = await heard.until(CallCleared)
            await heard.until(CommandCompleted)
            for task in tasks:
                task.cancel()
        await transport.aclose()
        end.close()
        return service, delivered, cleared

    service, delivered, cleared = asyncio.run(main())
    assert service.calls == ()
    assert delivered.number == "13800138000"
    assert cleared.call == delivered.call


def test_opened_exclusively():
    async def main():
        end = PhoneEnd()
        first = await open_serial(end.path)
        with pytest.raises(TransportError) as busy:
            await open_serial(end.path)
        await first.aclose()
        await (await open_serial(end.path)).aclose()
        end.close()
        return busy.value.reason

    assert asyncio.run(main()) is TransportReason.BUSY


def test_a_pulled_cable_and_a_closed_port_are_gone():
    async def main():
        end = PhoneEnd()
        transport = await open_serial(end.path)
        reading = asyncio.create_task(transport.read())
        await asyncio.sleep(0)
        end.close()
        with pytest.raises(TransportError) as pulled:
            await reading
        await transport.aclose()
        await transport.aclose()
        with pytest.raises(TransportError, match="closed"):
            await transport.write(b"x")
        return pulled.value.reason

    assert asyncio.run(main()) is TransportReason.GONE


def test_a_modem_that_takes_no_bytes_times_out():
    async def main():
        end = PhoneEnd()
        transport = await open_serial(end.path)
        try:
            await transport.write(bytes(1 << 20))
        finally:
            await transport.aclose()
            end.close()

    with (
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(patience_s=0.05)) as runner,
        pytest.raises(TransportError) as late,
    ):
        runner.run(main())
    assert late.value.reason is TransportReason.TIMEOUT


@pytest.mark.parametrize(("path", "reason"), [("/dev/no-such-port", TransportReason.GONE)])
def test_a_missing_port_is_gone(path, reason):
    with pytest.raises(TransportError, match=path) as missing:
        asyncio.run(open_serial(path))
    assert missing.value.reason is reason
