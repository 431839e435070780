"""A simulated port behaves like a cable: latency, unplugging, one owner, refusals, the device's own time."""

from __future__ import annotations

import asyncio

import pytest

from callseat.loops import VirtualTimeLoop
from devices.simulated.headset_models import HEADSETS, simulate_headset
from firmware_bridge.simulated import SimulatedPort
from state.engine import NOTHING, Step, Write
from state.errors import ProtocolError, ProtocolReason, TransportError, TransportReason
from tests.virtual import passes


class Clockwork:
    """Ticks once a second for three seconds; answers each report with its time."""

    def __init__(self):
        self.due = [1.0, 2.0, 3.0]

    def feed(self, data, at, via="output"):
        return Step(writes=(Write(data + via.encode()),))

    def advance(self, at):
        writes = []
        while self.due and self.due[0] <= at:
            writes.append(Write(f"tick {self.due.pop(0):g}".encode()))
        return Step(writes=tuple(writes))

    def next_deadline(self):
        return self.due[0] if self.due else None


def run(main):
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def by_report(model, data, via, at):
    return model.feed(data, at, via)


def now():
    return asyncio.get_running_loop().time()


def test_what_the_device_sends_arrives_in_order_after_the_latency():
    async def main():
        port = SimulatedPort("c", Clockwork(), feed=by_report, latency_s=0.01)
        transport = await port.open()
        await transport.write(b"a", "output")
        await transport.write(b"b", "feature")
        got = [(await transport.read(), now()) for _ in range(5)]
        await transport.aclose()
        return got

    assert run(main()) == [
        (b"aoutput", 0.01),
        (b"bfeature", 0.01),
        (b"tick 1", 1.01),
        (b"tick 2", 2.01),
        (b"tick 3", 3.01),
    ]


def test_one_owner_at_a_time():
    async def main():
        port = SimulatedPort("c", Clockwork(), feed=by_report)
        first = await port.open()
        with pytest.raises(TransportError) as busy:
            await port.open()
        await first.aclose()
        second = await port.open()
        await first.aclose()
        await second.write(b"x", "output")
        return busy.value.reason, await second.read()

    assert run(main()) == (TransportReason.BUSY, b"xoutput")


def test_unplugging_breaks_reads_and_writes_and_loses_what_is_under_way():
    async def main():
        port = SimulatedPort("c", Clockwork(), feed=by_report)
        woken = []
        port.plugged_again = lambda: woken.append(now())
        transport = await port.open()
        reading = asyncio.create_task(transport.read())
        await transport.write(b"lost", "output")
        port.unplug()
        for failing in (reading, transport.write(b"x", "output"), port.open()):
            with pytest.raises(TransportError) as gone:
                await failing
            assert gone.value.reason is TransportReason.GONE
        port.act(lambda model, _at: model.feed(b"nobody hears", 0.0))
        fresh = Clockwork()
        fresh.due = []
        port.plug(fresh)
        again = await port.open()
        await again.write(b"y", "output")
        assert port.model is fresh
        return woken, await again.read()

    assert run(main()) == ([0.0], b"youtput")


def test_the_device_lives_on_when_nobody_has_it_open():
    async def main():
        port = SimulatedPort("c", Clockwork(), feed=by_report)
        await (await port.open()).aclose()
        await passes(2.5)
        transport = await port.open()
        return await transport.read(), now()

    assert run(main()) == (b"tick 3", 3.002)


def test_an_act_happens_at_the_loops_time():
    async def main():
        port = SimulatedPort("c", Clockwork(), feed=by_report)
        seen = []

        def act(model, at):
            seen.append((type(model).__name__, at))
            return NOTHING

        await passes(1.25)
        port.act(act)
        return seen

    assert run(main()) == [("Clockwork", 1.25)]


def test_a_real_headset_refuses_a_report_of_the_wrong_length():
    async def main():
        port = SimulatedPort("h", simulate_headset(HEADSETS["jabra_biz_2400"]), feed=by_report)
        transport = await port.open()
        with pytest.raises(ProtocolError) as refused:
            await transport.write(b"\x02\x01", "output")
        await transport.write(b"\x02\x01\x00", "output")
        assert port.model.lamps.off_hook
        echo = await transport.read()
        return refused.value.reason, echo[0]

    assert run(main()) == (ProtocolReason.WRONG_LENGTH, 2)
