"""What a press shows before anybody has decided it, and a headset that is somebody else's for a while."""

from __future__ import annotations

from devices.hid.controls import Special, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from state.commands import Identify, Lamps, SetLamps, SetPassive
from state.engine import NOTHING
from state.events import MuteReported
from tests.devices.hid.descriptors import CMEDIA, CX300, load
from tests.devices.hid.test_engine import DARK, HOOK, ME, MUTE, MUTED, RINGING, Bench, in_call


def test_an_answer_is_shown_with_the_press_and_taken_back_by_other_lamps() -> None:
    bench = Bench()
    bench.show(RINGING)
    bench.say(HOOK, after=2.0)
    assert bench.written == ["02 01"]
    assert bench.show(RINGING, after=0.01) == ["02 04"]


def test_an_un_mute_is_shown_with_the_press_and_taken_back_by_other_lamps() -> None:
    bench = in_call()
    bench.show(MUTED)
    bench.say(HOOK | MUTE, after=5.0)
    assert bench.written == ["02 01"]
    assert bench.show(MUTED, after=0.01) == ["02 03"]


def test_a_press_with_nothing_to_answer_is_not_shown() -> None:
    bench = Bench()
    bench.show(DARK)
    assert bench.say(HOOK, after=2.0) == [bench.hook(True)]
    assert bench.written == []


def test_a_headset_somebody_else_has_is_neither_heard_nor_written_to() -> None:
    bench = Bench()
    bench.show(RINGING)
    assert bench.engine.request(SetPassive(True), bench.at) == NOTHING
    assert bench.say(HOOK | MUTE, after=2.0) == []
    assert bench.written == []
    bench.engine.request(SetPassive(False), bench.at)
    assert bench.show(DARK, after=1.0) == ["02 00"]


def test_a_lamp_that_blinks_stops_for_whoever_gets_the_headset() -> None:
    bench = Bench()
    bench.show(DARK)
    bench.engine.request(Identify(), bench.at)
    bench.engine.request(SetPassive(True), bench.at)
    assert bench.engine.next_deadline() is None
    assert bench.engine.advance(bench.at + 10.0) == NOTHING
    assert bench.engine.request(Identify(), bench.at) == NOTHING
    assert bench.engine.farewell() == ()


def test_keys_held_by_then_and_the_keepalive_are_somebody_elses() -> None:
    device = load(CX300)
    phone = HeadsetEngine(ME, device.descriptor, device.model)
    assert phone.next_deadline() is not None
    phone.request(SetLamps(Lamps(ring=True)), 1.0)
    phone.request(SetPassive(True), 2.0)
    assert phone.next_deadline() is None
    assert phone.advance(99.0) == NOTHING
    phone.request(SetPassive(False), 100.0)
    shown = phone.request(SetLamps(Lamps(ring=True)), 100.0).writes
    assert bytes((0x16, 0x05, 0x30)) in [write.data for write in shown]


def test_a_hook_left_up_by_somebody_else_falls_without_being_a_press() -> None:
    bench = Bench()
    bench.show(DARK)
    bench.engine.request(SetPassive(True), bench.at)
    bench.say(HOOK, after=5.0)
    bench.engine.request(SetPassive(False), bench.at)
    bench.show(DARK, after=1.0)
    assert bench.say(HOOK, after=0.1) == []
    assert bench.say(0, after=0.1) == []
    assert bench.say(HOOK, after=5.0) == [bench.hook(True)]


def test_a_mute_that_is_a_level_is_told_when_the_headset_comes_back() -> None:
    device = load(CMEDIA)
    engine = HeadsetEngine(ME, device.descriptor, device.model)
    mute = read_controls(parse_descriptor(device.descriptor)).find(Special.MUTE)
    assert mute is not None
    length = mute.field.bit // 8 + 3
    engine.feed(bytes(length), 1.0)
    engine.request(SetPassive(True), 2.0)
    engine.feed((1 << mute.field.bit).to_bytes(length, "little"), 3.0)
    assert engine.request(SetPassive(False), 4.0).events == (MuteReported(4.0, ME, ME, True),)
    assert engine.request(SetPassive(True), 5.0) == NOTHING
