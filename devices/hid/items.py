"""Items of a HID report descriptor (HID 1.11 section 6.2.2): short and long items, in order.

May not interpret an item: meaning lives in `devices.hid.descriptor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from state.errors import Blame, ProtocolError, ProtocolReason

MAX_DESCRIPTOR_BYTES = 4096
"""Linux HID_MAX_DESCRIPTOR_SIZE (include/linux/hid.h); no real device needs more."""
LONG_ITEM_PREFIX = 0xFE
SIZES = (0, 1, 2, 4)


class ItemKind(IntEnum):
    """bType of an item prefix."""

    MAIN = 0
    GLOBAL = 1
    LOCAL = 2
    RESERVED = 3


class MainTag(IntEnum):
    """Main item tags."""

    INPUT = 0x8
    OUTPUT = 0x9
    COLLECTION = 0xA
    FEATURE = 0xB
    END_COLLECTION = 0xC


class GlobalTag(IntEnum):
    """Global item tags."""

    USAGE_PAGE = 0x0
    LOGICAL_MINIMUM = 0x1
    LOGICAL_MAXIMUM = 0x2
    REPORT_SIZE = 0x7
    REPORT_ID = 0x8
    REPORT_COUNT = 0x9
    PUSH = 0xA
    POP = 0xB


class LocalTag(IntEnum):
    """Local item tags."""

    USAGE = 0x0
    USAGE_MINIMUM = 0x1
    USAGE_MAXIMUM = 0x2
    DELIMITER = 0xA


KINDS = tuple(ItemKind)


class Item(NamedTuple):
    """One short item; `offset` is where its prefix stands in the descriptor.

    A tuple and no dataclass: a descriptor has hundreds, and the fuzz reads a hundred thousand descriptors.
    """

    kind: ItemKind
    tag: int
    data: bytes
    offset: int

    @property
    def unsigned(self) -> int:
        """The value as an unsigned number."""
        return int.from_bytes(self.data, "little")

    @property
    def signed(self) -> int:
        """The value as a signed number of the item's own size."""
        return int.from_bytes(self.data, "little", signed=True)


def malformed(message: str) -> ProtocolError:
    """The error of a descriptor that is the device's fault."""
    return ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, f"report descriptor: {message}")


def read_items(data: bytes) -> Iterator[Item]:
    """Yield the short items of a descriptor; long items are reserved by the standard and stepped over."""
    if not data:
        raise malformed("is empty")
    if len(data) > MAX_DESCRIPTOR_BYTES:
        raise malformed(f"is {len(data)} bytes long, more than {MAX_DESCRIPTOR_BYTES}")
    offset = 0
    while offset < len(data):
        prefix = data[offset]
        if prefix == LONG_ITEM_PREFIX:
            if offset + 1 >= len(data):
                raise malformed(f"is cut short in the long item at byte {offset}")
            end = offset + 3 + data[offset + 1]
        else:
            end = offset + 1 + SIZES[prefix & 0x3]
        if end > len(data):
            raise malformed(f"is cut short: the item at byte {offset} needs {end - len(data)} more bytes")
        if prefix != LONG_ITEM_PREFIX:
            yield Item(KINDS[prefix >> 2 & 0x3], prefix >> 4, data[offset + 1 : end], offset)
        offset = end
