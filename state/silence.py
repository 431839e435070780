"""Why nobody hears the customer: one verdict from device facts and both channels, with readable evidence.

May not cue or time anything; it only weighs the facts it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from state.cues import CueId
from state.hearing import Hearing
from state.signs import FAR, NEAR, PLACES, Sign, lasting, signs
from state.words import Channel, Evidence, SilenceCause

UNMUTED_S = 0.5
"""A headset says it is live some blocks before its sound is: the mute's zeros are still to come (ours)."""
UNHEARD_S = 15.0
"""A voice that mute kept away is missed again only after as long as it takes to miss one (ours)."""
_MUTE_LINGERS_S: Mapping[Evidence, float] = {
    Evidence.DIGITAL_ZERO: UNMUTED_S,
    Evidence.FROZEN: UNMUTED_S,
    Evidence.WRONG_DEVICE: UNHEARD_S,
    Evidence.ONE_WAY: UNHEARD_S,
}
"""For how long behind a mute what says "dead microphone" may still be that mute."""


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
_NOBODY_ELSE = "both channels carry live sound, nobody is muted, no customer speech"


def _muted(facts: Facts) -> Verdict | None:
    mute = facts.mute
    if mute is None or not mute.muted:
        return None
    known_by, lock = Evidence.MUTE_REPORTED, ""
    if mute.locked:
        known_by, lock = Evidence.MUTE_LOCKED, ", and refuses to be un-muted (boom arm up?)"
    evidence = f"{mute.where} reports muted{lasting(mute.since, facts.at)}{lock}"
    since = max(mute.since, facts.connected_at)
    return Verdict(SilenceCause.AGENT_MUTED, since, mute.where, known_by, evidence)


def _unplugged(facts: Facts) -> Verdict | None:
    if facts.unplugged_at is None:
        return None
    evidence = f"the headset of this call is gone{lasting(facts.unplugged_at, facts.at)}"
    return Verdict(
        SilenceCause.HEADSET_UNPLUGGED, facts.unplugged_at, "headset", Evidence.HEADSET_GONE, evidence
    )


def _stalled(facts: Facts) -> Verdict | None:
    if not facts.hearing.stalled:
        return None
    since = facts.hearing.analysed_until
    evidence = f"no audio is analysed{lasting(since, facts.at)}"
    return Verdict(SilenceCause.UNKNOWN, since, "audio", Evidence.NOT_ANALYSED, evidence)


def mute_still_heard_until(facts: Facts) -> float | None:
    """Until when a dead microphone may be what is left of a mute that is over; None: it is not."""
    dead = _signs(facts, NEAR, SilenceCause.AGENT_MIC_DEAD)
    return min((until for sign in dead if (until := _mute_until(facts, sign)) is not None), default=None)


def _mute_until(facts: Facts, sign: Sign) -> float | None:
    mute = facts.mute
    if mute is None or mute.muted or sign.since >= mute.since:
        return None
    until = mute.since + _MUTE_LINGERS_S[sign.known_by]
    return until if facts.at < until else None


def _signs(facts: Facts, channel: Channel, cause: SilenceCause) -> Iterator[Sign]:
    return signs(facts.hearing, channel, cause, facts.at)


def _heard(sign: Sign | None, channel: Channel, besides: str = "") -> Verdict | None:
    """The verdict a sign makes, if there is one."""
    if sign is None:
        return None
    return Verdict(sign.cause, sign.since, PLACES[channel], sign.known_by, sign.said + besides)


def _mic_dead(facts: Facts) -> Verdict | None:
    dead = _signs(facts, NEAR, SilenceCause.AGENT_MIC_DEAD)
    sign = next((sign for sign in dead if _mute_until(facts, sign) is None), None)
    mute = facts.mute
    said = "no device reports mute" if mute is None else f"{mute.where} reports un-muted"
    return _heard(sign, NEAR, f"; {said}")


def _line_dead(facts: Facts) -> Verdict | None:
    sign = next(_signs(facts, FAR, SilenceCause.LINE_AUDIO_DEAD), None)
    return _heard(sign, FAR, "; the microphone side works")


def _too_quiet(facts: Facts) -> Verdict | None:
    return _heard(next(_signs(facts, NEAR, SilenceCause.AGENT_MIC_TOO_QUIET), None), NEAR)


def _tone(facts: Facts) -> Verdict | None:
    return _heard(next(_signs(facts, FAR, SilenceCause.MUSIC_OR_TONE), None), FAR)


def _customer(facts: Facts) -> Verdict:
    """Both sides are listened to, and nothing speaks for another cause."""
    known_by, evidence = Evidence.LIVE_SOUND, _NOBODY_ELSE
    for echo in _signs(facts, FAR, SilenceCause.CUSTOMER_SILENT):
        known_by, evidence = echo.known_by, f"{_NOBODY_ELSE}; {echo.said}"
    return Verdict(SilenceCause.CUSTOMER_SILENT, facts.connected_at, "customer", known_by, evidence)


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
    return _customer(facts)
