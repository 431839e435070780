"""The press script of a lesson: what was done at which step, and the events that must come of it.

May not take the events from the engine: they follow from the step's instruction and the raw fields, so that
a replay through the engine and the learned record can be held against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from devices.hid.controls import Control, Controls, Digit, Shape, Special, read_controls
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Descriptor
from devices.hid.lesson import Diary, Observed
from devices.hid.lesson_steps import Act
from devices.hid.replay import Lit, Passed, Said, replayed
from devices.models.record import ModelRecord
from state.commands import Lamps
from state.events import ButtonPressed, DigitKeyed, Event, HookChanged, MuteReported, MuteRequested
from state.ids import DeviceId
from state.words import Button

FORMAT = "callseat press script 1"
LATEST_S = 1e12
"""Longer than any box is up."""

Told = dict[str, object]
"""An event in a script: its class as `type`, and what it says."""


@dataclass(frozen=True, slots=True)
class Mark:
    """After `inputs` reports, at `at`: a step begins that gives `expect`, or the host shows lamps.

    A step that was skipped, undone or not understood expects None: nothing is asked of it.
    """

    at: float
    inputs: int
    step: str = ""
    expect: tuple[Told, ...] | None = None
    lamps: Lamps | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that has to be known beside the tape."""

    marks: tuple[Mark, ...]
    ended_at: float


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A step whose events are not those of the script."""

    step: str
    expected: tuple[Told, ...]
    got: tuple[Told, ...]


def told(event: Event) -> Told | None:
    """An event as a script has it; None for one that no press gives."""
    match event:
        case HookChanged(off_hook=off_hook):
            return {"type": "HookChanged", "off_hook": off_hook}
        case MuteRequested(muted=muted):
            return {"type": "MuteRequested", "muted": muted}
        case MuteReported(muted=muted, locked=locked):
            return {"type": "MuteReported", "muted": muted, "locked": locked}
        case ButtonPressed(button=button, long=long):
            return {"type": "ButtonPressed", "button": button.value, "long": long}
        case DigitKeyed(digit=digit):
            return {"type": "DigitKeyed", "digit": digit}
        case _:
            return None


def write_script(diary: Diary, descriptor: Descriptor, record: ModelRecord) -> Script:
    """The script of a lesson, as the learned record must explain it."""
    writer = _Writer(read_controls(descriptor, record), record)
    marks = [Mark(o.began_at, o.inputs, step=o.task.id, expect=writer.expected(o)) for o in diary.observed]
    lit = [Mark(shown.at, shown.inputs, lamps=shown.lamps) for shown in diary.shown]
    # A step begins before the lamps it shows, and after those that ended the step before: both have its time.
    ordered = sorted([*marks, *lit], key=lambda mark: (mark.inputs, mark.at, mark.lamps is not None))
    return Script(tuple(ordered), diary.ended_at)


class _Writer:
    """What each step must give, from what moved in it."""

    def __init__(self, controls: Controls, record: ModelRecord) -> None:
        self._controls = controls
        self._record = record
        self._mute = controls.find(Special.MUTE)

    def expected(self, step: Observed) -> tuple[Told, ...] | None:
        if step.discarded or (step.task.act is Act.PRESS and not step.heard):
            return None
        levels = tuple(self._levels(step))
        asked = self._asked(step)
        return None if asked is None else (*asked, *levels)

    def _asked(self, step: Observed) -> tuple[Told, ...] | None:
        """The events of the instruction itself."""
        match step.task.meaning:
            case Special.HOOK:
                return ({"type": "HookChanged", "off_hook": step.task.id != "hang_up"},)
            case Special.MUTE:
                return self._requested(step, muted=step.task.id == "mute_on")
            case Button() as button:
                return self._pressed(step, button)
            case Digit(digit):
                return ({"type": "DigitKeyed", "digit": digit},)
            case _:
                return self._boom(step)

    def _requested(self, step: Observed, *, muted: bool) -> tuple[Told, ...] | None:
        if self._mute is None or not step.rises(self._mute):
            return () if self._mute is not None and self._mute.shape is Shape.LEVEL else None
        return ({"type": "MuteRequested", "muted": muted},) if self._mute.shape is Shape.EDGE else ()

    def _boom(self, step: Observed) -> tuple[Told, ...] | None:
        match step.task.id:
            case "boom_up" | "boom_down":
                return self._requested(step, muted=step.task.id == "boom_up")
            case "boom_locked" if self._mute is not None and self._mute.shape is Shape.EDGE:
                needed = 2 if self._record.echoes_unmute else 1
                refused: Told = {"type": "MuteReported", "muted": True, "locked": True}
                return (refused,) if len(step.rises(self._mute)) >= needed else ()
            case _:
                return ()

    def _levels(self, step: Observed) -> Iterator[Told]:
        """A mute that is a level is a fact whenever it changes, and when it is first seen."""
        if self._mute is None or self._mute.shape is not Shape.LEVEL:
            return
        for heard in step.reports:
            touch = heard.touch(self._mute.field)
            first = heard.first and heard.report_id == self._mute.field.report_id
            if touch is not None or first:
                muted = touch is not None and bool(touch.value)
                locked = muted and not first and step.task.id == "boom_locked"
                yield {"type": "MuteReported", "muted": muted, "locked": locked}

    def _pressed(self, step: Observed, button: Button) -> tuple[Told, ...] | None:
        control = self._controls.find(button)
        if button is Button.REJECT and (control is None or not step.rises(control)):
            other = self._record.reject_button
            control = self._controls.find(other) if other is not None else None
            if control is None:
                explained = bool(self._record.reject_reports) and not any(h.touches for h in step.heard)
                return (_press(button),) if explained else None
        if control is None or not step.rises(control):
            return None
        return (_press(button, long=button is Button.FLASH and self._long(step, control)),)

    def _long(self, step: Observed, control: Control) -> bool:
        if control.shape is not Shape.LEVEL:
            return False
        fell = next(iter(step.falls(control)), None)
        return fell is None or fell - step.rises(control)[0] >= self._record.long_press_s


def _press(button: Button, *, long: bool = False) -> Told:
    return {"type": "ButtonPressed", "button": button.value, "long": long}


# plain data ------------------------------------------------------------------------------------


def script_to_plain(script: Script, **head: object) -> dict[str, Any]:
    """A script as plain data for JSON, with `head` (device, tape, date, what made it) before it."""
    return {
        "format": FORMAT,
        **head,
        "ended_at": round(script.ended_at, 6),
        "marks": [_mark_to_plain(mark) for mark in script.marks],
    }


def _mark_to_plain(mark: Mark) -> dict[str, Any]:
    place = {"at": round(mark.at, 6), "inputs": mark.inputs}
    if mark.lamps is not None:
        return place | {"lamps": [each.name for each in fields(Lamps) if getattr(mark.lamps, each.name)]}
    return place | {"step": mark.step, "expect": None if mark.expect is None else list(mark.expect)}


def script_from_plain(plain: Any) -> Script:
    """The script of plain data; ValueError names what is wrong."""
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise ValueError(f"not a press script: format must be {FORMAT!r}")
    marks = plain.get("marks")
    if not isinstance(marks, list):
        raise ValueError("marks must be a list")
    return Script(tuple(_mark(n, mark) for n, mark in enumerate(marks)), _number(plain, "ended_at", "script"))


def _mark(n: int, plain: Any) -> Mark:
    where = f"marks[{n}]"
    if not isinstance(plain, dict):
        raise ValueError(f"{where} must be an object")
    at, inputs = _number(plain, "at", where), plain.get("inputs")
    if isinstance(inputs, bool) or not isinstance(inputs, int) or inputs < 0:
        raise ValueError(f"{where}: inputs must be a count of reports")
    if "lamps" in plain:
        names = {each.name for each in fields(Lamps)}
        lamps = plain["lamps"]
        if not isinstance(lamps, list) or not all(isinstance(lamp, str) and lamp in names for lamp in lamps):
            raise ValueError(f"{where}: lamps must be of {', '.join(sorted(names))}")
        return Mark(at, inputs, lamps=Lamps(**dict.fromkeys(lamps, True)))
    step, expect = plain.get("step"), plain.get("expect")
    if not isinstance(step, str) or not (expect is None or isinstance(expect, list)):
        raise ValueError(f"{where}: needs lamps, or a step with expect (a list or null)")
    return Mark(at, inputs, step=step, expect=None if expect is None else tuple(expect))


def _number(plain: dict[str, Any], name: str, where: str) -> float:
    value = plain.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST_S:
        raise ValueError(f"{where}: {name} must be seconds")
    return value


# check -----------------------------------------------------------------------------------------


def check_script(
    script: Script, inputs: Sequence[Said], descriptor: Descriptor, record: ModelRecord
) -> tuple[Mismatch, ...]:
    """Where the tape, heard by the engine with this record, does not give the events of the script."""
    engine = HeadsetEngine(DeviceId("check"), descriptor, record)
    steps: list[tuple[Mark, list[Told]]] = []
    got: list[Told] = []
    for mark, moment in _merged(script, inputs):
        for happening in replayed(engine, (moment,)):
            got += [each for each in map(told, happening.events) if each is not None]
        if mark is not None:
            got = []
            steps.append((mark, got))
    return tuple(
        Mismatch(mark.step, mark.expect, tuple(given))
        for mark, given in steps
        if mark.expect is not None and list(mark.expect) != given
    )


def _merged(script: Script, inputs: Sequence[Said]) -> Iterator[tuple[Mark | None, Said | Lit | Passed]]:
    """Every moment in its order, with the mark of a step that begins then."""
    taken = 0
    for mark in script.marks:
        yield from ((None, said) for said in inputs[taken : mark.inputs])
        taken = max(taken, mark.inputs)
        yield (None, Lit(mark.at, mark.lamps)) if mark.lamps is not None else (mark, Passed(mark.at))
    yield from ((None, said) for said in inputs[taken:])
    yield None, Passed(script.ended_at)
