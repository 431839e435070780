"""Raw fields: what changed, whatever it is declared to be."""

from __future__ import annotations

import pytest

from devices.hid.descriptor import parse_descriptor
from devices.hid.lesson_reader import WIDEST_BITS, FieldReader
from tests.devices.hid.built import HOOK, INPUT, MUTE, TELEPHONY, array, collection, item
from tests.devices.hid.descriptors import ALL, ANKER, CMEDIA, HEADSET, JABRA, load


def changes(reader: FieldReader, report: bytes, at: float = 0.0) -> list[tuple[str, int, int]]:
    heard = reader.read(report, at)
    assert heard is not None
    return [
        (f"{t.field.usage >> 16:04X}:{t.field.usage & 0xFFFF:04X}", t.before, t.value) for t in heard.touches
    ]


def test_each_field_is_compared_with_its_own_last_value() -> None:
    reader = FieldReader(parse_descriptor(HEADSET))
    assert changes(reader, b"\x01\x00") == []
    assert changes(reader, b"\x01\x03") == [("000B:0020", 0, 1), ("000B:002F", 0, 1)]
    assert changes(reader, b"\x01\x01") == [("000B:002F", 1, 0)]
    assert changes(reader, b"\x01\x01") == []


def test_the_first_report_of_an_id_is_marked() -> None:
    reader = FieldReader(parse_descriptor(load(JABRA).descriptor))
    firsts = []
    for report in (b"\x02\x01\x00", b"\x02\x00\x00", b"\x04\x00\x00", b"\x04\x00\x00"):
        heard = reader.read(report, 1.0)
        assert heard is not None
        firsts.append(heard.first)
    assert firsts == [True, False, True, False]


def test_rising_and_falling() -> None:
    reader = FieldReader(parse_descriptor(load(JABRA).descriptor))
    down = reader.read(b"\x02\x80\x02", 1.0)
    other = reader.read(b"\x02\x80\x04", 1.1)
    up = reader.read(b"\x02\x00\x00", 1.2)
    assert down is not None
    assert other is not None
    assert up is not None
    pad = next(t for t in down.touches if t.field.array)
    assert pad.value == 5
    assert [t.rose for t in down.touches] == [True]
    assert [(t.value, t.rose) for t in other.touches] == [(9, True)]
    assert [(t.rose, t.fell) for t in up.touches] == [(False, True)]
    assert down.touch(pad.field) == pad
    assert down.touch(next(f for f in parse_descriptor(HEADSET).fields)) is None
    assert reader.value(pad.field) == 0


def test_const_fields_that_change_are_seen() -> None:
    reader = FieldReader(parse_descriptor(load(ANKER).descriptor))
    hook = next(f for f in parse_descriptor(load(ANKER).descriptor).fields if f.usage == 0x000B_0020)
    report = bytearray(
        next(n for n in range(1, 9) if reader.read(bytes((hook.report_id, *bytes(n))), 0.0)) + 1
    )
    report[0] = hook.report_id
    report[1 + hook.bit // 8] |= 1 << hook.bit % 8
    assert ("000B:0020", 0, 1) in changes(reader, bytes(report))


def test_a_device_without_report_ids() -> None:
    descriptor = parse_descriptor(load(CMEDIA).descriptor)
    reader = FieldReader(descriptor)
    size = next(n for n in range(1, 17) if reader.read(bytes(n), 0.0))
    heard = reader.read(b"\xff" * size, 1.0)
    assert heard is not None
    assert {0x000B_0020, 0x000B_002F} <= {t.field.usage for t in heard.touches}


@pytest.mark.parametrize("name", ALL)
def test_reports_cut_short_or_too_long_are_none(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    for layout in descriptor.reports:
        if layout.kind != "input":
            continue
        reader = FieldReader(descriptor)
        head = bytes((layout.report_id,)) if descriptor.numbered else b""
        whole = head + b"\xff" * layout.payload_bytes
        for cut in range(len(whole)):
            assert reader.read(whole[:cut], 0.0) is None
        assert reader.read(whole + b"\x00", 0.0) is None
        heard = reader.read(whole, 0.0)
        assert heard is not None
        assert all(t.field.size <= WIDEST_BITS for t in heard.touches)


def test_a_last_key_with_the_padding_behind_it_is_read_as_the_engine_reads_it() -> None:
    """Two usages over eight bits: the second, Phone Mute, has seven of them."""
    sloppy = item(0x04, TELEPHONY) + item(0x08, HOOK) + item(0x08, MUTE) + item(0x14, 0) + item(0x24, 1)
    sloppy += item(0x74, 1) + item(0x94, 8) + bytes((INPUT, 2))
    reader = FieldReader(parse_descriptor(collection(TELEPHONY, 5, sloppy)))
    assert changes(reader, b"\x02") == [("000B:002F", 0, 1)]
    assert changes(reader, b"\x01") == [("000B:0020", 0, 1), ("000B:002F", 1, 0)]


def test_a_pad_that_can_name_two_keys_is_read_by_its_first() -> None:
    pad = array(INPUT, TELEPHONY, 0xB0, 0xBB, size=4, low=0, high=12, count=2)
    reader = FieldReader(parse_descriptor(collection(TELEPHONY, 5, pad)))
    assert changes(reader, b"\x02") == [("000B:00B0", 0, 2)]
    assert changes(reader, b"\x00") == [("000B:00B0", 2, 0)]


def test_an_on_off_pair_is_a_level() -> None:
    """+1 is on, -1 is off, 0 says neither."""
    pair = bytes.fromhex("05 0b 09 20 15 ff 25 01 75 02 95 01 81 26 75 06 95 01 81 03")
    reader = FieldReader(parse_descriptor(collection(TELEPHONY, 5, pair)))
    assert changes(reader, b"\x01") == [("000B:0020", 0, 1)]
    assert changes(reader, b"\x00") == []
    assert changes(reader, b"\x03") == [("000B:0020", 1, 0)]
    assert changes(reader, b"\x00") == []
