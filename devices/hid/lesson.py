"""A lesson: what to ask of a technician and to show on a headset nobody has seen, step after step.

May not conclude anything: it keeps what was heard at each step, `devices.hid.lesson_findings` reads it. No
clock and no transport; time is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from devices.hid.controls import Control, Controls, Shape, Special, read_controls
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Descriptor, Field
from devices.hid.lesson_reader import FieldReader, Heard, Touch
from devices.hid.lesson_steps import IDLE, QUIET_S, Act, Task, tasks_for
from devices.models.record import ModelRecord
from devices.models.toml_form import usage_key
from state.commands import Lamps, SetLamps
from state.engine import Write
from state.ids import DeviceId

LIT_S = 1.0
"""A lamp stays lit this long even where the answer comes at once: its echo must not meet the next step."""
SLOWER = 1.25
"""The same for a headset whose echoes were slow until now."""


class Answer(StrEnum):
    """What the technician may say."""

    SKIP = "skip"
    REPEAT = "repeat"
    YES = "yes"
    NO = "no"
    STOP = "stop"


class PromptKind(StrEnum):
    """What a prompt is for."""

    DO = "do"
    WATCH = "watch"
    ASK = "ask"
    HEARD = "heard"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One line for the technician, in both languages; an action is wanted within `limit_s`."""

    kind: PromptKind
    step: str
    zh: str
    en: str
    limit_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LessonStep:
    """What one call of a lesson produced."""

    prompts: tuple[Prompt, ...] = ()
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The host set these lamps at `at`, after so many reports of the headset."""

    at: float
    inputs: int
    lamps: Lamps


@dataclass(slots=True)
class Observed:
    """One step as it went. `inputs` reports had come when it began; `heard` are those that mean something."""

    task: Task
    began_at: float
    inputs: int
    reports: list[Heard] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    shown_at: float | None = None
    acked_at: float | None = None
    answer: Answer | None = None
    discarded: bool = False

    def changes(self, control: Control | None) -> list[tuple[float, Touch]]:
        """When and how one control's field changed."""
        if control is None:
            return []
        pairs = ((heard.at, heard.touch(control.field)) for heard in self.heard)
        return [(at, touch) for at, touch in pairs if touch is not None]

    def rises(self, control: Control | None) -> list[float]:
        """When one control went down."""
        return [at for at, touch in self.changes(control) if touch.rose]

    def falls(self, control: Control | None) -> list[float]:
        """When one control was let go."""
        return [at for at, touch in self.changes(control) if touch.fell]


@dataclass(frozen=True, slots=True)
class Diary:
    """All that a lesson has seen, for the conclusions."""

    controls: Controls
    observed: tuple[Observed, ...]
    shown: tuple[Shown, ...]
    inputs: int
    ended_at: float


class Lesson:
    """One headset, taught once. `begin` first; after that feed, advance and request until `finished`."""

    def __init__(self, descriptor: Descriptor, record_before: ModelRecord | None = None) -> None:
        self.finished = False
        self.ignored_reports = 0
        """Input the descriptor does not describe."""
        self._controls = read_controls(descriptor, record_before)
        self._tasks = tasks_for(self._controls)
        self._host = HeadsetEngine(DeviceId("lesson"), descriptor, record_before)
        self._reader = FieldReader(descriptor)
        self._hook = self._controls.find(Special.HOOK)
        self._mute = self._controls.find(Special.MUTE)
        self._observed: list[Observed] = []
        self._shown: list[Shown] = []
        self._lamps: Lamps | None = None
        self._inputs = 0
        self._index = -1
        self._deadline: float | None = None
        self._ack_due: float | None = None
        self._down: set[Field] = set()
        self._noise: set[Field] = set()
        self._chatter: set[int] = set()
        self._slowest_s = 0.0
        self._ended_at = 0.0

    def diary(self) -> Diary:
        """What was seen until now."""
        return Diary(self._controls, tuple(self._observed), tuple(self._shown), self._inputs, self._ended_at)

    def begin(self, at: float) -> LessonStep:
        """Show no lamp at all and give the first prompt."""
        return self._next(at)

    # what the headset says ---------------------------------------------------------------------

    def feed(self, report: bytes, at: float) -> LessonStep:
        """Take one whole input report as hidraw gives it."""
        heard = self._reader.read(report, at)
        self._inputs += 1
        self._ended_at = at
        if heard is None:
            self.ignored_reports += 1
            return LessonStep()
        if self.finished:
            return LessonStep()
        now = self._observed[-1]
        now.reports.append(heard)
        if now.task.id == "rest":
            self._rested(heard)
        if not self._counts(heard):
            return LessonStep()
        now.heard.append(heard)
        if now.task.act is Act.WATCH and now.shown_at is not None:
            self._slowest_s = max(self._slowest_s, at - now.shown_at)
        for touch in heard.touches:
            (self._down.add if touch.value else self._down.discard)(touch.field)
        if now.task.act is not Act.PRESS:
            return LessonStep()
        busy = bool(self._down - ({self._hook.field} if self._hook and now.task.ack else set()))
        self._deadline = at + (now.task.quiet_s if busy else min(now.task.quiet_s, QUIET_S))
        return self._acknowledge(now, heard, at)

    def _rested(self, heard: Heard) -> None:
        """What moves while nobody touches the headset is no key."""
        own = {control.field for control in (self._hook, self._mute) if control is not None}
        if not heard.first:
            self._noise |= {touch.field for touch in heard.touches} - own
            self._chatter |= set() if heard.touches else {heard.report_id}

    def _counts(self, heard: Heard) -> bool:
        """Whether a report is somebody's doing; one that changes nothing may end a call or reject one."""
        if heard.touches:
            return any(touch.field not in self._noise for touch in heard.touches)
        hook_id = self._hook.field.report_id if self._hook else None
        return heard.report_id == hook_id and hook_id not in self._chatter and not heard.first

    def _acknowledge(self, now: Observed, heard: Heard, at: float) -> LessonStep:
        """Light the lamp that answers this press, at once or a little later."""
        if now.task.ack is None or now.acked_at is not None or self._ack_due is not None:
            return LessonStep()
        if not self._asks(now.task, heard):
            return LessonStep()
        if now.task.ack_s:
            self._ack_due = at + now.task.ack_s
            self._deadline = self._ack_due + QUIET_S
            return LessonStep()
        return LessonStep(writes=self._acked(now, at))

    def _asks(self, task: Task, heard: Heard) -> bool:
        """Whether this report is the press the step waits for."""
        control = self._hook if task.meaning is Special.HOOK else self._mute
        if control is None:
            return False
        touch = heard.touch(control.field)
        if task.meaning is not Special.HOOK:
            return touch is not None
        if control.shape is Shape.EDGE or (task.ack is not None and task.ack.off_hook):
            return touch is not None and touch.rose
        return heard.report_id == control.field.report_id and not self._reader.value(control.field)

    def _acked(self, now: Observed, at: float) -> tuple[Write, ...]:
        self._ack_due = None
        now.acked_at = at
        return self._show(now.task.ack or IDLE, at)

    # what the technician says ------------------------------------------------------------------

    def request(self, answer: Answer, at: float) -> LessonStep:
        """Take an answer; one that fits no question is none."""
        if self.finished:
            return LessonStep()
        now = self._observed[-1]
        match answer:
            case Answer.STOP:
                now.answer, now.discarded = answer, True
                return self._done(at)
            case Answer.REPEAT:
                return self._again(at)
            case Answer.SKIP if now.task.act is not Act.WATCH:
                now.answer = answer
                return self._next(at)
            case Answer.YES | Answer.NO if now.task.act is Act.ASK:
                now.answer = answer
                self._deadline = max(at, now.began_at + max(LIT_S, self._slowest_s * SLOWER))
                return self.advance(at)
            case _:
                return LessonStep()

    def _again(self, at: float) -> LessonStep:
        """Go back to the step that was got wrong: this one, or the one before while nothing was heard yet."""
        now = self._observed[-1]
        wrong = now
        if not now.heard:
            kept = (o for o in reversed(self._observed) if not o.discarded and o.task.act is not Act.WATCH)
            wrong = next((o for o in kept if o is not now), now)
        back_to = wrong.task.again_from or wrong.task.id
        self._index = next(n for n, task in enumerate(self._tasks) if task.id == back_to) - 1
        since = next((n for n, o in enumerate(self._observed) if o.task.id == back_to and not o.discarded), 0)
        for observed in self._observed[since:]:
            observed.discarded = True
        return self._next(at)

    # time --------------------------------------------------------------------------------------

    def advance(self, at: float) -> LessonStep:
        """Acknowledge, end a step, keep the model alive: whatever is due."""
        writes = self._host.advance(at).writes
        if self.finished:
            return LessonStep(writes=writes)
        if self._ack_due is not None and at >= self._ack_due:
            writes += self._acked(self._observed[-1], at)
        if self._deadline is None or at < self._deadline:
            return LessonStep(writes=writes)
        step = self._next(at)
        return LessonStep(step.prompts, (*writes, *step.writes))

    def next_deadline(self) -> float | None:
        """When `advance` has something to do."""
        dues = (self._ack_due, self._deadline, self._host.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def _next(self, at: float) -> LessonStep:
        """End this step and begin the next one that applies."""
        said = self._told(at)
        self._ack_due = None
        self._down.clear()
        self._index += 1
        while self._index < len(self._tasks) and not self._applies(self._tasks[self._index]):
            self._index += 1
        if self._index == len(self._tasks):
            done = self._done(at)
            return LessonStep((*said, *done.prompts), done.writes)
        task = self._tasks[self._index]
        self._observed.append(Observed(task, at, self._inputs))
        writes = self._show(task.lamps, at)
        self._deadline = at + task.limit_s
        kind = {Act.PRESS: PromptKind.DO, Act.WATCH: PromptKind.WATCH, Act.ASK: PromptKind.ASK}[task.act]
        return LessonStep((*said, Prompt(kind, task.id, task.zh, task.en, task.limit_s)), writes)

    def _applies(self, task: Task) -> bool:
        if task.hook_up:
            level = self._hook if self._hook and self._hook.shape is Shape.LEVEL else None
            return level is not None and bool(self._reader.value(level.field))
        if not task.after:
            return True
        return any(o.task.id == task.after and not o.discarded and self._spoke(o) for o in self._observed)

    def _spoke(self, observed: Observed) -> bool:
        """Whether a step ran to some effect: something was heard, or nothing had to be."""
        return bool(observed.heard) or observed.task.act is Act.WATCH

    def _told(self, at: float) -> tuple[Prompt, ...]:
        """What the step that ends now has heard."""
        self._ended_at = at
        if not self._observed or self._observed[-1].discarded:
            return ()
        now = self._observed[-1]
        if not now.heard and now.task.act is not Act.PRESS:
            return ()
        if not now.heard:
            return (Prompt(PromptKind.HEARD, now.task.id, "没有听到任何报告", "nothing heard"),)
        changes = [
            f"{usage_key(touch.field.usage)}={touch.value}" for heard in now.heard for touch in heard.touches
        ]
        text = " ".join(changes) or f"{len(now.heard)} x same report"
        return (Prompt(PromptKind.HEARD, now.task.id, f"听到 {text}", f"heard {text}"),)

    def _done(self, at: float) -> LessonStep:
        self.finished = True
        self._deadline = None
        self._ended_at = at
        writes = self._show(IDLE, at)
        return LessonStep((Prompt(PromptKind.DONE, "", "学习结束", "the lesson is over"),), writes)

    def _show(self, lamps: Lamps, at: float) -> tuple[Write, ...]:
        if self._observed and self._observed[-1].shown_at is None:
            self._observed[-1].shown_at = at
        if lamps == self._lamps:
            return ()
        self._lamps = lamps
        self._shown.append(Shown(at, self._inputs, lamps))
        return self._host.request(SetLamps(lamps), at).writes
