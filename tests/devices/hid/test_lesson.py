"""How a lesson goes: its steps, what the host shows at each, and what the technician may say."""

from __future__ import annotations

import random
import re

import pytest

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.lesson import Answer, Lesson, Prompt, PromptKind
from devices.hid.lesson_findings import conclude
from devices.hid.lesson_script import write_script
from devices.hid.lesson_steps import IN_CALL, MUTED, RINGING, Act, tasks_for
from devices.models.record import DEFAULT
from state.commands import Lamps
from tests.devices.hid.classroom import BASIS, Student
from tests.devices.hid.descriptors import (
    ALL,
    BT700,
    CALL_CONTROL,
    CMEDIA,
    CX300,
    G535,
    HEADSET,
    JABRA,
    SPEAK,
    load,
)


def lesson(descriptor: bytes = HEADSET) -> Lesson:
    return Lesson(parse_descriptor(descriptor), DEFAULT)


def asked(prompts: tuple[Prompt, ...]) -> list[str]:
    return [p.step for p in prompts if p.kind in {PromptKind.DO, PromptKind.WATCH, PromptKind.ASK}]


def shown(student: Student, step: str) -> list[Lamps]:
    """What the host showed during a step."""
    diary = student.lesson.diary()
    begun = [o for o in diary.observed if o.task.id == step][-1]
    later = [o.began_at for o in diary.observed if o.began_at > begun.began_at]
    until = min(later, default=diary.ended_at)
    return [s.lamps for s in diary.shown if begun.began_at <= s.at < until]


# the table -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_steps_of_what_a_device_lacks_are_left_out(name: str) -> None:
    controls = read_controls(parse_descriptor(load(name).descriptor), load(name).model)
    ids = [task.id for task in tasks_for(controls)]
    assert len(set(ids)) == len(ids)
    assert ("answer" in ids) is ("hook" in controls.features)
    assert ("mute_on" in ids) is ("mute" in controls.features)
    assert ("flash_long" in ids) is ("flash" in controls.features)
    assert ("digit_0" in ids) is ("keypad" in controls.features)
    assert ("key_volume_up" in ids) is ("volume" in controls.features)
    assert {f"lamp_{lamp}" for lamp in controls.lamps if lamp != "ringer"} == {
        each for each in ids if each.startswith("lamp_")
    }


@pytest.mark.parametrize("name", ALL)
def test_every_step_speaks_both_languages_and_ends(name: str) -> None:
    tasks = tasks_for(read_controls(parse_descriptor(load(name).descriptor)))
    ids = {task.id for task in tasks}
    for task in tasks:
        assert re.search(r"[\u4e00-\u9fff]", task.zh)
        assert re.fullmatch(r"[ -~]+", task.en)
        assert 0 < task.quiet_s <= task.limit_s <= 30
        assert (task.ack is None) or task.act is Act.PRESS
        assert {task.after, task.again_from} <= {"", *ids}


def test_a_device_without_any_control_is_over_soon() -> None:
    short = lesson(load(G535).descriptor)
    steps = asked(short.begin(0.0).prompts)
    while not short.finished:
        due = short.next_deadline()
        assert due is not None
        steps += asked(short.advance(due).prompts)
    assert steps[0] == "rest"
    assert not {"answer", "mute_on"} & set(steps)
    assert "answer" not in steps


# what the host shows ---------------------------------------------------------------------------


def test_lamps_answer_the_presses() -> None:
    student = Student(load(JABRA).descriptor, DEFAULT)
    student.learn()
    assert shown(student, "rest") == [Lamps()]
    assert shown(student, "answer") == [RINGING, IN_CALL]
    assert shown(student, "hang_up") == [Lamps()]
    assert shown(student, "unacked") == []
    assert shown(student, "mute_on") == [MUTED]
    assert shown(student, "mute_off") == [IN_CALL]
    assert shown(student, "boom_up") == [MUTED]
    assert shown(student, "boom_locked") == [IN_CALL]
    assert shown(student, "reject") == [RINGING]
    assert shown(student, "lamp_hold") == [Lamps(off_hook=True, hold=True)]
    assert student.headset.lamps == Lamps()


def test_an_answer_is_acknowledged_at_once_and_a_mute_after_its_repeats() -> None:
    student = Student(load(JABRA).descriptor, DEFAULT)
    student.learn()
    observed = {o.task.id: o for o in student.lesson.diary().observed}
    answer, mute = observed["answer"], observed["mute_on"]
    assert answer.acked_at == answer.heard[0].at
    assert mute.acked_at is not None
    assert mute.acked_at - mute.heard[0].at == pytest.approx(0.3)


def test_another_key_is_no_answer() -> None:
    held = lesson()
    held.begin(0.0)
    held.advance(2.0)
    step = held.feed(b"\x01\x04", 3.0)
    assert step.writes == ()
    step = held.feed(b"\x01\x05", 3.5)
    assert [write.data for write in step.writes] == [b"\x02\x01"]


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_every_lamp_report_has_its_exact_length(name: str) -> None:
    """The simulated headset refuses any other."""
    student = Student(load(name).descriptor, load(name).model or DEFAULT, before=load(name).model)
    student.learn()
    assert [way for _, way, _, _ in student.tape].count("out") > 3 or name == CMEDIA


def test_a_model_that_needs_a_keepalive_gets_it() -> None:
    student = Student(load(CX300).descriptor, load(CX300).model or DEFAULT, before=load(CX300).model)
    student.learn()
    assert [via for _, way, data, via in student.tape if way == "out" and data[0] == 0x17][:2] == [
        "feature",
        "feature",
    ]


# what the technician says ----------------------------------------------------------------------


def test_enter_skips_a_step() -> None:
    student = Student(HEADSET, DEFAULT, answers={"answer": [Answer.SKIP], "flash_short": [Answer.SKIP]})
    learned = student.learn()
    script = {mark.step: mark.expect for mark in student.script(learned).marks if mark.step}
    assert script["answer"] is None
    assert script["flash_short"] is None
    assert script["flash_long"] is not None


def test_boom_steps_are_left_out_where_nothing_moved() -> None:
    student = Student(HEADSET, DEFAULT, boom=False)
    student.learn()
    assert "boom_up" in student.steps
    assert not {"boom_locked", "boom_down"} & set(student.steps)


@pytest.mark.parametrize(
    ("step", "from_step"),
    [("answer", "answer"), ("hang_up", "answer"), ("mute_off", "mute_on"), ("key_redial", "key_redial")],
)
def test_r_repeats_a_step_from_where_the_headset_is_as_it_was(step: str, from_step: str) -> None:
    student = Student(load(JABRA).descriptor, DEFAULT, answers={step: [Answer.REPEAT]})
    learned = student.learn()
    first = student.steps.index(step)
    assert student.steps[first + 1] == from_step
    assert student.steps.count(step) == 2
    assert student.check(learned) == ()
    runs = [mark.expect for mark in student.script(learned).marks if mark.step == step]
    assert runs[0] is None
    assert runs[1] is not None
    assert set(learned.record.evidence) == {"name"}


def test_r_before_anything_was_heard_goes_back_to_the_step_before() -> None:
    held = lesson()
    held.begin(0.0)
    held.advance(2.0)
    held.feed(b"\x01\x00", 2.1)
    held.feed(b"\x01\x01", 3.0)
    due = held.next_deadline()
    assert due is not None
    assert asked(held.advance(due).prompts) == ["hang_up"]
    assert asked(held.request(Answer.REPEAT, due + 0.1).prompts) == ["answer"]
    assert [o.discarded for o in held.diary().observed] == [False, True, True, False]


def test_r_in_the_first_step_begins_it_again() -> None:
    held = lesson()
    held.begin(0.0)
    assert asked(held.request(Answer.REPEAT, 1.0).prompts) == ["rest"]
    assert held.next_deadline() == 3.0


def test_q_ends_the_lesson_with_every_lamp_out() -> None:
    student = Student(load(JABRA).descriptor, DEFAULT, answers={"mute_off": [Answer.STOP]})
    learned = student.learn()
    assert student.steps[-1] == "mute_off"
    assert student.headset.lamps == Lamps()
    assert student.check(learned) == ()
    assert student.lesson.request(Answer.YES, 900.0).prompts == ()
    assert student.lesson.feed(b"\x02\x00\x00", 900.0).writes == ()


def test_an_answer_that_fits_no_question_is_none() -> None:
    held = lesson()
    held.begin(0.0)
    for answer in (Answer.SKIP, Answer.YES, Answer.NO):
        assert held.request(answer, 1.0).prompts == ()
    assert asked(held.advance(2.0).prompts) == ["answer"]
    assert held.request(Answer.YES, 3.0).prompts == ()


def test_a_lamp_stays_lit_for_a_second_however_quick_the_answer() -> None:
    student = Student(HEADSET, DEFAULT)
    student.learn()
    lamps = [o for o in student.lesson.diary().observed if o.task.id.startswith("lamp_")]
    assert len(lamps) == 4
    for now, following in zip(lamps, student.lesson.diary().observed[-len(lamps) :], strict=True):
        assert following.began_at - now.began_at >= 1.0


def test_a_question_nobody_answers_ends_by_itself() -> None:
    held = lesson()
    steps = asked(held.begin(0.0).prompts)
    while not held.finished:
        due = held.next_deadline()
        assert due is not None
        steps += asked(held.advance(due).prompts)
    assert steps[-1] == "settle"
    learned = conclude(held.diary(), DEFAULT, BASIS)
    assert any("nothing was heard at: answer" in note for note in learned.notes)
    assert learned.record.call_control is False


def test_prompts_say_what_was_heard() -> None:
    student = Student(load(SPEAK).descriptor, DEFAULT, idle_steps=frozenset({"flash_short"}))
    student.learn()
    heard = {p.step: p.en for p in student.prompts if p.kind is PromptKind.HEARD}
    assert heard["answer"] == "heard 000B:0020=1"
    assert heard["flash_short"] == "nothing heard"
    assert "000B:002F=1" in heard["mute_on"]
    assert student.prompts[-1].kind is PromptKind.DONE
    quiet = Student(HEADSET, DEFAULT, echo_hook=False)
    quiet.learn()
    said = {p.step: p.en for p in quiet.prompts if p.kind is PromptKind.HEARD}
    assert "host_off_hook" not in said


# whatever comes --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_any_reports_and_answers_at_any_time_end_in_a_record(name: str) -> None:
    """Random input never raises, never hangs, and what comes of it is within what a record may say."""
    descriptor = parse_descriptor(load(name).descriptor)
    rng = random.Random(name)
    ids = [layout.report_id for layout in descriptor.reports] or [0]
    for _ in range(6):
        held, at = Lesson(descriptor, DEFAULT), 0.0
        held.begin(at)
        for _ in range(400):
            if held.finished:
                break
            at += rng.choice((0.01, 0.2, 1.5))
            match rng.randrange(6):
                case 0:
                    held.request(rng.choice([a for a in Answer if a is not Answer.STOP]), at)
                case 1:
                    held.feed(rng.randbytes(rng.randrange(5)), at)
                case 2:
                    while (due := held.next_deadline()) is not None and due <= at:
                        held.advance(at)
                case _:
                    held.feed(bytes((rng.choice(ids), *rng.randbytes(2))), at)
        held.request(Answer.STOP, at)
        assert held.finished
        learned = conclude(held.diary(), DEFAULT, BASIS)
        assert learned.record.evidence
        assert write_script(held.diary(), descriptor, learned.record).ended_at >= 0


def test_a_report_of_the_wrong_length_is_counted() -> None:
    held = lesson(load(BT700).descriptor)
    held.begin(0.0)
    for report in (b"", b"\x20", b"\x20\x01\x02\x03", b"\xee\x00"):
        assert held.feed(report, 1.0).writes == ()
    assert held.ignored_reports == 4
    held.feed(b"\x20\x01", 1.5)
    assert held.ignored_reports == 4
    assert held.diary().inputs == 5
