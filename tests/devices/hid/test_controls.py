"""Which fields are controls and lamps, and which devices can control a call."""

from __future__ import annotations

import pytest

from devices.hid.controls import Control, Controls, Digit, Shape, Special, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import ReportKind
from devices.hid.usages import LAMPS, TELEPHONY, Lamp
from devices.models.record import ModelRecord
from state.commands import Lamps
from state.words import Button
from tests.devices.hid.descriptors import (
    ANKER,
    BIZ,
    BLACKWIRE,
    BRIO,
    BT700,
    CMEDIA,
    CX300,
    D1,
    DECOYS,
    FLASH_LEVEL,
    G535,
    HOOK,
    JABRA,
    KRAKEN,
    LAMP_OFF_HOOK,
    MUTE_EDGE,
    ONE_BIT,
    SC660,
    SPEAK,
    WITH_LAMPS,
    load,
    tlc,
)


def controls_of(name: str) -> Controls:
    device = load(name)
    return read_controls(parse_descriptor(device.descriptor), device.model)


def hand_made(*items: bytes, model: ModelRecord | None = None) -> Controls:
    return read_controls(parse_descriptor(tlc(ONE_BIT, *items)), model)


COMMON = {"hook", "mute", "flash", "lamp_off_hook", "lamp_mute", "lamp_ring", "lamp_hold"}
JABRA_LIKE = COMMON | {"lamp_microphone", "ringer", "programmable", "volume", "reject"}
FEATURES = {
    JABRA: JABRA_LIKE | {"keypad", "redial", "speed_dial"},
    BIZ: JABRA_LIKE | {"keypad", "redial", "speed_dial", "voice_mail"},
    SPEAK: JABRA_LIKE,
    BT700: COMMON | {"redial", "programmable", "volume"},
    BLACKWIRE: COMMON | {"volume"},
    SC660: COMMON | {"lamp_microphone", "redial", "reject", "programmable", "volume"},
    D1: COMMON | {"lamp_microphone", "redial", "reject", "programmable", "volume"},
    CX300: {"hook", "mute", "flash", "redial", "keypad", "delete", "reject", "lamp_off_hook"},
    CMEDIA: {"hook", "mute", "mute_level", "volume"},
    ANKER: (JABRA_LIKE - {"reject"}) | {"keypad", "voice_mail", "speed_dial"},
    BRIO: {"hook", "mute", "lamp_mute"},
    G535: {"volume"},
    KRAKEN: {"volume"},
}


@pytest.mark.parametrize("name", FEATURES)
def test_features_of_real_devices(name: str) -> None:
    assert controls_of(name).features == FEATURES[name]


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_real_headsets_can_control_calls(name: str) -> None:
    verdict = controls_of(name).verdict
    assert verdict.usable
    assert "off_hook" in verdict.reason


def test_a_headset_without_lamps_can_if_it_has_ear_and_mouth() -> None:
    bare = read_controls(parse_descriptor(load(CMEDIA).descriptor))
    assert bare.lamps == {}
    assert bare.verdict.usable
    assert "phone mute and volume" in bare.verdict.reason


@pytest.mark.parametrize(
    ("name", "words"),
    [(BRIO, "no off-hook or ring lamp"), (G535, "no hook switch"), (KRAKEN, "no hook switch")],
)
def test_decoys_cannot_and_say_why(name: str, words: str) -> None:
    verdict = read_controls(parse_descriptor(load(name).descriptor)).verdict
    assert name in DECOYS
    assert not verdict.usable
    assert words in verdict.reason


def test_a_record_may_refuse_a_device_that_looks_right() -> None:
    model = ModelRecord("Poser", 1, 2, call_control=False, evidence={"call_control": "it is a microphone"})
    verdict = hand_made(HOOK, LAMP_OFF_HOOK, model=model).verdict
    assert (verdict.usable, verdict.reason) == (False, "Poser: it is a microphone")


SHAPES = [
    (JABRA, Special.HOOK, Shape.LEVEL),
    (JABRA, Special.MUTE, Shape.EDGE),
    (JABRA, Button.FLASH, Shape.EDGE),
    (JABRA, Button.PROGRAMMABLE, Shape.LEVEL),
    (JABRA, Digit("7"), Shape.ARRAY),
    (BT700, Button.FLASH, Shape.LEVEL),
    (CMEDIA, Special.HOOK, Shape.EDGE),
    (CMEDIA, Special.MUTE, Shape.LEVEL),
    (ANKER, Special.HOOK, Shape.LEVEL),
    (ANKER, Special.MUTE, Shape.EDGE),
    (CX300, Special.HOOK, Shape.LEVEL),
    (D1, Button.PROGRAMMABLE, Shape.ARRAY),
]


@pytest.mark.parametrize(("name", "meaning", "shape"), SHAPES)
def test_flags_decide_between_level_edge_and_array(
    name: str, meaning: Special | Button | Digit, shape: Shape
) -> None:
    control = controls_of(name).find(meaning)
    assert control is not None
    assert control.shape is shape


def test_one_page_only_so_no_press_comes_twice() -> None:
    for name in (JABRA, BIZ, SC660, D1, BT700):
        controls = controls_of(name)
        assert controls.page == TELEPHONY
        said = [meaning for control in controls.inputs for meaning in control.meanings]
        assert len(said) == len(set(said)), name
        for control in controls.inputs:
            if control.field.usage >> 16 >= 0xFF00:
                assert control.meaning is Button.REJECT


def test_jabras_reject_is_read_where_only_the_mirror_has_it() -> None:
    for name, bit in ((JABRA, 5), (BIZ, 5), (SPEAK, 4)):
        reject = controls_of(name).find(Button.REJECT)
        assert reject is not None
        assert (reject.field.report_id, reject.field.bit) == (4, bit)


def test_a_mirror_is_read_where_the_standard_page_has_no_hook() -> None:
    mirror = bytes.fromhex("06 30 ff 09 20 81 22 09 2f 81 06 06 40 ff 09 17 91 22 06 30 ff 09 9e 91 22")
    controls = hand_made(MUTE_EDGE, mirror)
    assert controls.page == 0xFF30
    assert {c.field.usage for c in controls.inputs} == {0xFF30_0020, 0xFF30_002F}
    assert {lamp: f.usage for lamp, f in controls.lamps.items()} == {
        Lamp.OFF_HOOK: 0xFF40_0017,
        Lamp.RINGER: 0xFF30_009E,
    }


KEYPADS = [
    (JABRA, {0: None, 1: "0", 2: "1", 10: "9", 11: "*", 12: "#"}),
    (BIZ, {0: None, 1: "0", 10: "9", 11: "*", 12: "#", 13: None}),
    (CX300, {0: None, 1: "0", 10: "9", 11: "*", 12: "#", 13: "A"}),
    (ANKER, {0: None, 1: "0", 11: "*", 12: "#"}),
]


@pytest.mark.parametrize(("name", "keys"), KEYPADS)
def test_idle_is_no_key_whatever_the_logical_range_says(name: str, keys: dict[int, str | None]) -> None:
    pad = controls_of(name).find(Digit("0"))
    assert pad is not None
    values = dict(pad.values)
    for value, digit in keys.items():
        assert values.get(value) == (None if digit is None else Digit(digit))


@pytest.mark.parametrize(("base", "first"), [(None, 1), (0, 0), (1, 1), (3, 3)])
def test_a_record_may_give_the_array_base(base: int | None, first: int) -> None:
    keypad = bytes.fromhex("05 0b 15 00 25 0b 75 04 95 01 19 b0 29 bb 81 00")
    model = ModelRecord("Pad", 1, 2, array_base=base)
    pad = read_controls(parse_descriptor(tlc(keypad)), model).find(Digit("0"))
    assert pad is not None
    assert next(value for value, meaning in pad.values if meaning == Digit("0")) == first


def test_single_bit_digit_keys_are_digits_too() -> None:
    controls = hand_made(bytes.fromhex("05 0b 09 b5 81 02 09 ba 81 02"))
    assert [c.meaning for c in controls.inputs] == [Digit("5"), Digit("*")]
    assert "keypad" in controls.features


LAMP_PLACES = {
    JABRA: {
        Lamp.OFF_HOOK: (2, 0),
        Lamp.MUTE: (2, 1),
        Lamp.RING: (2, 2),
        Lamp.HOLD: (2, 3),
        Lamp.RINGER: (2, 5),
    },
    SC660: {Lamp.MUTE: (9, 0), Lamp.OFF_HOOK: (9, 1), Lamp.RING: (9, 2), Lamp.HOLD: (9, 5)},
    D1: {Lamp.OFF_HOOK: (3, 0), Lamp.MICROPHONE: (3, 1), Lamp.RING: (3, 2), Lamp.MUTE: (3, 3)},
    BT700: {Lamp.RING: (0x21, 0), Lamp.MUTE: (0x23, 0), Lamp.OFF_HOOK: (0x24, 0), Lamp.HOLD: (0x25, 0)},
    BLACKWIRE: {Lamp.MUTE: (9, 0), Lamp.OFF_HOOK: (0x17, 0), Lamp.RING: (0x18, 0), Lamp.HOLD: (0x20, 0)},
    BRIO: {Lamp.MUTE: (8, 6)},
}


@pytest.mark.parametrize("name", LAMP_PLACES)
def test_lamps_are_where_the_descriptor_puts_them(name: str) -> None:
    lamps = controls_of(name).lamps
    for lamp, place in LAMP_PLACES[name].items():
        assert (lamps[lamp].report_id, lamps[lamp].bit) == place


def test_lamps_may_be_features_but_outputs_win() -> None:
    feature_mute = bytes.fromhex("05 08 09 09 b1 22")
    lamps = hand_made(HOOK, feature_mute, LAMP_OFF_HOOK).lamps
    assert lamps[Lamp.MUTE].kind is ReportKind.FEATURE
    assert lamps[Lamp.OFF_HOOK].kind is ReportKind.OUTPUT
    both = hand_made(HOOK, feature_mute, bytes.fromhex("05 08 09 09 91 22")).lamps
    assert both[Lamp.MUTE].kind is ReportKind.OUTPUT


def test_speaker_mute_is_not_the_microphone() -> None:
    controls = hand_made(bytes.fromhex("05 0c 09 e2 81 06 09 e9 81 06"))
    assert controls.features == {"volume"}


def test_a_record_may_rename_and_silence_keys() -> None:
    model = ModelRecord("Desk", 1, 2, usages={0x000B_0021: Button.DELETE, 0x000B_002F: None})
    controls = hand_made(HOOK, FLASH_LEVEL, MUTE_EDGE, model=model)
    assert controls.find(Button.DELETE) is not None
    assert controls.find(Button.FLASH) is None
    assert controls.find(Special.MUTE) is None


@pytest.mark.parametrize(
    ("model", "has"),
    [
        (ModelRecord("a", 1, 2), False),
        (ModelRecord("b", 1, 2, reject_reports=2), True),
        (ModelRecord("c", 1, 2, reject_button=Button.FLASH), True),
        (ModelRecord("d", 1, 2, reject_button=Button.REDIAL), False),
    ],
)
def test_reject_is_a_feature_only_where_it_can_be_done(model: ModelRecord, has: bool) -> None:
    assert ("reject" in hand_made(HOOK, FLASH_LEVEL, model=model).features) is has


def test_the_first_field_of_a_meaning_wins() -> None:
    controls = hand_made(HOOK, FLASH_LEVEL, HOOK, FLASH_LEVEL)
    assert [c.field.bit for c in controls.inputs] == [0, 1]
    assert all(isinstance(c, Control) for c in controls.inputs)


def test_lamp_names_are_the_commands_names() -> None:
    shown = set(Lamps.__dataclass_fields__)
    assert {lamp.value for lamp in LAMPS.values()} == shown
