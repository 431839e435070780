"""The regions that watch one connected call: its silence, its closing, and the verdict on both.

May not talk to lines or devices.
"""

from __future__ import annotations

from dataclasses import replace

from state.call import Call
from state.closing import Closing
from state.cues import CueId
from state.desk import Desk
from state.hearing import Heard, Hearing
from state.hints import Hints
from state.silence import REMEDY, Facts, Verdict, judge
from state.silent_call import SilentCall
from state.tables import ClosingOn, SilentOn
from state.timers import Timer
from state.words import Evidence, SilenceCause, Urgency

_SPOKEN_AGAIN_S = 5.0
"""A muted agent who goes on talking is told again after this, not at every breath (ours)."""

_TONE_AGAIN_S = 30.0
"""Music is a tone at one moment and none at the next: within a conversation it is told so often (ours)."""


class Watch:
    """One per connected call."""

    def __init__(self, desk: Desk, call: Call, hearing: Hearing, first: bool) -> None:
        self.desk = desk
        self.call = call
        self.hearing = hearing
        self.silent = SilentCall(desk, call, hearing)
        self.closing = Closing(desk, call, hearing)
        self.hints = Hints(desk, call, hearing)
        self.verdict: Verdict | None = None
        self.customer_spoke = call.row.first_far_s is not None
        self._first = first
        self.unplugged_at: float | None = None
        self._counted_from = desk.at
        self._told_muted_at: float | None = None
        self._told_tone_at: float | None = None
        self._clear_since = desk.at
        self._muted_from: float | None = None
        self._unknown_key = (call.key, "unknown")
        if self.customer_spoke:
            self.closing.fire(ClosingOn.TALKED)

    @property
    def at_fault(self) -> bool:
        """Whether something other than the customer keeps the call silent."""
        return self.verdict is not None and self.verdict.cause is not SilenceCause.CUSTOMER_SILENT

    @property
    def past_silence(self) -> bool:
        """Whether the silent call is over for good: the customer spoke, or the call comes back from hold."""
        return self.customer_spoke or not self._first

    def audible(self, said: Heard) -> Heard | None:
        """The part of what the agent said that could be heard by the customer; None where there is none."""
        if self.verdict is not None and self.at_fault and self.verdict.since < said.end:
            return None
        begin = max(said.begin, self._clear_since)
        return Heard(begin, said.end) if begin < said.end else None

    def judge(self, facts: Facts) -> None:
        """Weigh the facts again; a new cause is told at once, and freezes or frees the silent-call clock."""
        self._count_muted(facts.mute is not None and facts.mute.muted)
        verdict = judge(facts)
        if _same(self.verdict, verdict):
            self._refine(verdict)
        else:
            self._believe(verdict)
        self.hints.give(self.verdict, self.customer_spoke)

    def spoke_while_muted(self, where: str, since: float) -> None:
        """The agent talks and cannot be heard: told at once, and again if it goes on."""
        told = self._told_muted_at
        if told is not None and self.desk.at - told < _SPOKEN_AGAIN_S:
            return
        self._told_muted_at = self.desk.at
        self._cue(CueId.SPEAKING_WHILE_MUTED, where, since, Evidence.NEAR_SPEECH)

    def customer_speaks(self) -> None:
        """The customer's first speech ends the silent-call procedure for good."""
        if self.customer_spoke:
            return
        self._count(self.desk.at)
        self.customer_spoke = True
        self.silent.fire(SilentOn.FAR_SPOKE)
        if self.call.row.silent_outcome:  # of the time before a hold
            self.call.row = replace(self.call.row, silent_outcome="conversation")
        self.closing.fire(ClosingOn.TALKED)
        self.desk.changed = True
        self.hints.give(self.verdict, self.customer_spoke)

    def end(self) -> None:
        """The call is over or on hold: count what is left and stop every clock."""
        self._count(self.desk.at)
        self._count_muted(False)
        outcome = self.silent.outcome()
        if outcome:
            self.call.row = replace(self.call.row, silent_outcome=outcome)
        self.silent.fire(SilentOn.ENDED)
        self.closing.fire(ClosingOn.ENDED)
        self.desk.timers.cancel_owner(self.call.key)
        self.desk.withdraw(self.call.id)

    def _refine(self, verdict: Verdict | None) -> None:
        """The same cause, known by something else now: told, not cued again."""
        old = self.verdict
        if old is None or verdict is None or old.known_by is verdict.known_by:
            return
        self.verdict = self.silent.verdict = replace(verdict, since=min(old.since, verdict.since))
        self.desk.changed = True
        self._publish(self.verdict)

    def _believe(self, verdict: Verdict | None) -> None:
        old, was_fault = self.verdict, self.at_fault
        fault = verdict is not None and verdict.cause is not SilenceCause.CUSTOMER_SILENT
        self._count(verdict.since if verdict is not None and fault else self.desk.at)
        self.verdict = self.silent.verdict = verdict
        self.desk.changed = True
        if old is not None and old.cause in REMEDY:
            self.desk.withdraw(self.call.id, REMEDY[old.cause])
        self.desk.timers.cancel(self._unknown_key)
        if self.at_fault:
            if not was_fault:
                self.silent.fire(SilentOn.CAUSE_LOST)
        elif was_fault:
            self._clear_since = self.desk.at
            self.desk.withdraw(self.call.id, "cause.")
            self.silent.fire(SilentOn.CAUSE_BACK)
        if verdict is not None:
            self._tell(verdict)

    def _publish(self, verdict: Verdict) -> None:
        self.desk.publish(
            "silence.cause",
            call=self.call.id,
            cause=verdict.cause,
            since=round(verdict.since, 3),
            evidence=verdict.evidence,
        )

    def _tell(self, verdict: Verdict) -> None:
        self._publish(verdict)
        if verdict.cause is SilenceCause.CUSTOMER_SILENT:
            return
        if verdict.cause is SilenceCause.UNKNOWN:
            deadline = self.desk.at + self.desk.settings.silent_call.unknown_cue_s
            self.desk.timers.set(self._unknown_key, Timer(deadline, self._check_by_speaking))
        elif verdict.cause is SilenceCause.AGENT_MUTED and self.past_silence and not self._just_connected():
            return  # muted on purpose within a conversation: told only when the agent talks
        elif verdict.cause is SilenceCause.MUSIC_OR_TONE and self.past_silence and self._told_tone():
            return
        else:
            self._cue(REMEDY[verdict.cause], verdict.where, verdict.since, verdict.known_by)

    def _just_connected(self) -> bool:
        established = self.call.established_at
        return established is not None and self.desk.at - established < 1.0

    def _told_tone(self) -> bool:
        """Whether a tone was told of lately; if not, it is now."""
        told = self._told_tone_at
        if told is not None and self.desk.at - told < _TONE_AGAIN_S:
            return True
        self._told_tone_at = self.desk.at
        return False

    def _check_by_speaking(self) -> None:
        if self.verdict is not None:
            verdict = self.verdict
            self._cue(CueId.CHECK_BY_SPEAKING, verdict.where, verdict.since, verdict.known_by)

    def _cue(self, cue: CueId, where: str, since: float, known_by: Evidence) -> None:
        self.desk.cue(
            cue,
            self.call.id,
            self.call.direction,
            Urgency.ALERT,
            where=where,
            since_s=round(self.desk.at - since, 2),
            evidence=known_by,
        )

    def _count(self, until: float) -> None:
        """Charge the silence up to `until` to its cause; behind the customer's first speech nothing is.

        A fault known late is charged from when it truly began, as far as that is not charged yet.
        """
        until = min(max(until, self._counted_from), self.desk.at)
        if self.verdict is not None and not self.past_silence:
            cause, row = self.verdict.cause.value, self.call.row
            seconds = row.cause_s.get(cause, 0.0) + until - self._counted_from
            self.call.row = replace(row, cause_s={**row.cause_s, cause: seconds})
        self._counted_from = until

    def _count_muted(self, muted: bool) -> None:
        """Charge the time muted so far to the call."""
        if self._muted_from is not None:
            muted_s = self.call.row.muted_s + self.desk.at - self._muted_from
            self.call.row = replace(self.call.row, muted_s=muted_s)
        self._muted_from = self.desk.at if muted else None


def _same(old: Verdict | None, new: Verdict | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.cause is new.cause and old.where == new.where
