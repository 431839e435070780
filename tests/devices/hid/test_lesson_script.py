"""Press scripts: plain data and back, what is wrong named, and a mismatch found at its step."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from devices.hid.lesson_script import (
    FORMAT,
    Mark,
    Script,
    check_script,
    script_from_plain,
    script_to_plain,
    told,
)
from devices.hid.replay import Said
from devices.models.record import DEFAULT
from state.commands import Lamps
from state.events import (
    ButtonPressed,
    DeviceContended,
    DigitKeyed,
    HookChanged,
    MuteReported,
    MuteRequested,
)
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid.classroom import Student
from tests.devices.hid.descriptors import CALL_CONTROL, HEADSET, JABRA, load

ME = DeviceId("h")
STEP = {"at": 1.0, "inputs": 0, "step": "rest", "expect": []}


def plain(**changed: Any) -> dict[str, Any]:
    return {"format": FORMAT, "ended_at": 9.0, "marks": [STEP], **changed}


def test_events_are_told_without_time_or_device() -> None:
    assert told(HookChanged(1.0, ME, ME, off_hook=True)) == {"type": "HookChanged", "off_hook": True}
    assert told(MuteRequested(1.0, ME, ME, muted=False)) == {"type": "MuteRequested", "muted": False}
    assert told(MuteReported(1.0, ME, ME, True, True)) == {
        "type": "MuteReported",
        "muted": True,
        "locked": True,
    }
    assert told(ButtonPressed(1.0, ME, ME, Button.FLASH, True)) == {
        "type": "ButtonPressed",
        "button": "flash",
        "long": True,
    }
    assert told(DigitKeyed(1.0, ME, ME, "5")) == {"type": "DigitKeyed", "digit": "5"}
    assert told(DeviceContended(1.0, ME, ME, "somebody else")) is None


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_a_script_survives_being_written(name: str) -> None:
    student = Student(load(name).descriptor, load(name).model or DEFAULT, before=load(name).model)
    learned = student.learn()
    script = student.script(learned)
    written = json.loads(json.dumps(script_to_plain(script, name="n", simulated=True)))
    assert (written["name"], written["simulated"]) == ("n", True)
    again = script_from_plain(written)
    rounded = [replace(mark, at=round(mark.at, 6)) for mark in script.marks]
    assert [replace(mark, expect=None) for mark in again.marks] == [
        replace(mark, expect=None) for mark in rounded
    ]
    assert [mark.expect for mark in again.marks] == [mark.expect for mark in rounded]
    assert check_script(again, student.said, student.parsed, learned.record) == ()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (None, "not a press script"),
        ([], "not a press script"),
        (plain(format="callseat press script 2"), "format must be"),
        (plain(marks={}), "marks must be a list"),
        (plain(ended_at="late"), "script: ended_at must be seconds"),
        (plain(ended_at=True), "ended_at must be seconds"),
        (plain(ended_at=float("nan")), "ended_at must be seconds"),
        (plain(marks=[7]), r"marks\[0\] must be an object"),
        (plain(marks=[STEP, {**STEP, "at": None}]), r"marks\[1\]: at must be seconds"),
        (plain(marks=[{**STEP, "inputs": -1}]), r"marks\[0\]: inputs must be a count"),
        (plain(marks=[{**STEP, "inputs": 1.5}]), r"marks\[0\]: inputs must be a count"),
        (plain(marks=[{**STEP, "inputs": float("inf")}]), r"marks\[0\]: inputs must be a count"),
        (plain(marks=[{"at": 1, "inputs": 0, "lamps": ["off_hook", "disco"]}]), "lamps must be of"),
        (plain(marks=[{"at": 1, "inputs": 0, "lamps": [["ring"]]}]), "lamps must be of"),
        (plain(marks=[{"at": 1, "inputs": 0, "lamps": "ring"}]), "lamps must be of"),
        (plain(marks=[{"at": 1, "inputs": 0}]), "needs lamps, or a step"),
        (plain(marks=[{**STEP, "expect": "nothing"}]), "needs lamps, or a step"),
    ],
)
def test_what_is_no_script_is_named(wrong: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        script_from_plain(wrong)


def test_a_mismatch_names_its_step_and_both_sides() -> None:
    student = Student(load(JABRA).descriptor, DEFAULT)
    learned = student.learn()
    script = student.script(learned)
    wrong = ({"type": "HookChanged", "off_hook": False},)
    marks = tuple(replace(m, expect=wrong) if m.step == "answer" else m for m in script.marks)
    found = check_script(Script(marks, script.ended_at), student.said, student.parsed, learned.record)
    assert [(each.step, each.expected) for each in found] == [("answer", wrong)]
    assert found[0].got == ({"type": "HookChanged", "off_hook": True},)


def test_events_nobody_asked_for_are_a_mismatch_too() -> None:
    student = Student(HEADSET, DEFAULT)
    learned = student.learn()
    script = student.script(learned)
    marks = tuple(replace(m, expect=()) if m.step == "flash_short" else m for m in script.marks)
    found = check_script(Script(marks, script.ended_at), student.said, student.parsed, learned.record)
    assert [each.step for each in found] == ["flash_short"]


def test_of_a_step_that_was_skipped_nothing_is_asked() -> None:
    student = Student(HEADSET, DEFAULT)
    learned = student.learn()
    marks = tuple(replace(mark, expect=None) for mark in student.script(learned).marks)
    assert check_script(Script(marks, 999.0), [], student.parsed, learned.record) == ()


def test_a_long_press_is_told_in_its_own_step_though_nothing_is_said_then() -> None:
    """The key is still down when the step ends: the engine tells it by time alone."""
    student = Student(HEADSET, DEFAULT)
    marks = (
        Mark(0.0, 0, lamps=Lamps(off_hook=True)),
        Mark(5.0, 1, step="flash_long", expect=({"type": "ButtonPressed", "button": "flash", "long": True},)),
        Mark(9.0, 2, step="after", expect=()),
    )
    said = [Said(4.0, b"\x01\x01"), Said(5.5, b"\x01\x05"), Said(9.5, b"\x01\x01")]
    assert check_script(Script(marks, 10.0), said, student.parsed, DEFAULT) == ()
