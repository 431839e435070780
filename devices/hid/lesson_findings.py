"""What a lesson teaches: the manners in which a headset differs from what its record says, each measured.

May not guess: a manner nobody exercised stays as it was, and what no record can say becomes a note.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from devices.hid.controls import Shape, Special
from devices.hid.echo import BOUNCE_S
from devices.hid.lesson import Answer, Diary, Observed
from devices.hid.lesson_keys import KeyLesson
from devices.models.record import BOUNDS, DEFAULT, ModelRecord
from state.words import Button

MARGIN = 1.25
"""A window is this much longer than what was measured once."""
NEAR_S = 0.25
"""A measured drop this near to the recorded one is the same (the engine allows 0.3 s early, 0.5 s late)."""
USED = 0.8
"""A window of which one measurement already took this part is too short."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One field of the record and what it has to be, with the measurement it rests on."""

    field: str
    value: object
    measured: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of a lesson: the record, and what a person should know besides."""

    record: ModelRecord
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Book:
    """Findings and notes while they are gathered."""

    diary: Diary
    record: ModelRecord
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def seen(self, step: str) -> Observed | None:
        """The last valid run of a step, None when it was left out or undone."""
        runs = (o for o in self.diary.observed if o.task.id == step and not o.discarded)
        return next(reversed(list(runs)), None)

    def found(self, name: str, value: object, measured: str) -> None:
        if value != getattr(self.record, name):
            self.findings.append(Finding(name, value, measured))


def conclude(diary: Diary, record_before: ModelRecord, basis: str) -> Learned:
    """The record that explains what was seen.

    `basis` ends every line of evidence: when and on which device it was learned, and the tape.
    """
    book = _Book(diary, record_before)
    for study in STUDIES:
        study(book)
    values: dict[str, Any] = {found.field: found.value for found in book.findings}
    evidence = dict(record_before.evidence)
    for found in book.findings:
        if found.value == getattr(DEFAULT, found.field):
            evidence.pop(found.field, None)
        else:
            evidence[found.field] = f"{found.measured} ({basis})"
    if not evidence:
        evidence["name"] = f"ids and name as the device gives them; nothing deviates ({basis})"
    record = replace(record_before, evidence=evidence, **values)
    return Learned(record, tuple(book.notes))


def _window(name: str, measured_s: float) -> float:
    """A window that holds this measurement, within what a record may say."""
    low, high = BOUNDS[name]
    return min(max(math.ceil(measured_s * MARGIN * 100 - 1e-6) / 100, low), high)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


# hook ------------------------------------------------------------------------------------------


def _call_control(book: _Book) -> None:
    """Whether the call key works at all, against what the descriptor says."""
    hook, verdict = book.diary.controls.find(Special.HOOK), book.diary.controls.verdict
    steps = [book.seen(step) for step in ("answer", "hang_up", "unacked")]
    tried = [step for step in steps if step is not None and step.answer is None]
    worked = [step for step in tried if step.changes(hook)]
    if not verdict.usable and len(worked) >= 2:
        found = f"call key heard in {len(worked)} steps, though the descriptor says: {verdict.reason}"
        book.found("call_control", True, found)
    elif verdict.usable and len(tried) == len(steps) and not any(step.heard for step in tried):
        book.found("call_control", False, f"call key pressed in {len(tried)} steps and nothing was heard")


def _unacked(book: _Book) -> None:
    hook, step = book.diary.controls.find(Special.HOOK), book.seen("unacked")
    if step is None or hook is None or hook.shape is not Shape.LEVEL or not step.rises(hook):
        return
    rose = step.rises(hook)[0]
    fell = next((at for at in step.falls(hook) if at > rose), None)
    if fell is None:
        book.notes.append("an unanswered press is not taken back within 4 s")
        return
    dropped_s = fell - rose
    if abs(dropped_s - book.record.unacked_drop_s) > NEAR_S:
        low, high = BOUNDS["unacked_drop_s"]
        found_s = min(max(round(dropped_s, 2), low), high)
        book.found("unacked_drop_s", found_s, f"unanswered press taken back after {_ms(dropped_s)}")


def _hook_echo(book: _Book) -> None:
    hook = book.diary.controls.find(Special.HOOK)
    echoes: list[float] = []
    for name in ("host_off_hook", "host_on_hook"):
        step = book.seen(name)
        changes = step.changes(hook) if step is not None else []
        if step is not None and step.shown_at is not None and changes:
            echoes.append(changes[0][0] - step.shown_at)
    if not echoes:
        if book.seen("host_off_hook") is not None:
            book.notes.append("does not echo an Off-Hook that the host sets")
        return
    latest_s = max(echoes)
    if latest_s > book.record.hook_echo_s * USED:
        measured = f"host-set Off-Hook echoed after {_ms(latest_s)}"
        book.found("hook_echo_s", _window("hook_echo_s", latest_s), measured)


def _hook_shape(book: _Book) -> None:
    """A hook that is declared a level and works as a key cannot be recorded yet."""
    hook, step = book.diary.controls.find(Special.HOOK), book.seen("answer")
    if step is None or hook is None or hook.shape is not Shape.LEVEL or step.acked_at is None:
        return
    if any(0 <= at - step.acked_at < BOUNCE_S for at in step.falls(hook)):
        book.notes.append("the hook is declared a level, but falls at once after an answer: works as a key")


# mute ------------------------------------------------------------------------------------------


def _mute_shape(book: _Book) -> None:
    mute, step = book.diary.controls.find(Special.MUTE), book.seen("mute_on")
    if mute is None or step is None or not step.rises(mute):
        return
    held = not step.falls(mute)
    if mute.shape is Shape.EDGE and held:
        book.notes.append("mute is declared an edge, but stays: it works as a level")
    if mute.shape is Shape.LEVEL and not held:
        book.notes.append("mute is declared a level, but falls by itself: it works as an edge")


def _mute_echo(book: _Book) -> None:
    """What comes back when the host sets or clears mute by itself; only edges can be mistaken for presses."""
    mute = book.diary.controls.find(Special.MUTE)
    if mute is None or mute.shape is not Shape.EDGE:
        return
    for name, window in (("host_mute", "mute_echo_s"), ("host_unmute", "mute_lock_s")):
        step = book.seen(name)
        if step is None or step.shown_at is None or not step.rises(mute):
            continue
        after_s = step.rises(mute)[0] - step.shown_at
        what = "mute" if name == "host_mute" else "un-mute"
        if name == "host_unmute":
            book.found("echoes_unmute", True, f"host-set un-mute echoed after {_ms(after_s)}, boom arm down")
        if after_s > getattr(book.record, window) * USED:
            book.found(window, _window(window, after_s), f"host-set {what} echoed after {_ms(after_s)}")


def _lock(book: _Book) -> None:
    mute, step = book.diary.controls.find(Special.MUTE), book.seen("boom_locked")
    if mute is None or step is None or step.shown_at is None:
        return
    rises = step.rises(mute)
    if not rises:
        book.notes.append("the boom arm mutes, but does not refuse an un-mute by the host")
        return
    after_s = rises[-1] - step.shown_at
    if after_s > book.record.mute_lock_s * USED:
        found = f"raised boom arm refused an un-mute after {_ms(after_s)}"
        book.found("mute_lock_s", _window("mute_lock_s", after_s), found)


def _duplicates(book: _Book) -> None:
    """The longest gap between two reports of one press, before any lamp of ours could be echoed."""
    longest: tuple[float, str] | None = None
    for step in book.diary.observed:
        control = book.diary.controls.find(step.task.meaning) if step.task.meaning is not None else None
        if step.discarded or control is None or control.shape is not Shape.EDGE:
            continue
        if step.task.meaning is Special.HOOK:
            continue
        until = step.acked_at if step.acked_at is not None else math.inf
        rises = [at for at in step.rises(control) if at < until]
        gaps = [later - at for at, later in pairwise(rises) if later - at <= BOUNCE_S]
        if gaps and (longest is None or max(gaps) > longest[0]):
            longest = (max(gaps), str(step.task.meaning))
    if longest is None or longest[0] < book.record.duplicate_s:
        return
    gap_s, what = longest
    book.found(
        "duplicate_s", _window("duplicate_s", gap_s), f"one {what} press came twice, {_ms(gap_s)} apart"
    )


# reject, keys, lamps ---------------------------------------------------------------------------


def _reject(book: _Book) -> None:
    """Reports that say nothing but that the hook is down, where no key answers the ring."""
    step, hook = book.seen("reject"), book.diary.controls.find(Special.HOOK)
    if step is None or hook is None or not step.heard or any(heard.touches for heard in step.heard):
        return
    empty = len(step.heard)
    answer = book.seen("answer")
    leading = 0
    if answer is not None and answer.rises(hook):
        leading = sum(heard.at < answer.rises(hook)[0] for heard in answer.heard)
    wanted = min(empty, int(BOUNDS["reject_reports"][1]))
    if wanted <= leading:
        book.notes.append(f"reports without hook: {empty} when rejecting, but {leading} when answering")
        return
    book.found("reject_reports", wanted, f"rejecting gave {empty} reports without hook and nothing else")


def _keys(book: _Book) -> None:
    keys = KeyLesson(book.diary, book.record)
    base = keys.array_base()
    if base is not None:
        book.found("array_base", base.value, base.measured)
    usages, measured = keys.usages()
    if usages:
        book.found("usages", {**book.record.usages, **usages}, measured)
    rejecting = keys.reject_button()
    if rejecting is not None:
        button, said = rejecting
        if button is not Button.REJECT:
            book.found("reject_button", button, said)
    book.notes += keys.notes


def _lamps(book: _Book) -> None:
    for step in book.diary.observed:
        if step.discarded or not step.task.id.startswith("lamp_"):
            continue
        lamp = step.task.id.removeprefix("lamp_")
        if step.answer is Answer.NO:
            book.notes.append(f"lamp {lamp} was set and the technician saw nothing")
        hook = book.diary.controls.find(Special.HOOK)
        if lamp == "hold" and hook is not None and hook.shape is Shape.LEVEL and step.falls(hook):
            book.notes.append("drops its hook when Hold lights: off_hook_clear may be its way to hold")


def _silent_steps(book: _Book) -> None:
    silent = [
        o.task.id
        for o in book.diary.observed
        if o.task.meaning is not None and o.answer is None and not (o.discarded or o.heard)
    ]
    if silent:
        book.notes.append("nothing was heard at: " + ", ".join(silent))


STUDIES: tuple[Callable[[_Book], None], ...] = (
    _call_control, _hook_shape, _unacked, _hook_echo, _mute_shape, _mute_echo, _lock, _duplicates, _reject,
    _keys, _lamps, _silent_steps,
)  # fmt: skip
