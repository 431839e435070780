"""A lesson held: a technician who obeys every prompt, at a simulated headset with manners of its own.

May not know what is to be learned: it reads prompts and presses keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from devices.hid.controls import Special, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.lesson import Answer, Lesson, LessonStep, Prompt, PromptKind
from devices.hid.lesson_findings import Learned, conclude
from devices.hid.lesson_script import Mismatch, Script, Told, check_script, told, write_script
from devices.hid.replay import Said
from devices.models.record import ModelRecord
from devices.simulated.headset import SimulatedHeadset
from state.commands import Lamps, SetLamps
from state.engine import Step, Write
from state.errors import ProtocolError
from state.events import Event
from state.ids import DeviceId
from state.words import Button

THINKS_S = 0.7
"""How long the technician takes to read a line."""
WIRE_S = 0.008
ASKING = {PromptKind.DO, PromptKind.WATCH, PromptKind.ASK}
BASIS = "learned 2026-03-02 on simulated: tape tape.jsonl"

Delivery = tuple[float, bytes]
Manner = Callable[[SimulatedHeadset, tuple[Write, ...], float, str], Iterable[Delivery]]
"""Turns what the plain simulation sends, and why (press, host or time), into reports and their times."""


def plainly(
    _headset: SimulatedHeadset, writes: tuple[Write, ...], at: float, _why: str
) -> Iterable[Delivery]:
    return [(at + WIRE_S, write.data) for write in writes]


class Host(Protocol):
    """Who sits at the other end of the wire."""

    def feed(self, report: bytes, at: float) -> tuple[Write, ...]: ...
    def advance(self, at: float) -> tuple[Write, ...]: ...
    def next_deadline(self) -> float | None: ...


@dataclass
class Bench:
    """A simulated headset with its manners, a wire, and the hands of whoever presses."""

    descriptor: bytes
    truth: ModelRecord
    manner: Manner = plainly
    echo_hook: bool = True
    echo_mute: bool = False
    empty_reject: int = 0
    host: Host | None = None
    tape: list[tuple[float, str, bytes, str]] = field(default_factory=list)
    hands: list[tuple[float, Callable[[float], None]]] = field(default_factory=list)
    at: float = 100.0

    def __post_init__(self) -> None:
        self.headset = SimulatedHeadset(
            self.descriptor, model=self.truth, echo_hook=self.echo_hook, echo_mute=self.echo_mute
        )
        self.parsed = parse_descriptor(self.descriptor)
        self.controls = read_controls(self.parsed, self.truth)
        self._wire: list[Delivery] = []

    def run(self, until: float, over: Callable[[], bool] = lambda: False) -> None:
        """Let everything happen that is due until then, in its order."""
        for _ in range(20_000):
            due = min(self._dues(), default=until)
            if over() or due >= until:
                self.at = max(self.at, min(due, until))
                return
            self.at = max(self.at, due)
            self._moment(self.at)
        raise AssertionError("it never ends")

    def _dues(self) -> list[float]:
        assert self.host is not None
        dues = [due for due, _ in self.hands] + [due for due, _ in self._wire]
        return dues + [d for d in (self.host.next_deadline(), self.headset.next_deadline()) if d is not None]

    def _moment(self, at: float) -> None:
        """One thing that is due at `at`: bytes first, then the host, the headset and the hands."""
        assert self.host is not None
        arrived = [data for due, data in self._wire if due <= at]
        if arrived:
            self._wire = [entry for entry in self._wire if entry[0] > at]
            for data in arrived:
                self.tape.append((at, "in", data, ""))
                self.take(self.host.feed(data, at), at)
        elif (due := self.host.next_deadline()) is not None and due <= at:
            self.take(self.host.advance(at), at)
        elif (due := self.headset.next_deadline()) is not None and due <= at:
            self.send(self.headset.advance(at), at, "time")
        else:
            first = min(range(len(self.hands)), key=lambda n: self.hands[n][0])
            self.hands.pop(first)[1](at)

    def take(self, writes: Iterable[Write], at: float) -> None:
        """The host wrote these."""
        for write in writes:
            self.tape.append((at, "out", write.data, write.via))
            self.send(self.headset.feed(write.data, at, write.via), at, "host")

    def send(self, step: Step, at: float, why: str) -> None:
        """The headset sends these, in its manner."""
        self._wire += self.manner(self.headset, step.writes, at, why)
        self._wire.sort(key=lambda entry: entry[0])

    def reject(self, at: float) -> Step:
        """What rejecting a call is at this headset."""
        if not self.empty_reject:
            return self.headset.press(Button.REJECT, at)
        hook = self.controls.find(Special.HOOK)
        assert hook is not None
        whole = self.headset.report_state().writes
        own = [w for w in whole if not self.parsed.numbered or w.data[0] == hook.field.report_id]
        return Step(writes=tuple(own * self.empty_reject))


@dataclass
class Student(Bench):
    """One headset being learned."""

    before: ModelRecord | None = None
    boom: bool = True
    thinks_s: float = THINKS_S
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    idle_steps: frozenset[str] = frozenset()
    prompts: list[Prompt] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.known = self.before or ModelRecord("learned", self.truth.vendor_id, self.truth.product_id)
        self.lesson = Lesson(self.parsed, self.known)
        self.host = self

    @property
    def steps(self) -> list[str]:
        """The steps that were asked for, in their order."""
        return [prompt.step for prompt in self.prompts if prompt.kind in ASKING]

    def learn(self) -> Learned:
        """Hold the lesson to its end."""
        self.take(self._heed(self.lesson.begin(self.at), self.at), self.at)
        self.run(self.at + 600.0, lambda: self.lesson.finished)
        assert self.lesson.finished
        assert self.lesson.ignored_reports == 0
        return conclude(self.lesson.diary(), self.known, BASIS)

    def script(self, learned: Learned) -> Script:
        return write_script(self.lesson.diary(), self.parsed, learned.record)

    def check(self, learned: Learned, record: ModelRecord | None = None) -> tuple[Mismatch, ...]:
        """The tape through the engine with a record (the learned one) against the script."""
        return check_script(self.script(learned), self.said, self.parsed, record or learned.record)

    @property
    def said(self) -> list[Said]:
        return [Said(at, data) for at, way, data, _via in self.tape if way == "in"]

    # the host ----------------------------------------------------------------------------------

    def feed(self, report: bytes, at: float) -> tuple[Write, ...]:
        return self._heed(self.lesson.feed(report, at), at)

    def advance(self, at: float) -> tuple[Write, ...]:
        return self._heed(self.lesson.advance(at), at)

    def next_deadline(self) -> float | None:
        return self.lesson.next_deadline()

    # the technician ----------------------------------------------------------------------------

    def _heed(self, step: LessonStep, at: float) -> tuple[Write, ...]:
        self.prompts += step.prompts
        for prompt in step.prompts:
            if prompt.kind in ASKING:
                self._answer(prompt.step, prompt.kind, at + self.thinks_s)
        return step.writes

    def _answer(self, step: str, kind: PromptKind, at: float) -> None:
        if given := self.answers.get(step):
            answer = given.pop(0)
            if answer is Answer.REPEAT and kind is PromptKind.DO:
                self.hands.append((at, partial(self._do, step)))
                at += 0.2
            self.hands.append((at, partial(self._say, answer)))
        elif kind is PromptKind.ASK:
            self.hands.append((at, partial(self._say, Answer.YES)))
        elif kind is PromptKind.DO and step not in self.idle_steps:
            self.hands.append((at, partial(self._do if self._able(step) else self._skip, step)))

    def _say(self, answer: Answer, at: float) -> None:
        self.take(self._heed(self.lesson.request(answer, at), at), at)

    def _skip(self, _step: str, at: float) -> None:
        self._say(Answer.SKIP, at)

    def _able(self, step: str) -> bool:
        if step.startswith("boom"):
            return self.boom
        if step == "reject":
            return self.empty_reject > 0 or "reject" in self.controls.features
        return True

    def _do(self, step: str, at: float) -> None:
        try:
            self.send(self._act(step, at), at, "press")
        except ProtocolError:
            self._say(Answer.SKIP, at)

    def _act(self, step: str, at: float) -> Step:
        name, _, what = step.partition("_")
        match name:
            case "answer" | "hang" | "unacked":
                return self.headset.press_hook(at)
            case "mute":
                return self.headset.press_mute(at)
            case "boom":
                return self.headset.set_boom(what == "up", at)
            case "flash":
                return self.headset.press(Button.FLASH, at, long=what == "long")
            case "reject":
                return self.reject(at)
            case "key":
                return self.headset.press(Button(what), at)
            case "digit":
                return self.headset.press_digit(what, at)
        raise AssertionError(f"no hands for {step}")


class Caller(Bench):
    """The same headset in the hands of an agent, with an engine that has the learned record."""

    def use(self, record: ModelRecord) -> None:
        self.engine = HeadsetEngine(DeviceId("bench"), self.parsed, record)
        self.host = self
        self.heard: list[Event] = []
        self.show(Lamps())
        self.wait(6.0)

    def feed(self, report: bytes, at: float) -> tuple[Write, ...]:
        return self._note(self.engine.feed(report, at))

    def advance(self, at: float) -> tuple[Write, ...]:
        return self._note(self.engine.advance(at))

    def next_deadline(self) -> float | None:
        return self.engine.next_deadline()

    def _note(self, step: Step) -> tuple[Write, ...]:
        self.heard += step.events
        return step.writes

    def show(self, lamps: Lamps) -> None:
        self.take(self._note(self.engine.request(SetLamps(lamps), self.at)), self.at)

    def wait(self, seconds: float) -> list[Event]:
        """What comes in so many seconds."""
        before = len(self.heard)
        self.run(self.at + seconds)
        return self.heard[before:]

    def press(self, step: Step, seconds: float = 0.6) -> list[Told]:
        """Do this at the headset; what the engine makes of it within a moment."""
        self.send(step, self.at, "press")
        return [each for each in map(told, self.wait(seconds)) if each is not None]
