"""Every manner a headset may have is measured, recorded with its evidence, and makes its calls right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from devices.hid.bits import get_bits
from devices.hid.controls import Shape, Special
from devices.hid.lesson import Answer
from devices.hid.lesson_findings import Learned
from devices.models.record import BOUNDS, DEFAULT, EVIDENCE_CHARACTERS, ModelRecord, deviations
from devices.simulated.headset import SimulatedHeadset
from state.commands import Lamps
from state.engine import Write
from state.words import Button
from tests.devices.hid.classroom import BASIS, WIRE_S, Caller, Delivery, Manner, Student, plainly
from tests.devices.hid.descriptors import (
    ANKER,
    BIZ,
    BLACKWIRE,
    BT700,
    CALL_CONTROL,
    CMEDIA,
    CX300,
    D1,
    HEADSET,
    HOOK,
    JABRA,
    LEVEL_HEADSET,
    MUTE_EDGE,
    ONE_BIT,
    SC660,
    SPEAK,
    load,
    pad,
    tlc,
)

EDGE_MUTE = (JABRA, BIZ, SPEAK, BT700, BLACKWIRE, SC660, D1, ANKER)
IN_CALL, MUTED = Lamps(off_hook=True), Lamps(off_hook=True, mute=True)
MUTE_DUE_S = 0.65
TAUGHT = {"boom", "thinks_s"}
"""What is of the technician and not of the headset."""


@dataclass(frozen=True)
class Case:
    """A headset as it really is, and what has to be learned of it."""

    name: str
    device: str | bytes
    truth: dict[str, Any] = field(default_factory=dict)
    learned: dict[str, Any] = field(default_factory=dict)
    bench: dict[str, Any] = field(default_factory=dict)

    @property
    def descriptor(self) -> bytes:
        return load(self.device).descriptor if isinstance(self.device, str) else self.device

    @property
    def record(self) -> ModelRecord:
        return replace(ModelRecord("the real one", 0x1234, 0x5678), **self.truth)

    def student(self) -> Student:
        return Student(self.descriptor, self.record, **self.bench)


def twice(gap_s: float) -> Manner:
    """Every press of the mute key comes again after `gap_s`."""

    def manner(
        headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str
    ) -> Iterable[Delivery]:
        yield from plainly(headset, writes, at, why)
        mute = headset._controls.find(Special.MUTE)
        if why == "press" and mute is not None and writes:
            payload = writes[0].data[headset._layout.numbered :]
            mine = writes[0].data[0] == mute.field.report_id or not headset._layout.numbered
            if mine and get_bits(payload, mute.field.bit, 1):
                yield from plainly(headset, writes, at + gap_s, why)

    return manner


def late(delay_s: float) -> Manner:
    """What answers the host comes after `delay_s`."""

    def manner(
        headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str
    ) -> Iterable[Delivery]:
        return plainly(headset, writes, at + (delay_s - WIRE_S if why == "host" else 0.0), why)

    return manner


def echoing_mute_only(headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str) -> Any:
    """A host-set mute is echoed, an un-mute only while the boom arm is up."""
    unmuting = why == "host" and not (headset.lamps.mute or headset.muted) and len(writes) == 2
    return () if unmuting else plainly(headset, writes, at, why)


def answering_late(headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str) -> Any:
    """Before it says that a ringing call is answered, it sends one report without the hook."""
    mine = plainly(headset, writes, at, why)
    if why == "press" and headset.lamps.ring and headset.off_hook and len(writes) == 1:
        data = writes[0].data
        yield at + WIRE_S / 2, bytes((data[0], data[1] & ~1, *data[2:]))
    yield from mine


def dumb(_headset: SimulatedHeadset, _writes: tuple[Write, ...], _at: float, _why: str) -> Any:
    return ()


NO_LAMPS = tlc(b"\x85\x01", ONE_BIT, HOOK, MUTE_EDGE, pad(0x81, 6))
SWAPPED = {0x000B_0024: Button.FLASH, 0x000B_0021: Button.REDIAL}

CASES = [
    *(Case(f"drops early {d}", d, {"unacked_drop_s": 0.8}, {"unacked_drop_s": 0.8}) for d in EDGE_MUTE),
    *(Case(f"drops late {d}", d, {"unacked_drop_s": 3.0}, {"unacked_drop_s": 3.0}) for d in (JABRA, SC660)),
    *(Case(f"falls back {d}", d, {"unacked_drop_s": 0.05}, {"unacked_drop_s": 0.05}) for d in (JABRA, CX300)),
    *(
        Case(f"repeats mute {d}", d, {}, {"duplicate_s": 0.06}, {"manner": twice(0.048), "boom": False})
        for d in EDGE_MUTE
    ),
    *(
        Case(f"echoes hook late {d}", d, {}, {"hook_echo_s": 2.36}, {"manner": late(1.888), "boom": False})
        for d in (JABRA, BT700, SC660)
    ),
    *(
        Case(f"echoes mute {d}", d, {}, {"echoes_unmute": True}, {"echo_mute": True, "boom": False})
        for d in EDGE_MUTE
    ),
    *(
        Case(
            f"echoes mute late {d}",
            d,
            {},
            {"echoes_unmute": True, "mute_echo_s": 0.82, "mute_lock_s": 0.82},
            {"echo_mute": True, "boom": False, "manner": late(MUTE_DUE_S)},
        )
        for d in (JABRA, BLACKWIRE)
    ),
    *(
        Case(f"echoes mute only {d}", d, {}, {}, {"echo_mute": True, "manner": echoing_mute_only})
        for d in (JABRA, SPEAK)
    ),
    *(
        Case(f"refuses late {d}", d, {}, {"mute_lock_s": 0.82}, {"manner": late(MUTE_DUE_S)})
        for d in (JABRA, D1)
    ),
    *(Case(f"pad base {d}", d, {"array_base": 2}, {"array_base": 2}) for d in (JABRA, BIZ, CX300, ANKER)),
    *(
        Case(f"rejects empty {d}", d, {}, {"reject_reports": 2}, {"empty_reject": 2})
        for d in (SPEAK, BT700, BLACKWIRE, ANKER)
    ),
    Case("rejects by one empty report", SPEAK, {}, {"reject_reports": 1}, {"empty_reject": 1}),
    Case("rejects by many", SPEAK, {}, {"reject_reports": 4}, {"empty_reject": 4}),
    Case(
        "answers after an empty report",
        SPEAK,
        {},
        {"reject_reports": 2},
        {"empty_reject": 2, "manner": answering_late},
    ),
    Case("rejects by flash", BT700, {"reject_button": Button.FLASH}, {"reject_button": Button.FLASH}),
    Case(
        "rejects by a control nobody reads",
        SPEAK,
        {"usages": {0x000B_0097: Button.REJECT}},
        {"usages": {0x000B_0097: Button.REJECT, 0xFF30_FFFD: None}},
    ),
    Case(
        "rejects by speed dial, though it has a reject key",
        JABRA,
        {"usages": {0x000B_0050: Button.REJECT}},
        {"reject_button": Button.SPEED_DIAL},
    ),
    Case("keys swapped", JABRA, {"usages": SWAPPED}, {"usages": SWAPPED}),
    Case(
        "redial moved",
        JABRA,
        {"usages": {0x000B_0050: Button.REDIAL, 0x000B_0024: None}},
        {"usages": {0x000B_0050: Button.REDIAL, 0x000B_0024: None}},
    ),
    Case(
        "controls calls without a lamp",
        NO_LAMPS,
        {},
        {"call_control": True},
        {"boom": False, "thinks_s": 3.0},
    ),
    Case("dead", JABRA, {}, {"call_control": False}, {"manner": dumb, "boom": False}),
]
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))


def manners(record: ModelRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in deviations(record)}


@by_case
def test_each_manner_is_learned_and_nothing_else(case: Case) -> None:
    learned = case.student().learn()
    assert manners(learned.record) == case.learned


@by_case
def test_every_deviation_has_its_measurement(case: Case) -> None:
    record = case.student().learn().record
    assert set(record.evidence) == (set(case.learned) or {"name"})
    assert all(line.endswith(f"({BASIS})") for line in record.evidence.values())
    assert all(len(line) >= EVIDENCE_CHARACTERS and line.isprintable() for line in record.evidence.values())
    for name, (low, high) in BOUNDS.items():
        value = getattr(record, name)
        assert value is None or low <= value <= high


@by_case
def test_the_tape_gives_the_script_with_what_was_learned(case: Case) -> None:
    student = case.student()
    learned = student.learn()
    assert student.check(learned) == ()
    asked = [mark for mark in student.script(learned).marks if mark.expect]
    assert asked or case.name == "dead"


@by_case
def test_and_mostly_not_without_it(case: Case) -> None:
    if not set(case.learned) & {"hook_echo_s", "duplicate_s", "echoes_unmute", "array_base", "usages"}:
        return
    student = case.student()
    learned = student.learn()
    assert student.check(learned, DEFAULT) != ()


def whole_call(case: Case, record: ModelRecord) -> Caller:
    """Answer, mute, un-mute, a mute of the app, end: each press is one event, and nothing else is."""
    bench = {name: value for name, value in case.bench.items() if name not in TAUGHT}
    caller = Caller(case.descriptor, case.record, **bench)
    caller.use(record)
    caller.heard.clear()
    caller.show(Lamps(ring=True))
    assert caller.wait(4.0) == []
    answered = caller.press(caller.headset.press_hook(caller.at))
    assert answered == [{"type": "HookChanged", "off_hook": True}]
    caller.show(IN_CALL)
    assert caller.wait(6.0) == []
    mute = caller.controls.find(Special.MUTE)
    if mute is not None and mute.shape is Shape.EDGE:
        for muted, lamps in ((True, MUTED), (False, IN_CALL)):
            asked = caller.press(caller.headset.press_mute(caller.at), 0.3)
            assert asked == [{"type": "MuteRequested", "muted": muted}]
            caller.show(lamps)
            assert caller.wait(4.0) == []
        for lamps in (MUTED, IN_CALL):
            caller.show(lamps)
            assert caller.wait(4.0) == []
    ended = caller.press(caller.headset.press_hook(caller.at))
    assert ended == [{"type": "HookChanged", "off_hook": False}]
    caller.show(Lamps())
    assert caller.wait(6.0) == []
    return caller


@by_case
def test_a_call_goes_right_with_what_was_learned(case: Case) -> None:
    if case.name != "dead":
        caller = whole_call(case, case.student().learn().record)
        assert caller.headset.lamps == Lamps()
        assert caller.engine.ignored_reports == 0


@by_case
def test_rejecting_goes_right_with_what_was_learned(case: Case) -> None:
    student = case.student()
    if not (student.empty_reject or "reject" in student.controls.features) or case.name == "dead":
        return
    bench = {name: value for name, value in case.bench.items() if name not in TAUGHT}
    caller = Caller(case.descriptor, case.record, **bench)
    caller.use(student.learn().record)
    caller.show(Lamps(ring=True))
    caller.wait(3.0)
    rejected = caller.press(caller.reject(caller.at))
    assert rejected == [{"type": "ButtonPressed", "button": "reject", "long": False}]


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_a_model_that_has_its_record_teaches_nothing_new(name: str) -> None:
    device = load(name)
    known = device.model or ModelRecord(device.name, device.vendor_id, device.product_id)
    student = Student(device.descriptor, known, before=known)
    learned = student.learn()
    assert manners(learned.record) == manners(known)
    assert student.check(learned) == ()


def test_a_record_that_is_wrong_is_put_right_and_loses_its_evidence() -> None:
    said = {"unacked_drop_s": "somebody wrote so once, somewhere"}
    before = ModelRecord("mistaken", 1, 2, unacked_drop_s=0.5, evidence=said)
    learned = Student(load(JABRA).descriptor, DEFAULT, before=before).learn()
    assert manners(learned.record) == {}
    assert set(learned.record.evidence) == {"name"}


def test_what_was_not_tried_is_not_judged() -> None:
    case = Case("", JABRA, {"unacked_drop_s": 0.8})
    student = case.student()
    student.answers = {"unacked": [Answer.SKIP]}
    assert manners(student.learn().record) == {}


def noted(learned: Learned, words: str) -> bool:
    return any(words in note for note in learned.notes)


def test_what_no_record_can_say_is_a_note() -> None:
    quiet = Student(HEADSET, DEFAULT, echo_hook=False).learn()
    assert noted(quiet, "does not echo an Off-Hook")
    loose = Student(load(CMEDIA).descriptor, DEFAULT).learn()
    assert noted(loose, "does not refuse an un-mute")
    dark = Student(HEADSET, DEFAULT, answers={"lamp_ring": [Answer.NO]}).learn()
    assert noted(dark, "lamp ring was set and the technician saw nothing")
    lazy = Student(HEADSET, DEFAULT, idle_steps=frozenset({"flash_short"})).learn()
    assert noted(lazy, "nothing was heard at: flash_short")


def test_a_hook_that_stays_is_noted_and_put_back_by_the_host() -> None:
    student = Student(HEADSET, replace(DEFAULT, unacked_drop_s=60.0))
    learned = student.learn()
    assert noted(learned, "not taken back within 4 s")
    assert {"reset_on", "reset_off"} <= set(student.steps)
    assert student.check(learned) == ()
    assert manners(learned.record) == {}


def test_a_mute_that_is_not_as_declared_is_noted() -> None:
    def holding(headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str) -> Any:
        """The mute key sends what it stands for and stays so: the first report of each pulse alone."""
        pulse = why == "press" and len(writes) == 2
        yield from plainly(headset, writes[:1] if pulse else writes, at, why)

    held = Student(HEADSET, DEFAULT, manner=holding, boom=False).learn()
    assert noted(held, "works as a level")

    def falling(headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str) -> Any:
        yield from plainly(headset, writes, at, why)
        if why == "press" and writes[0].data[1] & 2:
            yield at + 0.05, bytes((writes[0].data[0], writes[0].data[1] & ~2))

    pulsed = Student(LEVEL_HEADSET, DEFAULT, manner=falling, boom=False).learn()
    assert noted(pulsed, "works as an edge")


def test_a_mute_level_headset_is_learned_whole() -> None:
    student = Student(LEVEL_HEADSET, DEFAULT)
    learned = student.learn()
    assert manners(learned.record) == {}
    assert student.check(learned) == ()
    expected = [told for mark in student.script(learned).marks for told in mark.expect or ()]
    assert {"type": "MuteReported", "muted": True, "locked": False} in expected


def test_a_headset_that_hangs_up_when_hold_lights_is_noted() -> None:
    def dropping(headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, why: str) -> Any:
        yield from plainly(headset, writes, at, why)
        if why == "host" and headset.lamps.hold:
            yield at + 0.1, b"\x01\x00"

    learned = Student(HEADSET, DEFAULT, manner=dropping).learn()
    assert noted(learned, "off_hook_clear may be its way")


def test_what_moves_by_itself_is_no_key() -> None:
    """A headset that reports something all the time (a level, a counter) still lets steps end."""
    chattering = tlc(
        b"\x85\x01", ONE_BIT, HOOK, MUTE_EDGE, pad(0x81, 6),
        b"\x85\x07", bytes.fromhex("05 0b 09 2b 25 7f 75 08 95 01 81 02"),
        b"\x85\x02", ONE_BIT, bytes.fromhex("05 08 09 17 91 22 09 09 91 22"), pad(0x91, 6),
    )  # fmt: skip

    student = Student(chattering, DEFAULT, boom=False)
    for n in range(400):
        report = Write(bytes((7, n % 100)))
        student.hands.append((100.2 + 0.3 * n, lambda at, w=report: student.send(step_of(w), at, "time")))
    learned = student.learn()
    assert manners(learned.record) == {}
    assert student.check(learned) == ()


def step_of(write: Write) -> Any:
    from state.engine import Step

    return Step(writes=(write,))
