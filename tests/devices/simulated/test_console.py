"""The simulated console against the real engine: bad cables, resets, hosts that go and come."""

from __future__ import annotations

import pytest

from devices.simulated.console import HOST_LOST, HOST_LOST_S, ConsoleFaults, ConsoleKit, SimulatedConsole
from state.commands import Lamps, SetDisplay, SetLamps
from state.errors import ProtocolError
from state.events import ButtonPressed, DeviceAttached, DigitKeyed, HookChanged
from state.words import Button
from tests.devices.console.rig import Wire, bodies, line

IN_CALL = SetLamps(Lamps(off_hook=True, mute=True))


def test_it_says_hello_until_it_is_heard():
    console = SimulatedConsole()
    said = [bodies(console.advance(float(n))) for n in range(3)]
    assert all(body[0].startswith("HELLO console/1 keys=1,2,") for body in said)
    assert len({str(body) for body in said}) == 1
    assert not console.joined
    console.feed(line(1, "ACK"), 3.0)
    assert console.joined
    assert bodies(console.advance(4.0)) == []


def test_before_hello_was_heard_nothing_counts():
    console = SimulatedConsole()
    console.advance(0.0)
    assert bodies(console.feed(line(4, "RING on"), 0.1)) == ["NAK hello"]
    assert bodies(console.press("5", 0.2)) == []
    assert not console.ringing


@pytest.mark.parametrize("chunk", [None, 1, 3])
def test_lamps_display_and_keys(chunk):
    wire = Wire(chunk=chunk)
    wire.run(0.2)
    assert wire.kinds() == ["DeviceAttached"]
    wire.ask(SetLamps(Lamps(ring=True)))
    wire.ask(SetDisplay(("1001 Ready", "Ringing 110")))
    wire.run(0.2)
    console = wire.console
    assert (console.lamps, console.ringing) == ({"ring": "flash"}, True)
    assert console.rows == ["1001 Ready", "Ringing 110"]
    wire.device(console.press("hook", wire.at))
    wire.device(console.press("5", wire.at))
    wire.device(console.press("flash", wire.at, long=True))
    wire.run(3.0)
    kinds = [type(event) for event in wire.events]
    assert kinds == [HookChanged, DigitKeyed, ButtonPressed]
    assert wire.events[2].long


def test_a_reset_in_a_call_brings_everything_back():
    wire = Wire(SimulatedConsole(faults=ConsoleFaults(boot_s=1.5, boot_text=b"\xffboot v1\r\n$")))
    wire.run(0.2)
    wire.ask(IN_CALL)
    wire.ask(SetDisplay(("On call 110",)))
    wire.run(0.2)
    before = (wire.console.lamps, wire.console.rows)
    wire.kinds()
    wire.device(wire.console.reset(wire.at))
    assert wire.console.lamps == {}
    assert wire.console.rows == [HOST_LOST, ""]
    wire.run(1.6)
    assert (wire.console.lamps, wire.console.rows) == before
    assert wire.kinds() == []
    assert wire.console.resets == 1


def test_a_reset_while_the_engine_is_waiting_for_an_answer():
    wire = Wire()
    wire.run(0.2)
    wire.ask(IN_CALL)
    wire.device(wire.console.reset(wire.at))
    wire.run(1.0)
    assert wire.console.lamps == {"off_hook": "on", "mute": "on"}


def test_a_host_that_starts_again_takes_over():
    wire = Wire()
    wire.run(0.2)
    wire.ask(SetLamps(Lamps(ring=True)))
    wire.run(0.2)
    second = Wire(wire.console)
    second.at, second.to_console = wire.at, []
    second.host(second.engine.start(wire.at))
    second.run(0.5)
    assert isinstance(second.events[0], DeviceAttached)
    assert (wire.console.lamps, wire.console.ringing) == ({}, False)


def test_a_host_that_dies_leaves_no_ringing():
    wire = Wire()
    wire.run(0.2)
    wire.ask(SetLamps(Lamps(ring=True)))
    wire.run(0.2)
    assert wire.console.ringing
    wire.host_there = False
    wire.run(HOST_LOST_S + 1)
    assert (wire.console.lamps, wire.console.ringing) == ({}, False)
    assert wire.console.rows == [HOST_LOST, ""]
    assert not wire.console.joined


def test_the_farewell_darkens_it_at_once():
    wire = Wire()
    wire.run(0.2)
    wire.ask(SetLamps(Lamps(ring=True)))
    wire.run(0.2)
    wire.console.feed(wire.engine.farewell()[0].data, wire.at)
    assert (wire.console.lamps, wire.console.ringing) == ({}, False)


@pytest.mark.parametrize(
    "faults",
    [
        ConsoleFaults(loses_every=2),
        ConsoleFaults(loses_every=3),
        ConsoleFaults(damages_every=2),
        ConsoleFaults(damages_every=3, deaf_every=4),
        ConsoleFaults(loses_every=5, damages_every=3, deaf_every=3),
    ],
)
def test_a_bad_cable_costs_time_and_nothing_else(faults):
    """Every press arrives once, in order; lamps and display end as asked."""
    wire = Wire(SimulatedConsole(faults=faults))
    wire.run(4.0)
    for digit in "1234567890":
        wire.device(wire.console.press(digit, wire.at))
        wire.run(2.5)
    wire.ask(IN_CALL)
    wire.ask(SetDisplay(("On call", "110")))
    wire.run(4.0)
    digits = [event.digit for event in wire.events if isinstance(event, DigitKeyed)]
    assert digits == list("1234567890")
    assert wire.console.lamps == {"off_hook": "on", "mute": "on"}
    assert wire.console.rows == ["On call", "110"]


def test_a_session_lasts_for_hours_of_nothing():
    wire = Wire()
    wire.run(7200)
    assert wire.console.joined
    assert wire.kinds() == ["DeviceAttached"]


def test_a_newer_console_is_refused():
    wire = Wire(SimulatedConsole(ConsoleKit(version=2)))
    wire.run(10)
    assert [event.reason for event in wire.events] == ["denied"]
    assert not wire.console.joined


def test_a_handset_moves_and_is_told_in_hello():
    wire = Wire()
    wire.run(0.2)
    wire.device(wire.console.set_hook(True, wire.at))
    wire.run(0.2)
    assert [event.off_hook for event in wire.events if isinstance(event, HookChanged)] == [True]
    (hello,) = bodies(wire.console.reset(wire.at))
    assert hello.endswith(" hook=off")


def test_a_chinese_display():
    wire = Wire(SimulatedConsole(ConsoleKit(charset="utf8")))
    wire.run(0.2)
    wire.ask(SetDisplay(("坐席就绪", "来电 110")))
    wire.run(0.2)
    assert wire.console.rows == ["坐席就绪", "来电 110"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("PING", "ACK"),
        ("LAMPS ring=flash", "ACK"),
        ("LAMPS ring=blue", "NAK args"),
        ("RING loud", "NAK args"),
        ("SHOW 3 x", "NAK args"),
        ("SHOW x", "NAK args"),
        ("SHOW 1 %zz", "NAK args"),
        ("SING", "NAK verb"),
    ],
)
def test_it_refuses_what_it_does_not_know(body, answer):
    console = SimulatedConsole()
    console.advance(0.0)
    console.feed(line(1, "ACK"), 0.1)
    assert bodies(console.feed(line(9, body), 0.2)) == [answer]
    assert bodies(console.feed(line(9, body), 0.3)) == [answer]


def test_a_key_it_does_not_have():
    with pytest.raises(ProtocolError, match="no key teleport"):
        SimulatedConsole().press("teleport", 0.0)
    assert Button.FLASH in SimulatedConsole().kit.keys
