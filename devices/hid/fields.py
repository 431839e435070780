"""What a report descriptor says: fields, reports, collections, as frozen values.

May not read a descriptor: that is `devices.hid.descriptor`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum


class ReportKind(StrEnum):
    """Which way a report goes."""

    INPUT = "input"
    OUTPUT = "output"
    FEATURE = "feature"


class Flags(IntFlag):
    """Data bits of Input, Output and Feature items (HID 1.11 section 6.2.2.5)."""

    CONSTANT = 0x001
    VARIABLE = 0x002
    RELATIVE = 0x004
    WRAP = 0x008
    NON_LINEAR = 0x010
    NO_PREFERRED = 0x020
    NULL_STATE = 0x040
    VOLATILE = 0x080
    BUFFERED = 0x100


@dataclass(frozen=True, slots=True)
class UsageRange:
    """Usages `first` to `last`, both inclusive, each page << 16 | id."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Collection:
    """One enclosing collection: its type (1 application) and its usage (0 when it has none)."""

    kind: int
    usage: int


@dataclass(frozen=True, slots=True)
class Field:
    """`count` neighbours of `size` bits from `bit` on (counted after the report id) of one report.

    A variable field has one usage; an array field has the usages its values index.
    """

    kind: ReportKind
    report_id: int
    bit: int
    size: int
    count: int
    usages: tuple[UsageRange, ...]
    logical_min: int
    logical_max: int
    flags: Flags
    path: tuple[Collection, ...]

    @property
    def usage(self) -> int:
        """The first usage: of a variable field, the usage."""
        return self.usages[0].first

    @property
    def array(self) -> bool:
        """Whether the values are indexes into `usages`."""
        return not self.flags & Flags.VARIABLE

    @property
    def relative(self) -> bool:
        """Whether a value is a change (an edge) and not a level."""
        return bool(self.flags & Flags.RELATIVE)

    @property
    def usage_count(self) -> int:
        """How many usages an array may select."""
        return sum(map(len, self.usages))

    def usage_at(self, index: int) -> int | None:
        """The usage an array index selects, None outside."""
        for span in self.usages:
            if 0 <= index < len(span):
                return span.first + index
            index -= len(span)
        return None


@dataclass(frozen=True, slots=True)
class ReportLayout:
    """One report: its length in bits without the id, and the top-level usage it belongs to."""

    kind: ReportKind
    report_id: int
    bits: int
    application: int

    @property
    def payload_bytes(self) -> int:
        """Length in bytes without the report id."""
        return (self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a report descriptor says, in its own order."""

    fields: tuple[Field, ...]
    reports: tuple[ReportLayout, ...]
    applications: tuple[int, ...]
    numbered: bool

    def report(self, kind: ReportKind, report_id: int) -> ReportLayout | None:
        """The layout of one report, None when the device has no such report."""
        for layout in self.reports:
            if layout.kind is kind and layout.report_id == report_id:
                return layout
        return None

    def of_report(self, kind: ReportKind, report_id: int) -> tuple[Field, ...]:
        """The fields of one report, lowest bit first."""
        return tuple(f for f in self.fields if f.kind is kind and f.report_id == report_id)
