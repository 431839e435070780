"""What passes at a headset, besides the core: farewell, tapes, and the time from a press to its lamp."""

from __future__ import annotations

import asyncio

from callseat.runtime.latency import KEPT_ACKS, AckTimes
from state.commands import Lamps, SetLamps
from state.effects import SendToDevice
from state.events import DeviceAttached, HookChanged
from tests.callseat.runtime.hid_world import A, B, World, lived, node
from tests.callseat.runtime.seat_kit import ScriptedCore, run
from tests.virtual import passes


class Notebook:
    """A farewell and a tape that note what they are told."""

    def __init__(self):
        self.said = []
        self.shown = []

    def set(self, device, node, writes):
        self.said.append((device, node, [write.data.hex() for write in writes]))

    def drop(self, device):
        self.said.append((device, None))

    def admit(self, device, redactor):
        self.redactor = redactor

    def __call__(self, device, direction, data, via, at):
        kept = self.redactor.read(data) if direction == "in" else self.redactor.written(data, via)
        self.shown.append((round(at, 3), device, direction, via, kept and kept.hex()))


def lit(**lamps):
    return (SendToDevice(A, SetLamps(Lamps(**lamps))),)


def test_what_a_killed_daemon_owes_a_headset_is_kept_while_it_is_open():
    async def main():
        world, notebook = World(node(0)), Notebook()
        core = ScriptedCore(
            answers={
                DeviceAttached: lambda e: lit(ring=True, mute=True),
                HookChanged: lambda e: lit(off_hook=True, mute=True),
            }
        )

        async def script(_app):
            await passes(1)
            world.open[0].send(b"\x02\x00\x00")
            await passes(1)
            world.open[0].send(b"\x02\x01\x00")
            await passes(1)
            world.pull(0)
            await passes(1)

        await lived(world, script, core=core, farewell=notebook)
        return notebook.said

    said = run(main())
    assert [entry[:2] for entry in said[:2]] == [(A, node(0))] * 2
    ringing, talking = (int.from_bytes(bytes.fromhex(entry[2][0])[1:], "little") for entry in said[:2])
    assert talking == ringing | 1, "the ring is not in it, off-hook and mute are"
    assert set(said[2:]) == {(A, None)}


def test_on_a_stop_the_headset_is_told_and_the_farewell_dropped():
    async def main():
        world, notebook = World(node(0)), Notebook()
        core = ScriptedCore(answers={DeviceAttached: lambda e: lit(ring=True, mute=True)})

        async def script(_app):
            await passes(1)
            assert notebook.said[-1] != (A, None)

        await lived(world, script, core=core, farewell=notebook)
        return notebook.said, world.open[0].written

    said, written = run(main())
    assert said[-1] == (A, None)
    assert written[-1][0].hex() == said[0][2][-1]


def test_a_wedged_headset_keeps_no_other_from_being_told_and_dropped_on_a_stop():
    async def main():
        world, notebook = World(node(0), node(1, place="1-2")), Notebook()
        core = ScriptedCore(
            answers={DeviceAttached: lambda e: (SendToDevice(e.device, SetLamps(Lamps(ring=True))),)}
        )

        async def script(app):
            await passes(1)
            wedged = next(iter(app.ports.devices))

            async def never(_data, _via):
                await asyncio.Event().wait()

            world.open[0 if wedged == A else 1].write = never
            told.append(B if wedged == A else A)

        told = []
        await lived(world, script, core=core, farewell=notebook)
        return notebook.said, told[0]

    said, healthy = run(main())
    assert (healthy, None) in said


def test_a_tape_is_shown_both_ways_and_can_leave_keyed_digits_out():
    async def main():
        world, notebook = World(node(0)), Notebook()
        core = ScriptedCore(answers={HookChanged: lambda e: lit(off_hook=e.off_hook)})

        async def script(_app):
            await passes(1)
            for report in ("020000", "020100", "028102", "020100"):
                world.open[0].send(bytes.fromhex(report))
                await passes(1)

        await lived(world, script, core=core, tap=notebook)
        return notebook.shown

    shown = run(main())
    assert (2.0, A, "in", "input", "020100") in shown
    assert [entry for entry in shown if entry[0] == 2.0 and entry[2] == "out"]
    assert [entry[4] for entry in shown if entry[2] == "in" and entry[0] > 2.0] == [None, None]


def test_the_time_from_a_press_to_its_lamp_is_measured():
    async def main():
        world = World(node(0))
        core = ScriptedCore(answers={HookChanged: lambda e: lit(off_hook=e.off_hook)})
        told = []

        async def script(app):
            await passes(1)
            slow = world.open[0].write

            async def write(data, via):
                await passes(0.004)
                await slow(data, via)

            world.open[0].write = write
            for report in ("020000", "020100", "020000"):
                world.open[0].send(bytes.fromhex(report))
                await passes(1)
            told.append(app._health()["ack_ms"])
            world.pull(0)
            await passes(1)
            told.append(app._health()["ack_ms"])

        await lived(world, script, core=core)
        return told

    before, after = run(main())
    assert before == after == {A: {"count": 2, "p50": 4.0, "p99": 4.0, "max": 4.0}}


def test_what_is_counted_of_a_headset_outlives_its_connections():
    async def main():
        world, told = World(node(0)), []

        async def script(app):
            for report in ("020000", "0201", "ff"):
                world.open[0].send(bytes.fromhex(report))
            await passes(1)
            told.append(app._health())
            world.pull(0)
            await passes(1)
            told.append(app._health())
            world.plug(node(0))
            await passes(1)
            world.open[0].send(b"")
            await passes(1)
            told.append(app._health())

        await lived(world, script)
        return [(each["ignored_reports"], each["losses"].get(A)) for each in told]

    assert run(main()) == [({A: 2}, 0), ({A: 2}, 1), ({A: 3}, 1)]


def test_ack_times_are_bounded_and_their_worst_is_of_all():
    times = AckTimes()
    assert times.summary() == {"count": 0, "p50": 0.0, "p99": 0.0, "max": 0.0}
    times.add(1.0)
    for n in range(KEPT_ACKS):
        times.add(n / 1_000_000)
    assert times.summary() == {"count": KEPT_ACKS + 1, "p50": 0.5, "p99": 0.99, "max": 1000.0}
