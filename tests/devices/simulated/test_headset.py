"""The simulated headset by itself: it must be as difficult as the real ones."""

from __future__ import annotations

import pytest

from devices.simulated.headset import SimulatedHeadset
from devices.simulated.headset_models import HEADSETS, simulate_headset
from state.commands import Lamps
from state.engine import NOTHING, Step
from state.errors import Blame, ProtocolError, ProtocolReason
from state.words import Button
from tests.devices.hid.built import (
    HOOK,
    INPUT,
    LED,
    MUTE_LED,
    OFF_HOOK,
    OUTPUT,
    TELEPHONY,
    array,
    bits,
    collection,
    pad,
)
from tests.devices.hid.descriptors import (
    ALL,
    ANKER,
    BLACKWIRE,
    BT700,
    CMEDIA,
    CX300,
    HEADSET,
    JABRA,
    KRAKEN,
    LEVEL_HEADSET,
    SC660,
    load,
)


def reports(step: Step) -> list[str]:
    assert step.events == ()
    assert all(write.via == "input" for write in step.writes)
    return [write.data.hex(" ") for write in step.writes]


def write(headset: SimulatedHeadset, hexed: str, at: float, via: str = "output") -> list[str]:
    return reports(headset.feed(bytes.fromhex(hexed), at, via))


def headset_in_call(echo_mute: bool = False) -> SimulatedHeadset:
    headset = SimulatedHeadset(HEADSET, echo_mute=echo_mute)
    write(headset, "02 01", 0.0)
    return headset


def test_it_starts_on_hook_live_and_dark() -> None:
    headset = SimulatedHeadset(HEADSET)
    assert (headset.off_hook, headset.muted, headset.lamps) == (False, False, Lamps())
    assert headset.next_deadline() is None
    assert headset.advance(99.0) == NOTHING
    assert reports(headset.report_state()) == ["01 00"]
    assert {"hook", "mute", "flash", "lamp_ring"} <= headset.features


def test_an_unanswered_press_is_taken_back_after_two_seconds() -> None:
    headset = SimulatedHeadset(HEADSET)
    assert reports(headset.press_hook(10.0)) == ["01 01"]
    assert headset.next_deadline() == 12.0
    assert headset.advance(11.99) == NOTHING
    assert reports(headset.advance(12.0)) == ["01 00"]
    assert not headset.off_hook
    assert headset.next_deadline() is None


def test_an_answered_press_stays() -> None:
    headset = SimulatedHeadset(HEADSET, ack_timeout_s=1.0)
    headset.press_hook(10.0)
    assert write(headset, "02 01", 10.5) == []
    assert headset.next_deadline() is None
    assert headset.off_hook
    assert reports(headset.press_hook(60.0)) == ["01 00"]


@pytest.mark.parametrize(("echoes", "echo"), [(True, ["01 01"]), (False, [])])
def test_host_off_hook_is_echoed_or_shown_late(echoes: bool, echo: list[str]) -> None:
    headset = SimulatedHeadset(HEADSET, echo_hook=echoes)
    assert write(headset, "02 01", 1.0) == echo
    assert headset.off_hook
    assert reports(headset.press_mute(5.0)) == ["01 03", "01 01"]
    assert reports(headset.press_hook(6.0)) == ["01 00"]


def test_host_on_hook_is_echoed_and_unmutes() -> None:
    headset = headset_in_call()
    write(headset, "02 03", 1.0)
    assert headset.muted
    assert write(headset, "02 00", 2.0) == ["01 00"]
    assert (headset.off_hook, headset.muted) == (False, False)


def test_the_mute_key_is_dead_on_hook() -> None:
    headset = SimulatedHeadset(HEADSET)
    assert headset.press_mute(1.0) == NOTHING
    assert not headset.muted
    free = SimulatedHeadset(HEADSET, mute_needs_off_hook=False)
    assert reports(free.press_mute(1.0)) == ["01 02", "01 00"]
    assert free.muted


def test_a_mute_the_host_does_not_show_is_dropped() -> None:
    headset = headset_in_call()
    assert reports(headset.press_mute(10.0)) == ["01 03", "01 01"]
    assert headset.muted
    assert headset.next_deadline() == 12.0
    assert reports(headset.advance(12.0)) == []
    assert not headset.muted


def test_a_mute_the_host_shows_stays_and_unmute_works_the_same() -> None:
    headset = headset_in_call()
    headset.press_mute(10.0)
    assert write(headset, "02 03", 10.1) == []
    assert headset.next_deadline() is None
    assert headset.muted
    headset.press_mute(20.0)
    assert not headset.muted
    write(headset, "02 01", 20.1)
    assert headset.advance(30.0) == NOTHING
    assert not headset.muted


def test_host_mute_is_obeyed_and_echoed_where_asked() -> None:
    quiet = headset_in_call()
    assert write(quiet, "02 03", 1.0) == []
    assert quiet.muted
    loud = headset_in_call(echo_mute=True)
    assert write(loud, "02 03", 1.0) == ["01 03", "01 01"]
    assert loud.muted


def test_a_raised_boom_mutes_and_refuses_unmute() -> None:
    headset = headset_in_call()
    assert reports(headset.set_boom(True, 5.0)) == ["01 03", "01 01"]
    assert headset.set_boom(True, 5.1) == NOTHING
    write(headset, "02 03", 5.2)
    assert headset.press_mute(6.0) == NOTHING
    assert write(headset, "02 01", 7.0) == ["01 03", "01 01"]
    assert headset.muted
    write(headset, "02 03", 7.1)
    assert reports(headset.set_boom(False, 8.0)) == ["01 03", "01 01"]
    assert not headset.muted


def test_a_boom_raised_between_calls_says_nothing_but_mutes() -> None:
    headset = SimulatedHeadset(HEADSET)
    assert headset.set_boom(True, 1.0) == NOTHING
    assert headset.muted
    write(headset, "02 01", 2.0)
    assert headset.muted
    headset.set_boom(False, 3.0)
    assert not headset.muted


def test_an_unshown_boom_mute_is_not_dropped() -> None:
    headset = headset_in_call()
    headset.set_boom(True, 5.0)
    headset.advance(9.0)
    assert headset.muted


def test_hook_and_mute_in_an_array_are_one_shots() -> None:
    keys = array(INPUT, TELEPHONY, HOOK, 0x2F, size=8, low=0, high=16)
    lamps = bits(OUTPUT, LED, (OFF_HOOK, MUTE_LED)) + pad(OUTPUT, 6)
    headset = SimulatedHeadset(collection(TELEPHONY, 5, keys, lamps), echo_mute=True)
    assert reports(headset.press_hook(1.0)) == ["01", "00"]
    assert write(headset, "00 01", 1.1) == []
    assert reports(headset.press_mute(2.0)) == ["10", "00"]
    assert headset.muted
    assert write(headset, "00 03", 2.1) == []
    assert reports(headset.set_boom(True, 3.0)) == []
    assert write(headset, "00 01", 4.0) == ["10", "00"]


def test_a_gated_microphone_is_dead_until_off_hook_is_lit() -> None:
    device = load(ANKER)
    headset = SimulatedHeadset(device.descriptor, mic_gated=True)
    assert headset.muted
    write(headset, "02 01 00", 1.0)
    assert not headset.muted


def test_a_mute_level_is_reported_as_a_level() -> None:
    headset = SimulatedHeadset(LEVEL_HEADSET)
    write(headset, "02 01", 0.0)
    assert reports(headset.press_mute(1.0)) == ["01 03"]
    write(headset, "02 03", 1.1)
    assert write(headset, "02 01", 5.0) == ["01 01"]
    headset.press_mute(6.0)
    assert reports(headset.advance(8.0)) == ["01 01"]
    assert not headset.muted


def test_cmedia_mutes_by_itself_and_has_nothing_to_acknowledge() -> None:
    headset = SimulatedHeadset(load(CMEDIA).descriptor)
    assert reports(headset.press_mute(1.0)) == ["08 00 00 00"]
    assert headset.muted
    assert headset.next_deadline() is None
    assert reports(headset.press_hook(2.0)) == ["18 00 00 00", "08 00 00 00"]
    assert reports(headset.press_mute(3.0)) == ["00 00 00 00"]


KEYS = [
    (JABRA, Button.FLASH, ["02 08 00", "02 00 00"]),
    (JABRA, Button.REJECT, ["04 20 00", "04 00 00"]),
    (JABRA, Button.VOLUME_UP, ["01 02 00", "01 00 00"]),
    (SC660, Button.REJECT, ["08 10", "08 00"]),
    (BT700, Button.FLASH, ["20 04", "20 00"]),
    (BLACKWIRE, Button.FLASH, ["08 04", "08 00"]),
]


@pytest.mark.parametrize(("name", "button", "expected"), KEYS)
def test_keys_go_down_and_up(name: str, button: Button, expected: list[str]) -> None:
    assert reports(SimulatedHeadset(load(name).descriptor).press(button, 1.0)) == expected


def test_a_long_press_is_released_later() -> None:
    headset = SimulatedHeadset(HEADSET)
    assert reports(headset.press(Button.FLASH, 1.0, long=True)) == ["01 04"]
    assert headset.next_deadline() == 3.0
    assert reports(headset.advance(3.0)) == ["01 00"]


def test_digits_are_keyed_as_the_wire_has_them() -> None:
    headset = SimulatedHeadset(load(JABRA).descriptor)
    assert reports(headset.press_digit("0", 1.0)) == ["02 80 00", "02 00 00"]
    assert reports(headset.press_digit("#", 1.0)) == ["02 00 06", "02 00 00"]


def test_a_reject_key_of_another_name() -> None:
    headset = simulate_headset(HEADSETS["polycom_cx300"])
    assert reports(headset.press(Button.REJECT, 1.0))[0] == "01 20 00 00 00 00 00 00"


@pytest.mark.parametrize(
    ("report", "via", "reason"),
    [
        ("02", "output", ProtocolReason.WRONG_LENGTH),
        ("02 01 00", "output", ProtocolReason.WRONG_LENGTH),
        ("03 01", "output", ProtocolReason.UNKNOWN),
        ("02 01", "feature", ProtocolReason.UNKNOWN),
        ("", "output", ProtocolReason.UNKNOWN),
    ],
)
def test_wrong_writes_are_refused_and_change_nothing(report: str, via: str, reason: ProtocolReason) -> None:
    headset = SimulatedHeadset(HEADSET)
    with pytest.raises(ProtocolError) as caught:
        headset.feed(bytes.fromhex(report), 1.0, via)
    assert (caught.value.by, caught.value.reason) == (Blame.SELF, reason)
    assert headset.lamps == Lamps()


def test_a_key_it_does_not_have_is_refused() -> None:
    with pytest.raises(ProtocolError, match="no hook") as caught:
        SimulatedHeadset(load(KRAKEN).descriptor).press_hook(1.0)
    assert caught.value.reason is ProtocolReason.NOT_SUPPORTED
    with pytest.raises(ProtocolError, match="no redial"):
        SimulatedHeadset(HEADSET).press(Button.REDIAL, 1.0)


LAMPS = [
    (JABRA, "02 24 00", Lamps(ring=True)),
    (JABRA, "02 20 00", Lamps(ring=True)),
    (JABRA, "02 0b 00", Lamps(off_hook=True, mute=True, hold=True)),
    (JABRA, "02 10 00", Lamps(microphone=True)),
    (SC660, "09 03", Lamps(mute=True, off_hook=True)),
    (BT700, "25 01", Lamps(hold=True)),
    (CX300, "16 03 10", Lamps(mute=True)),
    (CX300, "16 03 30", Lamps()),
]


@pytest.mark.parametrize(("name", "report", "lamps"), LAMPS)
def test_lamps_show_what_was_written(name: str, report: str, lamps: Lamps) -> None:
    headset = SimulatedHeadset(load(name).descriptor)
    write(headset, report, 1.0)
    assert headset.lamps == lamps


def test_the_cx300_shows_text_and_takes_its_keepalive() -> None:
    headset = simulate_headset(HEADSETS["polycom_cx300"])
    assert write(headset, "17 09 04 01 02", 1.0, via="feature") == []
    for report in ("13 15", "14 05 80", "15 80 4f 00 4b 00 00 00 00 00 00 00 00 00 00 00 00 00", "14 01 80"):
        write(headset, report, 2.0)
    assert headset.display.lines == ("OK", "")
    write(headset, "13 00", 3.0)
    assert headset.display.lines == ()
    assert reports(headset.press_hook(4.0))[0][:5] == "01 01"
    assert headset.next_deadline() == pytest.approx(4.05)


@pytest.mark.parametrize("name", HEADSETS)
def test_shipped_descriptors_are_those_of_the_test_data(name: str) -> None:
    kit = HEADSETS[name]
    devices = {(d.vendor_id, d.product_id): d for d in map(load, ALL)}
    device = devices[kit.vendor_id, kit.product_id]
    assert kit.descriptor == device.descriptor
    assert simulate_headset(kit).descriptor == kit.descriptor
