"""Traps of real report descriptors, one named test each, all survived by the one engine at once.

The list: Const inputs that change; a nested application without usage; volume keys in the telephony report
and a keypad that crosses a byte; array keypads with and without a null state; telephony collections that can
do nothing; wrong-direction items; no report id; telephony usages in a consumer collection; lamps by feature;
a mirror laid out differently; vendor mirrors that double every press; on/off pairs; Line Busy Tone; one lamp
per report and shared lamps; exact output length. Usage ranges, locals at collections, push and pop and
repeated report ids are in test_descriptor.py, usage-selected lamps in test_indicators.py.
"""

from __future__ import annotations

import pytest

from devices.hid.controls import Digit, Shape, Special, read_controls
from devices.hid.decode import decode
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Flags
from devices.hid.usages import TELEPHONY, Lamp
from state.commands import Lamps, SetLamps
from state.events import ButtonPressed, DigitKeyed, HookChanged, MuteReported, MuteRequested
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid import built
from tests.devices.hid.built import (
    BUTTON,
    CONSUMER,
    FEATURE,
    FLASH,
    HOOK,
    INPUT,
    LED,
    LINK_380C,
    MUTE,
    MUTE_LED,
    NO_PREFERRED,
    OFF_HOOK,
    OUTPUT,
    REL,
    RING,
    WH66,
    array,
    bits,
    collection,
    item,
    pad,
    report,
)
from tests.devices.hid.descriptors import ANKER, BIZ, BRIO, BT700, CMEDIA, D1, JABRA, KRAKEN, SC660, load

ME = DeviceId("h")


def said(descriptor: bytes, *reports: str, lamps: Lamps | None = None) -> list[bool | str]:
    """What the reports after the first ask for."""
    inputs = [bytes.fromhex(each) for each in reports]
    return [event.value for event in decode(descriptor, None, inputs, lamps).events]


def written(descriptor: bytes, lamps: Lamps) -> list[str]:
    return [
        write.data.hex(" ") for write in HeadsetEngine(ME, descriptor).request(SetLamps(lamps), 1.0).writes
    ]


def test_const_inputs_that_change_are_keys() -> None:
    assert said(LINK_380C, "02 00 00", "02 01 00", "02 05 00", "02 01 00", "02 00 00") == [True, True, False]
    assert said(load(ANKER).descriptor, "02 00 00", "02 01 00", "02 05 00") == [True, True]


def test_a_const_field_gives_way_to_a_data_field_of_the_same_usage() -> None:
    twice = collection(
        TELEPHONY, 5, bits(INPUT, TELEPHONY, (HOOK,), built.CONST_LEVEL), bits(INPUT, TELEPHONY, (HOOK,)),
        pad(INPUT, 6),
    )  # fmt: skip
    hook = read_controls(parse_descriptor(twice)).find(Special.HOOK)
    assert hook is not None
    assert (hook.field.bit, bool(hook.field.flags & Flags.CONSTANT)) == (1, False)


def test_a_nested_application_without_usage_is_read() -> None:
    assert said(load(D1).descriptor, "02 00", "02 01", "02 09", "02 01") == [True, True]
    assert said(built.IMPACT_DW, "02 00", "02 01", "02 09", "02 01") == [True, "flash"]


def test_a_hook_that_stands_only_in_a_nested_application_counts() -> None:
    inner = b"\xa1\x01" + bits(INPUT, TELEPHONY, (HOOK,)) + bits(OUTPUT, LED, (OFF_HOOK,)) + b"\xc0"
    assert said(collection(TELEPHONY, 5, inner), "00", "01", "00") == [True, False]


def test_volume_keys_in_the_telephony_report_are_volume_keys() -> None:
    assert said(built.IMPACT_D, "02 00", "02 02", "02 00", "02 04", "02 01") == [
        "volume_up",
        "volume_down",
        True,
    ]


def test_a_keypad_that_crosses_a_byte_is_read() -> None:
    presses = ("02 00 00", "02 00 05", "02 00 00", "02 00 06", "02 80 05")
    assert said(load(JABRA).descriptor, *presses) == ["9", "#", "*"]


@pytest.mark.parametrize("name", [JABRA, BIZ])
def test_an_idle_keypad_is_no_key_with_and_without_a_null_state(name: str) -> None:
    descriptor = load(name).descriptor
    assert said(descriptor, "02 00 00", "02 01 00", "02 00 00") == [True, False]
    assert said(descriptor, "02 00 00", "02 80 00", "02 00 00", "02 80 00") == ["0", "0"]


def test_one_digit_rolled_into_the_next_is_two_digits() -> None:
    assert said(load(BIZ).descriptor, "02 00 00", "02 80 00", "02 00 01", "02 80 01", "02 00 00") == [
        "0",
        "1",
        "2",
    ]


def test_collections_that_can_do_nothing_say_nothing() -> None:
    for descriptor in (load(KRAKEN).descriptor, built.RAZER_MIC):
        assert not read_controls(parse_descriptor(descriptor)).verdict.usable


def test_items_in_the_wrong_direction_move_nothing_else() -> None:
    controls = read_controls(parse_descriptor(load(BRIO).descriptor))
    assert {control.meaning: control.field.bit for control in controls.inputs} == {
        Special.MUTE: 0,
        Special.HOOK: 1,
    }
    assert {lamp: (each.report_id, each.bit) for lamp, each in controls.lamps.items()} == {Lamp.MUTE: (8, 6)}


def test_a_device_without_report_ids_is_written_with_a_zero() -> None:
    bare = collection(
        TELEPHONY, 5, bits(INPUT, TELEPHONY, (HOOK,)), pad(INPUT, 7), bits(OUTPUT, LED, (OFF_HOOK,))
    )
    assert written(bare, Lamps(off_hook=True)) == ["00 01"]
    assert said(bare, "00", "01") == [True]


def test_telephony_usages_in_a_consumer_collection_are_found() -> None:
    descriptor = load(CMEDIA).descriptor
    zero = "00 00 00 00"
    assert said(descriptor, zero, "10 00 00 00", zero, "08 00 00 00", zero) == [True, True, False]


def test_lamps_by_feature_are_written_as_features() -> None:
    lit = collection(TELEPHONY, 5, bits(INPUT, TELEPHONY, (HOOK,)), bits(FEATURE, LED, (RING, OFF_HOOK)))
    writes = HeadsetEngine(ME, lit).request(SetLamps(Lamps(off_hook=True)), 1.0).writes
    assert [(write.via, write.data.hex()) for write in writes] == [("feature", "0002")]


def test_a_feature_that_repeats_an_output_is_left_alone() -> None:
    both = collection(
        TELEPHONY, 5, bits(INPUT, TELEPHONY, (HOOK,)), bits(FEATURE, LED, (OFF_HOOK, MUTE_LED)),
        bits(OUTPUT, LED, (OFF_HOOK,)),
    )  # fmt: skip
    shown = decode(both, lamps=Lamps(off_hook=True, mute=True))
    assert [(lamp.name, lamp.via) for lamp in shown.lamps] == [("Off-Hook", "output"), ("Mute", "feature")]
    assert [(write.via, write.hex) for write in shown.writes] == [("output", "0001"), ("feature", "0002")]


def test_a_mirror_with_another_layout_is_not_mixed_in() -> None:
    descriptor = load(BIZ).descriptor
    assert said(descriptor, "04 00 00", "04 01 00", "04 05 00", "04 00 01") == []
    assert said(descriptor, "04 00 00", "04 20 00") == ["reject"]


@pytest.mark.parametrize(
    ("descriptor", "press"),
    [(load(JABRA).descriptor, "02 01 00|04 01 00"), (load(SC660).descriptor, "08 02|02 01"),
     (WH66, "02 01 00|04 01 00"), (LINK_380C, "02 01 00|04 01 00"), (load(BT700).descriptor, "20 01|06 01")],
)  # fmt: skip
def test_a_press_on_both_pages_is_one_press(descriptor: bytes, press: str) -> None:
    both = [bytes.fromhex(each) for each in press.split("|")]
    for order in (both, both[::-1]):
        engine = HeadsetEngine(ME, descriptor)
        engine.request(SetLamps(Lamps()), 0.0)
        for each in order:
            engine.feed(each[:1] + bytes(len(each) - 1), 5.0)
        events = [event for each in order for event in engine.feed(each, 9.0).events]
        assert events == [HookChanged(9.0, ME, ME, True)]


@pytest.mark.parametrize(("descriptor", "bit"), [(load(JABRA).descriptor, 5), (LINK_380C, 5), (WH66, 6)])
def test_reject_is_found_at_any_bit_of_the_mirror(descriptor: bytes, bit: int) -> None:
    reject = read_controls(parse_descriptor(descriptor)).find(Button.REJECT)
    assert reject is not None
    assert (reject.field.report_id, reject.field.bit) == (4, bit)
    assert said(descriptor, "04 00 00", f"04 {1 << bit:02x} 00") == ["reject"]


def mirror_only(page: int, led_page: int) -> bytes:
    keys = bits(INPUT, page, (HOOK,), NO_PREFERRED) + bits(INPUT, page, (MUTE, FLASH), REL) + pad(INPUT, 5)
    return collection(0xFF00, 1, report(4), keys, bits(OUTPUT, led_page, (RING, OFF_HOOK)), pad(OUTPUT, 6))


@pytest.mark.parametrize(("page", "led_page"), [(0xFF30, 0xFF40), (0xFF13, 0xFF95)])
def test_a_device_with_nothing_but_the_mirror_is_read_by_it(page: int, led_page: int) -> None:
    descriptor = mirror_only(page, led_page)
    controls = read_controls(parse_descriptor(descriptor))
    assert (controls.page, controls.verdict.usable) == (page, True)
    assert said(descriptor, "04 00", "04 01", "04 03", "04 01", "04 05") == [True, True, "flash"]
    assert written(descriptor, Lamps(off_hook=True)) == ["04 02"]
    assert [lamp.name for lamp in decode(descriptor).lamps] == ["Ring", "Off-Hook"]
    assert [control.name for control in decode(descriptor).controls] == ["Hook Switch", "Phone Mute", "Flash"]


@pytest.mark.parametrize(
    "vendor",
    [
        bits(INPUT, 0xFF30, (0x20,), size=8),
        bits(INPUT, 0xFF30, (0x20,)),
        bits(INPUT, 0xFF13, range(0x1F, 0x22), size=16),
        item(0x04, 0xFF30) + item(0x08, 0x20) + item(0x74, 8) + item(0x94, 60) + bytes((INPUT, 2)),
    ],
)
def test_a_vendor_page_that_merely_has_that_id_is_no_mirror(vendor: bytes) -> None:
    mute = bits(INPUT, TELEPHONY, (MUTE,), REL) + pad(INPUT, 7)
    controls = read_controls(
        parse_descriptor(collection(0xFF00, 1, report(9), vendor) + collection(TELEPHONY, 5, report(2), mute))
    )
    assert controls.page == TELEPHONY
    assert [control.meaning for control in controls.inputs] == [Special.MUTE]


def test_a_hook_without_lamps_gives_way_to_the_mirror_that_has_them() -> None:
    dead = collection(
        TELEPHONY, 5, report(2), bits(INPUT, TELEPHONY, (HOOK,), built.CONST_LEVEL), pad(INPUT, 7)
    )
    controls = read_controls(parse_descriptor(dead + mirror_only(0xFF30, 0xFF40)))
    assert (controls.page, controls.verdict.usable) == (0xFF30, True)


def test_of_two_telephony_collections_the_one_with_the_keys_is_read() -> None:
    handset = collection(TELEPHONY, 4, report(1), bits(INPUT, TELEPHONY, (HOOK,)), pad(INPUT, 7))
    headset = collection(
        TELEPHONY, 5, report(2), bits(INPUT, TELEPHONY, (HOOK,)), bits(INPUT, TELEPHONY, (MUTE, FLASH), REL),
        pad(INPUT, 5), bits(OUTPUT, LED, (OFF_HOOK,)), pad(OUTPUT, 7),
    )  # fmt: skip
    for descriptor in (handset + headset, headset + handset):
        assert said(descriptor, "02 00", "01 01", "02 01", "02 03") == [True, True]
        names = [(control.report_id, control.name) for control in decode(descriptor).controls]
        assert sorted(names) == [(1, "Hook Switch"), (2, "Flash"), (2, "Hook Switch"), (2, "Phone Mute")]


def test_button_1_under_0b07_is_the_programmable_key_and_others_are_not() -> None:
    keys = collection(TELEPHONY, 0x07, bits(INPUT, BUTTON, (1,)), kind=2) + bits(INPUT, BUTTON, (2, 3))
    controls = read_controls(parse_descriptor(collection(TELEPHONY, 5, keys)))
    assert [(control.meaning, control.field.bit) for control in controls.inputs] == [(Button.PROGRAMMABLE, 0)]
    listed = decode(collection(TELEPHONY, 5, keys)).controls
    assert [(each.usage, each.name) for each in listed] == [
        ("0009:0001", "Button 1"),
        ("0009:0002", "Button 2"),
        ("0009:0003", "Button 3"),
    ]


def test_a_key_named_twice_in_one_array_is_one_key() -> None:
    assert said(load(D1).descriptor, "02 00", "02 20", "02 00", "02 20") == ["programmable", "programmable"]


# on/off pairs and Line Busy Tone ---------------------------------------------------------------------

PAIR = item(0x14, 0xFF) + item(0x24, 1) + item(0x74, 2) + item(0x94, 1)


def pair(kind: int, page: int, usage: int) -> bytes:
    """+1 on, -1 off, 0 neither."""
    return item(0x04, page) + item(0x08, usage) + PAIR + bytes((kind, 0x26))


PAIRED = collection(
    TELEPHONY, 5, pair(INPUT, TELEPHONY, HOOK), pair(INPUT, TELEPHONY, MUTE), pad(INPUT, 4),
    pair(OUTPUT, LED, OFF_HOOK), pair(OUTPUT, LED, MUTE_LED), pad(OUTPUT, 4),
)  # fmt: skip


def test_an_on_off_pair_says_what_shall_be_and_keeps_saying_it() -> None:
    controls = read_controls(parse_descriptor(PAIRED))
    assert [control.shape for control in controls.inputs] == [Shape.LEVEL, Shape.LEVEL]
    assert said(PAIRED, "00", "01", "00", "03", "00") == [True, False]
    assert said(PAIRED, "00", "04", "00", "0c", "00", "04") == [True, False, True]


def test_an_on_off_pair_that_says_neither_first_is_not_taken_for_off() -> None:
    engine = HeadsetEngine(ME, PAIRED)
    assert engine.feed(b"\x00", 1.0).events == ()
    assert engine.feed(b"\x0c", 2.0).events == (MuteReported(2.0, ME, ME, False),)


def test_an_on_off_pair_of_a_lamp_is_put_out_by_minus_one() -> None:
    assert written(PAIRED, Lamps(off_hook=True)) == ["00 0d"]
    assert written(PAIRED, Lamps()) == ["00 0f"]


def test_line_busy_tone_is_shown_and_drives_nothing() -> None:
    descriptor = load(JABRA).descriptor
    assert any(each.name == "Line Busy Tone" for each in decode(descriptor).controls)
    assert said(descriptor, "02 00 00", "02 02 00", "02 00 00") == []
    assert said(built.SP325, "05 00", "05 08", "05 00", "05 02") == [True]


# arrays that are not keypads -------------------------------------------------------------------------


def test_hook_and_mute_in_an_array_are_one_shots() -> None:
    descriptor = collection(
        TELEPHONY,
        5,
        array(INPUT, TELEPHONY, 0x20, 0x2F, size=8, low=0, high=16),
        bits(OUTPUT, LED, (OFF_HOOK,)),
    )
    assert said(descriptor, "00", "01", "00", "01", "00", "10", "00") == [True, False, True]


def test_an_array_of_two_elements_names_two_keys_at_once() -> None:
    descriptor = collection(
        TELEPHONY, 5, array(INPUT, TELEPHONY, 0xB0, 0xBB, size=4, low=0, high=12, count=2)
    )
    engine = HeadsetEngine(ME, descriptor)
    engine.feed(b"\x00", 1.0)
    events = engine.feed(b"\x52", 2.0).events
    assert events == (DigitKeyed(2.0, ME, ME, "1"), DigitKeyed(2.0, ME, ME, "4"))
    assert engine.feed(b"\x50", 3.0).events == ()


def test_a_fig_leaf_of_bits_is_no_keypad() -> None:
    assert read_controls(parse_descriptor(built.YEALINK_ADAPTER)).features == frozenset()
    assert said(built.YEALINK_ADAPTER, "00" * 16, "ff" * 16) == []


# other rules, whole ----------------------------------------------------------------------------------


def test_padding_without_a_usage_of_its_own_gives_the_last_key_all_bits_and_the_first_counts() -> None:
    sloppy = item(0x04, TELEPHONY) + item(0x08, HOOK) + item(0x08, MUTE) + item(0x14, 0) + item(0x24, 1)
    sloppy += item(0x74, 1) + item(0x94, 8) + bytes((INPUT, 2))
    assert said(collection(TELEPHONY, 5, sloppy), "00", "02", "03", "01") == [True, True, False]


def test_two_keys_that_change_in_one_report_are_two_events() -> None:
    engine = HeadsetEngine(ME, load(JABRA).descriptor)
    engine.feed(bytes.fromhex("02 00 00"), 1.0)
    events = engine.feed(bytes.fromhex("02 8d 00"), 2.0).events
    assert events == (
        HookChanged(2.0, ME, ME, True),
        MuteRequested(2.0, ME, ME, True),
        ButtonPressed(2.0, ME, ME, Button.FLASH),
        DigitKeyed(2.0, ME, ME, "0"),
    )


def test_outputs_have_their_declared_length_and_all_lamps() -> None:
    assert written(load(ANKER).descriptor, Lamps(off_hook=True, hold=True)) == ["02 09 00"]
    assert written(LINK_380C, Lamps(ring=True)) == ["02 88 00"]
    assert written(built.C5220, Lamps(off_hook=True, mute=True)) == ["17 01", "09 01", "20 00", "18 00"]
    assert written(built.VOYAGER_BASE, Lamps(off_hook=True)) == ["04 01", "03 00", "05 00", "01 00"]


def test_speaker_mute_is_not_listed_as_phone_mute() -> None:
    descriptor = collection(CONSUMER, 1, bits(INPUT, CONSUMER, (0xE2, 0xE9)))
    assert [each.name for each in decode(descriptor).controls] == ["Volume Increment"]


def test_digits_of_a_real_pad_are_what_the_pad_says() -> None:
    pad_keys = read_controls(parse_descriptor(load(BIZ).descriptor)).find(Digit("0"))
    assert pad_keys is not None
    assert [value for value, _meaning in pad_keys.values] == list(range(1, 13))
