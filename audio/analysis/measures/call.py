"""Speech measures of one call, from its events and the frames of both sides.

May not keep more than sums, and may not be handed what belongs to another call of the line.
"""

from __future__ import annotations

import math

from audio.analysis.frame import Frame
from audio.analysis.measures.figures import Measures, SideMeasures
from audio.analysis.measures.marks import Mark, MarkKind
from audio.analysis.measures.turns import BOTH, TurnTaking
from audio.analysis.measures.voice import VoiceMeter
from state.events import (
    AudioAnalysedUntil,
    CallHeld,
    CallRetrieved,
    Event,
    PromptFinished,
    PromptStarted,
    SpeechStarted,
    SpeechStopped,
)
from state.words import Audience, Channel

SETTLE_S = 1.0
"""An edge is told within so long of its true time: a begin is back-dated by up to 0.4 s, an end by 0.3 s."""
STEP_S = 0.5
"""Watermarks come with every frame; what is settled is taken in steps."""
ENOUGH_SYLLABLES = 8
"""A rate is told from here on: one syllable more or less is an eighth."""


class CallMeasures:
    """Collects; begins with a call's answer (`reset`)."""

    def __init__(self, near_rate: int, far_rate: int) -> None:
        self._voices = {Channel.NEAR: VoiceMeter(near_rate), Channel.FAR: VoiceMeter(far_rate)}
        self.reset(0.0)

    def reset(self, at: float) -> None:
        """A call is answered at `at`: nothing before it counts."""
        self._turns = TurnTaking(at)
        self._known = dict.fromkeys(BOTH, at)
        self._edges = dict.fromkeys(BOTH, at)
        """The last edge of each side: none comes before it."""
        self._settled_at = at
        self._held_since: float | None = None
        for voice in self._voices.values():
            voice.reset()

    def push_event(self, event: Event) -> None:
        """Take an event of this call: edge, watermark, hold or prompt to the line; others change nothing."""
        match event:
            case SpeechStarted():
                self._edge(event.channel, MarkKind.SPEECH_BEGAN, event.began_at, event.at)
            case SpeechStopped():
                self._edge(event.channel, MarkKind.SPEECH_ENDED, event.ended_at, event.at)
            case AudioAnalysedUntil():
                self._known[event.channel] = max(self._known[event.channel], event.until)
                if event.until >= self._settled_at + STEP_S:
                    self._settled_at = event.until
                    self._turns.until(min(self._known.values()) - SETTLE_S)
            case CallHeld():
                self._held_since = event.at
                self._turns.push(Mark(event.at, MarkKind.WAIT_BEGAN))
            case CallRetrieved():
                self._held_since = None
                self._turns.push(Mark(event.at, MarkKind.WAIT_ENDED))
            case PromptStarted(audience=Audience.LINE):
                self._turns.push(Mark(event.at, MarkKind.PROMPT_BEGAN))
            case PromptFinished(audience=Audience.LINE):
                self._turns.push(Mark(event.ended_at, MarkKind.PROMPT_ENDED))
            case _:
                pass

    def push_frame(self, channel: Channel, frame: Frame) -> None:
        """Take the next frame of a side; what is said while the call is on hold is not said in it."""
        if self._held_since is None or frame.begin < self._held_since:
            self._voices[channel].push(frame)

    def summary(self, at: float) -> Measures:
        """What is known at `at`; what goes on then counts until then."""
        turns = self._turns.as_of(at)
        near, far = (self._side(side, turns) for side in BOTH)
        return Measures(at, near, far, turns.overlap, turns.dead_air, turns.response, turns.greeting_s)

    def _side(self, side: Channel, turns: TurnTaking) -> SideMeasures:
        voice, talk = self._voices[side], turns.talk[side]
        told = voice.syllables >= ENOUGH_SYLLABLES and talk.total_s > 0.0
        return SideMeasures(
            talk,
            turns.monologue_s[side],
            turns.taking(side),
            voice.level,
            voice.pitch,
            voice.syllables,
            voice.syllables / talk.total_s if told else None,
        )

    def _edge(self, side: Channel, kind: MarkKind, since: float, at: float) -> None:
        """An edge told too late, or before the one before, counts from when it can still be placed."""
        before = self._edges[side]
        if kind is MarkKind.SPEECH_ENDED:  # of one moment an end would come before its begin
            before = math.nextafter(before, math.inf)
        self._edges[side] = max(since, at - SETTLE_S, before)
        self._turns.push(Mark(self._edges[side], kind, side))
