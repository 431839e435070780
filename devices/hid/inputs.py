"""Input reports to changes: each field is compared with its own last value, never whole reports.

May not decide what a change asks for: that is `devices.hid.engine`.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.hid.bits import get_bits
from devices.hid.controls import Control, Controls, Meaning, Shape, Special
from devices.hid.fields import Descriptor, ReportKind


@dataclass(frozen=True, slots=True)
class Change:
    """A control went down (or a level rose), or up."""

    meaning: Meaning
    shape: Shape
    down: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One report, decoded. `levels` has hook and mute where they are levels; the first report is baseline."""

    report_id: int
    first: bool
    repeated: bool
    levels: dict[Special, bool]
    changes: tuple[Change, ...]


class InputReader:
    """Keeps the last value of every control of one device."""

    def __init__(self, descriptor: Descriptor, controls: Controls) -> None:
        self._numbered = descriptor.numbered
        self._lengths = {
            layout.report_id: layout.payload_bytes + descriptor.numbered
            for layout in descriptor.reports
            if layout.kind is ReportKind.INPUT
        }
        self._controls: dict[int, list[Control]] = {}
        for control in controls.inputs:
            self._controls.setdefault(control.field.report_id, []).append(control)
        self._down: dict[int, set[Meaning]] = {}
        self._payloads: dict[int, bytes] = {}

    def read(self, data: bytes) -> Reading | None:
        """Decode one whole report as hidraw gives it; None when it is none of this device's."""
        report_id = data[0] if self._numbered and data else 0
        if self._lengths.get(report_id) != len(data) or not data:
            return None
        payload = data[1:] if self._numbered else data
        controls = self._controls.get(report_id, [])
        first = report_id not in self._payloads
        repeated = self._payloads.get(report_id) == payload
        self._payloads[report_id] = payload
        before = self._down.get(report_id, set())
        down: set[Meaning] = set()
        levels: dict[Special, bool] = {}
        changes: list[Change] = []
        for control in controls:
            active = _active(control, payload)
            down |= active
            held = control.shape is Shape.LEVEL and isinstance(control.meaning, Special)
            if held and isinstance(control.meaning, Special):
                levels[control.meaning] = bool(active)
            if first and held:
                continue  # a level may be old; a key that is down is a press whenever it is first seen
            changes += [
                Change(meaning, control.shape, meaning in active)
                for meaning in control.meanings
                if (meaning in active) is not (meaning in before)
            ]
        self._down[report_id] = down
        return Reading(report_id, first, repeated, levels, tuple(changes))


def _active(control: Control, payload: bytes) -> set[Meaning]:
    """What of this control is down in this payload."""
    field = control.field
    if control.meaning is not None:
        return {control.meaning} if get_bits(payload, field.bit, field.size) else set()
    values = {get_bits(payload, field.bit + n * field.size, field.size) for n in range(field.count)}
    return {meaning for value, meaning in control.values if value in values}
