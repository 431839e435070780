"""Which fields of a device are its hook, mute, keys and lamps, and whether it can control a call at all.

May not keep state: `read_controls` is a function of descriptor and model record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from devices.hid.fields import Descriptor, Field, ReportKind
from devices.hid.usages import (
    BUTTON,
    BUTTONS,
    CONSUMER,
    CONSUMER_BUTTONS,
    DIGITS,
    HOOK_SWITCH,
    LAMPS,
    LED,
    MIRRORS,
    ONLY_MIRRORED,
    PHONE_MUTE,
    RINGER,
    TELEPHONY,
    Lamp,
)
from devices.models.record import DEFAULT, ModelRecord
from state.words import Button


class Special(StrEnum):
    """Controls that are not keys."""

    HOOK = "hook"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Digit:
    """A key of the dial pad."""

    digit: str


Meaning = Special | Button | Digit


class Shape(StrEnum):
    """How a control speaks: a level holds, an edge is a one-shot, an array names the keys that are down."""

    LEVEL = "level"
    EDGE = "edge"
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class Control:
    """One input field and what it means; an array has one meaning per value that is a key."""

    field: Field
    shape: Shape
    meaning: Meaning | None = None
    values: tuple[tuple[int, Meaning], ...] = ()

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Everything this control can say."""
        return (self.meaning,) if self.meaning is not None else tuple(m for _, m in self.values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a device can control a call, with the reason for a person to read."""

    usable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Controls:
    """What the engine reads and writes of a device."""

    page: int
    inputs: tuple[Control, ...]
    lamps: dict[Lamp, Field]
    features: frozenset[str]
    verdict: Verdict

    def find(self, meaning: Meaning) -> Control | None:
        """The control that says `meaning`, None when the device has none."""
        return next((control for control in self.inputs if meaning in control.meanings), None)


def read_controls(descriptor: Descriptor, model: ModelRecord | None = None) -> Controls:
    """Pick one page, map its fields, and judge the device."""
    record = model or DEFAULT
    page = _choose_page(descriptor.fields)
    inputs = tuple(_inputs(descriptor.fields, page, record))
    lamps = _lamps(descriptor.fields, page)
    features = _features(inputs, lamps, record)
    return Controls(page, inputs, lamps, features, _judge(inputs, lamps, record))


def _choose_page(fields: Iterable[Field]) -> int:
    """The telephony page where it has a hook, else a vendor mirror that has one, else the telephony page."""
    hooked = {
        field.usage >> 16
        for field in fields
        if field.kind is ReportKind.INPUT and not field.array and field.usage & 0xFFFF == HOOK_SWITCH
    }
    return next((page for page in (TELEPHONY, *MIRRORS) if page in hooked), TELEPHONY)


def _meaning(usage: int, page: int, record: ModelRecord) -> Meaning | None:
    """What one usage means on the chosen page; None when it is nothing to us."""
    if usage in record.usages:
        return record.usages[usage]
    if usage in ONLY_MIRRORED:
        return ONLY_MIRRORED[usage]
    own_page, number = usage >> 16, usage & 0xFFFF
    if own_page == CONSUMER:
        return CONSUMER_BUTTONS.get(number)
    if own_page != page:
        return None
    if number in DIGITS:
        return Digit(DIGITS[number])
    return {HOOK_SWITCH: Special.HOOK, PHONE_MUTE: Special.MUTE}.get(number) or BUTTONS.get(number)


def _inputs(fields: Iterable[Field], page: int, record: ModelRecord) -> Iterable[Control]:
    """The input fields that mean something, each meaning once: the first field that says it.

    Const-flagged inputs count: Jabra 380c and Anker declare live controls so.
    """
    seen: set[Meaning] = set()
    for field in fields:
        if field.kind is not ReportKind.INPUT:
            continue
        if field.array:
            values = tuple(_array_values(field, page, record))
            if values and not seen & {meaning for _, meaning in values}:
                seen.update(meaning for _, meaning in values)
                yield Control(field, Shape.ARRAY, values=values)
            continue
        meaning = _meaning(field.usage, page, record)
        if meaning is None or meaning in seen or field.count != 1:
            continue
        seen.add(meaning)
        yield Control(field, Shape.EDGE if field.relative else Shape.LEVEL, meaning)


def _array_values(field: Field, page: int, record: ModelRecord) -> Iterable[tuple[int, Meaning]]:
    """(value, meaning) of an array.

    With logical minimum 0, idle 0 would be the first key if read strictly; makers mean 0 = no key and 1 = the
    first key, with or without a null state (Evolve Link 0..11, BIZ 2400 0..12, both over 12 keys).
    """
    base = record.array_base
    if base is None:
        base = max(field.logical_min, 1)
    for index in range(min(field.usage_count, 1 << min(field.size, 8))):
        usage = field.usage_at(index)
        if usage is None or base + index >= 1 << field.size:
            return
        meaning = Button.PROGRAMMABLE if _is_call_button(usage, field) else _meaning(usage, page, record)
        if meaning is not None:
            yield base + index, meaning


def _is_call_button(usage: int, field: Field) -> bool:
    """Button 1 next to 0B:07 in one array: EPOS names its one key twice."""
    return usage >> 16 == BUTTON and len(field.usages) > 1 and field.usages[0].first & 0xFFFF == 0x07


def _lamps(fields: Iterable[Field], page: int) -> dict[Lamp, Field]:
    """The first field of each lamp; lamps of the output kind win over features."""
    led_page = MIRRORS.get(page, LED)
    found: dict[Lamp, Field] = {}
    for kind in (ReportKind.OUTPUT, ReportKind.FEATURE):
        for field in fields:
            if field.kind is not kind or field.array or field.count != 1:
                continue
            own_page, number = field.usage >> 16, field.usage & 0xFFFF
            lamp = LAMPS.get(number) if own_page == led_page else None
            if own_page == page and number == RINGER:
                lamp = Lamp.RINGER
            if lamp is not None:
                found.setdefault(lamp, field)
    return found


def _features(inputs: tuple[Control, ...], lamps: dict[Lamp, Field], record: ModelRecord) -> frozenset[str]:
    """Names of what the device can say and show."""
    names = {"ringer" if lamp is Lamp.RINGER else f"lamp_{lamp}" for lamp in lamps}
    for control in inputs:
        for meaning in control.meanings:
            if isinstance(meaning, Digit):
                names.add("keypad")
            elif meaning in {Button.VOLUME_UP, Button.VOLUME_DOWN}:
                names.add("volume")
            else:
                names.add(str(meaning))
        if control.meaning is Special.MUTE and control.shape is Shape.LEVEL:
            names.add("mute_level")
    if record.reject_reports or (record.reject_button is not None and str(record.reject_button) in names):
        names.add("reject")
    return frozenset(names)


def _judge(inputs: tuple[Control, ...], lamps: dict[Lamp, Field], record: ModelRecord) -> Verdict:
    """A call needs a hook to press and a lamp to acknowledge it by; a model record may know better."""
    if record.call_control is not None:
        why = record.evidence.get("call_control", "recorded so")
        return Verdict(record.call_control, f"{record.name}: {why}")
    if not any(control.meaning is Special.HOOK for control in inputs):
        return Verdict(False, "no hook switch: it cannot answer or end a call")
    answering = {Lamp.OFF_HOOK, Lamp.RING, Lamp.RINGER} & lamps.keys()
    if not answering:
        return Verdict(False, "a hook switch, but no off-hook or ring lamp to acknowledge a press")
    return Verdict(True, "hook switch with " + ", ".join(sorted(lamps)))
