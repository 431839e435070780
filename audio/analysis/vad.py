"""The detector interface, and the default detector: engine, voice model, level, floors and tone veto.

May not import an engine, and may not let one decide alone: webrtcvad calls the first 0.1 s of most calls,
and a third of call-progress tones, speech.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from audio.analysis.features import FeatureMeter
from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.framing import FRAME_S
from audio.analysis.frontend import FrontEnd
from audio.analysis.tones import LOWEST_HZ, LineMeter
from audio.analysis.voice_model import VoiceModel

Samples = NDArray[np.int16]

START_GUARD_S = 0.5
"""After a reset an engine's opinion counts for nothing so long: its noise model starts empty."""
LOUD_DBFS = -55.0
"""Absolute floor, after the pre-gain."""
OVER_FLOOR_DB = 6.0
"""The model knows noise; this only keeps it from what nobody could follow."""
BEGIN_LIKELY = 0.5
"""A frame more likely a voice than not counts towards the begin of speech."""
CARRY_LIKELY = 0.3
"""A frame this likely carries speech on."""
BEGIN_SUM = 2.0
"""Speech begins when the voiced frames among ten are together so likely: three sure ones, or four. Two are
too few: the edge of a tone sounds like a voice until its lines have stood for 40 ms."""
UNVOICED_FRAMES = 10
"""Speech has a voiced frame within so many (0.2 s), or it is over: keys and breath do not carry it on."""
TONE_STILL_S = 0.09
"""Lines that have stood still for longer (five frames) are a tone. Of real telephone speech no frame does."""
VOICE_RISE_DB_PER_S = 1.0
"""A voice lifts the noise floor more slowly than noise: a long sentence's soft end stays above it."""
TONE_RISE_DB_PER_S = 0.0
"""A tone does not: it stays a tone for as long as it lasts."""


class Verdict(NamedTuple):
    """What a detector says of one frame."""

    level_dbfs: float
    """Without pre-gain."""
    floor_dbfs: float
    loud: bool
    """Over the absolute and the adaptive floor."""
    passes: bool
    """May be speech: continues speech that has begun."""
    voiced: bool
    """Surely voice-like: begins speech."""
    tone_hz: float | None = None
    """A steady tone, by its strongest line."""
    lines_hz: tuple[float, ...] = ()
    """All that sounds, if it is one or two lines steady for 40 ms or more: a tone, now and then a vowel."""
    music: float = 0.0
    """How likely this is music, 0 to 1."""
    likely: float = 1.0
    """How likely a voiced frame is a voice, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a detector's verdicts become edges: what suits its way of being wrong."""

    begin_sum: float = BEGIN_SUM
    unvoiced_frames: int = UNVOICED_FRAMES


class Opinion(IntEnum):
    """How sure an engine is that a frame is speech."""

    NO = 0
    LIKELY = 1
    SURE = 2


class Engine(Protocol):
    """A raw frame classifier, such as webrtcvad."""

    def opinion(self, frame: Samples) -> Opinion:
        """What a 20 ms frame sounds like."""
        ...

    def reset(self) -> None:
        """Forget the channel."""
        ...


class Vad(Protocol):
    """A detector of one channel: 20 ms frames in, verdicts out, no look-ahead."""

    @property
    def rules(self) -> Rules:
        """How its verdicts are to be taken."""
        ...

    def push(self, frame: Samples) -> Verdict:
        """Judge the next frame."""
        ...

    def reset(self) -> None:
        """A new call begins."""
        ...


class GuardedVad:
    """The default detector: front end, engine, voice model, floors and tone veto."""

    rules = Rules()

    def __init__(self, rate: int, engine: Engine, model: VoiceModel) -> None:
        self._engine = engine
        self._model = model
        self._front = FrontEnd(rate)
        self._features = FeatureMeter(rate)
        self._frames = 0
        self._floor_rise = RISE_DB_PER_S
        self._lines = LineMeter(rate)

    def push(self, frame: Samples) -> Verdict:
        """Judge the next frame."""
        sound = self._front.push(frame, self._floor_rise)
        self._lines.push(sound.filtered)
        opinion = self._engine.opinion(sound.gained)
        self._frames += 1
        if self._frames * FRAME_S <= START_GUARD_S:
            opinion = Opinion.NO
        over_floor_db = sound.level_dbfs - sound.floor_dbfs
        heard = self._model.push(self._features.push(sound.filtered, sound.gain_db, over_floor_db, opinion))
        loud = sound.level_dbfs + sound.gain_db > LOUD_DBFS and over_floor_db > OVER_FLOOR_DB
        if not loud:
            self._lines.skip()
            self._floor_rise = RISE_DB_PER_S
            return Verdict(sound.level_dbfs, sound.floor_dbfs, False, False, False, music=heard.music)
        lines_hz, still = self._lines_of(bare=self._features.bare())
        tone_hz = lines_hz[0] if still and lines_hz[0] >= LOWEST_HZ else None
        passes = heard.voice > CARRY_LIKELY and not still
        voiced = passes and heard.voice > BEGIN_LIKELY and not (lines_hz or self._lines.ringing)
        self._floor_rise = TONE_RISE_DB_PER_S if tone_hz else VOICE_RISE_DB_PER_S if voiced else RISE_DB_PER_S
        return Verdict(
            sound.level_dbfs,
            sound.floor_dbfs,
            True,
            passes,
            voiced,
            tone_hz,
            lines_hz,
            heard.music,
            heard.voice,
        )

    def reset(self) -> None:
        """A new call begins."""
        self._engine.reset()
        self._front.reset()
        self._features.reset()
        self._model.reset()
        self._frames = 0
        self._floor_rise = RISE_DB_PER_S
        self._lines.reset()

    def _lines_of(self, *, bare: bool) -> tuple[tuple[float, ...], bool]:
        """The lines the sound consists of, if it does, and whether they surely stand still."""
        if not bare:
            self._lines.skip(loud=True)
            return (), False
        lines = self._lines.measure()
        return lines.hz, lines.steady_s > TONE_STILL_S
