"""The whole daemon on simulated devices in virtual time, with a scripted core and with the real one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket

import pytest

from callseat import clock
from callseat.app import App
from callseat.config import HeadsetBackend, HeadsetConfig, LineBackend, LineConfig
from callseat.core.core import Core
from callseat.loops import ScaledLoop
from callseat.records import RecordStore
from callseat.runtime.parts import Parts
from callseat.runtime.service import Service
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from callseat.simulated import SimulatedSeat, headset_kit
from state.commands import Answer, Dial, HangUp, Lamps, SetLamps, SignIn
from state.effects import CallCommand, Publish, Reply, SendToDevice
from state.errors import ConfigError
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CivilTimeKnown,
    CommandRequested,
    DeviceAttached,
    DeviceDetached,
    HookChanged,
    LineInService,
    ListeningStarted,
    SeatRestored,
)
from tests.callseat.runtime.seat_kit import HEADSET, LINE, ScriptedCore, call, config, picture, run
from tests.virtual import passes

CIVIL = StageClock(ClockSetting(1_760_000_000.0, 28_800))


class Notes:
    def __init__(self):
        self.said = []

    def ready(self, status=""):
        self.said.append(("ready", clock.now()))
        return True

    def watchdog(self):
        self.said.append(("watchdog", clock.now()))
        return True

    def stopping(self):
        self.said.append(("stopping", clock.now()))
        return True


async def lived(core, script, settings=None, **parts):
    """Run an app with a simulated seat through a script."""
    settings = settings or config()
    seat = SimulatedSeat(settings)
    app = App(settings, core, simulated=seat, parts=Parts(civil=CIVIL, **parts))
    await app.run(script)
    return app, seat


def ring(app, number="13800138000"):
    app.simulated.phones[LINE].act(lambda phone, at: phone.ring_in(number, at))


def hook(app):
    app.simulated.headsets[HEADSET].act(lambda headset, at: headset.press_hook(at))


def test_devices_come_up_through_real_engines_and_ready_is_told_once():
    core, notes = ScriptedCore(), Notes()

    async def script(_app):
        await passes(1)

    app, _ = run(lived(core, script, notifier=notes))
    assert core.kinds()[0] == "CivilTimeKnown"
    assert {DeviceAttached, LineInService} <= set(map(type, core.heard))
    assert [what for what, _ in notes.said if what != "watchdog"] == ["ready", "stopping"]
    attached = next(event for event in core.heard if isinstance(event, DeviceAttached))
    assert "hook" in attached.features
    assert app.overdue.names == []


def test_a_call_rings_is_answered_by_the_headset_listened_to_and_hung_up():
    core = ScriptedCore(
        answers={
            CallDelivered: lambda e: (SendToDevice(HEADSET, SetLamps(Lamps(ring=True))),),
            HookChanged: lambda e: (CallCommand(LINE, Answer() if e.off_hook else HangUp()),),
            CallEstablished: lambda e: (SendToDevice(HEADSET, SetLamps(Lamps(off_hook=True))),),
        },
        pictures={CallEstablished: picture(call()), CallCleared: picture()},
    )

    async def script(app):
        await passes(1)
        ring(app)
        await passes(1)
        hook(app)
        await passes(2)
        assert app.simulated.headsets[HEADSET].model.lamps.off_hook
        assert app.simulated.phones[LINE].model.connected
        hook(app)
        await passes(1)
        assert not app.simulated.phones[LINE].model.connected

    run(lived(core, script))
    kinds = core.kinds()
    expected = ["CallDelivered", "HookChanged", "CallEstablished", "ListeningStarted", "CallCleared"]
    assert [kinds.index(kind) for kind in expected] == sorted(kinds.index(kind) for kind in expected)
    established = next(e for e in core.heard if isinstance(e, CallEstablished))
    listening = next(e for e in core.heard if isinstance(e, ListeningStarted))
    assert listening.at == established.at


def test_at_the_end_the_ring_ends_and_a_call_stays_as_it_is_shown():
    """To clear off-hook could drop a call that goes on at the phone, or open a muted microphone."""
    lit = Lamps(off_hook=True, ring=True, mute=True)
    core = ScriptedCore(
        shown=picture(lamps=lit), answers={DeviceAttached: (SendToDevice(HEADSET, SetLamps(lit)),)}
    )

    async def script(app):
        await passes(1)
        assert app.simulated.headsets[HEADSET].model.lamps.ring

    _, seat = run(lived(core, script))
    assert seat.headsets[HEADSET].model.lamps == Lamps(off_hook=True, mute=True)


def test_a_pulled_headset_is_detached_and_back_at_once_when_plugged():
    core = ScriptedCore()

    async def script(app):
        await passes(1)
        app.simulated.headsets[HEADSET].unplug()
        await passes(20)
        app.simulated.headsets[HEADSET].plug()
        await passes(0.1)

    run(lived(core, script))
    seen = [(type(e), round(e.at, 3)) for e in core.heard if isinstance(e, DeviceAttached | DeviceDetached)]
    assert seen == [(DeviceAttached, 0.0), (DeviceDetached, 1.0), (DeviceAttached, 21.0)]


def test_civil_time_is_told_at_start_and_every_minute():
    core = ScriptedCore()

    async def script(_app):
        await passes(150)

    run(lived(core, script))
    told = [event for event in core.heard if isinstance(event, CivilTimeKnown)]
    assert [event.at for event in told] == [0.0, 60.0, 120.0]
    assert [event.wall_s - 1_760_000_000 for event in told] == [0.0, 60.0, 120.0]


def test_services_start_in_order_and_stop_in_reverse_whatever_hangs():
    said = []

    def service(name, *, hangs=False):
        async def start():
            said.append(f"+{name}")

        async def stop():
            said.append(f"-{name}")
            if hangs:
                await asyncio.Event().wait()

        return Service(name, start, stop, 1.5)

    async def script(_app):
        said.append("script")

    services = (service("journal"), service("disk", hangs=True), service("last"))
    app, _ = run(lived(ScriptedCore(), script, services=services))
    assert said == ["+journal", "+disk", "+last", "script", "-last", "-disk", "-journal"]
    assert app.overdue.names == ["disk"]


def leaves(group):
    """The errors in a group of groups."""
    for error in group.exceptions:
        yield from leaves(error) if isinstance(error, ExceptionGroup) else [error]


@pytest.mark.parametrize("where", ["core", "script", "callback"])
def test_a_programming_error_anywhere_ends_the_daemon_and_stops_services(where):
    stopped = []

    async def stop():
        stopped.append(True)

    def bug(*_):
        raise KeyError("bug")

    core = ScriptedCore(answers={HookChanged: bug} if where == "core" else {})

    async def script(app):
        if where == "core":
            hook(app)
        elif where == "callback":
            asyncio.get_running_loop().call_later(0.5, bug)
        else:
            bug()
        await passes(1000)

    with pytest.raises(ExceptionGroup) as failed:
        run(lived(core, script, services=(Service("journal", stop=stop),)))
    errors = list(leaves(failed.value))
    assert any(isinstance(each, KeyError) or isinstance(each.__cause__, KeyError) for each in errors)
    assert stopped == [True]


def test_records_are_opened_restored_before_anything_else_and_closed(tmp_path):
    core = ScriptedCore()
    settings = config(tmp_path)

    async def script(_app):
        await passes(61)

    store = RecordStore(settings.records_path, "s1", "b1")
    run(lived(core, script, settings, store=store))
    assert [type(event) for event in core.heard[:2]] == [CivilTimeKnown, SeatRestored]
    assert settings.records_path.exists()


def _ask(path, *requests):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(b"".join(json.dumps(each).encode() + b"\n" for each in requests))
        lines = client.makefile("rb")
        return [json.loads(lines.readline()) for _ in requests]


def test_the_socket_carries_commands_in_and_answers_out(tmp_path):
    core = ScriptedCore(
        answers={
            CommandRequested: lambda e: (Reply(e.request, data={"state": "ready"}), Publish("agent.state"))
        }
    )
    settings = config(tmp_path)
    answers = []

    async def script(_app):
        request = {"jsonrpc": "2.0", "id": 1, "method": "agent.sign_in", "params": {"agent": "8001"}}
        records = {"jsonrpc": "2.0", "id": 2, "method": "records.calls", "params": {}}
        info = {"jsonrpc": "2.0", "id": 3, "method": "server.info"}
        answers.extend(await asyncio.to_thread(_ask, settings.socket_path, request, records, info))

    async def main():
        app = App(
            settings, core, simulated=SimulatedSeat(settings), parts=Parts(civil=CIVIL, serve_socket=True)
        )
        await app.run(script)

    with asyncio.Runner(loop_factory=lambda: ScaledLoop(1.0)) as runner:
        runner.run(main())
    results = {answer["id"]: answer.get("result", {}) for answer in answers}
    assert results[1] == {"state": "ready"}
    assert results[3]["losses"] == {LINE: 0, HEADSET: 0}
    assert results[3]["inbox"]["posted"] > results[3]["inbox"]["folded_edges"] == 0
    asked = [event for event in core.heard if isinstance(event, CommandRequested)]
    assert [event.command for event in asked] == [SignIn("8001")]
    refused = next(answer for answer in answers if answer["id"] == 2)
    assert refused["error"]["message"].startswith("records.calls: ")
    assert not settings.socket_path.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_cleanly(number):
    core, notes = ScriptedCore(), Notes()

    async def main():
        app = App(
            config(),
            core,
            simulated=SimulatedSeat(config()),
            parts=Parts(civil=CIVIL, notifier=notes, handle_signals=True),
        )
        running = asyncio.create_task(app.run())
        await app.wait_ready()
        os.kill(os.getpid(), number)
        await running
        return app

    with asyncio.Runner(loop_factory=lambda: ScaledLoop(1.0)) as runner:
        app = runner.run(main())
    assert notes.said[-1][0] == "stopping"
    assert app.overdue.names == []


def test_the_real_core_answers_by_hook_and_draws_lamps():
    settings = config()
    seen = []

    async def script(app):
        app.post(CommandRequested(clock.now(), "app", SignIn("8001")))
        await passes(1)
        ring(app)
        await passes(1)
        headset = app.simulated.headsets[HEADSET].model
        seen.append(headset.lamps.ring)
        hook(app)
        await passes(1)
        seen.append(headset.lamps.off_hook)
        seen.append(app.simulated.phones[LINE].model.connected)
        seen.append([view.state for view in app.core.snapshot().calls])
        app.simulated.phones[LINE].act(lambda phone, at: phone.far_hang_up(at))
        await passes(1)
        seen.append(headset.lamps.off_hook)

    run(lived(Core(settings.seat), script, settings))
    assert seen == [True, True, True, ["connected"], False]


def test_a_simulated_headset_is_chosen_by_model_by_usb_ids_or_by_a_descriptor_file(tmp_path):
    assert headset_kit(HeadsetConfig(HEADSET, model="sennheiser_sc660")).vendor_id == 0x1395
    chosen = HeadsetConfig(HEADSET, vendor_id=0x0B0E, product_id=0x2453)
    assert headset_kit(chosen).name == "Jabra BIZ 2400 II"
    with pytest.raises(ConfigError, match=r"no simulated headset 1234:0000; there are 047f:02e6"):
        headset_kit(HeadsetConfig(HEADSET, vendor_id=0x1234))
    (tmp_path / "raw").write_bytes(headset_kit(chosen).descriptor)
    own = HeadsetConfig(HEADSET, descriptor=tmp_path / "raw")
    assert (
        SimulatedSeat(config(headsets=(own,))).headsets[HEADSET].model.descriptor
        == headset_kit(chosen).descriptor
    )


@pytest.mark.parametrize("trouble", ["cut", "empty", "missing"])
def test_a_descriptor_that_is_none_is_one_clear_message(tmp_path, trouble):
    path = tmp_path / trouble
    if trouble != "missing":
        whole = headset_kit(HeadsetConfig(HEADSET)).descriptor
        path.write_bytes(whole[:-40] if trouble == "cut" else b"")
    with pytest.raises(ConfigError, match=f"headset h1: descriptor {path}: "):
        SimulatedSeat(config(headsets=(HeadsetConfig(HEADSET, descriptor=path),)))


@pytest.mark.parametrize(("answer_after_s", "connected"), [(4.0, True), (0.0, False)])
def test_a_dialled_call_is_answered_by_itself_where_configured(answer_after_s, connected):
    core = ScriptedCore(answers={CommandRequested: lambda e: (CallCommand(LINE, e.command),)})
    settings = config(lines=(LineConfig(LINE, answer_after_s=answer_after_s),))

    async def script(app):
        await passes(1)
        app.post(CommandRequested(clock.now(), "app", Dial("10086")))
        await passes(10)
        assert app.simulated.phones[LINE].model.connected is connected

    run(lived(core, script, settings))
    assert len([event for event in core.heard if isinstance(event, CallEstablished)]) == connected


def test_hardware_that_is_not_there_is_tried_again_and_told(tmp_path):
    core = ScriptedCore()
    settings = config(
        lines=(LineConfig(LINE, backend=LineBackend.AT, port=tmp_path / "ttyACM7"),),
        headsets=(
            HeadsetConfig(HEADSET, backend=HeadsetBackend.HIDRAW, path=tmp_path / "hidraw7"),
            HeadsetConfig("h2", backend=HeadsetBackend.HIDRAW, vendor_id=0xFFFF),
        ),
    )

    async def script(_app):
        await passes(5)

    app, _ = run(lived(core, script, settings))
    reasons = [(event.source, event.reason) for event in core.heard if hasattr(event, "reason")]
    assert sorted(reasons) == [("h1", "gone"), ("h2", "gone"), ("l1", "gone")]
    assert all(supervisor.counts.losses >= 3 for supervisor in app.supervisors)


def test_a_simulated_device_without_a_seat_is_the_operators_error():
    async def main():
        await App(config(), ScriptedCore(), parts=Parts(civil=CIVIL)).run()

    with pytest.raises(ExceptionGroup) as failed:
        run(main())
    assert all(isinstance(each, ConfigError) for each in failed.value.exceptions)
