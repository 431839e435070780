"""Items of a descriptor: sizes, signs, long items, cuts."""

from __future__ import annotations

import pytest

from devices.hid.items import MAX_DESCRIPTOR_BYTES, GlobalTag, ItemKind, LocalTag, MainTag, read_items
from state.errors import Blame, ProtocolError, ProtocolReason
from tests.devices.hid.descriptors import ALL, load


def test_short_items_of_every_size() -> None:
    items = list(read_items(bytes.fromhex("c0 05 0b 16 0180 0b 2f000b00")))
    assert [len(item.data) for item in items] == [0, 1, 2, 4]
    assert [item.offset for item in items] == [0, 1, 3, 6]
    assert (items[0].kind, items[0].tag) == (ItemKind.MAIN, MainTag.END_COLLECTION)
    assert (items[1].kind, items[1].tag) == (ItemKind.GLOBAL, GlobalTag.USAGE_PAGE)
    assert (items[2].kind, items[2].tag) == (ItemKind.GLOBAL, GlobalTag.LOGICAL_MINIMUM)
    assert (items[3].kind, items[3].tag) == (ItemKind.LOCAL, LocalTag.USAGE)
    assert items[3].unsigned == 0x000B_002F


@pytest.mark.parametrize(
    ("data", "unsigned", "signed"),
    [("25 ff", 255, -1), ("26 ff 00", 255, 255), ("26 ff ff", 65535, -1), ("24", 0, 0), ("25 7f", 127, 127)],
)
def test_signs_follow_the_size_of_the_item(data: str, unsigned: int, signed: int) -> None:
    (item,) = read_items(bytes.fromhex(data))
    assert (item.unsigned, item.signed) == (unsigned, signed)


def test_long_items_are_stepped_over() -> None:
    items = list(read_items(bytes.fromhex("05 0b fe 03 10 aa bb cc 09 05")))
    assert [item.data for item in items] == [b"\x0b", b"\x05"]
    assert items[1].offset == 8


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "is empty"),
        ("05", "item at byte 0 needs 1 more"),
        ("05 0b 26 ff", "item at byte 2 needs 1 more"),
        ("0b 2f 00 0b", "item at byte 0 needs 1 more"),
        ("fe", "long item at byte 0"),
        ("fe 03 10 aa", "item at byte 0 needs 2 more"),
        ("fe 03", "item at byte 0 needs 4 more"),
    ],
)
def test_a_cut_is_the_devices_fault_and_says_where(data: str, words: str) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        list(read_items(bytes.fromhex(data)))
    assert caught.value.by is Blame.DEVICE
    assert caught.value.reason is ProtocolReason.MALFORMED


def test_a_descriptor_longer_than_any_real_one_is_refused() -> None:
    with pytest.raises(ProtocolError, match="more than 4096"):
        list(read_items(b"\xc0" * (MAX_DESCRIPTOR_BYTES + 1)))


@pytest.mark.parametrize("name", ALL)
def test_items_of_real_descriptors_cover_every_byte(name: str) -> None:
    data = load(name).descriptor
    items = list(read_items(data))
    ends = [item.offset + 1 + len(item.data) for item in items]
    assert ends[-1] == len(data)
    assert [item.offset for item in items[1:]] == ends[:-1]
