"""A console in a configured seat: the file, the port, the simulated backend on the real path of a daemon."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty

import pytest

from callseat.api.errors import RequestError
from callseat.app import App
from callseat.config import ConsoleBackend, ConsoleConfig, check, load_config
from callseat.core import Core
from callseat.executor import Ports
from callseat.runtime.backends import endpoints
from callseat.simulated import SimulatedSeat
from callseat.simulated_acts import act_on
from callseat.supervisor import Supervisor
from firmware_bridge.serial_port import open_serial
from state.events import DeviceAttached, DeviceDetached
from state.ids import DeviceId
from state.settings import SeatSettings
from tests.callseat.runtime.seat_kit import LINE, config, run
from tests.virtual import passes

ME = DeviceId("k1")
FILE = '[[line]]\nid = "desk"\n[[console]]\nid = "k1"\n'


def seat(tmp_path, **changes):
    """One simulated line, one simulated console."""
    return config(tmp_path, headsets=(), consoles=(ConsoleConfig(ME),), **changes)


# the file --------------------------------------------------------------------------------------


def problems(tmp_path, text):
    path = tmp_path / "callseat.toml"
    path.write_text(text, encoding="utf-8")
    return [problem.partition(": ")[2] for problem in check(path)]


def test_a_console_is_configured(tmp_path):
    path = tmp_path / "callseat.toml"
    path.write_text(FILE + 'backend = "serial"\nport = "/dev/ttyACM0"\nbaud = 9600\n', encoding="utf-8")
    (console,) = load_config(path).consoles
    assert (console.id, console.backend, str(console.port), console.baud) == (
        "k1", ConsoleBackend.SERIAL, "/dev/ttyACM0", 9600,
    )  # fmt: skip


def test_what_is_wrong_with_one_is_said(tmp_path):
    needs = "[[console]] number 1 port: is missing: a `serial` console needs it"
    assert problems(tmp_path, FILE + 'backend = "serial"\n') == [needs]
    same = '[[console]] number 1 id: "desk" is already the id of [[line]] number 1'
    assert problems(tmp_path, FILE.replace("k1", "desk")) == [same]
    line = '[[line]]\nid = "l"\nbackend = "at"\nport = "/dev/x"\n'
    twice = line + '[[console]]\nid = "k"\nbackend = "serial"\nport = "/dev/x"\n'
    (problem,) = problems(tmp_path, twice)
    assert problem.endswith("is already the port of [[line]] number 1")


# the port --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lasting", [False, True])
def test_a_board_that_resets_when_dtr_rises_keeps_it_up(lasting):
    async def main():
        master, slave = pty.openpty()
        tty.setraw(slave)
        settings = termios.tcgetattr(slave)
        settings[2] |= termios.HUPCL
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        transport = await open_serial(os.ttyname(slave), lasting=lasting)
        hangs_up = bool(termios.tcgetattr(slave)[2] & termios.HUPCL)
        await transport.write(b"ASK")
        heard = os.read(master, 16)
        await transport.aclose()
        os.close(master)
        os.close(slave)
        return hangs_up, heard

    assert asyncio.run(main()) == (not lasting, b"ASK")


# the supervisor --------------------------------------------------------------------------------


def test_an_open_port_is_not_yet_a_console(tmp_path):
    """The engine tells when it is there and when it is gone, and the supervisor does not tell it again."""
    told = []

    async def main():
        settings = seat(tmp_path, lines=())
        simulated = SimulatedSeat(settings)
        (endpoint,) = endpoints(settings, simulated)
        supervisor = Supervisor(endpoint, told.append, Ports())
        port = simulated.consoles[ME]
        port.plugged_again = supervisor.wake
        task = asyncio.create_task(supervisor.run())
        await supervisor.first_try.wait()
        assert told == []
        await passes(0.1)
        assert [type(event) for event in told] == [DeviceAttached]
        port.unplug()
        await passes(1)
        port.plug()
        await passes(1)
        task.cancel()
        await asyncio.wait([task])

    run(main())
    assert [type(event) for event in told] == [DeviceAttached, DeviceDetached, DeviceAttached]
    assert told[1].reason == "gone"
    assert "display_2x16" in told[2].features


# a whole seat ----------------------------------------------------------------------------------


def play(tmp_path, script, language="en"):
    """A daemon with a simulated line and console in virtual time; the console as the script left it."""

    async def main():
        settings = seat(tmp_path, seat=SeatSettings(language=language))
        simulated = SimulatedSeat(settings)
        app = App(settings, Core(settings.seat), simulated=simulated)

        async def acts(app):
            await passes(1)
            await script(app, simulated, simulated.consoles[ME].model)

        await app.run(acts)
        return simulated.consoles[ME].model

    return run(main())


def ring(simulated):
    simulated.phones[LINE].act(lambda phone, at: phone.ring_in("110", at))


def test_a_call_is_shown_answered_and_hung_up(tmp_path):
    seen = []

    async def script(_app, simulated, console):
        async def look():
            await passes(1)
            seen.append((dict(console.lamps), console.ringing, tuple(console.rows)))

        ring(simulated)
        await look()
        await act_on(simulated, {"act": "press", "device": "k1", "button": "hook"})
        await look()
        simulated.consoles[ME].act(lambda model, at: model.reset(at))
        await look()
        simulated.phones[LINE].act(lambda phone, at: phone.far_hang_up(at))
        await look()

    console = play(tmp_path, script)
    assert seen == [
        ({"ring": "flash"}, True, ("signed out", "incoming ***")),
        ({"off_hook": "on"}, False, ("signed out", "on call ***")),
        ({"off_hook": "on"}, False, ("signed out", "on call ***")),
        ({}, False, ("signed out", "")),
    ]
    assert not console.joined, "the daemon said good-bye"
    assert console.rows[0] == "no host"


def test_a_seat_in_chinese_shows_an_ascii_display_what_it_can(tmp_path):
    seen = []

    async def script(_app, simulated, console):
        ring(simulated)
        await passes(1)
        seen.append((dict(console.lamps), tuple(console.rows)))

    play(tmp_path, script, language="zh-CN")
    assert seen == [({"ring": "flash"}, ("***", ""))]


def test_keys_of_a_simulated_console_are_pressed_by_name(tmp_path):
    async def script(_app, simulated, _console):
        done = await act_on(simulated, {"act": "press", "device": "k1", "button": "5"})
        assert done == {"act": "press", "device": "k1", "button": "5"}
        with pytest.raises(RequestError, match="no key teleport"):
            await act_on(simulated, {"act": "press", "device": "k1", "button": "teleport"})
        await act_on(simulated, {"act": "unplug", "device": "k1"})
        await passes(1)
        assert not simulated.consoles[ME].plugged

    play(tmp_path, script)
