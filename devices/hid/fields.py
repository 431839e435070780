"""What a report descriptor says: fields, reports, collections, as frozen values.

May not read a descriptor: that is `devices.hid.descriptor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from itertools import chain, islice


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


MAX_ARRAY_VALUES = 256
"""More keys or lamps than one array of a real device selects (a keyboard: 256)."""

_VARIABLE, _RELATIVE = int(Flags.VARIABLE), int(Flags.RELATIVE)
"""As numbers: a flag's own `&` makes a new flag, and these two are asked of every field many times."""


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
        return not int.__and__(self.flags, _VARIABLE)

    @property
    def relative(self) -> bool:
        """Whether a value is a change (an edge) and not a level."""
        return bool(int.__and__(self.flags, _RELATIVE))

    @property
    def on_off_pair(self) -> bool:
        """Whether it says +1 for on and -1 for off, and 0 for neither (HID Usage Tables 1.5, OOC type 1)."""
        pair = (self.logical_min, self.logical_max) == (-1, 1) and self.size > 1 and not self.array
        return pair and bool(self.flags & Flags.RELATIVE) and bool(self.flags & Flags.NO_PREFERRED)

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

    def array_values(self, base: int | None = None) -> Iterator[tuple[int, int]]:
        """(usage, value) of an array, as many as its bits can tell apart.

        With logical minimum 0, idle 0 would be the first usage if read strictly; makers mean 0 = none and 1 =
        the first, with or without a null state (Evolve Link 0..11, BIZ 2400 0..12, both over 12 keys). Where
        that does not fit into the bits (EPOS: two usages, one bit), the strict value is given.
        """
        first = max(self.logical_min, 1) if base is None else base
        named = chain.from_iterable(range(span.first, span.last + 1) for span in self.usages)
        for index, usage in enumerate(islice(named, MAX_ARRAY_VALUES)):
            values = (first + index, self.logical_min + index)
            value = next((each for each in values if 0 <= each < 1 << self.size), None)
            if value is None:
                return
            yield usage, value


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
