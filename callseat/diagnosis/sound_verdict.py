"""From a trial of the headset to findings: what is wrong with ear and microphone, and what to do.

May not play, record or read anything. docs/audio-commands.md explains each kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from audio.analysis.faults.thresholds import CONFIDENCE_FAIL
from callseat.diagnosis.kinds import Finding, Kind, Severity
from callseat.diagnosis.sound_facts import SoundFacts
from callseat.diagnosis.sound_remedies import REMEDIES
from callseat.diagnosis.sound_trial import HeardFault, Trial
from state.words import AudioFault, Channel

COUPLED_DB = 15.0
"""Sound that comes back with less loss is heard by the customer as an echo; G.168's cancellers need 6 dB."""
LEAKS_DB = 25.0
"""With less loss a loud customer may hear it (ours; terminals aim at 45 dB, ITU-T G.131)."""
DEAF_DBFS = -80.0
"""No room and no microphone is so quiet: nothing is plugged in, or another input is open."""
MISSING_SHARE = 0.02
"""Two blocks of a second: more is heard as a break (ours)."""
SPOKE_S = 0.5
"""Less is not the few words that were asked for (ours)."""

_FAULTS = (
    (
        "trial_failed",
        "without sound from the microphone nothing can be told",
        "mend what else is found here first, then `callseat doctor audio` again",
    ),
    (
        "mouth_muted",
        "the sound server keeps the microphone from callseat",
        "`pactl set-source-mute {name} 0` and `pactl set-source-volume {name} 100%`",
    ),
    (
        "ear_muted",
        "the sound server keeps every sound from the agent's ear",
        "`pactl set-sink-mute {name} 0` and `pactl set-sink-volume {name} 100%`",
    ),
    (
        "mouth_deaf",
        "a live microphone is never so quiet: its plug is out, or the card's other input is open",
        "look at the plug, and at the card's inputs (`alsamixer`, or `pactl list sources`)",
    ),
    (
        "ear_stopped",
        "the card did not take what was played: prompts and the customer would break off",
        "look at the load of the box and at cable and port; then try again",
    ),
    (
        "ear_unheard",
        "sound went to this device, and nobody heard it: the agent has another one on",
        "`callseat audio devices` lists the names; look at volume and plug of the one you wear",
    ),
    (
        "hears_itself",
        "the microphone picks up the ear: the customer hears himself, and callseat takes him for the agent",
        "lower the ear's volume, no loudspeaker; headset_in must not be a monitor, nor sidetone be mixed in",
    ),
)
_NOTES = (
    (
        "leaks",
        "a loud customer may hear himself",
        "lower the ear's volume, or move the microphone away from the ear",
    ),
    (
        "sound_missing",
        "callseat hears gaps, and so does the customer",
        "look at the load of the box and at cable and port; then try again",
    ),
    (
        "nobody_spoke",
        "level and distortion of a voice can only be told from a voice",
        "`callseat doctor audio` again, and say a few words while it records",
    ),
)
TRIAL_KINDS: dict[str, Kind] = {
    kind: Kind(kind, severity, why, next_step)
    for severity, table in ((Severity.FAULT, _FAULTS), (Severity.NOTE, _NOTES))
    for kind, why, next_step in table
}
"""Every kind by its name, but those of the analysers: `mouth_` and a fault of `callseat audio check`."""


def judge_trial(facts: SoundFacts, trial: Trial, *, unheard: bool = False) -> tuple[Finding, ...]:
    """Every finding, faults first; `unheard`: whoever wears the headset says there was nothing to hear."""
    found = [*_muted(facts), *(_failed(trial) if trial.error else _measured(trial))]
    if unheard:
        found.append(_finding("ear_unheard", "headset_out", "whoever wears the headset heard nothing"))
    return tuple(sorted(found, key=lambda each: each.kind.severity))


def _finding(kind: str, place: str, message: str, **words: object) -> Finding:
    made = TRIAL_KINDS[kind]
    return Finding(made, place, message, made.next_step.format(**words))


def _failed(trial: Trial) -> Iterator[Finding]:
    yield _finding("trial_failed", "headset", trial.error)


def _muted(facts: SoundFacts) -> Iterator[Finding]:
    for stream in facts.streams:
        kind = {"headset_in": "mouth_muted", "headset_out": "ear_muted"}.get(stream.setting)
        if kind is not None and stream.at is not None and stream.at.silenced:
            said = f"{stream.at.name} is muted, or its volume is 0, at the sound server"
            yield _finding(kind, stream.setting, said, name=stream.at.name)


def _measured(trial: Trial) -> Iterator[Finding]:
    stuck = False
    for each in trial.faults:
        stuck = stuck or each.fault in (AudioFault.DIGITAL_ZERO, AudioFault.FROZEN)
        yield _heard(each)
    if not stuck and trial.level_dbfs < DEAF_DBFS:
        yield _finding("mouth_deaf", "headset_in", f"all that came is at {trial.level_dbfs:.0f} dBFS")
    if trial.played_share < 1.0 - MISSING_SHARE:
        yield _finding("ear_stopped", "headset_out", f"{trial.played_share:.0%} of the sweeps was taken")
    if trial.missing_share > MISSING_SHARE:
        yield _finding("sound_missing", "headset_in", f"{trial.missing_share:.0%} did not come in time")
    back = trial.returned
    if back is not None and back.loss_db < LEAKS_DB:
        kind = "hears_itself" if back.loss_db < COUPLED_DB else "leaks"
        said = f"the sweeps came back after {back.delay_s * 1000:.0f} ms, {back.loss_db:.0f} dB lower"
        yield _finding(kind, "headset_in", said)
    if trial.spoke_s < SPOKE_S:
        yield _finding("nobody_spoke", "headset_in", f"speech was heard for {trial.spoke_s:.1f} s")


def _heard(heard: HeardFault) -> Finding:
    """A fault of the analysers; one they are as good as certain of has to be mended."""
    severity = Severity.FAULT if heard.confidence >= CONFIDENCE_FAIL else Severity.NOTE
    next_step = REMEDIES[Channel.NEAR, heard.fault].en
    kind = Kind(f"mouth_{heard.fault}", severity, "this is what the customer would hear", next_step)
    return Finding(kind, "headset_in", f"{heard.evidence} ({heard.confidence:.0%} sure)", next_step)
