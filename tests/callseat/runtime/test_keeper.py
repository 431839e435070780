"""Real headsets that come and go in virtual time: what is plugged in now is all that counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from callseat.app import App
from callseat.runtime import keeper as keeper_module
from callseat.runtime.parts import Parts
from devices.models import REGISTRY
from devices.models.record import ModelRecord
from state.errors import TransportReason
from state.events import DeviceAttached, DeviceDetached
from tests.callseat.runtime.hid_world import BRIO, CIVIL, A, B, World, lived, named, node, story
from tests.callseat.runtime.seat_kit import ScriptedCore, config, run
from tests.callseat.runtime.test_app import Notes
from tests.virtual import passes

LOOK_S = 0.01
"""A look and an open each take a thread's turn, and no virtual time."""


def test_what_is_plugged_in_is_adopted_before_the_seat_is_ready():
    async def main():
        world, notes = World(node(0), node(1, raw=BRIO, ids=(0x046D, 0x0944), place="1-3")), Notes()

        async def script(app):
            assert story(app.core) == [(0.0, "+", A)]
            assert [each.endpoint.name for each in app.supervisors] == [A]

        core, _ = await lived(world, script, notifier=notes)
        return core, world, notes

    core, world, notes = run(main())
    attached = next(event for event in core.heard if isinstance(event, DeviceAttached))
    assert attached.name == "Jabra BIZ 2400 II"
    assert "hook" in attached.features
    assert world.watch.closed
    assert world.open[0].closed
    assert ("ready", 0.0) in notes.said


def test_one_plugged_in_later_works_at_once_and_pulled_is_gone_at_once():
    async def main():
        world = World()

        async def script(app):
            await passes(3)
            world.plug(node(0))
            await passes(LOOK_S)
            world.open[0].send(b"\x02\x01\x00")
            await passes(LOOK_S)
            world.pull(0)
            await passes(LOOK_S)
            assert app.supervisors == ()
            assert app.ports.devices == {}
            await passes(20)

        return await lived(world, script)

    core, _ = run(main())
    assert story(core) == [(3.0, "+", A), (3.02, "-", A)]


@pytest.mark.parametrize("heard_first", [False, True])
def test_gone_is_told_once_whether_udev_or_the_transport_says_so_first(heard_first):
    async def main():
        world = World(node(0))

        async def script(_app):
            await passes(1)
            world.pull(0, heard_first=heard_first)
            await passes(5)
            assert all(transport.closed for transport in world.open.values())

        return await lived(world, script)

    core, _ = run(main())
    assert story(core) == [(0.0, "+", A), (1.0, "-", A)]


def test_replugged_under_another_number_it_is_the_same_device():
    async def main():
        world = World(node(0))

        async def script(_app):
            await passes(1)
            world.pull(0)
            await passes(1)
            world.plug(node(5))
            await passes(1)

        core, _ = await lived(world, script)
        return core, world

    core, world = run(main())
    assert story(core) == [(0.0, "+", A), (1.0, "-", A), (2.0, "+", A)]
    assert world.opened == [(0.0, "hidraw0"), (2.0, "hidraw5")]


def test_replugged_between_two_looks_it_is_found_again_without_a_pause():
    async def main():
        world = World(node(0))

        async def script(_app):
            await passes(1)
            world.pull(0, told=False)
            world.plug(node(5))
            await passes(LOOK_S)

        core, _ = await lived(world, script)
        return core, world

    core, _ = run(main())
    assert story(core) == [(0.0, "+", A), (1.0, "-", A), (1.0, "+", A)]


def test_another_device_that_took_the_name_of_a_node_is_never_opened_as_the_first():
    async def main():
        world = World(node(0))

        async def script(_app):
            await passes(1)
            world.pull(0, told=False)
            world.plug(node(0, place="1-2"), told=False)
            await passes(5)

        core, _ = await lived(world, script)
        return core, world

    core, world = run(main())
    assert world.watch.looked_again == 1
    assert story(core) == [(0.0, "+", A), (1.0, "-", A), (1.5, "+", B)]


def test_two_headsets_are_two_devices_and_one_going_leaves_the_other_alone():
    async def main():
        world = World(node(0), node(1, place="1-2"))

        async def script(_app):
            await passes(1)
            world.pull(0)
            await passes(1)
            assert not world.open[1].closed

        return await lived(world, script)

    core, _ = run(main())
    assert sorted(story(core)) == [(0.0, "+", A), (0.0, "+", B), (1.0, "-", A)]


def test_a_configured_headset_keeps_its_supervisor_and_is_woken():
    async def main():
        world = World()

        async def script(app):
            await passes(20)
            world.plug(node(3))
            await passes(LOOK_S)
            assert [each.endpoint.name for each in app.supervisors] == ["h1"]
            world.pull(3)
            await passes(1)
            assert [each.endpoint.name for each in app.supervisors] == ["h1"]

        return await lived(world, script, named(vendor_id=0x0B0E), adopt=False)

    core, _ = run(main())
    assert story(core) == [(0.0, "-", "h1"), (20.0, "+", "h1"), (20.01, "-", "h1")]


def test_a_node_whose_rights_udev_has_not_set_yet_is_tried_again_soon_and_on_its_event():
    async def main():
        world = World()

        async def script(_app):
            await passes(1)
            world.refusing["hidraw0"] = TransportReason.DENIED
            world.plug(node(0))
            await passes(0.1)
            del world.refusing["hidraw0"]
            world.watch.event()
            await passes(LOOK_S)

        core, _ = await lived(world, script)
        return core, world

    core, world = run(main())
    assert story(core) == [(1.0, "-", A), (1.1, "+", A)]
    assert world.opened == [(1.0, "hidraw0"), (1.1, "hidraw0")]


def test_without_events_the_rights_are_waited_for_by_the_short_pause():
    async def main():
        world = World(node(0))
        world.refusing["hidraw0"] = TransportReason.DENIED

        async def script(_app):
            await passes(0.5)
            del world.refusing["hidraw0"]
            await passes(1)

        await lived(world, script)
        return world

    assert run(main()).opened == [(0.0, "hidraw0"), (0.3, "hidraw0"), (0.9, "hidraw0")]


def test_a_lost_event_is_made_up_for_by_the_slow_look():
    async def main():
        world = World()

        async def script(_app):
            await passes(1)
            world.plug(node(0), told=False)
            await passes(10)

        return await lived(world, script)

    core, _ = run(main())
    assert story(core) == [(10.0, "+", A)]


def test_a_node_that_cannot_be_opened_though_it_is_there_is_no_busy_loop():
    async def main():
        world = World(node(0))
        world.refusing["hidraw0"] = TransportReason.GONE

        async def script(_app):
            await passes(5)

        await lived(world, script)
        return world

    world = run(main())
    assert [at for at, _ in world.opened] == [0.0, 0.5, 1.5, 3.5]
    assert world.looks <= 1 + len(world.opened)


def test_a_device_of_no_use_is_listed_with_the_reason():
    async def main():
        world = World(node(0), node(1, raw=BRIO, ids=(0x046D, 0x0944), place="1-3"), node(2, raw=b"\x00\x01"))
        seen = []

        async def script(app):
            seen.append(app._health())

        await lived(world, script)
        return seen[0]["headsets"]

    told = run(main())
    assert told["hotplug"] == "udev"
    assert told["nodes"] == {A: "/dev/hidraw0"}
    reasons = {each["node"]: each["reason"] for each in told["left"]}
    assert reasons.keys() == {"/dev/hidraw1", "/dev/hidraw2"}
    assert all(reasons.values())


def test_a_configured_device_of_no_use_is_refused_in_words():
    async def main():
        world = World(node(1, raw=BRIO, ids=(0x046D, 0x0944)))

        async def script(_app):
            await passes(1)

        return (await lived(world, script, named(vendor_id=0x046D)))[0], world

    core, world = run(main())
    (lost,) = [event for event in core.heard if isinstance(event, DeviceDetached)]
    assert lost.reason == "denied"
    assert world.opened == []


def test_a_record_of_the_site_decides_over_the_descriptor():
    async def main():
        world = World(node(1, raw=BRIO, ids=(0x046D, 0x0944)))
        record = ModelRecord(
            "our camera", 0x046D, 0x0944, call_control=True, evidence={"call_control": "tried here"}
        )
        world.registry = REGISTRY.overlaid((record,))

        async def script(_app):
            await passes(1)

        return (await lived(world, script))[0]

    core = run(main())
    assert [event.name for event in core.heard if isinstance(event, DeviceAttached)] == ["our camera"]


def test_a_name_such_as_dev_headset_is_followed(tmp_path):
    link = tmp_path / "headset"
    link.symlink_to("/dev/hidraw1")

    async def main():
        world = World(node(0), node(1, place="1-2"))

        async def script(_app):
            await passes(1)

        return (await lived(world, script, named(path=link), adopt=False))[0]

    assert story(run(main())) == [(0.0, "+", "h1")]


@pytest.mark.parametrize("target", ["/dev/hidraw1", "/dev/nothing"])
def test_a_name_that_moves_takes_the_device_along_and_no_node_is_open_twice(tmp_path, target):
    link = tmp_path / "headset"
    link.symlink_to("/dev/hidraw0")

    async def main():
        world = World(node(0))

        async def script(_app):
            await passes(1)
            first = world.open[0]
            link.unlink()
            link.symlink_to(target)
            world.plug(node(1, place="1-2"))
            await passes(LOOK_S)
            assert first.closed
            assert len(world.opened) == len(set(world.opened))

        return (await lived(world, script, named(path=link), adopt=True))[0]

    before, gone, *come = story(run(main()))
    assert (before, gone) == ((0.0, "+", "h1"), (1.0, "-", "h1"))
    other = "h1" if target == "/dev/hidraw1" else B
    assert {each[2] for each in come if each[1] == "+"} == {A, other}


def test_a_name_that_is_a_loop_of_links_finds_nobody(tmp_path):
    link = tmp_path / "headset"
    link.symlink_to(link)

    async def main():
        world = World(node(0))

        async def script(_app):
            await passes(1)

        return (await lived(world, script, named(path=link), adopt=True))[0]

    assert sorted(story(run(main()))) == [(0.0, "+", A), (0.0, "-", "h1")]


def test_a_descriptor_is_judged_once_and_forgotten_with_its_node(monkeypatch):
    judged = []
    judge = keeper_module.judge
    monkeypatch.setattr(
        keeper_module, "judge", lambda node, registry: judged.append(node) or judge(node, registry)
    )

    async def main():
        world = World(node(0))

        async def script(app):
            await passes(30)
            assert len(app._keeper._judged) == 1
            world.pull(0)
            await passes(1)
            assert app._keeper._judged == {}

        await lived(world, script)
        return world

    assert run(main()).looks >= 4
    assert len(judged) == 1


def test_a_programming_error_in_an_adopted_headsets_supervisor_ends_the_daemon():
    def bug(_event):
        raise KeyError("bug")

    async def main():
        world = World()

        async def broken(_node):
            raise KeyError("bug")

        system = replace(world.system(), open_node=broken)

        async def script(_app):
            world.plug(node(0))
            await passes(1000)

        settings = config(lines=(), headsets=(), adopt_headsets=True)
        await App(settings, ScriptedCore(), parts=Parts(civil=CIVIL, hid=system)).run(script)

    with pytest.raises(ExceptionGroup) as failed:
        run(main())
    assert failed.value.subgroup(KeyError) is not None


def test_a_device_that_hangs_while_it_is_opened_keeps_nobody_waiting():
    async def main():
        world, notes = World(node(0), node(1, place="1-2")), Notes()
        opened = world.open_node

        async def slow(wanted):
            if wanted.path.name == "hidraw0":
                await asyncio.Event().wait()
            return await opened(wanted)

        system = replace(world.system(), open_node=slow)
        core = ScriptedCore()

        async def script(_app):
            assert story(core) == [(0.0, "+", B)]
            world.pull(0)
            await passes(1)

        settings = config(lines=(), headsets=(), adopt_headsets=True)
        await App(settings, core, parts=Parts(civil=CIVIL, hid=system, notifier=notes)).run(script)
        return notes

    assert ("ready", 5.0) in run(main()).said


def test_a_hundred_plug_cycles_leave_no_task_and_no_supervisor():
    async def main():
        world = World()

        async def script(app):
            await passes(1)
            before = len(asyncio.all_tasks())
            for number in range(100):
                world.plug(node(number))
                await passes(0.5)
                world.pull(number, told=bool(number % 2), heard_first=False)
                await passes(11)
            assert len(asyncio.all_tasks()) == before
            assert app.supervisors == ()

        return (await lived(world, script))[0]

    assert [what for _, what, _ in story(run(main()))] == ["+", "-"] * 100
