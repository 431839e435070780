"""What a few models do and most do not: late echoes, an end key that mutes, a mute key that waits."""

from __future__ import annotations

import pytest

from devices.simulated.headset import Faults, SimulatedHeadset
from state.engine import NOTHING, Step
from tests.devices.hid.descriptors import BT700, CMEDIA, HEADSET, LEVEL_HEADSET, SC660, load


def reports(step: Step) -> list[str]:
    return [write.data.hex(" ") for write in step.writes]


def host(headset: SimulatedHeadset, hexed: str, at: float) -> list[str]:
    return reports(headset.feed(bytes.fromhex(hexed), at))


def test_a_late_echo_comes_late_and_is_believed_at_once() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(echo_after_s=0.8))
    assert host(headset, "02 01", 1.0) == []
    assert headset.off_hook
    assert headset.next_deadline() == 1.8
    assert headset.advance(1.7) == NOTHING
    assert reports(headset.advance(1.8)) == ["01 01"]
    assert headset.next_deadline() is None


def test_only_the_last_of_two_late_echoes_comes() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(echo_after_s=0.8))
    host(headset, "02 01", 1.0)
    host(headset, "02 00", 1.2)
    assert reports(headset.advance(3.0)) == ["01 00"]


def test_a_press_goes_before_a_late_echo_and_takes_its_place() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(echo_after_s=0.8))
    host(headset, "02 01", 1.0)
    assert reports(headset.press_hook(1.3)) == ["01 00"]
    assert headset.next_deadline() is None
    assert not headset.off_hook


def test_a_headset_that_does_not_echo_does_not_do_so_late() -> None:
    headset = SimulatedHeadset(HEADSET, echo_hook=False, faults=Faults(echo_after_s=0.8))
    assert host(headset, "02 01", 1.0) == []
    assert headset.next_deadline() is None


def test_a_late_echo_of_mute_comes_late_too() -> None:
    headset = SimulatedHeadset(HEADSET, echo_mute=True, faults=Faults(echo_after_s=0.1))
    host(headset, "02 01", 1.0)
    headset.advance(2.0)
    assert host(headset, "02 03", 3.0) == []
    assert headset.muted
    assert reports(headset.advance(3.1)) == ["01 03", "01 01"]


def test_a_hook_that_is_a_key_has_nothing_to_echo() -> None:
    headset = SimulatedHeadset(load(CMEDIA).descriptor, faults=Faults(echo_after_s=0.8))
    assert reports(headset.press_hook(2.0)) == ["10 00 00 00", "00 00 00 00"]


@pytest.mark.parametrize(
    ("descriptor", "lit", "pressed"),
    [
        (HEADSET, "02 01", ["01 02", "01 00"]),
        (load(SC660).descriptor, "09 02", ["08 01", "08 00"]),
        (load(BT700).descriptor, "24 01", ["20 02", "20 00"]),
    ],
)
def test_an_end_key_mutes_in_the_report_that_ends(descriptor: bytes, lit: str, pressed: list[str]) -> None:
    headset = SimulatedHeadset(descriptor, faults=Faults(end_key_mutes_s=0.0))
    host(headset, lit, 1.0)
    assert reports(headset.press_hook(9.0)) == pressed
    assert (headset.off_hook, headset.muted) == (False, False)


def test_an_end_key_mutes_a_little_later() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(end_key_mutes_s=0.1))
    host(headset, "02 01", 1.0)
    assert reports(headset.press_hook(9.0)) == ["01 00"]
    assert headset.next_deadline() == 9.1
    assert reports(headset.advance(9.1)) == ["01 02", "01 00"]
    assert not headset.muted


def test_the_key_that_answers_mutes_nothing() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(end_key_mutes_s=0.0))
    assert reports(headset.press_hook(1.0)) == ["01 01"]


def test_an_end_key_leaves_a_mute_that_is_a_level_alone() -> None:
    headset = SimulatedHeadset(LEVEL_HEADSET, faults=Faults(end_key_mutes_s=0.0))
    host(headset, "02 01", 1.0)
    assert reports(headset.press_hook(9.0)) == ["01 00"]


def test_a_mute_key_that_waits_is_dead_until_its_lamp_followed() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(waits_for_mute_ack=True))
    host(headset, "02 01", 1.0)
    assert reports(headset.press_mute(5.0)) == ["01 03", "01 01"]
    assert headset.press_mute(5.5) == NOTHING
    host(headset, "02 03", 5.6)
    assert reports(headset.press_mute(5.7)) == ["01 03", "01 01"]
    assert not headset.muted


def test_a_mute_key_that_waits_gives_up_with_its_press() -> None:
    headset = SimulatedHeadset(HEADSET, faults=Faults(waits_for_mute_ack=True))
    host(headset, "02 01", 1.0)
    headset.press_mute(5.0)
    headset.advance(7.0)
    assert not headset.muted
    assert reports(headset.press_mute(7.1)) == ["01 03", "01 01"]
