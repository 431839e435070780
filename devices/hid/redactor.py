"""What of a headset's reports may be written down: all that the engine reads, but no keyed digit and no text.

May not keep a report back for another reason. Digits keyed and lines displayed identify customers; what a
maker's own wide fields carry nobody knows. They are zero on a tape, and a report in which nothing else
changed is not on it, so that a replay gives the same events without the digits.
"""

from __future__ import annotations

from collections.abc import Iterable

from devices.hid.bits import get_bits, set_bits
from devices.hid.fields import Descriptor, Field, ReportKind
from devices.hid.usages import DIGITS, MIRRORS, TELEPHONY

KEYBOARD, DISPLAY = 0x07, 0x14
"""Pages of keys that type, and of text (Alphanumeric Display)."""
VENDOR = 0xFF00
"""Vendor pages begin here (HID Usage Tables 1.5)."""
WIDEST_BITS = 2
"""A lamp, a key or an on/off pair of a maker's own page has no more."""


class Redactor:
    """The masking of one device; it remembers what it let through."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._numbered = descriptor.numbered
        self._lengths: dict[tuple[str, int], int] = {}
        self._kept: dict[tuple[str, int], list[Field]] = {}
        for layout in descriptor.reports:
            key = (layout.kind.value, layout.report_id)
            self._lengths[key] = layout.payload_bytes
            self._kept[key] = list(_harmless(descriptor.of_report(layout.kind, layout.report_id)))
        self._last: dict[int, tuple[bytes, bytes]] = {}

    def read(self, report: bytes) -> bytes | None:
        """An input report as it may be written down; None to leave it out."""
        report_id = report[0] if self._numbered and report else 0
        payload = report[1:] if self._numbered else report
        masked = self._masked(ReportKind.INPUT.value, report_id, payload)
        if masked is None:
            return None
        raw_before, masked_before = self._last.get(report_id, (None, None))
        self._last[report_id] = (payload, masked)
        if masked == masked_before and payload != raw_before:
            return None
        return report[:1] + masked if self._numbered else masked

    def written(self, report: bytes, via: str) -> bytes | None:
        """A report of the host, id first, as it may be written down; None for one the device lacks."""
        masked = self._masked(via, report[0], report[1:]) if report else None
        return None if masked is None else report[:1] + masked

    def _masked(self, kind: str, report_id: int, payload: bytes) -> bytes | None:
        if self._lengths.get((kind, report_id)) != len(payload):
            return None
        masked = bytearray(len(payload))
        for field in self._kept[kind, report_id]:
            for n in range(field.count):
                bit = field.bit + n * field.size
                set_bits(masked, bit, field.size, get_bits(payload, bit, field.size))
        return bytes(masked)


def _harmless(fields: Iterable[Field]) -> Iterable[Field]:
    return (field for field in fields if not _tells(field))


def _tells(field: Field) -> bool:
    """Whether a field may carry a digit or text."""
    if field.count > 1 and field.size > WIDEST_BITS and not field.array:
        return True
    for span in field.usages:
        page = span.first >> 16
        if page in {KEYBOARD, DISPLAY}:
            return True
        digits = (key for key in DIGITS if span.first & 0xFFFF <= key <= span.last & 0xFFFF)
        if page in {TELEPHONY, *MIRRORS} and any(digits):
            return True
        if page >= VENDOR and page not in MIRRORS and field.size > WIDEST_BITS:
            return True
    return False
