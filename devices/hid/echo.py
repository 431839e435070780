"""What the headset says back to our own writes, told apart from what the agent does.

May not write or emit: each watch is told of our writes and of what was heard, and says what it means. A
headset echoes a host-set Off-Hook as Hook Switch and a host-set Mute as Phone Mute; read as presses these
would answer calls and toggle mute for ever (tSIP issue 32, GOnnect issue 138).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from devices.models.record import ModelRecord

BOUNCE_S = 0.25
"""Nobody answers and hangs up with one key faster than this; the CX300's hook falls back after 50 ms."""
SUSPECT_S = 0.5
"""A hook that falls this soon after a write of ours that leaves it lit was dropped by another's write: a
second app writes one lamp of a shared report from zero (softphone-vendor-headsets issue 89)."""
CONFIRM_S = 3.0
"""Within this a second fall is the agent, who pressed again because nothing happened (ours)."""
BASELINE_S = 2.0
"""What a device reports because it was opened comes within this (GOnnect waits as long after a plug)."""
ECHOES = 4
"""Answers awaited at once: two calls that end and begin within one echo's time, and no more."""
DROP_EARLY_S, DROP_LATE_S = 0.3, 0.5
"""Tolerance around the model's un-acknowledged drop (WICG/webhid issue 61 measures about 2000 ms)."""


class HookWatch:
    """Hook Switch as a level: believed state, expected echo, unanswered press."""

    def __init__(self, record: ModelRecord, *, acknowledged: bool = True) -> None:
        """`acknowledged`: it has an Off-Hook lamp; without one no press is ever taken back for want of it."""
        self._record = record
        self._acknowledged = acknowledged
        self.echoed = False
        """The last report was the answer to a write of ours."""
        self._reported: bool | None = None
        self._told: bool | None = None
        self._echoes: deque[tuple[bool, float]] = deque(maxlen=ECHOES)
        """Answers to our writes that are still due, in order, and until when."""
        self._unanswered_since: float | None = None
        self._rose_at: float | None = None
        self._heard_at = 0.0
        self._told_at = 0.0
        self._opened_at: float | None = None
        """When it was first told anything."""
        self._wrote_at: float | None = None
        self._doubted_at: float | None = None
        self.left = False
        """The headset went on-hook by a press, and nobody has told it otherwise."""
        self.put_down_at: float | None = None
        """When the agent last asked to end."""

    def tell(self, off_hook: bool, at: float) -> None:
        """We set the Off-Hook lamp."""
        if self._opened_at is None:
            self._opened_at = at
        if off_hook == self._told:
            return
        self._told = off_hook
        self.left = False
        if off_hook:
            self._unanswered_since = None
        if self._heard_at >= self._told_at:  # what it reports is newer than what it was told last
            self._echoes.clear()
        self._told_at = at
        before = self._echoes[-1][0] if self._echoes and at <= self._echoes[-1][1] else self._reported
        if before != off_hook:
            self._echoes.append((off_hook, at + self._record.hook_echo_s))

    def forget(self, off_hook: bool | None) -> None:
        """Somebody else told the device things; it said this to them last, None: nothing of its hook."""
        self._reported = self._reported if off_hook is None else off_hook
        self._told = self._unanswered_since = None
        self._echoes.clear()
        self._rose_at = self._wrote_at = self._doubted_at = self.put_down_at = None
        self.left = False

    def wrote(self, at: float) -> None:
        """We wrote lamps, and Off-Hook stays lit."""
        self._wrote_at = at

    def dropped_by_another(self, off_hook: bool, at: float, *, lone: bool) -> bool:
        """Whether this report drops the hook in answer to our write: no key does, unless pressed again."""
        fell = self._reported is True and not off_hook and self._told is True and lone
        if not fell or self._wrote_at is None or at - self._wrote_at > SUSPECT_S:
            return False
        if self._doubted_at is not None and at - self._doubted_at <= CONFIRM_S:
            return False
        self._doubted_at = at
        self._reported = False
        self.left = True
        return True

    def hear(self, off_hook: bool, at: float, *, ringing: bool, lone: bool, repeated: bool) -> bool | None:
        """A report says this; the agent's request, or None when it is an echo, stale or withdrawn.

        lone: no other control changed in the report; repeated: nothing changed at all.
        """
        self.echoed = False
        before, self._reported = self._reported, off_hook
        gap, self._heard_at = at - self._heard_at, at
        if self._answers(off_hook, at):
            self.echoed = True
            return None
        awaiting = bool(self._echoes)
        if before is None:
            return self._first(off_hook, at, ringing=ringing, lone=lone, awaiting=awaiting)
        if off_hook == before:
            return (
                self._silent_press(off_hook, at, gap, ringing=ringing) if repeated and not awaiting else None
            )
        if off_hook and self._told and not lone:
            return None  # a headset that does not echo shows its hook late, with the next key
        if not off_hook and self._fell_back(at):
            return None
        return self._request(off_hook, at)

    def _answers(self, off_hook: bool, at: float) -> bool:
        """Whether this is an answer that is due; those before it will not come any more.

        A call that ends and one that is dialled right after it are two writes, and the first answer is late.
        """
        while self._echoes and at > self._echoes[0][1]:
            self._echoes.popleft()
        due = next((place for place, (value, _) in enumerate(self._echoes, 1) if value == off_hook), 0)
        for _ in range(due):
            self._echoes.popleft()
        return due > 0

    def _first(self, off_hook: bool, at: float, *, ringing: bool, lone: bool, awaiting: bool) -> bool | None:
        """The first report is baseline, but for a press that is sure to be one.

        An answer; the end of an adopted call; a hook that comes alone, long after the device was opened.
        """
        if off_hook:
            settled = self._opened_at is not None and at - self._opened_at > BASELINE_S
            return self._request(True, at) if ringing or (lone and settled and not awaiting) else None
        return self._request(False, at) if self._told and lone and not awaiting else None

    def _silent_press(self, off_hook: bool, at: float, gap: float, *, ringing: bool) -> bool | None:
        """A headset that never echoes ends a call, or answers the next, by a report that changes nothing."""
        if gap < BOUNCE_S:
            return None
        if off_hook:
            return self._request(True, at) if ringing and not self._told else None
        if not self._told:
            return None
        self._told = None
        return self._request(False, at)

    def _fell_back(self, at: float) -> bool:
        """Whether hook went down by the headset's own doing: a bounce, or a press nobody acknowledged."""
        if self._rose_at is not None and at - self._rose_at < BOUNCE_S:
            return True
        if self._unanswered_since is None:
            return False
        late = at - self._unanswered_since - self._record.unacked_drop_s
        self._unanswered_since = None
        return -DROP_EARLY_S <= late <= DROP_LATE_S

    def _request(self, off_hook: bool, at: float) -> bool:
        self.left = not off_hook
        self.put_down_at = None if off_hook else at
        self._rose_at = at if off_hook else None
        self._unanswered_since = at if off_hook and not self._told and self._acknowledged else None
        return off_hook


class MuteAnswer(Enum):
    """What a Phone Mute edge is."""

    ECHO = "echo"
    REQUEST = "request"
    REFUSAL = "refusal"


@dataclass(slots=True)
class MuteWatch:
    """Phone Mute: our last write, whether its answer is still due, and what the headset itself asked for."""

    record: ModelRecord
    told: bool = False
    told_at: float | None = None
    asked: bool | None = None
    answers: int = 0
    refused_at: float | None = None
    echoes_unmute: bool = False
    """Learned: it answered the Mute we lit again after a refusal, so it had followed our un-mute."""

    def tell(self, muted: bool, at: float) -> None:
        """We set the Mute lamp; acknowledging the headset's own request to mute calls for no echo."""
        if muted == self.told:
            return
        self.told = muted
        self.answers = 0
        self.told_at = None if muted and self.asked else at
        self.asked = None

    def hear_edge(self, at: float) -> MuteAnswer:
        """A Phone Mute came: an answer to our write within its window, else the agent's request."""
        age = None if self.told_at is None else at - self.told_at
        if age is not None and self.told and age <= self.record.mute_echo_s:
            self.told_at = None
            return MuteAnswer.ECHO
        if age is not None and not self.told and age <= self.record.mute_lock_s:
            self.answers += 1
            if (self.record.echoes_unmute or self.echoes_unmute) and self.answers == 1:
                return MuteAnswer.ECHO
            self.told_at = None
            self.asked = True
            self.refused_at = at
            return MuteAnswer.REFUSAL
        if self._echoes_again(at):
            return MuteAnswer.ECHO
        self.told_at = None
        self.asked = not self.told
        return MuteAnswer.REQUEST

    def _echoes_again(self, at: float) -> bool:
        """Whether this answers the Mute lit after a refusal; the first time it is the un-mute asked for."""
        refused_at, self.refused_at = self.refused_at, None
        if refused_at is None or not self.told or at - refused_at > self.record.mute_echo_s:
            return False
        known, self.echoes_unmute = self.echoes_unmute, True
        return known

    def refused(self, at: float) -> bool:
        """Whether a level that rose now refuses our un-mute."""
        return not self.told and self.told_at is not None and at - self.told_at <= self.record.mute_lock_s
