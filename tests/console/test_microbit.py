"""The firmware's protocol part on a real MicroPython, over a real serial port, with the real engine."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from callseat.api.client import ApiClient
from callseat.config import ConsoleBackend, ConsoleConfig
from callseat.executor import Ports
from callseat.runtime.backends import endpoints
from callseat.supervisor import Supervisor
from devices.console.engine import ConsoleEngine
from devices.simulated.console import SimulatedConsole
from state.commands import Lamps, SetDisplay, SetLamps
from state.events import DeviceAttached, DeviceDetached, DigitKeyed, HookChanged
from state.ids import DeviceId
from tests.callseat.cli.daemon_kit import Daemon, until
from tests.callseat.runtime.seat_kit import config
from tests.console.microbit import PATIENCE_S, PROTOCOL, MicroBit, pieces

ME = DeviceId("k1")
SEAT = """
[seat]
language = "en"
[[line]]
id = "desk"
listen = false
answer_after_s = 0
[[console]]
id = "k1"
backend = "serial"
port = "{port}"
[headsets]
adopt = false
"""


class Host:
    """A supervisor with the engine of a console on the micro:bit's port, and what it told."""

    def __init__(self, path):
        console = ConsoleConfig(ME, ConsoleBackend.SERIAL, Path(path))
        (endpoint,) = endpoints(config(lines=(), headsets=(), consoles=(console,)), None)
        self.told = []
        self.ports = Ports()
        self._changed = asyncio.Event()
        self.supervisor = Supervisor(endpoint, self._post, self.ports)
        self._task = asyncio.create_task(self.supervisor.run())

    def _post(self, event):
        self.told.append(event)
        self._changed.set()

    async def until(self, condition):
        """Wait until what was told meets the condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition(self.told):
                self._changed.clear()
                await self._changed.wait()

    async def attached(self):
        await self.until(lambda told: any(isinstance(event, DeviceAttached) for event in told))

    def ask(self, command):
        self.ports.devices[ME].request(command)

    async def die(self):
        """As if killed: nothing is said any more."""
        self._task.cancel()
        await asyncio.wait([self._task])


def on_a_micro_bit(script):
    """Run a script with a micro:bit that is switched on, and a host."""

    async def main():
        bit = MicroBit()
        await bit.start()
        host = Host(bit.path)
        try:
            await host.attached()
            await script(bit, host)
        finally:
            await host.die()
            await bit.aclose()
        return host.told

    return asyncio.run(main())


def of(told, kind):
    return [event for event in told if isinstance(event, kind)]


def test_hello_keys_lamps_and_display():
    async def script(bit, host):
        host.ask(SetLamps(Lamps(off_hook=True, ring=True)))
        host.ask(SetDisplay(("1001 Ready", "50% of $2")))
        await bit.until(lamps="off_hook=on ring=flash", ring="True", row1="1001 Ready", row2="50% of $2")
        for key in ("1", "5", "9", "hook"):
            bit.press(key)
        await host.until(lambda told: of(told, HookChanged))
        host.ask(SetLamps(Lamps()))
        host.ask(SetDisplay(()))
        await bit.until(lamps="", ring="False", row1="", row2="")

    told = on_a_micro_bit(script)
    assert [type(event) for event in told] == [DeviceAttached, *[DigitKeyed] * 3, HookChanged]
    assert (told[0].name, told[0].features >= {"display_2x16", "ringer", "hook"}) == ("bit", True)
    assert [event.digit for event in of(told, DigitKeyed)] == ["1", "5", "9"]
    assert [event.off_hook for event in of(told, HookChanged)] == [False]


def test_power_fails_and_everything_is_shown_again():
    async def script(bit, host):
        host.ask(SetLamps(Lamps(off_hook=True, mute=True)))
        host.ask(SetDisplay(("On call", "110")))
        shown = {"lamps": "mute=on off_hook=on", "ring": "False", "row1": "On call", "row2": "110"}
        await bit.until(**shown)
        await bit.reset()
        assert "lamps" not in bit.shown
        await bit.until(**shown)
        bit.press("7")
        await host.until(lambda told: of(told, DigitKeyed))

    told = on_a_micro_bit(script)
    assert len(of(told, DigitKeyed)) == 1
    assert len(of(told, DeviceAttached)) == 1 + len(of(told, DeviceDetached))


def test_a_cable_that_damages_bytes_both_ways():
    async def script(bit, host):
        host.ask(SetDisplay(("ready",)))
        await bit.until(row1="ready")
        bit.damages_every = 131
        for number in range(16):
            bit.press(str(number % 9 + 1))
            host.ask(SetDisplay((f"row {number}",)))
            await host.until(lambda told, number=number: len(of(told, DigitKeyed)) > number)
        await bit.until(row1="row 15")
        assert bit.damaged > 5

    told = on_a_micro_bit(script)
    assert [event.digit for event in of(told, DigitKeyed)] == [str(number % 9 + 1) for number in range(16)]
    assert not of(told, DeviceDetached)


def test_a_host_that_was_killed_is_replaced():
    async def script(bit, host):
        host.ask(SetLamps(Lamps(ring=True)))
        await bit.until(lamps="ring=flash", ring="True")
        await host.die()
        bit.press("3")
        again = Host(bit.path)
        await again.attached()
        await bit.until(lamps="", ring="False")
        bit.press("4")
        await again.until(lambda told: of(told, DigitKeyed))
        await again.die()
        assert [event.digit for event in of(again.told, DigitKeyed)] == ["4"]

    on_a_micro_bit(script)


def test_a_call_at_a_running_daemon():
    """It rings, is answered by a key, survives a reset in the middle of the call, and is hung up by a key."""

    async def main():
        bit = MicroBit()
        await bit.start()
        daemon = Daemon(SEAT.format(port=bit.path))
        try:
            await asyncio.to_thread(daemon.start)
            client = await ApiClient.connect(daemon.socket)
            await until(lambda now: "k1" in now["devices"], client)
            await client.call("simulated.act", {"act": "ring", "number": "13800138000"})
            await bit.until(lamps="ring=flash", ring="True")
            bit.press("hook")
            await until(lambda now: [c["state"] for c in now["calls"].values()] == ["connected"], client)
            await bit.until(lamps="off_hook=on", ring="False")
            await bit.reset()
            await bit.until(lamps="off_hook=on", ring="False")
            await bit.until(row1="signed out", row2="on call ***")
            bit.press("hook")
            await until(lambda now: not now["calls"], client)
            await bit.until(lamps="")
            await client.close()
            assert await asyncio.to_thread(daemon.stop, signal.SIGTERM) == 0
            await bit.until(lost="")
        finally:
            daemon.close()
            await bit.aclose()

    asyncio.run(main())


def test_the_program_is_typed_whole():
    """What the board is given is the module, all of it, but for docstrings and annotations."""
    names: dict[str, object] = {}
    for piece in pieces(PROTOCOL.read_text(encoding="utf-8")):
        exec(compile(piece, "typed", "exec"), names)
    typed = names["Console"]("keys=1", names["Board"]())
    assert typed.advance(0) == b"$01 HELLO console/1 keys=1*" + typed.advance(1000)[-5:]
    assert {"Lines", "crc16", "encode", "decode", "unescape", "OURS", "TRIES"} <= names.keys()


@pytest.mark.parametrize("name", ["ACK_MS", "TRIES", "HELLO_MS", "HOST_LOST_MS", "WAITING_MAX"])
def test_the_simulated_console_keeps_the_same_times(name):
    from devices.simulated import console as simulated
    from firmware_bridge.console import protocol

    ours = name.removesuffix("_MS") + "_S" if name.endswith("_MS") else name
    scale = 1000 if name.endswith("_MS") else 1
    assert getattr(protocol, name) == getattr(simulated, ours) * scale


@pytest.mark.parametrize("other", [ConsoleEngine, SimulatedConsole])
def test_the_host_knows_nothing_of_the_firmware(other):
    """Two implementations that agree by the document, not by sharing code."""
    assert "firmware_bridge" not in Path(__import__(other.__module__, fromlist=["x"]).__file__).read_text()
