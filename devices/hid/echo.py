"""What the headset says back to our own writes, told apart from what the agent does.

May not write or emit: each watch is told of our writes and of what was heard, and says what it means. A
headset echoes a host-set Off-Hook as Hook Switch and a host-set Mute as Phone Mute; read as presses these
would answer calls and toggle mute for ever (tSIP issue 32, GOnnect issue 138).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from devices.models.record import ModelRecord

BOUNCE_S = 0.25
"""Nobody answers and hangs up with one key faster than this; the CX300's hook falls back after 50 ms."""
DROP_EARLY_S, DROP_LATE_S = 0.3, 0.5
"""Tolerance around the model's un-acknowledged drop (WICG/webhid issue 61 measures about 2000 ms)."""


class HookWatch:
    """Hook Switch as a level: believed state, expected echo, unanswered press."""

    def __init__(self, record: ModelRecord) -> None:
        self._record = record
        self._reported: bool | None = None
        self._told: bool | None = None
        self._echo_until: float | None = None
        self._unanswered_since: float | None = None
        self._rose_at: float | None = None
        self._heard_at = 0.0
        self.left = False
        """The headset went on-hook by a press, and nobody has told it otherwise."""

    def tell(self, off_hook: bool, at: float) -> None:
        """We set the Off-Hook lamp."""
        if off_hook == self._told:
            return
        self._told = off_hook
        self.left = False
        if off_hook:
            self._unanswered_since = None
        self._echo_until = None if self._reported == off_hook else at + self._record.hook_echo_s

    def hear(self, off_hook: bool, at: float, *, ringing: bool, lone: bool, repeated: bool) -> bool | None:
        """A report says this; the agent's request, or None when it is an echo, stale or withdrawn.

        lone: no other control changed in the report; repeated: nothing changed at all.
        """
        before, self._reported = self._reported, off_hook
        gap, self._heard_at = at - self._heard_at, at
        awaiting = self._echo_until is not None and at <= self._echo_until
        if not awaiting:
            self._echo_until = None
        if awaiting and off_hook == self._told:
            self._echo_until = None
            return None
        if before is None:
            return self._first(off_hook, at, ringing=ringing, lone=lone, awaiting=awaiting)
        if off_hook == before:
            return self._silent_hang_up(off_hook, at, gap) if repeated and not awaiting else None
        if off_hook and self._told and not lone:
            return None  # a headset that does not echo shows its hook late, with the next key
        if not off_hook and self._fell_back(at):
            return None
        return self._request(off_hook, at)

    def _first(self, off_hook: bool, at: float, *, ringing: bool, lone: bool, awaiting: bool) -> bool | None:
        """The first report is baseline, but for two presses: an answer, and the end of an adopted call."""
        if off_hook:
            return self._request(True, at) if ringing else None
        return self._request(False, at) if self._told and lone and not awaiting else None

    def _silent_hang_up(self, off_hook: bool, at: float, gap: float) -> bool | None:
        """A headset that never echoed our Off-Hook ends a call by a report that changes nothing."""
        if off_hook or not self._told or gap < BOUNCE_S:
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
        self._rose_at = at if off_hook else None
        self._unanswered_since = at if off_hook and not self._told else None
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
            if self.record.echoes_unmute and self.answers == 1:
                return MuteAnswer.ECHO
            self.told_at = None
            self.asked = True
            return MuteAnswer.REFUSAL
        self.told_at = None
        self.asked = not self.told
        return MuteAnswer.REQUEST

    def refused(self, at: float) -> bool:
        """Whether a level that rose now refuses our un-mute."""
        return not self.told and self.told_at is not None and at - self.told_at <= self.record.mute_lock_s
