"""Lamps to reports: each is written whole, with all its lamps, at its declared length, when it differs.

May not decide which lamps are lit. Writing one lamp of a shared report from zero would switch Off-Hook off,
and the headset would end the call or stop muting (Jitsi and tSIP had both defects).
"""

from __future__ import annotations

from collections.abc import Iterator

from devices.hid.bits import set_bits
from devices.hid.fields import Descriptor, ReportKind
from devices.hid.indicators import Indicator
from devices.hid.usages import Lamp
from state.commands import Lamps
from state.engine import Write

ReportKey = tuple[ReportKind, int]

ORDER = (Lamp.MUTE, Lamp.HOLD, Lamp.RING, Lamp.RINGER, Lamp.MICROPHONE, Lamp.MESSAGE_WAITING)
"""Order of separate reports; Off-Hook goes before all when it lights, after all when it goes out."""


def lamp_values(lamps: Lamps) -> dict[Lamp, bool]:
    """Every lamp of the device and whether it shall be lit; the audible ringer follows the ring lamp."""
    return {
        Lamp.OFF_HOOK: lamps.off_hook,
        Lamp.MUTE: lamps.mute,
        Lamp.HOLD: lamps.hold,
        Lamp.RING: lamps.ring,
        Lamp.RINGER: lamps.ring,
        Lamp.MICROPHONE: lamps.microphone,
        Lamp.MESSAGE_WAITING: lamps.message_waiting,
    }


class LampWriter:
    """Remembers what was last written to each lamp report."""

    def __init__(self, descriptor: Descriptor, lamps: dict[Lamp, Indicator]) -> None:
        self._fields: dict[ReportKey, dict[Lamp, Indicator]] = {}
        for lamp in (Lamp.OFF_HOOK, *ORDER):
            if (field := lamps.get(lamp)) is not None:
                self._fields.setdefault((field.kind, field.report_id), {})[lamp] = field
        self._lengths = {
            (layout.kind, layout.report_id): layout.payload_bytes for layout in descriptor.reports
        }
        self._written: dict[ReportKey, bytes] = {}

    def forget(self) -> None:
        """Write everything the next time: the device may show something else than it was told."""
        self._written.clear()

    def show(self, lamps: Lamps) -> list[Write]:
        """The reports that make the device show this; the first call writes all, clearing stale lamps."""
        writes: list[Write] = []
        for key, write in self._images(lamps):
            if self._written.get(key) != write.data:
                self._written[key] = write.data
                writes.append(write)
        return writes

    def whole(self, lamps: Lamps) -> list[Write]:
        """Every lamp report as it would be for these lamps, whatever was written; nothing is remembered."""
        return [write for _key, write in self._images(lamps)]

    def _images(self, lamps: Lamps) -> Iterator[tuple[ReportKey, Write]]:
        values = lamp_values(lamps)
        keys = list(self._fields)
        if not lamps.off_hook:
            keys.sort(key=lambda key: Lamp.OFF_HOOK in self._fields[key])
        for key in keys:
            kind, report_id = key
            payload = bytearray(self._lengths[key])
            # lamps may share one element that names what is lit: the first of them that is lit has it
            for lit in (False, True):
                for lamp, place in reversed(self._fields[key].items()):
                    if values[lamp] is lit:
                        set_bits(payload, place.bit, place.size, place.lit if lit else place.out)
            yield key, Write(bytes((report_id, *payload)), via=kind.value)
