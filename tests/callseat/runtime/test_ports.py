"""Engine ports, supervisors and the executor: order, loss, backing off, and what comes back as an event."""

from __future__ import annotations

import asyncio

import pytest

from callseat import clock
from callseat.executor import Executor, Ports
from callseat.runtime.engine_port import EnginePort
from callseat.supervisor import STABLE_S, Endpoint, Link, Supervisor
from state.commands import HangUp, Lamps, SetLamps
from state.effects import (
    CallCommand,
    PlayPrompt,
    PreparePrompt,
    Publish,
    Record,
    Reply,
    SendToDevice,
    StopPrompt,
)
from state.engine import Step, Write
from state.errors import Blame, ProtocolError, ProtocolReason, TransportError, TransportReason
from state.events import (
    DeviceAttached,
    DeviceDetached,
    EffectFailed,
    HookChanged,
    LineOutOfService,
)
from state.rows import AgentRow, Stamp
from state.words import Audience
from tests.callseat.runtime.seat_kit import PipeTransport, ScriptedEngine, run
from tests.virtual import passes

LAMPS = SetLamps(Lamps(ring=True))


async def with_port(engine, script, **options):
    """Run a port; what it posted and what ended it."""
    transport, posted = PipeTransport(), []
    port = EnginePort("p1", engine, transport, posted.append, **options)
    task = asyncio.create_task(port.run())
    await asyncio.sleep(0)
    await script(port, transport)
    await passes(0.001)
    ended = None
    if task.done():
        ended = task.exception()
    else:
        task.cancel()
    return posted, transport, ended


def test_bytes_are_stamped_on_arrival_and_answers_written_in_order():
    engine = ScriptedEngine(
        feed=lambda data, at: Step(
            (HookChanged(at, "p1", "p1", True),), (Write(data + b"1"), Write(b"2", "feature"))
        )
    )

    async def script(_port, transport):
        await passes(1.5)
        transport.send(b"x")

    posted, transport, _ = run(with_port(engine, script))
    assert engine.fed == [(b"x", 1.5)]
    assert posted == [HookChanged(1.5, "p1", "p1", True)]
    assert transport.written == [(b"x1", "output"), (b"2", "feature")]


def test_engine_deadlines_are_kept_whoever_sets_them():
    engine = ScriptedEngine()

    async def script(port, _transport):
        engine.deadline = 2.0
        port.request(HangUp())
        await passes(3)
        engine.deadline = 4.5
        port.apply(Step())
        await passes(3)

    run(with_port(engine, script))
    assert engine.ticks == [2.0, 4.5]


@pytest.mark.parametrize(("command", "effect"), [(LAMPS, "SendToDevice"), (HangUp(), "CallCommand")])
def test_a_refused_write_comes_back_and_the_port_lives_on(command, effect):
    engine = ScriptedEngine(request=lambda command, at: Step(writes=(Write(b"r"),)))
    refusal = ProtocolError(Blame.SELF, ProtocolReason.WRONG_LENGTH, "2 bytes, not 3")

    async def script(port, transport):
        transport.failing = refusal
        port.request(command)
        await port.drained()
        port.request(command)
        await port.drained()

    posted, transport, ended = run(with_port(engine, script))
    assert posted == [EffectFailed(0.0, "p1", effect, "p1", "wrong_length", detail="2 bytes, not 3")]
    assert transport.written == [(b"r", "output")]
    assert ended is None


def test_nobody_waits_for_what_a_failed_transport_leaves_behind():
    engine = ScriptedEngine(request=lambda command, at: Step(writes=(Write(b"1"), Write(b"2"))))
    drained = []

    async def script(port, transport):
        transport.failing = TransportError(TransportReason.GONE, "unplugged")
        port.request(LAMPS)
        await passes(1)
        port.request(LAMPS)
        await port.drained()
        drained.append(True)

    run(with_port(engine, script))
    assert drained == [True]


def test_a_failing_transport_ends_the_port_and_fails_the_effect():
    engine = ScriptedEngine(request=lambda command, at: Step(writes=(Write(b"r"),)))

    async def script(port, transport):
        transport.failing = TransportError(TransportReason.TIMEOUT, "wedged")
        port.request(LAMPS)

    posted, _, ended = run(with_port(engine, script))
    assert [event.reason for event in posted] == ["timeout"]
    assert isinstance(ended, TransportError)
    assert ended.reason is TransportReason.TIMEOUT


def test_a_programming_error_is_no_transport_error():
    def broken(_data, _at):
        raise KeyError("bug")

    async def script(_port, transport):
        transport.send(b"x")

    _, _, ended = run(with_port(ScriptedEngine(feed=broken), script))
    assert isinstance(ended, ExceptionGroup)
    assert isinstance(ended.exceptions[0], KeyError)


class Connector:
    """Connects as told: a reason to fail with, or a transport."""

    def __init__(self, *plan):
        self.plan = list(plan)
        self.tries = []
        self.starts = []
        self.stops = []
        self.engine = ScriptedEngine()

    async def connect(self):
        self.tries.append(round(clock.now(), 3))
        step = self.plan.pop(0) if self.plan else TransportReason.GONE
        if isinstance(step, TransportReason):
            raise TransportError(step, "test")
        return Link(
            step,
            self.engine,
            start=self._start,
            stop=self._stop,
            name="Headset",
            features=frozenset({"hook"}),
        )

    def _start(self, at):
        self.starts.append(at)
        return Step(writes=(Write(b"hello"),))

    def _stop(self, at, reason):
        self.stops.append((at, reason))
        return Step((LineOutOfService(at, "p1", "l1", reason),))


async def supervised(connector, script, **names):
    posted, ports = [], Ports()
    supervisor = Supervisor(Endpoint("p1", connector.connect, **names), posted.append, ports)
    task = asyncio.create_task(supervisor.run())
    await script(supervisor, ports)
    if task.done():
        task.result()
    task.cancel()
    await asyncio.wait([task])
    return posted, ports


def test_backing_off_grows_to_its_cap_and_says_it_once():
    connector = Connector()

    async def script(_supervisor, _ports):
        await passes(20)

    posted, _ = run(supervised(connector, script, device="h1"))
    assert connector.tries == [0.0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5]
    assert posted == [DeviceDetached(0.0, "p1", "h1", "gone")]


def test_another_reason_has_its_own_pause():
    connector = Connector(TransportReason.DENIED, TransportReason.DENIED, TransportReason.BUSY)

    async def script(_supervisor, _ports):
        await passes(2)

    posted, _ = run(supervised(connector, script, line="l1"))
    assert connector.tries[:4] == [0.0, 0.3, 0.9, 1.9]
    assert [event.reason for event in posted] == ["denied", "busy", "gone"]
    assert {type(event) for event in posted} == {LineOutOfService}


def test_a_plug_is_seen_at_once():
    connector = Connector()

    async def script(supervisor, _ports):
        await passes(9)
        supervisor.wake()
        await passes(0.01)

    run(supervised(connector, script, device="h1"))
    assert connector.tries[-1] == 9.0


def test_a_device_is_attached_served_lost_and_attached_again():
    async def main():
        first, second = PipeTransport(), PipeTransport()
        connector = Connector(first, second)

        async def script(supervisor, ports):
            await supervisor.first_try.wait()
            await passes(0.1)
            assert list(ports.devices) == ["h1"]
            first.fail()
            await passes(0.1)
            assert ports.devices == {}
            await passes(1)

        return connector, first, second, await supervised(connector, script, device="h1")

    connector, first, second, (posted, ports) = run(main())
    assert [type(event) for event in posted] == [
        DeviceAttached,
        LineOutOfService,
        DeviceDetached,
        DeviceAttached,
    ]
    assert posted[0].features == {"hook"}
    assert connector.starts == [0.0, 0.6]
    assert connector.stops == [(0.1, "gone")]
    assert first.written == second.written == [(b"hello", "output")]
    assert first.closed
    assert second.closed
    assert ports.devices == {}


def test_a_lost_line_that_its_engine_announced_is_not_announced_twice():
    async def main():
        transport = PipeTransport()

        async def script(supervisor, _ports):
            await supervisor.first_try.wait()
            transport.fail()
            await passes(0.1)

        return await supervised(Connector(transport), script, line="l1")

    posted, _ = run(main())
    assert [type(event) for event in posted] == [LineOutOfService]


def test_after_stable_minutes_the_shortest_pause_is_used_again():
    async def main():
        transport = PipeTransport()
        connector = Connector(*[TransportReason.GONE] * 4, transport)

        async def script(supervisor, _ports):
            await passes(8)
            await passes(STABLE_S)
            transport.fail()
            await passes(1)

        await supervised(connector, script, device="h1")
        return connector.tries

    tries = run(main())
    assert tries[4] == 7.5
    assert tries[5] == 8 + STABLE_S + 0.5


def test_a_flapping_device_is_not_tried_in_a_burst():
    async def main():
        transports = [PipeTransport() for _ in range(4)]
        connector = Connector(*transports)

        async def script(_supervisor, _ports):
            for transport in transports:
                transport.fail()
            await passes(10)

        await supervised(connector, script, device="h1")
        return connector.tries

    assert run(main())[:4] == [0.0, 0.5, 1.5, 3.5]


def test_a_programming_error_escapes_the_supervisor():
    async def broken():
        raise KeyError("bug")

    async def main():
        supervisor = Supervisor(Endpoint("p1", broken, device="h1"), lambda event: None, Ports())
        await supervisor.run()

    with pytest.raises(KeyError):
        run(main())


class Sink:
    """Everything an executor may call, noted."""

    def __init__(self):
        self.done = []

    def __getattr__(self, name):
        return lambda effect: self.done.append((name, effect))


def test_every_effect_goes_to_whoever_performs_it():
    sink, posted, ports = Sink(), [], Ports()
    ports.opened(Endpoint("phone", Connector().connect, device="d1", line="l1"), sink)
    executor = Executor(ports, posted.append, prompts=sink, public=sink, store=sink)
    play = PlayPrompt("p", Audience.AGENT, "opening", "hello", "en")
    row = AgentRow(Stamp(0.0), None, "ready")
    effects = (
        CallCommand("l1", HangUp()),
        SendToDevice("d1", LAMPS),
        play,
        PreparePrompt("opening", "hello", "en"),
        StopPrompt("p", "stale"),
        Publish("t"),
        Reply("r"),
        Record(row),
    )
    executor.perform(effects)
    assert sink.done == [
        ("request", HangUp()),
        ("request", LAMPS),
        ("play", play),
        ("ready", effects[3]),
        ("stop", effects[4]),
        ("publish", effects[5]),
        ("reply", effects[6]),
        ("write", row),
    ]
    assert posted == []


def test_what_nobody_can_perform_comes_back():
    async def main():
        posted, ports = [], Ports()
        endpoint = Endpoint("phone", Connector().connect, device="d1", line="l1")
        ports.opened(endpoint, Sink())
        ports.closed(endpoint)
        ports.closed(endpoint)
        executor = Executor(ports, posted.append, prompts=Sink())
        executor.perform(
            (CallCommand("l1", HangUp("l1-2")), SendToDevice("d1", LAMPS), Publish("t"), Reply("r"))
        )
        return posted

    assert run(main()) == [
        EffectFailed(0.0, "executor", "CallCommand", "l1", "gone", "l1-2", "HangUp"),
        EffectFailed(0.0, "executor", "SendToDevice", "d1", "gone", None, "SetLamps"),
    ]
