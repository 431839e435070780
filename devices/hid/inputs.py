"""Input reports to changes: each field is compared with its own last value, never whole reports.

May not decide what a change asks for: that is `devices.hid.engine`.

A headset repeats its report many times a second, so a report is one integer: what differs from the last one,
masked to our fields, is nearly always nothing, and then the reading is one made before; so is that of a press
seen before.
"""

from __future__ import annotations

from typing import NamedTuple

from devices.hid.controls import Control, Controls, Meaning, Shape, Special
from devices.hid.fields import Descriptor, ReportKind

MAX_ELEMENTS = 64
"""Keys an array can name at once; a fig leaf over a vendor's bytes (Yealink adapter: 128) is no keypad."""

MAX_KNOWN = 64
"""Changes of one report remembered with their reading; a headset has one or two dozen."""


class Change(NamedTuple):
    """A control went down (or a level rose), or up."""

    meaning: Meaning
    shape: Shape
    down: bool


class Reading(NamedTuple):
    """One report, decoded. `levels` has hook and mute where they are levels; the first report is baseline."""

    report_id: int
    first: bool
    repeated: bool
    levels: dict[Special, bool]
    changes: tuple[Change, ...]


class _Key:
    """One field of one or more bits: where it stands in the report's integer, and what it says."""

    __slots__ = ("count", "level", "mask", "meaning", "pair", "shape", "shift", "size", "values")

    def __init__(self, control: Control, offset: int) -> None:
        field = control.field
        self.shape = control.shape
        self.meaning = control.meaning
        self.size, self.shift = field.size, field.bit + offset
        self.count = 1 if control.meaning is not None else min(field.count, MAX_ELEMENTS)
        self.mask = (1 << field.size * self.count) - 1 << self.shift
        self.values = control.values
        self.pair = field.on_off_pair
        held = control.shape is Shape.LEVEL and isinstance(control.meaning, Special)
        self.level = control.meaning if held and isinstance(control.meaning, Special) else None

    def active(self, value: int) -> list[Meaning]:
        """What an array names."""
        elements = (value & self.mask) >> self.shift
        if not elements:
            return [meaning for number, meaning in self.values if number == 0]
        each = (1 << self.size) - 1
        named = {elements >> n * self.size & each for n in range(self.count)}
        return list(dict.fromkeys(meaning for number, meaning in self.values if number in named))

    def says(self, value: int) -> bool | None:
        """Whether a single field is set; None from an on/off pair that says neither."""
        raw = (value & self.mask) >> self.shift
        if not self.pair:
            return bool(raw)
        return None if raw == 0 else raw >> self.size - 1 == 0


class _Rest(NamedTuple):
    """What a report says while nothing of ours changes."""

    levels: dict[Special, bool]
    same: Reading
    other: Reading

    @classmethod
    def of(cls, report_id: int, levels: dict[Special, bool]) -> _Rest:
        """The two readings of these levels: of an equal report, and of one that differs elsewhere."""
        return cls(
            levels,
            Reading(report_id, False, True, levels, ()),
            Reading(report_id, False, False, levels, ()),
        )


class _Report:
    """One input report: its keys, its last value and the readings it has given."""

    def __init__(self, report_id: int, controls: list[Control], *, numbered: bool) -> None:
        self._id = report_id
        self._keys = [_Key(control, 8 * numbered) for control in controls]
        self._by_bit = {
            1 << bit: key for key in self._keys for bit in range(key.shift, key.shift + key.size * key.count)
        }
        self._mask = sum(key.mask for key in self._keys)
        self.needed = (self._mask.bit_length() + 7) // 8
        self._data: bytes | None = None
        self._ours = 0
        self._rest = _Rest.of(report_id, {})
        self._remembers = not any(key.pair for key in self._keys)
        self._known: dict[tuple[int, int], tuple[Reading, _Rest]] = {}

    def take(self, data: bytes) -> Reading:
        """Compare one whole report with the last one."""
        if data == self._data:
            return self._rest.same
        ours = int.from_bytes(data, "little") & self._mask
        first, self._data = self._data is None, data
        before, self._ours = self._ours, ours
        if first:
            return self._baseline(ours)
        if ours == before:
            return self._rest.other
        known = self._known.get((before, ours))
        if known is None:
            known = self._read(before, ours)
            if self._remembers and len(self._known) < MAX_KNOWN:
                self._known[before, ours] = known
        reading, self._rest = known
        return reading

    def _read(self, before: int, ours: int) -> tuple[Reading, _Rest]:
        """What the bits that differ say, lowest first; only on/off pairs depend on more than these two."""
        changes: list[Change] = []
        levels: dict[Special, bool] = {}
        diff = before ^ ours
        while diff:
            key = self._by_bit[diff & -diff]
            diff &= ~key.mask
            if key.meaning is None:
                changes += _moved(key.active(before), key.active(ours))
                continue
            now = key.says(ours)
            if key.level is not None:
                if now is not None and now is not self._rest.levels.get(key.level):
                    levels[key.level] = now
                    changes.append(Change(key.meaning, key.shape, now))
            elif now is not key.says(before):
                changes.append(Change(key.meaning, key.shape, bool(now)))
        rest = _Rest.of(self._id, self._rest.levels | levels) if levels else self._rest
        return Reading(self._id, False, False, rest.levels, tuple(changes)), rest

    def _baseline(self, ours: int) -> Reading:
        """The first report: a level may be old; a key that is down is a press whenever it is first seen.

        An on/off pair that says neither is a hook at rest, and a mute nobody knows.
        """
        changes: list[Change] = []
        levels: dict[Special, bool] = {}
        for key in self._keys:
            if key.meaning is None:
                changes += _moved([], key.active(ours))
                continue
            now = key.says(ours)
            if key.level is None:
                changes += [Change(key.meaning, key.shape, True)] if now else []
            elif now is not None or key.level is Special.HOOK:
                levels[key.level] = bool(now)
        self._rest = _Rest.of(self._id, levels)
        return Reading(self._id, True, False, levels, tuple(changes))


def _moved(before: list[Meaning], now: list[Meaning]) -> list[Change]:
    """Keys an array names no more, then those it names now; a hook or mute key among them is a one-shot."""
    return [
        Change(meaning, Shape.EDGE if isinstance(meaning, Special) else Shape.ARRAY, down)
        for down, these, others in ((False, before, now), (True, now, before))
        for meaning in these
        if meaning not in others
    ]


class InputReader:
    """Keeps the last value of every control of one device."""

    def __init__(self, descriptor: Descriptor, controls: Controls) -> None:
        self._numbered = descriptor.numbered
        by_report: dict[int, list[Control]] = {}
        for control in controls.inputs:
            by_report.setdefault(control.field.report_id, []).append(control)
        self._reports = {
            layout.report_id: _Report(
                layout.report_id,
                by_report.get(layout.report_id, []),
                numbered=descriptor.numbered,
            )
            for layout in descriptor.reports
            if layout.kind is ReportKind.INPUT and layout.payload_bytes
        }

    def read(self, data: bytes) -> Reading | None:
        """Decode one report as hidraw gives it; None when it is none of this device's, or ends too early.

        Some hosts pad reports to the longest one, some devices leave out what is unused: nothing is made up.
        """
        report = self._reports.get(data[0] if self._numbered else 0) if data else None
        if report is None or len(data) < report.needed:
            return None
        return report.take(data)
