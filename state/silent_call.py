"""The silent-call procedure of one call: three utterances, three waits, and then the agent may hang up.

May not look at devices; the seat tells it what was heard and whether the silence is really the customer's.
"""

from __future__ import annotations

from dataclasses import replace

from state.call import Call
from state.cues import CueId
from state.desk import Desk
from state.events import PromptFinished
from state.hearing import Heard, Hearing
from state.machine import Region
from state.silence import LINE_FAULTS, Verdict
from state.tables import SILENT, CallOn, SilentOn
from state.timers import Timer
from state.words import Audience, SilenceCause, SilentCallMode, SilentState, Urgency

_STAGE_CUE = {1: CueId.OPENING, 2: CueId.SILENT_STAGE_2, 3: CueId.SILENT_STAGE_3}
_ALL_STAGES = 3


class SilentCall(Region[SilentState]):
    """Runs from connection until the customer's first speech."""

    table = SILENT

    def __init__(self, desk: Desk, call: Call, hearing: Hearing) -> None:
        super().__init__()
        self.desk = desk
        self.call = call
        self.hearing = hearing
        self.verdict: Verdict | None = None
        self._settings = desk.settings.silent_call
        self._waits = {1: self._settings.wait_1_s, 2: self._settings.wait_2_s, 3: self._settings.wait_3_s}
        self._key = (call.key, "silent")
        self._heard = 0
        self._cued_at = 0.0
        self._repeat = 0
        self._warned = False
        self._quiet_from = 0.0
        self._paused: tuple[float, float] | None = None

    @property
    def running(self) -> bool:
        """Whether the procedure runs, frozen or not."""
        return self.state not in (SilentState.INACTIVE, SilentState.CONVERSATION)

    def outcome(self) -> str:
        """What the record says of the procedure when the call ends now."""
        if self.state is SilentState.CONVERSATION:
            return "conversation"
        if self.state is SilentState.INACTIVE:
            return ""
        if self._at_fault():
            cause = self.verdict.cause if self.verdict else SilenceCause.UNKNOWN
            return "line_fault" if cause in LINE_FAULTS else "desk_fault"
        if self.state is SilentState.MAY_HANG_UP:
            return "silent_call"
        return "silent_incomplete"

    def owes_call_back(self) -> bool:
        """Whether "I will call again later" was said to an outbound customer."""
        return self._heard >= _ALL_STAGES and self.running

    # guards named in the table -------------------------------------------------------------------

    def enabled(self) -> bool:
        """Only a call watched from its connection on, where the centre wants it; never an emergency call."""
        wanted = self._settings.mode is not SilentCallMode.OFF and not self.call.adopted
        return wanted and not self.desk.is_emergency(self.call.number)

    def at_fault(self) -> bool:
        """A fault at the desk or on the line never stands in the way of hanging up."""
        return self._at_fault()

    def warned(self) -> bool:
        """The agent was told once that it is too early."""
        return self._warned

    def after_cue(self) -> bool:
        """Only an utterance begun after its cue is that stage's utterance."""
        heard = self.payload
        return isinstance(heard, Heard) and heard.begin >= self._cued_at

    # actions named in the table ------------------------------------------------------------------

    def arm_opening(self) -> None:
        """The opening is cued when nothing was said for a moment."""
        connected = self.call.established_at
        self._quiet_from = self.desk.at if connected is None else connected
        self._arm(self._quiet_from + self._settings.opening_cue_s, self._settings.opening_cue_s)

    def arm_opening_again(self) -> None:
        """A cough is no opening: the moment begins again at its end."""
        self._quiet_from = self._end()
        self._arm(self._quiet_from + self._settings.opening_cue_s, self._settings.opening_cue_s)

    def hear_stage(self) -> None:
        """An utterance was said whole: by the agent, or by the box to the line."""
        self._heard += 1
        self._repeat = 0
        self.call.row = replace(self.call.row, silent_stage=self._heard)
        self._withdraw_stages()
        self.desk.publish(
            "silent_call.utterance", call=self.call.id, stage=self._heard, ended_at=round(self._end(), 3)
        )

    def arm_wait(self) -> None:
        """Waits count from the end of what was said."""
        wait_s = self._waits[self._heard]
        self._quiet_from = self._end()
        self._arm(self._quiet_from + wait_s, wait_s)
        if self._settings.mode is SilentCallMode.AUTO and self._heard < _ALL_STAGES:
            self.desk.announce(_STAGE_CUE[self._heard + 1], self.call.id, self.call.direction)

    def begin_stage(self) -> None:
        """The next utterance is due: the box speaks it in auto mode, else the agent is cued."""
        self._cued_at = self.desk.at
        if self._settings.mode is SilentCallMode.AUTO:
            self._cue(Audience.LINE)
        else:
            self.cue_stage()
            self.arm_repeat()

    def cue_stage(self) -> None:
        """Tell the agent what to say now."""
        self._cued_at = self.desk.at
        self._cue(Audience.AGENT)
        self._repeat += 1

    def arm_repeat(self) -> None:
        """Not begun in time: cued again."""
        self._arm(self.desk.at + self._settings.repeat_cue_s, self._settings.repeat_cue_s)

    def arm_repeat_again(self) -> None:
        """Something was said, but not this stage's utterance."""
        self._arm(self._end() + self._settings.repeat_cue_s, self._settings.repeat_cue_s)

    def may_hang_up(self) -> None:
        """All three were said and waited for."""
        silent_s = self.desk.at - self._quiet_from
        self.desk.cue(
            CueId.SILENT_MAY_HANG_UP, self.call.id, self.call.direction, silent_s=round(silent_s, 2)
        )
        if self._settings.auto_hangup:
            self.call.fire(CallOn.ASKED_HANG_UP)

    def conversation(self) -> None:
        """The customer spoke: every cue of the script is taken back."""
        self._withdraw_stages()
        self.desk.publish("silent_call.conversation", call=self.call.id)

    def disarm(self) -> None:
        """No deadline of the procedure is left."""
        self.desk.timers.cancel(self._key)
        self._paused = None

    def freeze(self) -> None:
        """The silence is not the customer's: the clock stops where it truly stopped being so."""
        timer = self.desk.timers.get(self._key)
        if timer is None or self.verdict is None:
            return
        self.desk.timers.cancel(self._key)
        self._pause(timer.deadline - max(self.verdict.since, self._quiet_from), timer.rearm_s or 0.0)

    def thaw(self) -> None:
        """The silence is the customer's again: the clock goes on with what was left."""
        if self._paused is None:
            return
        (left_s, whole_s), self._paused = self._paused, None
        self._arm(self.desk.at + left_s, whole_s)

    def warn(self) -> None:
        """Held: the first utterances are still owed to the customer."""
        self._warned = True
        self.desk.cue(
            CueId.HANG_UP_TOO_EARLY,
            self.call.id,
            self.call.direction,
            Urgency.ALERT,
            stage_heard=float(self._heard),
            missing=float(_ALL_STAGES - self._heard),
        )

    def breach_early(self) -> None:
        """Asked for again: it goes through, and is recorded."""
        evidence = f"hung up after utterance {self._heard} of {_ALL_STAGES}, asked twice"
        self.call.breach("silent_call_ended_early", evidence)

    # helpers -------------------------------------------------------------------------------------

    def _at_fault(self) -> bool:
        return self.verdict is not None and self.verdict.cause is not SilenceCause.CUSTOMER_SILENT

    def _withdraw_stages(self) -> None:
        self.desk.withdraw(self.call.id, "silent.")
        self.desk.withdraw(self.call.id, CueId.OPENING)

    def _end(self) -> float:
        """When what was just said ended; a prompt ends with its last sample."""
        said = self.payload
        if isinstance(said, Heard):
            return said.end
        if isinstance(said, PromptFinished):
            return said.ended_at
        return self.desk.at

    def _arm(self, deadline: float, whole_s: float) -> None:
        if self._at_fault():
            self._pause(deadline - self.desk.at, whole_s)
        else:
            self.desk.timers.set(self._key, Timer(deadline, self._due, self.hearing.ready, whole_s))

    def _pause(self, left_s: float, whole_s: float) -> None:
        self._paused = (min(max(left_s, 0.0), whole_s), whole_s)

    def _due(self) -> None:
        self.fire(SilentOn.DUE)
        self.desk.changed = True

    def _cue(self, audience: Audience) -> None:
        stage = self._heard + 1
        silent_s = self.desk.at - self._quiet_from
        self.desk.cue(
            _STAGE_CUE[stage],
            self.call.id,
            self.call.direction,
            Urgency.DUE,
            audience,
            repeat=self._repeat,
            stage=float(stage),
            silent_s=round(silent_s, 2),
        )
