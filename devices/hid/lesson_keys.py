"""Which keys a headset really has: usages that are something else, the base of its dial pad, its reject key.

May not look at hook or mute, which have windows and echoes of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.hid.controls import Control, Digit, Meaning, Shape, Special
from devices.hid.fields import Field
from devices.hid.lesson import Diary, Observed
from devices.hid.usages import BUTTON, CONSUMER, DIGITS, TELEPHONY
from devices.models.record import ModelRecord
from devices.models.toml_form import usage_key
from state.words import Button

_CODES = {digit: number for number, digit in DIGITS.items()}


@dataclass(frozen=True, slots=True)
class Base:
    """The array value of the first usage, and how it was seen."""

    value: int
    measured: str


class KeyLesson:
    """The key steps of one lesson."""

    def __init__(self, diary: Diary, record: ModelRecord) -> None:
        self.notes: list[str] = []
        self._diary = diary
        self._controls = diary.controls
        self._record = record
        self._steps = [
            step
            for step in diary.observed
            if isinstance(step.task.meaning, Button) and step.heard and not step.discarded
        ]

    # keys --------------------------------------------------------------------------------------

    def usages(self) -> tuple[dict[int, Button | None], str]:
        """What `usages` of the record must say besides, and how that was seen."""
        moved: dict[int, Button | None] = {}
        replaced: list[int] = []
        said: list[str] = []
        for step in self._steps:
            wanted = step.task.meaning
            if not isinstance(wanted, Button):
                continue
            own = self._controls.find(wanted)
            if own is not None and _names(own, wanted, step):
                continue
            usage = self._instead(step)
            if usage is None or (wanted is Button.REJECT and self._meaning_of(usage) is not None):
                continue
            if moved.get(usage, wanted) is not wanted:
                self.notes.append(f"{usage_key(usage)} is sent by two keys: {moved[usage]} and {wanted}")
                continue
            moved[usage] = wanted
            said.append(f"{wanted} key sends {usage_key(usage)}")
            if own is not None and own.meaning is not None:
                replaced.append(own.field.usage)
        for usage in replaced:
            moved.setdefault(usage, None)
        return moved, "; ".join(said)

    def reject_button(self) -> tuple[Button, str] | None:
        """The key that rejects while a call rings, where it is a key with another meaning."""
        step = next((step for step in self._steps if step.task.meaning is Button.REJECT), None)
        if step is None:
            return None
        own = self._controls.find(Button.REJECT)
        if own is not None and _names(own, Button.REJECT, step):
            return None
        usage = self._instead(step)
        meaning = None if usage is None else self._meaning_of(usage)
        if usage is None or not isinstance(meaning, Button):
            return None
        return meaning, f"rejecting sends {usage_key(usage)} ({meaning})"

    def _instead(self, step: Observed) -> int | None:
        """The one usage that rose in a step instead of the wanted one; a note where there are several."""
        risen = self._risen(step)
        for page in (self._controls.page, TELEPHONY, CONSUMER, BUTTON):
            chosen = [usage for usage in risen if usage >> 16 == page]
            if len(chosen) == 1:
                return chosen[0]
            if chosen:
                risen = chosen
                break
        if len(risen) == 1:
            return risen[0]
        if risen:
            names = ", ".join(map(usage_key, risen))
            self.notes.append(f"{step.task.id}: several controls moved, none is its own: {names}")
        return None

    def _risen(self, step: Observed) -> list[int]:
        """Usages that went down in a step, hook and mute left out, in their order."""
        special = {
            control.field
            for control in self._controls.inputs
            if control.meaning in {Special.HOOK, Special.MUTE}
        }
        found: dict[int, None] = {}
        for heard in step.heard:
            for touch in heard.touches:
                if touch.rose and touch.field not in special:
                    usage = self._usage_of(touch.field, touch.value)
                    if usage is not None:
                        found[usage] = None
        return list(found)

    def _usage_of(self, field: Field, value: int) -> int | None:
        if not field.array:
            return field.usage
        return field.usage_at(value - self._base_of(field))

    def _base_of(self, field: Field) -> int:
        return max(field.logical_min, 1) if self._record.array_base is None else self._record.array_base

    def _meaning_of(self, usage: int) -> Meaning | None:
        """What the record takes a usage for until now."""
        for control in self._controls.inputs:
            if control.shape is not Shape.ARRAY and control.field.usage == usage:
                return control.meaning
            for value, meaning in control.values:
                if control.field.usage_at(value - self._base_of(control.field)) == usage:
                    return meaning
        return None

    # dial pad ----------------------------------------------------------------------------------

    def array_base(self) -> Base | None:
        """The base that makes every pressed digit itself; None where the assumed one does, or none does."""
        bases: dict[str, int] = {}
        assumed = 0
        for step in self._diary.observed:
            digit = step.task.meaning
            if step.discarded or not step.heard or not isinstance(digit, Digit):
                continue
            pad = self._controls.find(digit)
            if pad is None or pad.shape is not Shape.ARRAY:
                continue
            place = _place(pad.field, digit.digit)
            values = [touch.value for _, touch in step.changes(pad) if touch.rose]
            if place is None or not values:
                continue
            bases[digit.digit] = values[0] - place
            assumed = self._base_of(pad.field)
        if not bases or set(bases.values()) == {assumed}:
            return None
        if len(set(bases.values())) > 1 or min(bases.values()) < 0:
            self.notes.append("the dial pad counts its keys in another order than its descriptor")
            return None
        base = next(iter(bases.values()))
        return Base(base, f"keys {' '.join(bases)} sent as if the first key had the value {base}")


def _names(control: Control, meaning: Meaning, step: Observed) -> bool:
    """Whether this control said `meaning` in a step."""
    if control.shape is not Shape.ARRAY:
        return bool(step.rises(control))
    values = {value for value, has in control.values if has == meaning}
    return any(touch.rose and touch.value in values for _, touch in step.changes(control))


def _place(field: Field, digit: str) -> int | None:
    """Which of the array's usages a digit is."""
    for index in range(min(field.usage_count, 64)):
        usage = field.usage_at(index)
        if usage is not None and usage & 0xFFFF == _CODES[digit]:
            return index
    return None
