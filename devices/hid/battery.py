"""How full the battery is, where a device says so on a standard page.

May not know a vendor's own report: those belong into a `ModelExtension`.
"""

from __future__ import annotations

from devices.hid.bits import get_bits
from devices.hid.fields import Descriptor, Field, ReportKind

CHARGE = (0x0085_0064, 0x0085_0065, 0x0006_0020)
"""Relative and absolute state of charge (Battery System page, Usage Tables for HID Power Devices 1.1),
Battery Strength (Generic Device Controls page, HID Usage Tables 1.5); each is a part of its logical range."""


class BatteryReader:
    """The charge of one device, as its input reports tell it."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._numbered = descriptor.numbered
        self._field = _field_of(descriptor)
        self._percent: int | None = None

    @property
    def present(self) -> bool:
        """Whether the device can say it at all."""
        return self._field is not None

    def read(self, data: bytes) -> int | None:
        """The charge in percent when this report changes it, else None."""
        field = self._field
        if field is None or (data[0] if self._numbered and data else 0) != field.report_id:
            return None
        payload = data[1:] if self._numbered else data
        if len(payload) * 8 < field.bit + field.size:
            return None
        percent = _percent(field, get_bits(payload, field.bit, field.size))
        if percent is None or percent == self._percent:
            return None
        self._percent = percent
        return percent


def _field_of(descriptor: Descriptor) -> Field | None:
    found = {
        field.usage: field
        for field in reversed(descriptor.fields)
        if field.kind is ReportKind.INPUT and not field.array and field.logical_max > field.logical_min
    }
    return next((found[usage] for usage in CHARGE if usage in found), None)


def _percent(field: Field, value: int) -> int | None:
    """None outside the logical range: the device does not know."""
    if not field.logical_min <= value <= field.logical_max:
        return None
    return round((value - field.logical_min) * 100 / (field.logical_max - field.logical_min))
