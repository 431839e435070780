"""Bit fields in payloads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.hid.bits import get_bits, set_bits


@pytest.mark.parametrize(
    ("payload", "bit", "size", "value"),
    [
        ("01", 0, 1, 1),
        ("02", 0, 1, 0),
        ("80 05", 7, 4, 11),
        ("34 12", 0, 16, 0x1234),
        ("00 f0", 12, 4, 15),
        ("ff ff ff", 3, 17, 0x1FFFF),
    ],
)
def test_values_are_little_endian_and_may_cross_bytes(payload: str, bit: int, size: int, value: int) -> None:
    assert get_bits(bytes.fromhex(payload), bit, size) == value


def test_setting_leaves_the_neighbours_alone() -> None:
    payload = bytearray.fromhex("ff ff")
    set_bits(payload, 7, 4, 0)
    assert payload.hex() == "7ff8"


@given(st.binary(min_size=1, max_size=8), st.data())
def test_what_was_set_is_read_back_and_nothing_else_moved(raw: bytes, data: st.DataObject) -> None:
    bits = 8 * len(raw)
    bit = data.draw(st.integers(0, bits - 1))
    size = data.draw(st.integers(1, bits - bit))
    value = data.draw(st.integers(0, (1 << size) - 1))
    payload = bytearray(raw)
    set_bits(payload, bit, size, value)
    assert get_bits(bytes(payload), bit, size) == value
    others = ~(((1 << size) - 1) << bit)
    assert int.from_bytes(payload, "little") & others == int.from_bytes(raw, "little") & others
