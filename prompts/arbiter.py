"""The arbiter: who may talk over whom, one prompt at a time in each ear.

May not choose words or times of procedures: it is offered prompts, told of speech, and answers with effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from state.effects import PlayPrompt, StopPrompt
from state.ids import CallId, LineId, PromptId
from state.words import Audience, Channel, Urgency

AGENT_SPEAKING_WAIT_S = 1.0
"""Ours: a due cue lets the agent end a clause, but one that comes later than this helps no more."""
HINT_EXPIRES_S = 5.0
"""Ours: a hint about something five seconds old confuses more than it helps."""
PROMPT_LIMIT_S = 30.0
"""Ours: the longest shipped phrase takes 20 s in espeak-ng's Mandarin; half as long again, it is lost."""


class Reason(StrEnum):
    """Why a prompt was stopped, or dropped before it began."""

    REPLACED = "replaced"
    INTERRUPTED = "interrupted"
    CUSTOMER_SPOKE = "customer_spoke"
    FOCUS_LOST = "focus_lost"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Offer:
    """A prompt that wants to be heard; `line` is its call's line, also where the agent's ear hears it."""

    play: PlayPrompt
    urgency: Urgency
    call: CallId | None = None
    line: LineId | None = None
    until_customer_speaks: bool = False
    """Silent-call prompts: pointless, and rude on the line, once the customer is heard."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A prompt that never began and never will."""

    prompt: PromptId
    call: CallId | None
    reason: Reason


Decision = PlayPrompt | StopPrompt | Dropped
Decisions = tuple[Decision, ...]

Ear = tuple[Audience, LineId | None]
"""Whose ear: the agent's, or the far end of a line."""


@dataclass(slots=True)
class _Waiting:
    offer: Offer
    offered_at: float


@dataclass(slots=True)
class _Playing:
    offer: Offer
    sent_at: float
    heard: bool = False
    """Whether the first sample is out."""


class Arbiter:
    """Decides at every offer, edge of speech and passing of time what begins and what ends."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._playing: dict[Ear, _Playing] = {}
        self._speaking: set[tuple[Channel, LineId]] = set()
        self._out: list[Decision] = []

    def offer(self, offer: Offer, at: float) -> Decisions:
        """A new prompt: to the line it begins now or never, to the agent's ear it may wait its turn."""
        if offer.until_customer_speaks and (Channel.FAR, offer.line) in self._speaking:
            self._out.append(Dropped(offer.play.prompt, offer.call, Reason.CUSTOMER_SPOKE))
        elif offer.play.audience is Audience.LINE:
            self._stop(_ear(offer), Reason.REPLACED)
            self._play(offer, at)
        else:
            self._replace_older(offer)
            self._waiting.append(_Waiting(offer, at))
        return self.advance(at)

    def speech(self, channel: Channel, line: LineId, speaking: bool, at: float) -> Decisions:
        """Speech of one side of one line began (confirmed) or ended."""
        if not speaking:
            self._speaking.discard((channel, line))
            return self.advance(at)
        self._speaking.add((channel, line))
        if channel is Channel.FAR:
            self._end(lambda offer: offer.until_customer_speaks and offer.line == line, Reason.CUSTOMER_SPOKE)
        return self.advance(at)

    def forget_line(self, line: LineId, at: float) -> Decisions:
        """Nobody listens to this line any more: nobody is known to speak there."""
        self._speaking -= {(channel, line) for channel in Channel}
        return self.advance(at)

    def started(self, prompt: PromptId, at: float) -> Decisions:
        """The first sample of a prompt is out."""
        for playing in self._playing.values():
            if playing.offer.play.prompt == prompt:
                playing.heard = True
        return self.advance(at)

    def finished(self, prompt: PromptId, at: float) -> Decisions:
        """A prompt is over: played to its end, stopped, or failed."""
        for ear, playing in tuple(self._playing.items()):
            if playing.offer.play.prompt == prompt:
                del self._playing[ear]
        return self.advance(at)

    def lose_call(self, call: CallId, at: float) -> Decisions:
        """The call lost the focus or is over: its prompts end."""
        self._end(lambda offer: offer.call == call, Reason.FOCUS_LOST)
        return self.advance(at)

    def cancel(self, at: float) -> Decisions:
        """The agent wants quiet: everything for the agent's ear ends; the line is not touched."""
        self._end(lambda offer: offer.play.audience is Audience.AGENT, Reason.CANCELLED)
        return self.advance(at)

    def advance(self, at: float) -> Decisions:
        """Everything that is due at `at`: lost prompts, expired hints, the next prompt for the agent."""
        for ear, playing in tuple(self._playing.items()):
            if at >= playing.sent_at + PROMPT_LIMIT_S:
                self._stop(ear, Reason.OVERDUE)
        for waiting in tuple(self._waiting):
            if waiting.offer.urgency is Urgency.HINT and at >= waiting.offered_at + HINT_EXPIRES_S:
                self._drop(waiting, Reason.EXPIRED)
        self._begin_next(at)
        decisions, self._out = tuple(self._out), []
        return decisions

    def next_deadline(self) -> float | None:
        """When `advance` has something to do by itself, or None."""
        deadlines = [playing.sent_at + PROMPT_LIMIT_S for playing in self._playing.values()]
        for waiting in self._waiting:
            if waiting.offer.urgency is Urgency.HINT:
                deadlines.append(waiting.offered_at + HINT_EXPIRES_S)
            elif self._gives_way(waiting.offer):
                deadlines.append(waiting.offered_at + AGENT_SPEAKING_WAIT_S)
        return min(deadlines, default=None)

    def playing(self) -> tuple[PromptId, ...]:
        """Prompts that were begun and are not known to be over."""
        return tuple(playing.offer.play.prompt for playing in self._playing.values())

    def _begin_next(self, at: float) -> None:
        """The most urgent waiting prompt, the oldest of those, begins if it may."""
        if not self._waiting:
            return
        best = max(self._waiting, key=lambda waiting: (waiting.offer.urgency, -waiting.offered_at))
        if self._gives_way(best.offer) and self._may_begin(best, at):
            self._waiting.remove(best)
            self._stop(_ear(best.offer), Reason.INTERRUPTED)
            self._play(best.offer, at)

    def _gives_way(self, offer: Offer) -> bool:
        playing = self._playing.get(_ear(offer))
        return playing is None or offer.urgency > playing.offer.urgency

    def _may_begin(self, waiting: _Waiting, at: float) -> bool:
        if waiting.offer.urgency is Urgency.ALERT:
            return True
        if waiting.offer.urgency is Urgency.HINT:
            return not self._speaking
        agent_speaks = any(channel is Channel.NEAR for channel, _ in self._speaking)
        return not agent_speaks or at >= waiting.offered_at + AGENT_SPEAKING_WAIT_S

    def _replace_older(self, offer: Offer) -> None:
        """A newer prompt of a call takes the place of one not heard yet, unless that is more urgent."""
        for waiting in tuple(self._waiting):
            if waiting.offer.call == offer.call and waiting.offer.urgency <= offer.urgency:
                self._drop(waiting, Reason.REPLACED)
        playing = self._playing.get(_ear(offer))
        if playing is None or playing.heard or playing.offer.call != offer.call:
            return
        if playing.offer.urgency <= offer.urgency:
            self._stop(_ear(offer), Reason.REPLACED)

    def _play(self, offer: Offer, at: float) -> None:
        self._playing[_ear(offer)] = _Playing(offer, at)
        self._out.append(offer.play)

    def _stop(self, ear: Ear, reason: Reason) -> None:
        playing = self._playing.pop(ear, None)
        if playing is not None:
            self._out.append(StopPrompt(playing.offer.play.prompt, reason))

    def _drop(self, waiting: _Waiting, reason: Reason) -> None:
        self._waiting.remove(waiting)
        self._out.append(Dropped(waiting.offer.play.prompt, waiting.offer.call, reason))

    def _end(self, ends: Callable[[Offer], bool], reason: Reason) -> None:
        for ear, playing in tuple(self._playing.items()):
            if ends(playing.offer):
                self._stop(ear, reason)
        for waiting in tuple(self._waiting):
            if ends(waiting.offer):
                self._drop(waiting, reason)


def _ear(offer: Offer) -> Ear:
    if offer.play.audience is Audience.LINE:
        return Audience.LINE, offer.play.line
    return Audience.AGENT, None
