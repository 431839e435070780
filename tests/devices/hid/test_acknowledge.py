"""What a press shows before anybody has decided it, and a headset that is somebody else's for a while."""

from __future__ import annotations

from state.commands import SetPassive
from state.engine import NOTHING
from tests.devices.hid.test_engine import DARK, HOOK, MUTE, MUTED, RINGING, Bench, in_call


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
