"""Reports to changes: what differs, field by field, whatever else a report carries."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.hid.bits import get_bits
from devices.hid.controls import Controls, Digit, Meaning, Shape, Special, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import Descriptor, ReportKind
from devices.hid.inputs import MAX_ELEMENTS, Change, InputReader, Reading
from state.words import Button
from tests.devices.hid import built
from tests.devices.hid.descriptors import ALL, CMEDIA, D1, JABRA, load


def reader_of(descriptor: bytes) -> InputReader:
    layout = parse_descriptor(descriptor)
    return InputReader(layout, read_controls(layout))


def read(reader: InputReader, report: str) -> Reading:
    reading = reader.read(bytes.fromhex(report))
    assert reading is not None
    return reading


@pytest.fixture(name="jabra")
def _jabra() -> InputReader:
    return reader_of(load(JABRA).descriptor)


def test_the_first_report_is_baseline_for_levels_and_a_press_for_keys(jabra: InputReader) -> None:
    reading = read(jabra, "02 45 00")
    assert (reading.first, reading.repeated, reading.levels) == (True, False, {Special.HOOK: True})
    assert reading.changes == (
        Change(Special.MUTE, Shape.EDGE, True),
        Change(Button.PROGRAMMABLE, Shape.LEVEL, True),
    )


def test_each_report_has_a_baseline_of_its_own(jabra: InputReader) -> None:
    assert read(jabra, "02 00 00").first
    assert read(jabra, "01 00 00").first
    assert not read(jabra, "02 00 00").first


def test_an_equal_report_is_repeated_and_says_its_levels_again(jabra: InputReader) -> None:
    read(jabra, "02 01 00")
    again = read(jabra, "02 01 00")
    assert again == Reading(2, False, True, {Special.HOOK: True}, ())


def test_a_change_of_bits_that_are_none_of_ours_is_not_repeated_and_no_change(jabra: InputReader) -> None:
    read(jabra, "02 01 00")
    busy = read(jabra, "02 03 f8")
    assert busy == Reading(2, False, False, {Special.HOOK: True}, ())


def test_levels_follow_and_are_told_lowest_bit_first(jabra: InputReader) -> None:
    read(jabra, "02 00 00")
    reading = read(jabra, "02 0d 00")
    assert reading.levels == {Special.HOOK: True}
    assert [change.meaning for change in reading.changes] == [Special.HOOK, Special.MUTE, Button.FLASH]
    after = read(jabra, "02 04 00")
    assert after.levels == {Special.HOOK: False}
    assert [(change.meaning, change.down) for change in after.changes] == [
        (Special.HOOK, False),
        (Button.FLASH, False),
    ]
    assert read(jabra, "02 04 00").levels == {Special.HOOK: False}


def test_a_reading_kept_by_somebody_is_not_changed_later(jabra: InputReader) -> None:
    read(jabra, "02 00 00")
    kept = read(jabra, "02 01 00")
    read(jabra, "02 00 00")
    assert kept.levels == {Special.HOOK: True}


def test_an_array_tells_what_went_up_then_what_went_down(jabra: InputReader) -> None:
    read(jabra, "02 80 00")
    assert read(jabra, "02 00 01").changes == (
        Change(Digit("0"), Shape.ARRAY, False),
        Change(Digit("1"), Shape.ARRAY, True),
    )
    assert read(jabra, "02 00 00").changes == (Change(Digit("1"), Shape.ARRAY, False),)


def test_a_number_that_stays_set_is_no_change() -> None:
    wide = built.collection(0x0B, 5, built.bits(built.INPUT, 0x0B, (built.HOOK,), size=4), built.pad(0x81, 4))
    reader = reader_of(wide)
    read(reader, "00")
    assert read(reader, "03").changes == (Change(Special.HOOK, Shape.LEVEL, True),)
    assert read(reader, "05").changes == ()
    assert read(reader, "00").levels == {Special.HOOK: False}


def test_reports_without_ids_begin_with_their_payload() -> None:
    reader = reader_of(load(CMEDIA).descriptor)
    read(reader, "00 00 00 00")
    assert read(reader, "18 00 00 00").changes == (
        Change(Special.MUTE, Shape.LEVEL, True),
        Change(Special.HOOK, Shape.EDGE, True),
    )


@pytest.mark.parametrize("report", ["", "02", "02 00", "07 00 00", "00 00 00"])
def test_what_is_no_report_of_the_device_is_none_and_changes_nothing(jabra: InputReader, report: str) -> None:
    read(jabra, "02 00 00")
    assert jabra.read(bytes.fromhex(report)) is None
    assert read(jabra, "02 00 00").repeated


def test_elements_beyond_a_keypads_are_not_read() -> None:
    keys = built.array(built.INPUT, 0x0B, 0xB0, 0xB0, size=1, low=0, high=1, count=128)
    reader = reader_of(built.collection(0x0B, 5, keys))
    read(reader, "00" * 16)
    assert read(reader, "00" * (MAX_ELEMENTS // 8) + "ff" * 8).changes == ()
    assert read(reader, "80" + "00" * 15).changes == (Change(Digit("0"), Shape.ARRAY, True),)


# against a reader that asks for every field on its own -----------------------------------------------


def active(controls: Controls, report_id: int, payload: bytes) -> set[Meaning]:
    down: set[Meaning] = set()
    for control in controls.inputs:
        field = control.field
        if field.report_id != report_id:
            continue
        if control.meaning is not None:
            down |= {control.meaning} if get_bits(payload, field.bit, field.size) else set()
        else:
            values = {get_bits(payload, field.bit + n * field.size, field.size) for n in range(field.count)}
            down |= {meaning for value, meaning in control.values if value in values}
    return down


def check_stream(descriptor: Descriptor, reports: list[bytes]) -> None:
    controls = read_controls(descriptor)
    reader = InputReader(descriptor, controls)
    last: dict[int, bytes] = {}
    for data in reports:
        report_id, payload = (data[0], data[1:]) if descriptor.numbered else (0, data)
        reading = reader.read(data)
        assert reading is not None
        now = active(controls, report_id, payload)
        before = active(controls, report_id, last.get(report_id, bytes(len(payload))))
        changed = {change.meaning: change.down for change in reading.changes}
        expected = {meaning: meaning in now for meaning in now ^ before}
        if report_id not in last:
            levels = {
                c.meaning for c in controls.inputs if c.shape is Shape.LEVEL and c.meaning in set(Special)
            }
            expected = {meaning: down for meaning, down in expected.items() if meaning not in levels}
        assert changed == expected
        assert len(changed) == len(reading.changes)
        assert reading.repeated is (last.get(report_id) == payload)
        assert all(value is (level in now) for level, value in reading.levels.items())
        last[report_id] = payload


@pytest.mark.parametrize("name", ALL)
def test_the_masks_say_what_every_field_on_its_own_says(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    rng = random.Random(name)
    layouts = [layout for layout in descriptor.reports if layout.kind is ReportKind.INPUT]
    state = {layout.report_id: bytearray(layout.payload_bytes) for layout in layouts}
    reports = []
    for _ in range(300):
        layout = rng.choice(layouts)
        payload = state[layout.report_id]
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            payload[rng.randrange(len(payload[:8]))] ^= 1 << rng.randrange(8)
        reports.append((bytes((layout.report_id,)) if descriptor.numbered else b"") + payload)
    check_stream(descriptor, reports)


D1_LAYOUT = parse_descriptor(load(D1).descriptor)


@given(st.lists(st.integers(0, 255), min_size=1, max_size=30))
def test_any_sequence_of_one_report_says_the_same(values: list[int]) -> None:
    check_stream(D1_LAYOUT, [bytes((2, value)) for value in values])
