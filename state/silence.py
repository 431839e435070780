"""Why nobody hears the customer: one verdict from device facts and both channels, with readable evidence.

May not cue or time anything; it only weighs the facts it is handed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from state.cues import CueId
from state.hearing import Ear, Hearing
from state.words import Evidence, SignalCondition, SilenceCause

_DEAD = (SignalCondition.DIGITAL_ZERO, SignalCondition.FROZEN)
_HEARD_AS = {
    SignalCondition.DIGITAL_ZERO: Evidence.DIGITAL_ZERO,
    SignalCondition.FROZEN: Evidence.FROZEN,
    SignalCondition.TOO_QUIET: Evidence.TOO_QUIET,
    SignalCondition.TONE: Evidence.TONE,
}
UNMUTED_S = 0.5
"""A headset says it is live some blocks before its sound is: the mute's zeros are still to come (ours)."""


@dataclass(frozen=True, slots=True)
class MuteFact:
    """The agent's microphone as the seat knows it."""

    muted: bool
    where: str
    since: float
    locked: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What one verdict is drawn from."""

    at: float
    connected_at: float
    mute: MuteFact | None
    unplugged_at: float | None
    hearing: Hearing


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause, since when it holds, and why it is believed."""

    cause: SilenceCause
    since: float
    where: str
    known_by: Evidence
    evidence: str
    """The same in detail, with its measures, in English."""


_Judge = Callable[[Facts], Verdict | None]


def _for(facts: Facts, since: float) -> str:
    """How long something has been so; a monotonic time would tell a person nothing."""
    return f"{max(0.0, facts.at - since):.1f} s"


def _muted(facts: Facts) -> Verdict | None:
    mute = facts.mute
    if mute is None or not mute.muted:
        return None
    known_by, lock = Evidence.MUTE_REPORTED, ""
    if mute.locked:
        known_by, lock = Evidence.MUTE_LOCKED, ", and refuses to be un-muted (boom arm up?)"
    evidence = f"{mute.where} reports muted, for {_for(facts, mute.since)}{lock}"
    since = max(mute.since, facts.connected_at)
    return Verdict(SilenceCause.AGENT_MUTED, since, mute.where, known_by, evidence)


def _unplugged(facts: Facts) -> Verdict | None:
    if facts.unplugged_at is None:
        return None
    evidence = f"the headset of this call has been gone for {_for(facts, facts.unplugged_at)}"
    return Verdict(
        SilenceCause.HEADSET_UNPLUGGED, facts.unplugged_at, "headset", Evidence.HEADSET_GONE, evidence
    )


def _stalled(facts: Facts) -> Verdict | None:
    if not facts.hearing.stalled:
        return None
    since = facts.hearing.analysed_until
    evidence = f"no audio has been analysed for {_for(facts, since)}"
    return Verdict(SilenceCause.UNKNOWN, since, "audio", Evidence.NOT_ANALYSED, evidence)


def _of_channel(cause: SilenceCause, ear: Ear, where: str, evidence: str) -> Verdict:
    return Verdict(cause, ear.condition_since, where, _HEARD_AS[ear.condition], evidence)


def mute_still_heard_until(facts: Facts) -> float | None:
    """Until when a dead microphone may be what is left of a mute that is over; None: it is not."""
    near, mute = facts.hearing.near, facts.mute
    if near.condition not in _DEAD or mute is None or mute.muted or near.condition_since >= mute.since:
        return None
    until = mute.since + UNMUTED_S
    return until if facts.at < until else None


def _mic_dead(facts: Facts) -> Verdict | None:
    near = facts.hearing.near
    if near.condition not in _DEAD or mute_still_heard_until(facts) is not None:
        return None
    said = "says it is live" if facts.mute is not None else "says nothing about mute"
    evidence = f"{near.evidence}; the headset {said}"
    return _of_channel(SilenceCause.AGENT_MIC_DEAD, near, "microphone", evidence)


def _line_dead(facts: Facts) -> Verdict | None:
    far = facts.hearing.far
    if far.condition not in _DEAD:
        return None
    evidence = f"{far.evidence}; the microphone side works"
    return _of_channel(SilenceCause.LINE_AUDIO_DEAD, far, "line", evidence)


def _too_quiet(facts: Facts) -> Verdict | None:
    near = facts.hearing.near
    if near.condition is not SignalCondition.TOO_QUIET:
        return None
    return _of_channel(SilenceCause.AGENT_MIC_TOO_QUIET, near, "microphone", near.evidence)


def _tone(facts: Facts) -> Verdict | None:
    far = facts.hearing.far
    if far.condition is not SignalCondition.TONE:
        return None
    return _of_channel(SilenceCause.MUSIC_OR_TONE, far, "line", far.evidence)


# The first fact that holds is the cause: what a device says of itself outranks what is inferred from sound,
# and a fault at the desk outranks one on the line (it is the one the agent can mend at once).
_JUDGES: tuple[_Judge, ...] = (_unplugged, _muted, _stalled, _mic_dead, _line_dead, _too_quiet, _tone)

REMEDY: dict[SilenceCause, CueId] = {
    SilenceCause.AGENT_MUTED: CueId.AGENT_MUTED,
    SilenceCause.AGENT_MIC_DEAD: CueId.AGENT_MIC_DEAD,
    SilenceCause.AGENT_MIC_TOO_QUIET: CueId.AGENT_MIC_TOO_QUIET,
    SilenceCause.HEADSET_UNPLUGGED: CueId.HEADSET_UNPLUGGED,
    SilenceCause.LINE_AUDIO_DEAD: CueId.LINE_AUDIO_DEAD,
    SilenceCause.MUSIC_OR_TONE: CueId.MUSIC_OR_TONE,
}
"""What is told about each cause at once; `unknown` is told after a while, `customer_silent` by the stages."""

LINE_FAULTS = frozenset({SilenceCause.LINE_AUDIO_DEAD, SilenceCause.MUSIC_OR_TONE})


def judge(facts: Facts) -> Verdict | None:
    """The cause of silence now; None where nobody listens.

    The customer is named only when listening has ruled out every other cause.
    """
    for ask in _JUDGES:
        verdict = ask(facts)
        if verdict is not None:
            return verdict
    if not facts.hearing.listening:
        return None
    evidence = "both channels carry live sound, nobody is muted, no customer speech"
    return Verdict(
        SilenceCause.CUSTOMER_SILENT, facts.connected_at, "customer", Evidence.LIVE_SOUND, evidence
    )
