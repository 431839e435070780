"""Lamps and sounders in a report descriptor: where their bits are, and what these hold when lit and when out.

May not know what a lamp is for beyond its usage. Four shapes exist (HID Usage Tables 1.5 section 11, HID
1.11 section 6.2.2.5): one bit or number per LED; an on/off pair of -1 and +1; an array that names the LEDs
that are lit; an indicator inside a Usage Selected, Usage In Use or mode collection, for the usage there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from devices.hid.fields import Field, ReportKind
from devices.hid.usages import LAMPS, LED, RINGER, Lamp

SELECTED, IN_USE = 0x0008_003A, 0x0008_003B
"""Collections whose fields are usages of another page: each is the lamp of that key."""
INDICATOR_ON, INDICATOR_OFF = 0x0008_003D, 0x0008_0041
"""First and last mode an array may select for the lamp its collection names."""
ABOUT: dict[int, Lamp] = {
    0x000B_0020: Lamp.OFF_HOOK,
    0x000B_0021: Lamp.HOLD,
    0x000B_0023: Lamp.HOLD,
    0x000B_002F: Lamp.MUTE,
    0x000B_0070: Lamp.MESSAGE_WAITING,
    0x000B_009E: Lamp.RING,
}
"""Which lamp a Usage Selected Indicator of this key is."""

MAX_INDICATORS = 256
"""No real device has more than 15 (BOYA); a damaged descriptor may claim a hundred thousand."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One lamp: its place in a report, and the numbers for lit and out."""

    usage: int
    kind: ReportKind
    report_id: int
    bit: int
    size: int
    lit: int = 1
    out: int = 0
    selected: bool = False
    """It is the lamp of a key, not an LED of its own."""

    def lamp(self, page: int, led_page: int) -> Lamp | None:
        """Which of the seat's lamps it is, on a device read by these pages."""
        if self.selected:
            return ABOUT.get(self.usage)
        own_page, number = self.usage >> 16, self.usage & 0xFFFF
        if own_page == led_page:
            return LAMPS.get(number)
        return Lamp.RINGER if own_page == page and number == RINGER else None


def find_indicators(fields: Iterable[Field], page: int, led_page: int) -> tuple[Indicator, ...]:
    """Every lamp of these pages, outputs first; a feature that repeats an output is left out."""
    outputs: list[Indicator] = []
    features: list[Indicator] = []
    for field in fields:
        if field.kind is not ReportKind.INPUT and len(outputs) + len(features) < MAX_INDICATORS:
            into = outputs if field.kind is ReportKind.OUTPUT else features
            into += _of_field(field, page, led_page)
    shown = {indicator.usage for indicator in outputs}
    return (*outputs, *(each for each in features if each.usage not in shown))


def _of_field(field: Field, page: int, led_page: int) -> Iterator[Indicator]:
    around = field.path[-1].usage
    if field.array:
        yield from _of_modes(field, around) if _is_modes(field, around) else _of_array(field, led_page)
    elif around in {SELECTED, IN_USE} and field.usage >> 16 != LED:
        yield _plain(field, selected=True)
    elif _single(field) and (field.usage >> 16 == led_page or field.usage == page << 16 | RINGER):
        yield _plain(field)


def _single(field: Field) -> bool:
    """One lamp: makers who forget a usage before padding bits give the last LED all of them."""
    return field.count == 1 or field.size == 1


def _plain(field: Field, *, selected: bool = False) -> Indicator:
    out = (1 << field.size) - 1 if field.on_off_pair else 0
    return Indicator(
        field.usage, field.kind, field.report_id, field.bit, field.size, out=out, selected=selected
    )


def _is_modes(field: Field, around: int) -> bool:
    first, last = field.usages[0].first, field.usages[-1].last
    return around >> 16 == LED and INDICATOR_ON <= first <= last <= INDICATOR_OFF


def _of_modes(field: Field, around: int) -> Iterator[Indicator]:
    """One lamp, lit by the mode On; out by the mode Off, or by none where there is no such mode."""
    values = dict(field.array_values())
    if INDICATOR_ON in values:
        out = values.get(INDICATOR_OFF, 0)
        place = (field.kind, field.report_id, field.bit, field.size)
        yield Indicator(around, *place, lit=values[INDICATOR_ON], out=out)


def _of_array(field: Field, led_page: int) -> Iterator[Indicator]:
    """The LEDs an array can light; each of ours has an element of its own while there are any."""
    slot = 0
    for usage, value in field.array_values():
        if usage >> 16 != led_page:
            continue
        bit = field.bit + slot * field.size
        yield Indicator(usage, field.kind, field.report_id, bit, field.size, lit=value)
        if usage & 0xFFFF in LAMPS:
            slot = min(slot + 1, field.count - 1)
