"""Lamps in every shape a descriptor can give them, and what is written for them."""

from __future__ import annotations

import pytest

from devices.hid.controls import read_controls
from devices.hid.decode import decode
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import ReportKind
from devices.hid.indicators import MAX_INDICATORS, Indicator, find_indicators
from devices.hid.usages import LED, TELEPHONY, Lamp
from state.commands import Lamps, SetLamps
from state.ids import DeviceId
from tests.devices.hid.built import (
    BOYA,
    BUTTON,
    FEATURE,
    HOOK,
    INPUT,
    OUTPUT,
    RINGER,
    SIDEWINDER,
    YEALINK_ADAPTER,
    array,
    bits,
    collection,
    item,
    pad,
    report,
)

HOOK_KEY = bits(INPUT, TELEPHONY, (HOOK,)) + pad(INPUT, 7)


def found(descriptor: bytes) -> tuple[Indicator, ...]:
    return find_indicators(parse_descriptor(descriptor).fields, TELEPHONY, LED)


def headset(*items: bytes) -> bytes:
    return collection(TELEPHONY, 5, HOOK_KEY, *items)


def written(descriptor: bytes, lamps: Lamps) -> list[str]:
    engine = HeadsetEngine(DeviceId("h"), descriptor)
    return [f"{write.via} {write.data.hex(' ')}" for write in engine.request(SetLamps(lamps), 1.0).writes]


def test_every_led_of_a_device_is_listed_also_those_the_seat_has_no_use_for() -> None:
    names = [lamp.name for lamp in decode(BOYA).lamps]
    assert len(names) == 15
    assert {"Off-Hook", "Speaker", "On-Line", "Message Waiting", "Headset", "Ringer", "Busy"} <= set(names)
    lamps = read_controls(parse_descriptor(BOYA)).lamps
    assert set(lamps) == set(Lamp)


def test_a_microphone_lamp_is_no_input_of_a_microphone() -> None:
    assert found(headset(bits(INPUT, LED, (0x21,)))) == ()


# usage-selected: the lamp of a key -------------------------------------------------------------------


def test_the_sidewinders_lamps_are_features_of_its_buttons() -> None:
    lamps = decode(SIDEWINDER).lamps
    assert [(lamp.usage, lamp.name, lamp.report_id, lamp.via, lamp.bit) for lamp in lamps] == [
        (f"0009:000{n}", f"Button {n} selected", 0, "feature", n - 1) for n in range(1, 9)
    ]
    assert read_controls(parse_descriptor(SIDEWINDER)).lamps == {}
    assert [control.name for control in decode(SIDEWINDER).controls] == [f"Button {n}" for n in range(1, 9)]
    assert written(SIDEWINDER, Lamps(off_hook=True)) == []


@pytest.mark.parametrize("around", [0x3A, 0x3B])
def test_the_lamp_of_the_hook_key_is_the_off_hook_lamp(around: int) -> None:
    descriptor = headset(collection(LED, around, bits(FEATURE, TELEPHONY, (0x20, 0x2F, 0x21)), kind=2))
    controls = read_controls(parse_descriptor(descriptor))
    assert {lamp: each.bit for lamp, each in controls.lamps.items()} == {
        Lamp.OFF_HOOK: 0,
        Lamp.MUTE: 1,
        Lamp.HOLD: 2,
    }
    assert controls.verdict.usable
    assert written(descriptor, Lamps(off_hook=True, mute=True)) == ["feature 00 03"]
    assert next(lamp.name for lamp in decode(descriptor).lamps) == "Hook Switch selected"


def test_a_button_in_any_other_collection_is_no_lamp() -> None:
    assert found(headset(collection(TELEPHONY, 0x07, bits(OUTPUT, BUTTON, (1, 2)), kind=2))) == ()


# arrays: the LEDs that are lit, by name --------------------------------------------------------------


def test_an_array_of_leds_names_those_that_are_lit_one_element_each() -> None:
    descriptor = headset(array(OUTPUT, LED, 0x17, 0x21, size=8, low=1, high=11, count=4))
    lamps = read_controls(parse_descriptor(descriptor)).lamps
    assert {lamp: (each.bit, each.lit) for lamp, each in lamps.items()} == {
        Lamp.OFF_HOOK: (0, 1),
        Lamp.RING: (8, 2),
        Lamp.MESSAGE_WAITING: (16, 3),
        Lamp.HOLD: (24, 10),
        Lamp.MICROPHONE: (24, 11),
    }
    assert written(descriptor, Lamps(off_hook=True, ring=True)) == ["output 00 01 02 00 00"]
    assert written(descriptor, Lamps()) == ["output 00 00 00 00 00"]


def test_an_array_with_room_for_one_shows_the_first_that_is_lit() -> None:
    descriptor = headset(array(OUTPUT, LED, 0x17, 0x19, size=2, low=0, high=3), pad(OUTPUT, 6))
    assert written(descriptor, Lamps(off_hook=True, message_waiting=True)) == ["output 00 01"]
    assert written(descriptor, Lamps(ring=True)) == ["output 00 02"]
    assert written(descriptor, Lamps(message_waiting=True)) == ["output 00 03"]
    assert written(descriptor, Lamps()) == ["output 00 00"]


def test_a_fig_leaf_names_no_lamp_of_ours() -> None:
    assert read_controls(parse_descriptor(YEALINK_ADAPTER)).lamps == {}


def modes(usage: int, first: int, last: int) -> bytes:
    """A lamp that is lit by selecting a mode."""
    chosen = array(OUTPUT, LED, first, last, size=4, low=1, high=last - first + 1) + pad(OUTPUT, 4)
    return collection(LED, usage, chosen, kind=2)


def test_a_lamp_with_modes_is_lit_by_on_and_put_out_by_off() -> None:
    descriptor = headset(report(1) + modes(0x17, 0x3D, 0x41), report(2) + modes(0x18, 0x3D, 0x40))
    lamps = read_controls(parse_descriptor(descriptor)).lamps
    assert (lamps[Lamp.OFF_HOOK].lit, lamps[Lamp.OFF_HOOK].out) == (1, 5)
    assert (lamps[Lamp.RING].lit, lamps[Lamp.RING].out) == (1, 0)
    assert written(descriptor, Lamps(off_hook=True)) == ["output 01 01", "output 02 00"]
    assert written(descriptor, Lamps(ring=True)) == ["output 02 01", "output 01 05"]


def test_modes_without_on_are_no_lamp() -> None:
    assert found(headset(modes(0x17, 0x3E, 0x40))) == ()


# bounds and places -----------------------------------------------------------------------------------


def test_sloppy_padding_gives_the_last_lamp_all_bits_and_the_first_is_it() -> None:
    sloppy = item(0x04, LED) + item(0x08, 0x17) + item(0x08, 0x09) + item(0x14, 0) + item(0x24, 1)
    descriptor = headset(sloppy + item(0x74, 1) + item(0x94, 8) + bytes((OUTPUT, 0x02)))
    assert written(descriptor, Lamps(mute=True)) == ["output 00 02"]


def test_a_block_of_bytes_is_no_lamp() -> None:
    block = item(0x04, LED) + item(0x08, 0x17) + item(0x74, 8) + item(0x94, 8) + bytes((OUTPUT, 0x02))
    assert found(headset(block)) == ()


def test_the_ringer_is_on_the_telephony_page() -> None:
    (ringer,) = found(headset(bits(OUTPUT, TELEPHONY, (RINGER, 0x97))))
    assert (ringer.usage, ringer.kind, ringer.lamp(TELEPHONY, LED)) == (
        0x000B_009E,
        ReportKind.OUTPUT,
        Lamp.RINGER,
    )


def test_a_descriptor_cannot_claim_lamps_without_end() -> None:
    many = array(OUTPUT, LED, 0x01, 0xFF, size=8, low=1, high=255, count=2)
    assert len(found(collection(TELEPHONY, 5, *[many] * 120))) < 2 * MAX_INDICATORS
