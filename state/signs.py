"""What the sound of a channel says about silence: one table of conditions, one of faults, and the signs now.

May not weigh one sign against another: `state.silence` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from state.hearing import Ear, Hearing
from state.words import AudioFault, Channel, Evidence, SignalCondition, SilenceCause

NEAR, FAR = Channel.NEAR, Channel.FAR


@dataclass(frozen=True, slots=True)
class Reading:
    """What a fault is read as, once it is at least so sure (0 to 1)."""

    min_confidence: float
    cause: SilenceCause
    known_by: Evidence


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing heard that speaks for a cause, in words for a person."""

    cause: SilenceCause
    since: float
    known_by: Evidence
    said: str


_CERTAIN = 0.8
"""An analyser's word for its fail threshold: nothing less stops the clock that runs for the customer (ours).

A customer who says nothing sounds much like a line that carries nothing, a soft voice like one that is lost.
"""
_LIKELY = 0.5
"""Between an analyser's warn (0.4) and fail (0.8): enough for a word in the evidence (ours)."""

FAULT_READINGS: Mapping[tuple[Channel, AudioFault], Reading] = {
    (NEAR, AudioFault.DIGITAL_ZERO): Reading(_CERTAIN, SilenceCause.AGENT_MIC_DEAD, Evidence.DIGITAL_ZERO),
    (NEAR, AudioFault.FROZEN): Reading(_CERTAIN, SilenceCause.AGENT_MIC_DEAD, Evidence.FROZEN),
    (NEAR, AudioFault.WRONG_DEVICE): Reading(_CERTAIN, SilenceCause.AGENT_MIC_DEAD, Evidence.WRONG_DEVICE),
    (NEAR, AudioFault.ONE_WAY): Reading(_CERTAIN, SilenceCause.AGENT_MIC_DEAD, Evidence.ONE_WAY),
    (NEAR, AudioFault.TOO_QUIET): Reading(_CERTAIN, SilenceCause.AGENT_MIC_TOO_QUIET, Evidence.TOO_QUIET),
    (FAR, AudioFault.DIGITAL_ZERO): Reading(_CERTAIN, SilenceCause.LINE_AUDIO_DEAD, Evidence.DIGITAL_ZERO),
    (FAR, AudioFault.FROZEN): Reading(_CERTAIN, SilenceCause.LINE_AUDIO_DEAD, Evidence.FROZEN),
    (FAR, AudioFault.ONE_WAY): Reading(_CERTAIN, SilenceCause.LINE_AUDIO_DEAD, Evidence.ONE_WAY),
    (FAR, AudioFault.ECHO): Reading(_LIKELY, SilenceCause.CUSTOMER_SILENT, Evidence.ECHO),
}
"""The one table of faults and silence. Below its confidence a fault never touches the silent-call clock.

A microphone of another device than the agent's, and one that carries no voice, are `agent_mic_dead` with
evidence of their own, not causes of their own: the agent's voice does not get through, the clock stops, the
seconds are the desk's, and what to look at (boom arm, plug, device) is the same. An echo is nobody: the
customer is silent.
"""

_CONDITION_READINGS: Mapping[tuple[Channel, SignalCondition], tuple[SilenceCause, Evidence]] = {
    (NEAR, SignalCondition.DIGITAL_ZERO): (SilenceCause.AGENT_MIC_DEAD, Evidence.DIGITAL_ZERO),
    (NEAR, SignalCondition.FROZEN): (SilenceCause.AGENT_MIC_DEAD, Evidence.FROZEN),
    (NEAR, SignalCondition.TOO_QUIET): (SilenceCause.AGENT_MIC_TOO_QUIET, Evidence.TOO_QUIET),
    (FAR, SignalCondition.DIGITAL_ZERO): (SilenceCause.LINE_AUDIO_DEAD, Evidence.DIGITAL_ZERO),
    (FAR, SignalCondition.FROZEN): (SilenceCause.LINE_AUDIO_DEAD, Evidence.FROZEN),
    (FAR, SignalCondition.RINGBACK): (SilenceCause.MUSIC_OR_TONE, Evidence.RINGBACK),
    (FAR, SignalCondition.BUSY): (SilenceCause.MUSIC_OR_TONE, Evidence.BUSY),
    (FAR, SignalCondition.TONE): (SilenceCause.MUSIC_OR_TONE, Evidence.TONE),
    (FAR, SignalCondition.MUSIC): (SilenceCause.MUSIC_OR_TONE, Evidence.MUSIC),
}
"""A condition is told only when it is certain; a weak customer and a tone at the desk silence nobody."""

_SAYS: Mapping[Evidence, str] = {
    Evidence.DIGITAL_ZERO: "delivers only zeros",
    Evidence.FROZEN: "is stuck at one value",
    Evidence.TOO_QUIET: "is too quiet to be followed",
    Evidence.WRONG_DEVICE: "seems to be another device than the agent's",
    Evidence.ONE_WAY: "carries no voice though the other side talks",
    Evidence.TONE: "carries a steady tone",
    Evidence.RINGBACK: "carries ring-back tone",
    Evidence.BUSY: "carries busy tone",
    Evidence.MUSIC: "carries music",
    Evidence.ECHO: "carries the agent's own voice back",
}
_SELF_EVIDENT = (Evidence.DIGITAL_ZERO, Evidence.FROZEN)
"""What an analyser measured of these adds nothing to the words above."""
_WORTH_A_WORD_S = 0.05
"""Less is nought at the one decimal that is told."""
PLACES: Mapping[Channel, str] = {NEAR: "microphone", FAR: "line"}


def signs(hearing: Hearing, channel: Channel, cause: SilenceCause, at: float) -> Iterator[Sign]:
    """Everything on a channel that speaks for a cause at `at`; the channel's condition first."""
    ear = hearing.ear(channel)
    condition = _CONDITION_READINGS.get((channel, ear.condition))
    if condition is not None and condition[0] is cause:
        yield _sign(channel, cause, condition[1], ear.condition_since, at, ear.evidence)
    for (where, kind), reading in FAULT_READINGS.items():
        if where is channel and reading.cause is cause:
            yield from _of_fault(channel, ear, kind, reading, at)


def read_as(channel: Channel, kind: AudioFault) -> SilenceCause | None:
    """The cause a fault speaks for once it is sure enough; None: silence is not its affair."""
    reading = FAULT_READINGS.get((channel, kind))
    return None if reading is None else reading.cause


def _of_fault(channel: Channel, ear: Ear, kind: AudioFault, reading: Reading, at: float) -> Iterator[Sign]:
    fault = ear.faults.get(kind)
    if fault is not None and fault.confidence >= reading.min_confidence:
        detail = f"{fault.evidence}, {100.0 * fault.confidence:.0f} % sure"
        yield _sign(channel, reading.cause, reading.known_by, fault.since, at, detail)


def _sign(
    channel: Channel, cause: SilenceCause, known_by: Evidence, since: float, at: float, detail: str
) -> Sign:
    measured = f" ({detail})" if detail and known_by not in _SELF_EVIDENT else ""
    return Sign(cause, since, known_by, f"{PLACES[channel]} {_SAYS[known_by]}{lasting(since, at)}{measured}")


def lasting(since: float, at: float) -> str:
    """For how long something has been so, where it is worth a word; a monotonic time would tell nothing."""
    for_s = at - since
    return f" for {for_s:.1f} s" if for_s >= _WORTH_A_WORD_S else ""
