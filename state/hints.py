"""Hints about the sound of a call: what each fault of a channel is told the agent as, and when.

May not decide that a fault is there, nor louder than a hint: what stops a call is told by its cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from state.call import Call
from state.cues import CueId
from state.desk import Desk
from state.hearing import Hearing, SoundFault
from state.signs import FAR, NEAR, read_as
from state.silence import Verdict
from state.words import AudioFault, Basis, Channel, SilenceCause, Urgency

HINT_CONFIDENCE = 0.5
"""Between an analyser's warn (0.4) and fail (0.8): a hint costs a glance, and the agent decides (ours)."""
HINT_AGAIN_S = 60.0
"""A fault that comes and goes is told of again no sooner than this (ours)."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a fault is told as; `once_heard`: words for a customer who has spoken, not for a silent one."""

    cue: CueId
    once_heard: bool = False


REMEDIES: Mapping[tuple[Channel, AudioFault], Remedy] = {
    (NEAR, AudioFault.WRONG_DEVICE): Remedy(CueId.NEAR_WRONG_DEVICE),
    (NEAR, AudioFault.GAPS): Remedy(CueId.NEAR_GAPS),
    (NEAR, AudioFault.CLIPPING): Remedy(CueId.NEAR_CLIPPING),
    (NEAR, AudioFault.TOO_QUIET): Remedy(CueId.NEAR_TOO_QUIET),
    (NEAR, AudioFault.COUPLING): Remedy(CueId.NEAR_COUPLING),
    (NEAR, AudioFault.HUM): Remedy(CueId.NEAR_HUM),
    (NEAR, AudioFault.OFFSET): Remedy(CueId.NEAR_OFFSET),
    (NEAR, AudioFault.BREATH_POPS): Remedy(CueId.NEAR_BREATH_POPS),
    (NEAR, AudioFault.LOUD_BACKGROUND): Remedy(CueId.NEAR_LOUD_BACKGROUND),
    (NEAR, AudioFault.POOR_SNR): Remedy(CueId.NEAR_POOR_SNR),
    (FAR, AudioFault.ECHO): Remedy(CueId.FAR_ECHO),
    (FAR, AudioFault.TOO_QUIET): Remedy(CueId.FAR_TOO_QUIET, once_heard=True),
    (FAR, AudioFault.HANDS_FREE): Remedy(CueId.FAR_HANDS_FREE, once_heard=True),
    (FAR, AudioFault.GAPS): Remedy(CueId.FAR_GAPS, once_heard=True),
    (FAR, AudioFault.LOUD_BACKGROUND): Remedy(CueId.FAR_NOISE, once_heard=True),
    (FAR, AudioFault.POOR_SNR): Remedy(CueId.FAR_NOISE, once_heard=True),
}
"""The one table of faults and hints, what is most worth mending first; the agent decides what comes of it.

What is not here is told by its cause: zeros, a stuck value, one-way sound, speaking while muted.
"""

_IN_THE_WAY: Mapping[Channel, frozenset[SilenceCause]] = {
    NEAR: frozenset(
        {
            SilenceCause.AGENT_MUTED,
            SilenceCause.AGENT_MIC_DEAD,
            SilenceCause.HEADSET_UNPLUGGED,
            SilenceCause.UNKNOWN,
        }
    ),
    FAR: frozenset({SilenceCause.LINE_AUDIO_DEAD, SilenceCause.MUSIC_OR_TONE, SilenceCause.UNKNOWN}),
}
"""While one of these holds, a channel has a graver fault than its hints could mend."""


class Hints:
    """Tells the agent of each fault of one call once, and again when it was over and is back."""

    def __init__(self, desk: Desk, call: Call, hearing: Hearing) -> None:
        self._desk = desk
        self._call = call
        self._hearing = hearing

    def give(self, verdict: Verdict | None, customer_spoke: bool) -> None:
        """Tell of every fault that holds, is not told yet, and is not told by the verdict."""
        for channel, fault, remedy in self._holding():
            speakable = customer_spoke or not remedy.once_heard
            if speakable and not _louder(verdict, channel, fault.kind) and self._due(remedy.cue):
                self._tell(remedy.cue, fault)

    def mended(self, channel: Channel, kind: AudioFault) -> None:
        """A fault is over: its hint is no longer true, unless another fault gives the same one."""
        remedy = REMEDIES.get((channel, kind))
        if remedy is None or any(other.cue is remedy.cue for _, _, other in self._holding()):
            return
        self._desk.withdraw(self._call.id, remedy.cue)
        hinted = self._call.hinted.get(remedy.cue)
        if hinted is not None:
            self._call.hinted[remedy.cue] = (hinted[0], True)

    def _holding(self) -> Iterator[tuple[Channel, SoundFault, Remedy]]:
        for (channel, kind), remedy in REMEDIES.items():
            fault = self._hearing.ear(channel).faults.get(kind)
            if fault is not None and fault.confidence >= HINT_CONFIDENCE:
                yield channel, fault, remedy

    def _due(self, cue: CueId) -> bool:
        hinted = self._call.hinted.get(cue)
        if hinted is None:
            return True
        told_at, over = hinted
        return over and self._desk.at - told_at >= HINT_AGAIN_S

    def _tell(self, cue: CueId, fault: SoundFault) -> None:
        self._call.hinted[cue] = (self._desk.at, False)
        self._desk.cue(
            cue,
            self._call.id,
            self._call.direction,
            Urgency.HINT,
            basis=Basis.PROPOSED,
            since_s=round(max(0.0, self._desk.at - fault.since), 2),
            sure_percent=round(100.0 * fault.confidence),
        )


def _louder(verdict: Verdict | None, channel: Channel, kind: AudioFault) -> bool:
    """Whether the cause of silence tells this fault already, or a graver one of its channel."""
    if verdict is None or verdict.cause is SilenceCause.CUSTOMER_SILENT:
        return False
    return verdict.cause in _IN_THE_WAY[channel] or verdict.cause is read_as(channel, kind)
