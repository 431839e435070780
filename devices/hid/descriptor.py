"""Report descriptor to fields: where in which report each usage lives, and how to read it.

May not judge what a device is good for: that is `devices.hid.controls`. The parser is strict about structure
(a cut descriptor is the device's fault) and lenient about style (Const inputs, nested applications).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from itertools import chain, islice

from devices.hid.fields import (
    Collection,
    Descriptor,
    Field,
    Flags,
    ReportKind,
    ReportLayout,
    UsageRange,
)
from devices.hid.items import GlobalTag, Item, ItemKind, LocalTag, MainTag, malformed, read_items

MAX_REPORT_BITS = 16384 * 8
"""Linux HID_MAX_BUFFER_SIZE: no report is longer than 16 KiB."""
MAX_ITEM_BITS = 256
"""Linux refuses a report size above 256 bits (hid-core.c hid_parser_global)."""
MAX_FIELDS = 8192
"""Whole-descriptor bound, so that 2 KB of main items cannot grow into millions of fields."""
MAX_DEPTH = 32
"""Collections and pushed states nested deeper than this are nonsense (real devices stop at 4)."""


FLAGS = tuple(Flags(bits) for bits in range(0x200))
"""Every combination once: making a flag value costs more than reading the item it stands in."""


@dataclass(slots=True)
class _Globals:
    """Global item state table; push keeps a copy."""

    page: int = 0
    logical_min: bytes = b"\0"
    logical_max: bytes = b"\0"
    size: int = 0
    count: int = 0
    report_id: int = 0


class _Locals:
    """Local items since the last main item. A usage is page << 16 | id; page 0 is one yet to come."""

    __slots__ = ("alternative", "delimited", "maximum", "minimum", "spans")

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []
        self.minimum: int | None = None
        self.maximum: int | None = None
        self.delimited = False
        self.alternative = False

    def take(self, item: Item, page: int) -> None:
        """Note one local item; usages carry the page in force, unless they bring their own."""
        usage = item.unsigned if len(item.data) == 4 else page << 16 | item.unsigned
        match item.tag:
            case LocalTag.USAGE:
                self._add(usage, usage, item)
            case LocalTag.USAGE_MINIMUM:
                self.minimum = usage
            case LocalTag.USAGE_MAXIMUM:
                self.maximum = usage
            case LocalTag.DELIMITER:
                self.delimited = item.unsigned == 1
                self.alternative = False
            case _:
                return
        if self.minimum is not None and self.maximum is not None:
            self._add(self.minimum, self.maximum, item)
            self.minimum = self.maximum = None

    def _add(self, first: int, last: int, item: Item) -> None:
        if last < first or last >> 16 != first >> 16:
            raise malformed(f"usage range ends before it begins at byte {item.offset}")
        if not self.alternative:
            self.spans.append((first, last))
        self.alternative = self.delimited

    def ranges(self, page: int) -> tuple[UsageRange, ...]:
        """The usages; one named before any page was in force belongs to the page of the main item.

        Linux moves every short usage to a page declared after it; Jabra's Programmable Button (0B:07, then
        page 09) shows that the page at the time of the usage is what makers mean.
        """
        return tuple(
            UsageRange(first, last) if first >> 16 else UsageRange(page << 16 | first, page << 16 | last)
            for first, last in self.spans
        )


class _Parser:
    """Runs the items of one descriptor."""

    def __init__(self) -> None:
        self.globals = _Globals()
        self.stack: list[_Globals] = []
        self.locals = _Locals()
        self.path: tuple[Collection, ...] = ()
        self.fields: list[Field] = []
        self.bits: dict[tuple[ReportKind, int], int] = {}
        self.owners: dict[tuple[ReportKind, int], int] = {}
        self.applications: list[int] = []
        self.numbered = False

    def run(self, data: bytes) -> Descriptor:
        """Parse everything, then check that nothing is left open."""
        for item in read_items(data):
            match item.kind:
                case ItemKind.MAIN:
                    self._main(item)
                    self.locals = _Locals()
                case ItemKind.GLOBAL:
                    self._global(item)
                case ItemKind.LOCAL:
                    self.locals.take(item, self.globals.page)
                case ItemKind.RESERVED:
                    raise malformed(f"reserved item type at byte {item.offset}")
        if self.path:
            raise malformed(f"is cut short: {len(self.path)} collections are still open at its end")
        if not self.applications:
            raise malformed("has no collection")
        reports = tuple(
            ReportLayout(kind, report_id, bits, self.owners[kind, report_id])
            for (kind, report_id), bits in self.bits.items()
        )
        return Descriptor(tuple(self.fields), reports, tuple(self.applications), self.numbered)

    def _main(self, item: Item) -> None:
        match item.tag:
            case MainTag.COLLECTION:
                self._open(item)
            case MainTag.END_COLLECTION:
                if not self.path:
                    raise malformed(f"a collection ends at byte {item.offset} that never began")
                self.path = self.path[:-1]
            case MainTag.INPUT:
                self._report_item(ReportKind.INPUT, item)
            case MainTag.OUTPUT:
                self._report_item(ReportKind.OUTPUT, item)
            case MainTag.FEATURE:
                self._report_item(ReportKind.FEATURE, item)
            case _:
                raise malformed(f"unknown main item {item.tag:#x} at byte {item.offset}")

    def _open(self, item: Item) -> None:
        if len(self.path) >= MAX_DEPTH:
            raise malformed(f"collections are nested too deep at byte {item.offset}")
        ranges = self.locals.ranges(self.globals.page)
        usage = ranges[0].first if ranges else 0
        if not self.path:
            self.applications.append(usage)
        self.path = (*self.path, Collection(item.unsigned, usage))

    def _global(self, item: Item) -> None:
        now = self.globals
        match item.tag:
            case GlobalTag.USAGE_PAGE:
                now.page = item.unsigned & 0xFFFF
            case GlobalTag.LOGICAL_MINIMUM:
                now.logical_min = item.data
            case GlobalTag.LOGICAL_MAXIMUM:
                now.logical_max = item.data
            case GlobalTag.REPORT_SIZE:
                if item.unsigned > MAX_ITEM_BITS:
                    raise malformed(f"report size {item.unsigned} at byte {item.offset} is absurd")
                now.size = item.unsigned
            case GlobalTag.REPORT_COUNT:
                if item.unsigned > MAX_REPORT_BITS:
                    raise malformed(f"report count {item.unsigned} at byte {item.offset} is absurd")
                now.count = item.unsigned
            case GlobalTag.REPORT_ID:
                if not 1 <= item.unsigned <= 255:
                    raise malformed(f"report id {item.unsigned} at byte {item.offset} is not 1 to 255")
                self.numbered = True
                now.report_id = item.unsigned
            case GlobalTag.PUSH:
                if len(self.stack) >= MAX_DEPTH:
                    raise malformed(f"states are pushed too deep at byte {item.offset}")
                self.stack.append(copy(now))
            case GlobalTag.POP:
                if not self.stack:
                    raise malformed(f"a state is popped at byte {item.offset} that was never pushed")
                self.globals = self.stack.pop()
            case _:
                pass  # physical extent, unit and exponent: nothing here is measured in them

    def _report_item(self, kind: ReportKind, item: Item) -> None:
        """Give the item its place: a repeated report id goes on at that report's running bit offset."""
        now = self.globals
        if not self.path:
            raise malformed(f"{kind} item outside every collection at byte {item.offset}")
        key = (kind, now.report_id)
        start = self.bits.get(key, 0)
        end = start + now.size * now.count
        if end > MAX_REPORT_BITS:
            raise malformed(f"{kind} report {now.report_id} grows to {end} bits at byte {item.offset}")
        self.owners.setdefault(key, self.path[0].usage)
        self.bits[key] = end
        ranges = self.locals.ranges(now.page)
        if not ranges or end == start:
            return  # padding: no usage, it only moves the offset
        flags = FLAGS[item.unsigned & 0x1FF]
        if not flags & Flags.VARIABLE:
            self._add(kind, start, now.count, ranges, flags, item)
            return
        for usage, count in _usage_runs(ranges, now.count):
            self._add(kind, start, count, (UsageRange(usage, usage),), flags, item)
            start += now.size * count

    def _add(
        self,
        kind: ReportKind,
        bit: int,
        count: int,
        usages: tuple[UsageRange, ...],
        flags: Flags,
        item: Item,
    ) -> None:
        now = self.globals
        if len(self.fields) >= MAX_FIELDS:
            raise malformed(f"has more than {MAX_FIELDS} fields at byte {item.offset}")
        low, high = _extent(now)
        self.fields.append(
            Field(kind, now.report_id, bit, now.size, count, usages, low, high, flags, self.path)
        )


def _extent(now: _Globals) -> tuple[int, int]:
    """Logical minimum and maximum; the maximum is signed only below a negative minimum, as Linux reads it."""
    minimum = int.from_bytes(now.logical_min, "little", signed=True)
    return minimum, int.from_bytes(now.logical_max, "little", signed=minimum < 0)


def _usage_runs(ranges: tuple[UsageRange, ...], count: int) -> Iterator[tuple[int, int]]:
    """Runs of (usage, elements): one element each, the last has the rest, equal neighbours are one run."""
    named = chain.from_iterable(range(span.first, span.last + 1) for span in ranges)
    run = None
    used = length = 0
    for usage in islice(named, count):
        if run is not None and usage != run:
            yield run, length
            length = 0
        run = usage
        used += 1
        length += 1
    if run is not None:
        yield run, length + count - used


def parse_descriptor(data: bytes) -> Descriptor:
    """Read a report descriptor; raises ProtocolError (device, malformed) when it is cut short or absurd."""
    return _Parser().run(data)
