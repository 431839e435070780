"""Bit fields of a report payload, little endian as HID packs them.

May not know what a field means.
"""

from __future__ import annotations


def get_bits(payload: bytes, bit: int, size: int) -> int:
    """The unsigned value of `size` bits from `bit` on."""
    return int.from_bytes(payload[bit // 8 : (bit + size + 7) // 8], "little") >> bit % 8 & (1 << size) - 1


def set_bits(payload: bytearray, bit: int, size: int, value: int) -> None:
    """Write `value` into `size` bits from `bit` on, leaving all others."""
    first, end = bit // 8, (bit + size + 7) // 8
    mask = (1 << size) - 1 << bit % 8
    whole = int.from_bytes(payload[first:end], "little") & ~mask | value << bit % 8 & mask
    payload[first:end] = whole.to_bytes(end - first, "little")
