"""Every input field of a device as it changes, whatever it is declared or recorded to mean.

May not interpret: a lesson learns what the engine's own view (`devices.hid.controls`) does not know yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.hid.bits import get_bits
from devices.hid.fields import Descriptor, Field, ReportKind

WIDEST_BITS = 16
"""Wider fields are a vendor's own blocks, not controls."""
VENDOR = 0xFF00
"""Vendor pages begin here (HID Usage Tables 1.5); an array there is mostly a block of bytes."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One field changed."""

    field: Field
    before: int
    value: int

    @property
    def rose(self) -> bool:
        """Something went down: a level rose, or an array names another key."""
        if self.field.array:
            return bool(self.value)
        return self.value > self.before

    @property
    def fell(self) -> bool:
        """A level or a key was let go."""
        return self.value < self.before and not self.value


@dataclass(frozen=True, slots=True)
class Heard:
    """One report as it came; before the `first` of its id every field counts as 0."""

    at: float
    report_id: int
    first: bool
    touches: tuple[Touch, ...]

    def touch(self, field: Field) -> Touch | None:
        """What became of one field, None when it did not change."""
        return next((touch for touch in self.touches if touch.field == field), None)


class FieldReader:
    """Keeps the last value of every input field that could be a control."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._numbered = descriptor.numbered
        self._lengths = {
            layout.report_id: layout.payload_bytes + descriptor.numbered
            for layout in descriptor.reports
            if layout.kind is ReportKind.INPUT
        }
        self._fields: dict[int, list[Field]] = {}
        for field in descriptor.fields:
            if field.kind is ReportKind.INPUT and _may_be_control(field):
                self._fields.setdefault(field.report_id, []).append(field)
        self._values: dict[Field, int] = {}
        self._seen: set[int] = set()

    def read(self, data: bytes, at: float) -> Heard | None:
        """Decode one whole report as hidraw gives it; None when it is none of this device's."""
        report_id = data[0] if self._numbered and data else 0
        if not data or self._lengths.get(report_id) != len(data):
            return None
        payload = data[1:] if self._numbered else data
        first = report_id not in self._seen
        self._seen.add(report_id)
        touches: list[Touch] = []
        for field in self._fields.get(report_id, []):
            before = self.value(field)
            value = _value(field, get_bits(payload, field.bit, field.size), before)
            self._values[field] = value
            if value != before:
                touches.append(Touch(field, before, value))
        return Heard(at, report_id, first, tuple(touches))

    def value(self, field: Field) -> int:
        """What the field said last, 0 before it said anything."""
        return self._values.get(field, 0)


def _may_be_control(field: Field) -> bool:
    """One value, a key that has the padding behind it too, or a pad that can name several keys at once.

    Of the last two the first bit or key is read: nobody presses two in a lesson.
    """
    pad = field.array and field.usage >> 16 < VENDOR
    return field.size <= WIDEST_BITS and (field.count == 1 or field.size == 1 or pad)


def _value(field: Field, raw: int, before: int) -> int:
    """An on/off pair says 1 or 0; one that says neither stays as it was."""
    if not field.on_off_pair:
        return raw
    return int(raw == 1) if raw else before
