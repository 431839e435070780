"""Somebody far from the microphone, in a room that answers: a voice that never stops short.

May not be sure: a recording can be reverberant for other reasons. It proposes.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import SECOND_FRAMES, Second
from audio.analysis.faults.thresholds import (
    DECAY_END_DB,
    DECAY_FALLS,
    DECAY_FRAMES,
    DECAY_FROM_FLOOR_DB,
    DECAY_MEMORY_FALLS,
    DECAY_QUANTILE,
    DECAY_SNR_DB,
    DECAY_STRONG_DB,
    DECAY_WARN_DB,
    HANDS_FREE_CONFIDENCE,
    SNR_FLOOR_SHARE,
    SNR_MEMORY_S,
    SNR_SILENCE_DBFS,
)
from audio.analysis.frame import Finding
from audio.analysis.framing import FRAME_S
from audio.decibel import FULL_SCALE, SILENCE_DBFS
from state.words import AudioFault

Wide = NDArray[np.float64]

_SCALE = Scale(DECAY_WARN_DB, DECAY_STRONG_DB, DECAY_END_DB)


class HandsFree:
    """How fast the level falls where it falls; with the treble raised, as low voices fall slowly."""

    def __init__(self, rate: int) -> None:
        self._lag = max(1, rate // 8000)
        self._levels: deque[Wide] = deque(maxlen=round(SNR_MEMORY_S))
        self._falls: deque[float] = deque(maxlen=DECAY_MEMORY_FALLS)
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._levels.clear()
        self._falls.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; one without speech changes nothing."""
        self._levels.append(self._measured(second.sound))
        speech, noise = second.speech, second.floor_dbfs
        if not second.has_speech or speech is None or noise is None:
            return
        if speech.level_dbov - noise < DECAY_SNR_DB:
            return
        self._falls.extend(self._fell(second).tolist())
        if len(self._falls) < DECAY_FALLS:
            return
        steep = float(np.quantile(np.array(self._falls), DECAY_QUANTILE))
        if not _SCALE.holds(steep, self.finding is not None):
            self.finding = None
            return
        since = self.finding.since if self.finding else second.begin
        evidence = (
            f"the voice falls by no more than {steep:.1f} dB in {1000.0 * DECAY_FRAMES * FRAME_S:.0f} ms:"
            " a room is heard, maybe hands-free"
        )
        sure = min(_SCALE.confidence(steep), HANDS_FREE_CONFIDENCE)
        self.finding = Finding(AudioFault.HANDS_FREE, since, sure, evidence)

    def _measured(self, sound: Wide) -> Wide:
        """Level of each frame with the treble raised by 6 dB per octave."""
        steps = np.zeros_like(sound)
        np.subtract(sound[self._lag :], sound[: -self._lag], out=steps[self._lag :])
        frames = steps.reshape(SECOND_FRAMES, -1)
        power = np.einsum("ij,ij->i", frames, frames) / (frames.shape[1] * FULL_SCALE**2)
        levels: Wide = 10.0 * np.log10(power + 10.0 ** (SILENCE_DBFS / 10.0))
        return levels

    def _fell(self, second: Second) -> Wide:
        """Falls within this second that begin in speech, far over the noise floor."""
        floor, levels = self._floor(), self._levels[-1]
        begin, end = levels[:-DECAY_FRAMES], levels[DECAY_FRAMES:]
        counts = (
            (begin > floor + DECAY_FROM_FLOOR_DB)
            & second.speaking[:-DECAY_FRAMES]
            & ~second.tonal[:-DECAY_FRAMES]
        )
        falls: Wide = (begin - end)[counts]
        return falls

    def _floor(self) -> float:
        """Level that few frames stay under; the last two seconds count, as noise may have just set in."""
        levels = np.concatenate(self._levels)
        lowest = max(SNR_SILENCE_DBFS, float(levels[-2 * SECOND_FRAMES :].min()))
        levels = np.sort(levels[levels > SNR_SILENCE_DBFS])
        if not len(levels):
            return lowest
        return max(lowest, float(levels[round(SNR_FLOOR_SHARE * (len(levels) - 1))]))
