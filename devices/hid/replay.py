"""What a headset once said, heard again by the engine: input reports and host-set lamps in their order.

May not read a file. Times are those of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from devices.hid.bits import get_bits
from devices.hid.controls import read_controls
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Descriptor
from devices.hid.usages import Lamp
from devices.models.record import ModelRecord
from state.commands import Lamps, SetLamps
from state.engine import Step, Write
from state.events import Event


@dataclass(frozen=True, slots=True)
class Said:
    """An input report came at `at`."""

    at: float
    report: bytes


@dataclass(frozen=True, slots=True)
class Wrote:
    """The host wrote a report at `at`."""

    at: float
    write: Write


@dataclass(frozen=True, slots=True)
class Lit:
    """The host set its lamps to this at `at`."""

    at: float
    lamps: Lamps


@dataclass(frozen=True, slots=True)
class Passed:
    """Time went by until `at`."""

    at: float


@dataclass(frozen=True, slots=True)
class Happening:
    """What one moment gave: events for the core, reports for the device."""

    at: float
    events: tuple[Event, ...]
    writes: tuple[Write, ...]


def replayed(engine: HeadsetEngine, moments: Iterable[Said | Lit | Passed]) -> Iterator[Happening]:
    """Feed the moments, each after whatever was due before it."""
    for moment in moments:
        while (due := engine.next_deadline()) is not None and due <= moment.at:
            yield _happening(due, engine.advance(due))
        match moment:
            case Said(at, report):
                yield _happening(at, engine.feed(report, at))
            case Lit(at, lamps):
                yield _happening(at, engine.request(SetLamps(lamps), at))
            case Passed():
                pass


def _happening(at: float, step: Step) -> Happening:
    return Happening(at, step.events, step.writes)


def lamps_lit(
    descriptor: Descriptor, record: ModelRecord | None, moments: Iterable[Said | Wrote]
) -> Iterator[Said | Lit]:
    """The lamps that written reports set; a device without lamps in its descriptor shows none."""
    where = read_controls(descriptor, record).lamps
    lamps = Lamps()
    for moment in moments:
        if isinstance(moment, Said):
            yield moment
            continue
        told = lamps
        for lamp, place in where.items():
            if (place.kind.value, place.report_id) != (moment.write.via, moment.write.data[0]):
                continue
            if not (lamp is Lamp.RINGER and Lamp.RING in where):
                name = Lamp.RING.value if lamp is Lamp.RINGER else lamp.value
                lit = get_bits(moment.write.data[1:], place.bit, place.size) == place.lit
                told = replace(told, **{name: lit})
        if told != lamps:
            lamps = told
            yield Lit(moment.at, lamps)
