"""How one side sounds: active level, syllables, pitch; frame by frame, with little work where nobody speaks.

May not decide whether somebody speaks: the frames say so.
"""

from __future__ import annotations

import numpy as np

from audio.analysis.active_level import NOTHING, ActiveLevel, ActiveLevelMeter, Tally
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S, frame_length
from audio.analysis.measures.figures import PitchRange
from audio.analysis.measures.pitch_range import PitchMeter, PitchSpread
from audio.analysis.measures.spectrum import Samples, ShortTime
from audio.analysis.measures.syllables import SyllableCounter

LEVEL_FRAMES = 25
"""0.5 s of speech are tallied at once; an offset is taken out of them together."""
PITCH_EVERY = 2
"""Every other frame tells the pitch range as well as each."""
TOP_RATE = 16000
"""Faster sound is averaged down to this rate: what a voice has above 8 kHz changes nothing here."""
_GAP_S = 1.5 * FRAME_S
"""Frames further apart do not belong together."""


class VoiceMeter:
    """One channel of one call."""

    _begin: float
    """Of the last frame."""

    def __init__(self, rate: int) -> None:
        self._fold = max(1, rate // TOP_RATE)
        rate //= self._fold
        self._mean = np.full(self._fold, 1.0 / self._fold)
        self._short = ShortTime(rate)
        self._pitch = PitchMeter(self._short)
        self._syllables = SyllableCounter(self._pitch.periodicity)
        self._spread = PitchSpread()
        self._meter = ActiveLevelMeter(rate)
        length = frame_length(rate)
        self._speech = np.zeros(LEVEL_FRAMES * length, np.int16)
        self._length = length
        self.reset()

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        if frame.begin - self._begin > _GAP_S:
            self._short.reset()
        self._begin = frame.begin
        self._frame += 1
        samples = frame.samples if self._fold == 1 else self._slower(frame.samples)
        self._short.push(samples)
        if frame.speaking:
            self._level(samples)
        elif not frame.verdict.loud:
            self._syllables.push(None, speaking=False)
            return
        lines = self._short.lines()
        self._syllables.push(lines, speaking=frame.speaking)
        if frame.speaking and frame.verdict.voiced and not self._frame % PITCH_EVERY:
            hz = self._pitch.measure(lines, self._frame)
            if hz is not None:
                self._spread.push(hz)

    @property
    def level(self) -> ActiveLevel | None:
        """Over the speech so far, but for the last half second; None before there is any."""
        return self._tally.level() if self._tally.samples else None

    @property
    def pitch(self) -> PitchRange | None:
        """Over the speech so far."""
        return self._spread.result()

    @property
    def syllables(self) -> int:
        """Found within speech so far."""
        return self._syllables.count

    def reset(self) -> None:
        """A new call begins."""
        self._short.reset()
        self._syllables.reset()
        self._pitch.reset()
        self._spread.reset()
        self._meter.reset()
        self._tally: Tally = NOTHING
        self._filled = 0
        self._frame = 0
        self._begin = float("inf")

    def _slower(self, samples: Samples) -> Samples:
        slower: Samples = (samples.reshape(-1, self._fold) @ self._mean).astype(np.int16)
        return slower

    def _level(self, samples: Samples) -> None:
        start = self._filled * self._length
        self._speech[start : start + self._length] = samples
        self._filled += 1
        if self._filled == LEVEL_FRAMES:
            self._filled = 0
            self._tally += self._meter.push(self._speech - self._speech.mean())
