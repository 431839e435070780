"""Lamps to reports: each is written whole, with all its lamps, at its declared length, when it differs.

May not decide which lamps are lit. Writing one lamp of a shared report from zero would switch Off-Hook off,
and the headset would end the call or stop muting (Jitsi and tSIP had both defects).
"""

from __future__ import annotations

from devices.hid.bits import set_bits
from devices.hid.fields import Descriptor, Field, ReportKind
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

    def __init__(self, descriptor: Descriptor, lamps: dict[Lamp, Field]) -> None:
        self._fields: dict[ReportKey, dict[Lamp, Field]] = {}
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
        values = lamp_values(lamps)
        keys = list(self._fields)
        if not lamps.off_hook:
            keys.sort(key=lambda key: Lamp.OFF_HOOK in self._fields[key])
        writes: list[Write] = []
        for key in keys:
            kind, report_id = key
            payload = bytearray(self._lengths[key])
            for lamp, field in self._fields[key].items():
                set_bits(payload, field.bit, field.size, int(values[lamp]))
            image = bytes((report_id, *payload))
            if self._written.get(key) != image:
                self._written[key] = image
                writes.append(Write(image, via=kind.value))
        return writes
