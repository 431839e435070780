"""Cues: what the seat wants somebody to hear or do, before words are chosen.

May not hold text: the phrasebook turns a cue into words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from state.ids import CallId
from state.words import Audience, Basis, Direction, Urgency


class CueId(StrEnum):
    """Everything callseat can tell an agent or say to a line; the phrasebook has an entry for each."""

    OPENING = "opening"
    SILENT_STAGE_2 = "silent.stage_2"
    SILENT_STAGE_3 = "silent.stage_3"
    SILENT_MAY_HANG_UP = "silent.may_hang_up"
    HANG_UP_TOO_EARLY = "silent.hang_up_too_early"
    AGENT_MUTED = "cause.agent_muted"
    SPEAKING_WHILE_MUTED = "cause.speaking_while_muted"
    AGENT_MIC_DEAD = "cause.agent_mic_dead"
    AGENT_MIC_TOO_QUIET = "cause.agent_mic_too_quiet"
    HEADSET_UNPLUGGED = "cause.headset_unplugged"
    LINE_AUDIO_DEAD = "cause.line_audio_dead"
    MUSIC_OR_TONE = "cause.music_or_tone"
    CHECK_BY_SPEAKING = "cause.unknown"
    NEAR_CLIPPING = "near.clipping"
    NEAR_HUM = "near.hum"
    NEAR_OFFSET = "near.offset"
    NEAR_BREATH_POPS = "near.breath_pops"
    NEAR_LOUD_BACKGROUND = "near.loud_background"
    NEAR_POOR_SNR = "near.poor_snr"
    NEAR_TOO_QUIET = "near.too_quiet"
    NEAR_GAPS = "near.gaps"
    NEAR_WRONG_DEVICE = "near.wrong_device"
    NEAR_COUPLING = "near.coupling"
    FAR_TOO_QUIET = "far.too_quiet"
    FAR_HANDS_FREE = "far.hands_free"
    FAR_NOISE = "far.noise"
    FAR_GAPS = "far.gaps"
    FAR_ECHO = "far.echo"
    CLOSING_MAY_HANG_UP = "closing.may_hang_up"
    PROMISE_OPEN = "promise.open"
    COMMAND_FAILED = "command.failed"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue; `facts` fill the phrase and its answer to "why do you tell me this".

    Basis `proposed`: a guess from sound, and the agent decides whether anything comes of it.
    """

    id: CueId
    at: float
    call: CallId | None = None
    direction: Direction | None = None
    audience: Audience = Audience.AGENT
    urgency: Urgency = Urgency.DUE
    facts: dict[str, str | float] = field(default_factory=dict)
    repeat: int = 0
    basis: Basis = Basis.SENSED
