"""The neural engine: Silero's ear behind our front end, and our own model beside it.

May not import onnxruntime, and may not ask our model about every frame: that would cost as much as both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.frontend import Conditioned, FrontEnd
from audio.analysis.tones import LineMeter
from audio.analysis.vad import (
    LOUD_DBFS,
    OVER_FLOOR_DB,
    TONE_RISE_DB_PER_S,
    TONE_STILL_S,
    VOICE_RISE_DB_PER_S,
    Rules,
    Verdict,
)
from audio.analysis.voice_model import VoiceModel
from audio.resample import StreamResampler
from audio.second_opinion import SecondOpinion
from audio.silero import RATES, SileroEar, SileroModel

Samples = NDArray[np.int16]

BEGIN_LIKELY = {8000: 0.5, 16000: 0.6}
"""What is more likely begins speech, by rate in Hz: 0.5 is Silero's own threshold; its network for 16 kHz is
the surer one, of speech and of noise."""
SECOND_SHARE = 0.25
"""What our own model's word counts for in a begin: it knows a soft voice on a telephone line sooner, and is
less often taken in by music and keys."""
SURE_FRAMES = 6
"""After 0.12 s of voice no second opinion is asked for (four to ten frames measure alike)."""
GOES_ON_LIKELY = 0.5
"""Such speech goes on over it."""
AWAY_FRAMES = 8
"""Speech that was away for 0.16 s begins again with both."""
UNVOICED_FRAMES = 2
"""Silero says by itself where a word ends: what is loud for longer after that is no part of it."""


class SileroVad:
    """One channel: 20 ms frames in, each judged by the newest likelihood; our own model has a say in begins.

    Tones are vetoed as in the default detector; our model also hears music, where nobody surely speaks.
    """

    rules = Rules(begin_sum=1.0, unvoiced_frames=UNVOICED_FRAMES)

    def __init__(self, rate: int, model: SileroModel, second: VoiceModel) -> None:
        self._source_rate, self._rate = rate, min(rate, max(RATES))
        self._begin_likely = BEGIN_LIKELY[self._rate]
        self._front = FrontEnd(rate)
        self._ear = SileroEar(self._rate, model)
        self._second = SecondOpinion(rate, second)
        self._lines = LineMeter(rate)
        self._resampler = StreamResampler(rate, self._rate)
        self._floor_rise = RISE_DB_PER_S
        self._voiced_frames = self._away_frames = 0

    def push(self, frame: Samples) -> Verdict:
        """Judge the next frame."""
        sound = self._front.push(frame, self._floor_rise)
        likely = self._ear.push(self._resampler.push(sound.gained))
        self._lines.push(sound.filtered)
        level, floor = sound.level_dbfs, sound.floor_dbfs
        loud = level - floor > OVER_FLOOR_DB and level + sound.gain_db > LOUD_DBFS
        if self._voiced_frames < SURE_FRAMES and loud:
            return self._weighed(sound, likely)
        self._lines.skip()
        self._second.skip(sound)
        self._floor_rise = VOICE_RISE_DB_PER_S if likely > GOES_ON_LIKELY else RISE_DB_PER_S
        voice = loud and likely > GOES_ON_LIKELY
        self._follow(voice)
        return Verdict(level, floor, loud, voice, voice)

    def reset(self) -> None:
        """A new call begins."""
        self._front.reset()
        self._ear.reset()
        self._second.reset()
        self._lines.reset()
        self._resampler = StreamResampler(self._source_rate, self._rate)
        self._floor_rise = RISE_DB_PER_S
        self._voiced_frames = self._away_frames = 0

    def _follow(self, voice: bool) -> None:
        """Whether speech is surely under way; before it is, one frame without a voice undoes it."""
        if voice:
            self._voiced_frames += 1
            self._away_frames = 0
            return
        self._away_frames += 1
        if self._voiced_frames < SURE_FRAMES:
            self._voiced_frames = 0
        elif self._away_frames >= AWAY_FRAMES:
            self._voiced_frames = 0
            self._second.forget()

    def _weighed(self, sound: Conditioned, likely: float) -> Verdict:
        """The verdict on a loud frame by both models."""
        heard = self._second.ask(sound)
        level, floor = sound.level_dbfs, sound.floor_dbfs
        voice = likely + SECOND_SHARE * (heard.voice - likely) > self._begin_likely
        self._follow(voice)
        if voice:
            self._lines.skip()
            self._floor_rise = VOICE_RISE_DB_PER_S
            return Verdict(level, floor, True, True, True, music=heard.music)
        if not self._second.bare():
            self._lines.skip(loud=True)
            self._floor_rise = RISE_DB_PER_S
            return Verdict(level, floor, True, False, False, music=heard.music)
        lines = self._lines.measure()
        tone_hz = lines.hz[0] if lines.hz and lines.steady_s > TONE_STILL_S else None
        self._floor_rise = TONE_RISE_DB_PER_S if tone_hz else RISE_DB_PER_S
        return Verdict(level, floor, True, False, False, tone_hz, lines.hz, heard.music)
