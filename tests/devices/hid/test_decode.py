"""A device explained: controls and lamps as listed, events of a sequence, writes for lamps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices.hid.decode import ControlEntry, Decoded, EventEntry, LampEntry, WriteEntry, decode
from devices.models.record import ModelRecord
from state.commands import Lamps
from state.errors import ProtocolError
from state.words import Button
from tests.devices.hid import built
from tests.devices.hid.descriptors import (
    ALL,
    BIZ,
    BLACKWIRE,
    BRIO,
    BT700,
    CMEDIA,
    CX300,
    D1,
    FLASH_LEVEL,
    HOOK,
    JABRA,
    LAMP_OFF_HOOK,
    ONE_BIT,
    SC660,
    load,
    pad,
    tlc,
)


def explain(name: str, *reports: str, lamps: Lamps | None = None) -> Decoded:
    device = load(name)
    return decode(device.descriptor, device.model, [bytes.fromhex(each) for each in reports], lamps)


def told(name: str, *reports: str, lamps: Lamps | None = None) -> list[tuple[str, bool | str]]:
    return [(event.event, event.value) for event in explain(name, *reports, lamps=lamps).events]


# controls --------------------------------------------------------------------------------------------


def test_the_controls_of_a_jabra() -> None:
    controls = explain(JABRA).controls
    assert controls[:3] == (
        ControlEntry("000B:0020", "Hook Switch", 2, 0, 1, "level"),
        ControlEntry("000B:0097", "Line Busy Tone", 2, 1, 1, "level"),
        ControlEntry("000B:002F", "Phone Mute", 2, 2, 1, "edge"),
    )
    assert controls[7:9] == (
        ControlEntry("000B:00B0", "Phone Key 0", 2, 7, 4, "array", 1),
        ControlEntry("000B:00B1", "Phone Key 1", 2, 7, 4, "array", 2),
    )
    assert controls[18] == ControlEntry("000B:00BB", "Phone Key Pound", 2, 7, 4, "array", 12)
    assert controls[19:] == (
        ControlEntry("FF30:FFFD", "Reject", 4, 5, 1, "edge"),
        ControlEntry("000C:00EA", "Volume Decrement", 1, 0, 1, "level"),
        ControlEntry("000C:00E9", "Volume Increment", 1, 1, 1, "level"),
    )


KINDS = [
    (CMEDIA, {"000B:002F": "level", "000B:0020": "edge", "000C:00E9": "level", "000C:00EA": "level"}),
    (BRIO, {"000B:002F": "edge", "000B:0020": "level"}),
    (BT700, {"000B:0020": "level", "000B:002F": "edge", "000B:0021": "level", "000B:0024": "edge",
             "000B:0007": "edge", "000C:00E9": "level", "000C:00EA": "level"}),
    (D1, {"000B:0020": "level", "000B:0021": "edge", "000B:0024": "edge", "000B:002F": "edge",
          "000B:0026": "edge", "000B:0007": "array", "0009:0001": "array",
          "000C:00E9": "level", "000C:00EA": "level"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kinds"), KINDS)
def test_kinds_by_their_flags_and_nothing_of_other_pages(name: str, kinds: dict[str, str]) -> None:
    assert {each.usage: each.kind for each in explain(name).controls} == kinds


def expand(reports: list[dict[str, Any]]) -> set[tuple[str, int, int, int]]:
    """Telephony inputs of a reference decoding as (usage, report, bit, size), arrays by key."""
    found = set()
    for report in reports:
        for field in report["fields"] if report["kind"] == "input" else []:
            ends = (field.get("usage") or field.get("usages") or "").split("..")
            first, last = (int(end.split(" ")[0].replace(":", ""), 16) for end in (ends[0], ends[-1]))
            page = first >> 16
            if page != 0x0B:
                continue
            for usage in range(first, (last if last >> 16 == page else first) + 1):
                word = f"{usage >> 16:04X}:{usage & 0xFFFF:04X}"
                found.add((word, report["report_id"], field["bit"], field["size"]))
    return found


def test_every_reference_decoding_has_its_telephony_inputs_listed(shared_data: Callable[..., Path]) -> None:
    for file in sorted(shared_data("hid").glob("*.json")):
        reference = json.loads(file.read_text(encoding="utf-8"))
        listed = decode(bytes.fromhex(reference["report_descriptor_hex"])).controls
        ours = {(e.usage, e.report_id, e.bit, e.size) for e in listed if e.usage.startswith("000B:")}
        assert ours == expand(reference["decoded"]), file.name


def test_every_reference_decoding_has_its_leds_listed(shared_data: Callable[..., Path]) -> None:
    for file in sorted(shared_data("hid").glob("*.json")):
        reference = json.loads(file.read_text(encoding="utf-8"))
        expected = {
            (field["usage"].split(" ")[0], report["report_id"], report["kind"], field["bit"], field["size"])
            for report in reference["decoded"]
            for field in report["fields"]
            if report["kind"] != "input" and field.get("usage", "").startswith(("0008:", "000B:009E"))
        }
        lamps = decode(bytes.fromhex(reference["report_descriptor_hex"])).lamps
        ours = {(each.usage, each.report_id, each.via, each.bit, each.size) for each in lamps}
        if not file.stem.startswith("yealink_usb_phone_adapter"):
            assert ours == expected, file.name


@pytest.mark.parametrize("name", ALL)
def test_no_control_and_no_lamp_is_listed_twice(name: str) -> None:
    shown = explain(name)
    for entries in (shown.controls, shown.lamps):
        keys = [(each.usage, each.report_id, each.bit) for each in entries]
        assert len(keys) == len(set(keys))


def test_a_key_that_only_a_record_knows_is_listed() -> None:
    record = ModelRecord("Desk", 1, 2, usages={0xFF99_0004: Button.LINE})
    teams = built.collection(0xFF99, 1, built.bits(built.INPUT, 0xFF99, (0x04,)), built.pad(0x81, 7))
    assert [each.name for each in decode(teams, record).controls] == ["vendor FF99:0004"]
    assert decode(teams).controls == ()


# lamps -----------------------------------------------------------------------------------------------


def test_the_lamps_of_a_blackwire() -> None:
    assert explain(BLACKWIRE).lamps == (
        LampEntry("0008:0009", "Mute", 0x09, "output", 0, 1),
        LampEntry("0008:0017", "Off-Hook", 0x17, "output", 0, 1),
        LampEntry("0008:0018", "Ring", 0x18, "output", 0, 1),
        LampEntry("0008:001E", "Speaker", 0x1E, "output", 0, 1),
        LampEntry("0008:0020", "Hold", 0x20, "output", 0, 1),
        LampEntry("0008:002A", "On-Line", 0x2A, "output", 0, 1),
    )


# events ----------------------------------------------------------------------------------------------


def test_hook_mute_and_keys_in_the_words_of_computer_telephony() -> None:
    presses = (
        "02 00 00",
        "02 01 00",
        "02 05 00",
        "02 01 00",
        "02 09 00",
        "02 01 00",
        "02 81 02",
        "02 01 00",
        "02 00 00",
    )
    assert told(JABRA, *presses) == [
        ("device.hookswitch", True),
        ("device.mute", True),
        ("device.button", "flash"),
        ("device.button", "4"),
        ("device.hookswitch", False),
    ]  # fmt: skip


def test_the_first_input_is_what_was_before_whatever_it_says() -> None:
    assert explain(JABRA, "02 85 02").events == ()
    assert told(JABRA, "02 85 02", "02 81 02") == []
    assert told(JABRA, "02 01 00", "02 00 00") == [("device.hookswitch", False)]


def test_reports_of_other_ids_were_zero_before() -> None:
    assert told(JABRA, "02 00 00", "01 02 00", "04 20 00") == [
        ("device.button", "volume_up"),
        ("device.button", "reject"),
    ]
    assert told(JABRA, "01 00 00", "02 01 00") == [("device.hookswitch", True)]


def test_a_second_press_of_a_relative_mute_is_off() -> None:
    assert told(JABRA, "02 01 00", "02 05 00", "02 01 00", "02 05 00", "02 01 00", "02 05 00") == [
        ("device.mute", True),
        ("device.mute", False),
        ("device.mute", True),
    ]


def test_a_mute_that_is_lit_is_put_out_by_the_first_press() -> None:
    lit = Lamps(off_hook=True, mute=True)
    assert told(JABRA, "02 01 00", "02 05 00", lamps=lit) == [("device.mute", False)]


def test_absolute_mute_and_relative_hook_are_the_reverse() -> None:
    zero = "00 00 00 00"
    assert told(CMEDIA, zero, "08 00 00 00", zero, "10 00 00 00", zero, "10 00 00 00") == [
        ("device.mute", True),
        ("device.mute", False),
        ("device.hookswitch", True),
        ("device.hookswitch", False),
    ]


def test_a_zero_for_an_id_that_does_not_exist_may_be_there() -> None:
    assert told(CMEDIA, "00 00 00 00 00", "00 08 00 00 00") == [("device.mute", True)]


@pytest.mark.parametrize(
    ("name", "baseline", "down"), [(BT700, "20 00", "20 04"), (BLACKWIRE, "08 00", "08 04")]
)
def test_a_flash_that_is_still_down_at_the_end_is_told(name: str, baseline: str, down: str) -> None:
    assert told(name, baseline, down) == [("device.button", "flash")]
    assert told(name, baseline, down, baseline) == [("device.button", "flash")]
    assert told(name, baseline, down, baseline, down) == [("device.button", "flash")] * 2


def test_a_key_that_rejects_while_it_rings_does_so_while_it_rings() -> None:
    idle, key = "01" + "00" * 7, "0120" + "00" * 6
    assert told(CX300, idle, key) == [("device.button", "delete")]
    assert told(CX300, idle, key, lamps=Lamps(ring=True)) == [("device.button", "reject")]


def test_answering_ends_the_ring() -> None:
    ringing = Lamps(ring=True)
    idle, lifted, key = "01" + "00" * 7, "0101" + "00" * 6, "0121" + "00" * 6
    assert told(CX300, idle, lifted, key, lamps=ringing) == [
        ("device.hookswitch", True),
        ("device.button", "delete"),
    ]


def test_eposs_drop_is_its_reject() -> None:
    assert told(SC660, "08 00", "08 10", lamps=Lamps(ring=True)) == [("device.button", "reject")]


def test_what_is_no_report_of_the_device_is_ignored_and_named() -> None:
    shown = explain(JABRA, "02 00", "02 00 00", "09 01", "02 01 00")
    assert shown.ignored == (1, 3)
    assert [event.value for event in shown.events] == [True]
    assert explain(JABRA).ignored == ()


def test_without_inputs_there_are_no_events() -> None:
    assert explain(JABRA, lamps=Lamps(ring=True)).events == ()


def test_events_are_values() -> None:
    assert explain(JABRA, "02 00 00", "02 01 00").events == (EventEntry("device.hookswitch", True),)


# writes ----------------------------------------------------------------------------------------------


WRITES = [
    (JABRA, Lamps(off_hook=True), ["020100"]),
    (JABRA, Lamps(ring=True), ["022400"]),
    (BIZ, Lamps(off_hook=True, mute=True, microphone=True), ["021300"]),
    (BLACKWIRE, Lamps(off_hook=True), ["1701", "0900", "2000", "1800"]),
    (BLACKWIRE, Lamps(ring=True), ["0900", "2000", "1801", "1700"]),
    (SC660, Lamps(off_hook=True, mute=True), ["0903"]),
    (D1, Lamps(off_hook=True, mute=True), ["0309"]),
    (CMEDIA, Lamps(off_hook=True), []),
    (JABRA, Lamps(), ["020000"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lamps", "reports"), WRITES)
def test_writes_are_whole_reports_from_an_unknown_state(name: str, lamps: Lamps, reports: list[str]) -> None:
    shown = explain(name, lamps=lamps)
    assert [write.hex for write in shown.writes] == reports
    assert all(write.report_id == int(write.hex[:2], 16) and write.via == "output" for write in shown.writes)


def test_nothing_is_written_where_nothing_was_asked() -> None:
    assert all(explain(name).writes == () for name in ALL)


def test_a_lamp_by_feature_is_written_as_a_feature_with_a_zero_for_its_id() -> None:
    lit = built.collection(
        0x0B, 5, built.bits(built.INPUT, 0x0B, (0x20,)), built.bits(built.FEATURE, 8, (0x17,))
    )
    assert decode(lit, lamps=Lamps(off_hook=True)).writes == (WriteEntry(0, "feature", "0001"),)


# whole, byte by byte, with garbage -------------------------------------------------------------------


def test_a_descriptor_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ProtocolError, match="cut short"):
        decode(load(JABRA).descriptor[:100])


def test_inputs_of_every_length_are_read_or_ignored() -> None:
    whole = bytes.fromhex("02 05 00 ff ff ff")
    for end in range(len(whole) + 1):
        shown = decode(load(JABRA).descriptor, None, [bytes.fromhex("020000"), whole[:end]])
        assert shown.ignored == (() if end >= 3 else (2,))
        assert len(shown.events) == (2 if end >= 3 else 0)


def test_a_level_flash_alone_is_enough_to_be_told() -> None:
    desk = tlc(
        b"\x85\x01", ONE_BIT, HOOK, FLASH_LEVEL, pad(0x81, 6), b"\x85\x02", LAMP_OFF_HOOK, pad(0x91, 7)
    )
    shown = decode(desk, None, [b"\x01\x00", b"\x01\x02"])
    assert [(event.event, event.value) for event in shown.events] == [("device.button", "flash")]
