"""Which fields of a device are its hook, mute, keys and lamps, and whether it can control a call at all.

May not keep state: `read_controls` is a function of descriptor and model record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from devices.hid.fields import Descriptor, Field, Flags, ReportKind
from devices.hid.indicators import Indicator, find_indicators
from devices.hid.usages import (
    BUTTON,
    BUTTONS,
    CONSUMER,
    CONSUMER_BUTTONS,
    DIGITS,
    HOOK_SWITCH,
    LED,
    MIRRORS,
    ONLY_MIRRORED,
    PHONE_MUTE,
    PROGRAMMABLE,
    TELEPHONY,
    VENDOR_PAGES,
    Lamp,
)
from devices.models.record import DEFAULT, ModelRecord
from state.words import Button

ANSWERING = frozenset({Lamp.OFF_HOOK, Lamp.RING, Lamp.RINGER})
"""A press is acknowledged by Off-Hook; a ring is shown by the other two."""

MAX_ARRAY_BITS = 16
"""A usage id has 16 bits, so has an index into usages."""


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
        if self.meaning is not None:
            return (self.meaning,)
        return tuple(dict.fromkeys(meaning for _value, meaning in self.values))


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
    indicators: tuple[Indicator, ...]
    """Every lamp of the page, also those the seat has no use for."""
    lamps: dict[Lamp, Indicator]
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
    indicators = find_indicators(descriptor.fields, page, MIRRORS.get(page, LED))
    lamps = _lamps(indicators, page)
    features = _features(inputs, lamps, record)
    verdict = _judge(descriptor, inputs, lamps, record)
    return Controls(page, inputs, indicators, lamps, features, verdict)


def _choose_page(fields: tuple[Field, ...]) -> int:
    """The telephony page where it has a hook, else a vendor mirror that has one, else the telephony page.

    A hook that no lamp of its page can acknowledge gives way to one that has its lamps beside it.
    """
    hooked = []
    for page in (TELEPHONY, *MIRRORS):
        if _has_hook(fields, page):
            if _can_acknowledge(fields, page):
                return page
            hooked.append(page)
    return hooked[0] if hooked else TELEPHONY


def _has_hook(fields: tuple[Field, ...], page: int) -> bool:
    """Whether a page has a hook; a vendor page needs a second sign that its ids are the standard ones."""
    said = {usage for field in fields if field.kind is ReportKind.INPUT for usage in _own_usages(field, page)}
    if HOOK_SWITCH not in said:
        return False
    return page == TELEPHONY or PHONE_MUTE in said or _can_acknowledge(fields, page)


def _own_usages(field: Field, page: int) -> set[int]:
    """Ids of this page that an input says bit by bit or by name; a block of bytes says nothing."""
    if field.array:
        named = (usage for usage, _value in field.array_values())
        return {usage & 0xFFFF for usage in named if usage >> 16 == page}
    if field.usage >> 16 != page or (page != TELEPHONY and not _is_key(field)):
        return set()
    return {field.usage & 0xFFFF}


def _is_key(field: Field) -> bool:
    """One bit, or an on/off pair; where padding bits lack a usage of their own, the last key has them."""
    return field.size == 1 or (field.count == 1 and (field.on_off_pair or field.usage >> 16 < 0xFF00))


def _can_acknowledge(fields: tuple[Field, ...], page: int) -> bool:
    lamps = _lamps(find_indicators(fields, page, MIRRORS.get(page, LED)), page)
    return bool(ANSWERING & lamps.keys())


def meaning_of(usage: int, field: Field, page: int, record: ModelRecord) -> Meaning | None:
    """What one usage of an input means on a device read by this page; None when it is nothing to us."""
    if usage in record.usages:
        return record.usages[usage]
    if usage in ONLY_MIRRORED:
        return ONLY_MIRRORED[usage]
    own_page, number = usage >> 16, usage & 0xFFFF
    if own_page == CONSUMER:
        return CONSUMER_BUTTONS.get(number)
    if own_page == BUTTON and number == 1 and _beside_programmable(field, page):
        return Button.PROGRAMMABLE
    if own_page != page:
        return None
    if number in DIGITS:
        return Digit(DIGITS[number])
    return {HOOK_SWITCH: Special.HOOK, PHONE_MUTE: Special.MUTE}.get(number) or BUTTONS.get(number)


def _beside_programmable(field: Field, page: int) -> bool:
    """Button 1 in a 0B:07 collection (EPOS DW), or beside 0B:07 in an array (EPOS D1: one key, two names)."""
    programmable = page << 16 | PROGRAMMABLE
    return field.usages[0].first == programmable or any(each.usage == programmable for each in field.path)


def _inputs(fields: tuple[Field, ...], page: int, record: ModelRecord) -> Iterable[Control]:
    """The input fields that mean something, in the descriptor's order; each meaning is read from one field.

    Const-flagged inputs count: Jabra 380c and Anker declare live controls so. Where two fields say the same,
    one that is Data goes before one that is Const, the chosen page before a vendor's, and the report that
    says more before the others: of a handset and a headset collection, the one with all the keys.
    """
    controls = [control for field in fields for control in _controls_of(field, page, record)]
    weight: dict[int, int] = {}
    for control in controls:
        report_id = control.field.report_id
        weight[report_id] = weight.get(report_id, 0) + len(control.meanings)
    seen: set[Meaning] = set()
    kept: set[int] = set()
    for place, control in sorted(enumerate(controls), key=lambda each: _rank(each[1], page, weight)):
        if not seen & set(control.meanings):
            seen.update(control.meanings)
            kept.add(place)
    return (control for place, control in enumerate(controls) if place in kept)


def _rank(control: Control, page: int, weight: dict[int, int]) -> tuple[bool, bool, int]:
    field = control.field
    foreign = field.usage >> 16 != page
    return bool(field.flags & Flags.CONSTANT), foreign, -weight[field.report_id]


def _controls_of(field: Field, page: int, record: ModelRecord) -> Iterable[Control]:
    if field.kind is not ReportKind.INPUT:
        return
    if field.array:
        if field.size > MAX_ARRAY_BITS:
            return
        values = {
            value: meaning
            for usage, value in reversed(tuple(field.array_values(record.array_base)))
            if (meaning := meaning_of(usage, field, page, record)) is not None
        }
        if values:
            yield Control(field, Shape.ARRAY, values=tuple(sorted(values.items(), key=lambda each: each[0])))
        return
    meaning = meaning_of(field.usage, field, page, record) if _is_key(field) else None
    if meaning is not None:
        yield Control(field, shape_of(field), meaning)


def shape_of(field: Field) -> Shape:
    """How a field speaks; an on/off pair says what shall be, though it is flagged as a change."""
    if field.array:
        return Shape.ARRAY
    return Shape.EDGE if field.relative and not field.on_off_pair else Shape.LEVEL


def _lamps(indicators: Iterable[Indicator], page: int) -> dict[Lamp, Indicator]:
    """The first indicator of each lamp; outputs come before features."""
    found: dict[Lamp, Indicator] = {}
    for indicator in indicators:
        lamp = indicator.lamp(page, MIRRORS.get(page, LED))
        if lamp is not None:
            found.setdefault(lamp, indicator)
    return found


def _features(inputs: tuple[Control, ...], lamps: Iterable[Lamp], record: ModelRecord) -> frozenset[str]:
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


def _judge(
    descriptor: Descriptor, inputs: tuple[Control, ...], lamps: dict[Lamp, Indicator], record: ModelRecord
) -> Verdict:
    """Whether it can control a call: a hook to press and a lamp to acknowledge it by, or an ear and a mouth.

    A headset without such a lamp has hook, phone mute and volume keys (C-Media HS-100B): somebody wears it. A
    webcam has hook and mute and no volume (MX Brio). A model record may know better.
    """
    if record.call_control is not None:
        why = record.evidence.get("call_control", "recorded so")
        return Verdict(record.call_control, f"{record.name}: {why}")
    said = {meaning for control in inputs for meaning in control.meanings}
    if Special.HOOK not in said:
        return Verdict(False, f"no hook switch: it cannot answer or end a call{_instead(descriptor)}")
    if ANSWERING & lamps.keys():
        return Verdict(True, "hook switch with " + ", ".join(sorted(lamps)))
    if Special.MUTE in said and said & {Button.VOLUME_UP, Button.VOLUME_DOWN}:
        return Verdict(
            True, "hook switch, phone mute and volume keys: a headset, with no lamp to acknowledge by"
        )
    return Verdict(False, "a hook switch, but no off-hook or ring lamp to acknowledge a press")


def _instead(descriptor: Descriptor) -> str:
    """What a device without a hook has that makes it look like a phone."""
    pages = {field.usage >> 16 for field in descriptor.fields if field.kind is ReportKind.INPUT}
    vendors = sorted({VENDOR_PAGES[page] for page in pages & VENDOR_PAGES.keys()})
    if vendors:
        return f" (it has keys on a vendor page of {', '.join(vendors)} only)"
    phones = [usage for usage in descriptor.applications if usage >> 16 == TELEPHONY]
    return " (its telephony collection holds no such key)" if phones else ""
