"""Descriptor to fields: every trap of real devices, agreement with two other decoders, clear refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.hid.descriptor import MAX_FIELDS, parse_descriptor
from devices.hid.fields import Collection, Flags, ReportKind, UsageRange
from state.errors import Blame, ProtocolError, ProtocolReason
from tests.devices.hid.decoded import shape_of, without_names
from tests.devices.hid.descriptors import (
    ALL,
    ANKER,
    BIZ,
    BRIO,
    BT700,
    CMEDIA,
    CX300,
    D1,
    HOOK,
    JABRA,
    KRAKEN,
    MUTE_EDGE,
    ONE_BIT,
    load,
    tlc,
)


def test_every_reference_decoding_is_met_exactly(shared_data: Callable[..., Path]) -> None:
    files = sorted(shared_data("hid").glob("*.json"))
    assert len(files) >= 14
    for file in files:
        reference = json.loads(file.read_text(encoding="utf-8"))
        descriptor = parse_descriptor(bytes.fromhex(reference["report_descriptor_hex"]))
        assert shape_of(descriptor) == without_names(reference["decoded"]), file.name
        named = [f"{usage >> 16:04X}:{usage & 0xFFFF:04X}" for usage in descriptor.applications]
        assert named == [name.split(" ")[0] for name in reference["top_level_collections"]], file.name


def test_copied_descriptors_are_the_reference_ones(shared_data: Callable[..., Path]) -> None:
    for name in ALL:
        reference = json.loads(shared_data("hid", f"{name}.json").read_text(encoding="utf-8"))
        assert load(name).descriptor.hex() == reference["report_descriptor_hex"]


@pytest.mark.parametrize("name", ALL)
def test_every_file_carries_its_source(name: str) -> None:
    device = load(name)
    assert len(device.source) > 20
    assert 0 < device.vendor_id <= 0xFFFF
    assert 0 < device.product_id <= 0xFFFF


LAYOUTS = {
    JABRA: {(ReportKind.INPUT, 2): 16, (ReportKind.OUTPUT, 2): 16, (ReportKind.INPUT, 4): 16},
    BIZ: {(ReportKind.INPUT, 2): 16, (ReportKind.OUTPUT, 2): 16, (ReportKind.FEATURE, 4): 8},
    BT700: {(ReportKind.INPUT, 0x20): 8, (ReportKind.OUTPUT, 0x24): 8, (ReportKind.OUTPUT, 0x10): 496},
    CX300: {(ReportKind.INPUT, 1): 56, (ReportKind.OUTPUT, 0x15): 136, (ReportKind.FEATURE, 0x17): 32},
    D1: {(ReportKind.INPUT, 2): 8, (ReportKind.OUTPUT, 3): 8, (ReportKind.INPUT, 0xE9): 2040},
    CMEDIA: {(ReportKind.INPUT, 0): 32, (ReportKind.OUTPUT, 0): 32},
    BRIO: {(ReportKind.INPUT, 8): 2, (ReportKind.OUTPUT, 8): 14},
    ANKER: {(ReportKind.INPUT, 2): 16, (ReportKind.OUTPUT, 2): 16},
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_report_lengths(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    for (kind, report_id), bits in LAYOUTS[name].items():
        layout = descriptor.report(kind, report_id)
        assert layout is not None
        assert layout.bits == bits
        assert layout.payload_bytes == (bits + 7) // 8


TRAPS = [
    (JABRA, ReportKind.INPUT, 2, 0x000B_0007, 6, Flags.VARIABLE),
    (ANKER, ReportKind.INPUT, 2, 0x000B_0020, 0, Flags.CONSTANT | Flags.VARIABLE | Flags.NO_PREFERRED),
    (ANKER, ReportKind.INPUT, 2, 0x000B_002F, 2, Flags.CONSTANT | Flags.VARIABLE | Flags.RELATIVE),
    (D1, ReportKind.INPUT, 2, 0x000B_0020, 0, Flags.VARIABLE),
    (D1, ReportKind.OUTPUT, 3, 0x0008_0017, 0, Flags.VARIABLE),
    (CMEDIA, ReportKind.INPUT, 0, 0x000B_002F, 3, Flags.VARIABLE),
    (CMEDIA, ReportKind.INPUT, 0, 0x000B_0020, 4, Flags.VARIABLE | Flags.RELATIVE),
    (BRIO, ReportKind.OUTPUT, 8, 0x0008_0009, 6, Flags.VARIABLE | Flags.NO_PREFERRED),
    (CX300, ReportKind.OUTPUT, 0x16, 0xFF99_FF1C, 12, Flags.VARIABLE | Flags.RELATIVE | Flags.NO_PREFERRED),
]


@pytest.mark.parametrize(("name", "kind", "report_id", "usage", "bit", "flags"), TRAPS)
def test_traps_of_real_devices(
    name: str, kind: ReportKind, report_id: int, usage: int, bit: int, flags: Flags
) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    (field,) = (f for f in descriptor.of_report(kind, report_id) if f.usage == usage)
    assert (field.bit, field.flags) == (bit, flags)


def test_an_empty_telephony_collection_is_seen_but_has_no_report() -> None:
    descriptor = parse_descriptor(load(KRAKEN).descriptor)
    assert 0x000B_0005 in descriptor.applications
    assert all(layout.application != 0x000B_0005 for layout in descriptor.reports)


def test_keypad_array_crosses_a_byte_and_keeps_its_range() -> None:
    descriptor = parse_descriptor(load(JABRA).descriptor)
    (keypad,) = (f for f in descriptor.of_report(ReportKind.INPUT, 2) if f.array)
    assert (keypad.bit, keypad.size, keypad.count) == (7, 4, 1)
    assert keypad.usages == (UsageRange(0x000B_00B0, 0x000B_00BB),)
    assert keypad.usage_count == 12
    assert [keypad.usage_at(n) for n in (-1, 0, 11, 12)] == [None, 0x000B_00B0, 0x000B_00BB, None]
    assert keypad.path == (Collection(1, 0x000B_0005), Collection(2, 0x000B_0006))


def test_an_array_of_two_single_usages_indexes_both() -> None:
    descriptor = parse_descriptor(load(D1).descriptor)
    (keys,) = (f for f in descriptor.of_report(ReportKind.INPUT, 2) if f.array)
    assert [keys.usage_at(n) for n in range(3)] == [0x000B_0007, 0x0009_0001, None]


@pytest.mark.parametrize(("name", "numbered"), [(JABRA, True), (CMEDIA, False)])
def test_whether_reports_are_numbered(name: str, numbered: bool) -> None:
    assert parse_descriptor(load(name).descriptor).numbered is numbered


def test_unknown_report_is_none() -> None:
    assert parse_descriptor(load(JABRA).descriptor).report(ReportKind.FEATURE, 99) is None


# rules of the standard, one by one -------------------------------------------------------------


def test_a_repeated_report_id_goes_on_at_its_running_offset() -> None:
    data = tlc(b"\x85\x01", ONE_BIT, HOOK, b"\x85\x02", MUTE_EDGE, b"\x85\x01", MUTE_EDGE)
    fields = parse_descriptor(data).of_report(ReportKind.INPUT, 1)
    assert [(f.usage & 0xFF, f.bit) for f in fields] == [(0x20, 0), (0x2F, 1)]


def test_inputs_and_outputs_of_one_id_count_separately() -> None:
    data = tlc(b"\x85\x01", ONE_BIT, HOOK, bytes.fromhex("05 08 09 17 91 22"), MUTE_EDGE)
    descriptor = parse_descriptor(data)
    assert [f.bit for f in descriptor.of_report(ReportKind.INPUT, 1)] == [0, 1]
    assert [f.bit for f in descriptor.of_report(ReportKind.OUTPUT, 1)] == [0]


def test_push_and_pop_bring_globals_back() -> None:
    data = tlc(ONE_BIT, b"\xa4", bytes.fromhex("05 08 75 08 95 04 09 17 91 22"), b"\xb4", b"\x09\x20\x81\x22")
    descriptor = parse_descriptor(data)
    (hook,) = descriptor.of_report(ReportKind.INPUT, 0)
    (lamp,) = descriptor.of_report(ReportKind.OUTPUT, 0)
    assert (hook.usage, hook.size, hook.count) == (0x000B_0020, 1, 1)
    assert (lamp.usage, lamp.size, lamp.count) == (0x0008_0017, 8, 4)


def test_locals_are_cleared_at_collections_and_ends() -> None:
    data = tlc(ONE_BIT, b"\x09\x06\xa1\x02", b"\x81\x02", b"\x09\x2f\xc0", b"\x81\x02", HOOK)
    fields = parse_descriptor(data).of_report(ReportKind.INPUT, 0)
    assert [(f.usage, f.bit) for f in fields] == [(0x000B_0020, 2)]


def test_a_nested_application_without_usage_is_tolerated() -> None:
    data = tlc(ONE_BIT, b"\xa1\x01", HOOK, b"\xc0")
    (hook,) = parse_descriptor(data).fields
    assert hook.path == (Collection(1, 0x000B_0005), Collection(1, 0))


def test_usages_run_out_and_the_last_one_has_the_rest() -> None:
    data = tlc(bytes.fromhex("15 00 25 01 75 01 95 05 09 20 09 2f 81 02"))
    fields = parse_descriptor(data).fields
    assert [(f.usage & 0xFF, f.bit, f.count) for f in fields] == [(0x20, 0, 1), (0x2F, 1, 4)]


def test_more_usages_than_elements_are_cut() -> None:
    data = tlc(bytes.fromhex("15 00 25 01 75 01 95 02 19 b0 29 b9 81 02"))
    assert [f.usage & 0xFF for f in parse_descriptor(data).fields] == [0xB0, 0xB1]


def test_usage_maximum_may_come_first() -> None:
    data = tlc(bytes.fromhex("15 01 25 0c 75 04 95 01 29 bb 19 b0 81 00"))
    (field,) = parse_descriptor(data).fields
    assert field.usages == (UsageRange(0x000B_00B0, 0x000B_00BB),)


def test_four_byte_usages_bring_their_own_page() -> None:
    data = tlc(ONE_BIT, bytes.fromhex("0b 17 00 08 00 91 22"))
    assert parse_descriptor(data).fields[0].usage == 0x0008_0017


def test_a_usage_named_before_any_page_belongs_to_the_page_of_its_item() -> None:
    (field,) = parse_descriptor(bytes.fromhex("09 05 05 0b a1 01 75 01 95 01 09 20 81 02 c0")).fields
    assert field.path == (Collection(1, 0x000B_0005),)


def test_delimited_alternatives_count_once() -> None:
    data = tlc(ONE_BIT, bytes.fromhex("a9 01 09 20 09 97 a9 00 09 2f 95 02 81 02"))
    assert [f.usage & 0xFF for f in parse_descriptor(data).fields] == [0x20, 0x2F]


@pytest.mark.parametrize(
    ("extent", "low", "high"),
    [("15 00 25 ff", 0, 255), ("15 00 26 ff 00", 0, 255), ("15 ff 25 01", -1, 1), ("15 81 25 7f", -127, 127)],
)
def test_the_maximum_is_signed_only_below_a_negative_minimum(extent: str, low: int, high: int) -> None:
    (field,) = parse_descriptor(tlc(bytes.fromhex(extent + "75 08 95 01 09 20 81 02"))).fields
    assert (field.logical_min, field.logical_max) == (low, high)


def test_units_and_physical_extents_are_passed_over() -> None:
    data = tlc(ONE_BIT, bytes.fromhex("35 00 45 10 55 00 65 00 39 00"), HOOK)
    assert [f.usage for f in parse_descriptor(data).fields] == [0x000B_0020]


BROKEN = [
    ("c0", "never began"),
    ("05 0b 09 05", "no collection"),
    ("05 0b 09 05 a1 01", "1 collections are still open"),
    ("05 0b 09 05 a1 01 c0 c0", "never began"),
    ("05 0b 09 20 75 01 95 01 81 02", "outside every collection"),
    ("05 0b 09 05 a1 01 b4 c0", "never pushed"),
    ("05 0b 09 05 a1 01 85 00 c0", "report id 0"),
    ("05 0b 09 05 a1 01 86 00 01 c0", "report id 256"),
    ("05 0b 09 05 a1 01 76 01 01 c0", "report size 257"),
    ("05 0b 09 05 a1 01 97 ff ff ff 7f c0", "report count 2147483647"),
    ("05 0b 09 05 a1 01 75 ff 96 ff ff 09 20 81 02 c0", "grows to"),
    ("05 0b 09 05 a1 01 19 bb 29 b0 c0", "ends before it begins"),
    ("05 0b 09 05 a1 01 1b 00 00 0b 00 2b 00 00 0c 00 c0", "ends before it begins"),
    ("05 0b 09 05 a1 01 0c c0", "reserved item type"),
    ("05 0b 09 05 a1 01 11 00 c0", "unknown main item"),
    ("a4 " * 33, "pushed too deep"),
    ("a1 01 " * 33, "nested too deep"),
]


@pytest.mark.parametrize(("data", "words"), BROKEN)
def test_what_makes_no_sense_is_refused_with_a_reason(data: str, words: str) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        parse_descriptor(bytes.fromhex(data))
    assert (caught.value.by, caught.value.reason) == (Blame.DEVICE, ProtocolReason.MALFORMED)
    assert str(caught.value).startswith("report descriptor: ")


def test_fields_are_bounded() -> None:
    wide = bytes.fromhex("15 00 25 01 75 01 96 ff 0f 1a 00 00 2a ff ff 81 02")
    with pytest.raises(ProtocolError, match=f"more than {MAX_FIELDS} fields"):
        parse_descriptor(tlc(wide * 3))


@pytest.mark.parametrize("name", ALL)
def test_a_descriptor_cut_anywhere_inside_a_collection_is_refused(name: str) -> None:
    data = load(name).descriptor
    whole = parse_descriptor(data)
    kept = 0
    blamed = set()
    for end in range(len(data)):
        try:
            cut = parse_descriptor(data[:end])
        except ProtocolError as error:
            blamed.add((error.by, error.reason))
            continue
        # a cut between two top-level collections cannot be seen; what was read must then be true
        kept += 1
        assert cut.fields == whole.fields[: len(cut.fields)]
        assert cut.applications == whole.applications[: len(cut.applications)]
    assert kept <= 4 * len(whole.applications)
    assert blamed == {(Blame.DEVICE, ProtocolReason.MALFORMED)}
