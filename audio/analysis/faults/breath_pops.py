"""Breath and plosives blown into the microphone: short, strong bursts under any voice's fundamental.

May not look at the high-passed sound: there they are gone.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Recent, Scale
from audio.analysis.faults.low_band import LATE_S, LowBand
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import (
    POP_FAIL,
    POP_LEVEL_DBFS,
    POP_LONGEST_S,
    POP_MEMORY_S,
    POP_OVER_SPEECH_DB,
    POP_OVER_USUAL_DB,
    POP_WARN,
)
from audio.analysis.frame import Finding
from audio.analysis.framing import FRAME_S
from state.words import AudioFault

_SCALE = Scale(POP_WARN, POP_FAIL, 1)


class BreathPops:
    """Counts bursts of the low band while somebody talks now and then."""

    def __init__(self, rate: int) -> None:
        self._band = LowBand(rate)
        self._usual: deque[NDArray[np.float64]] = deque(maxlen=round(POP_MEMORY_S))
        self._recent = Recent(POP_MEMORY_S)
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self._band.reset()
        self._usual.clear()
        self._recent.reset()
        self._run = self._told = 0
        self._loudest = POP_LEVEL_DBFS
        self.finding: Finding | None = None

    def hear(self, second: Second) -> None:
        """Take the next second."""
        if not second.follows:
            self._band.reset()
            self._run = 0
        levels = self._band.push(second.sound)
        self._usual.append(levels)
        self._recent.push(self._bursts(second, levels), second.has_speech)
        count = self._recent.count
        if not _SCALE.holds(count, self.finding is not None):
            self.finding, self._loudest = None, POP_LEVEL_DBFS
        elif self.finding is None or count > self._told:
            since = self.finding.since if self.finding else self._recent.first
            evidence = (
                f"{count} puffs on the microphone within {POP_MEMORY_S:.0f} s, up to {self._loudest:.0f} dBFS"
            )
            self.finding = Finding(AudioFault.BREATH_POPS, since, _SCALE.confidence(count), evidence)
            self._told = count

    def _bursts(self, second: Second, levels: NDArray[np.float64]) -> list[float]:
        """Times at which bursts of this second ended."""
        if second.speech is None:
            return []
        usual = max(float(np.median(np.concatenate(self._usual))), float(np.median(levels)))
        least = max(POP_LEVEL_DBFS, second.speech.level_dbov + POP_OVER_SPEECH_DB, usual + POP_OVER_USUAL_DB)
        strong = levels >= least
        if not self._run and not strong.any():
            return []
        times: list[float] = []
        for number, inside in enumerate(strong.tolist()):
            if inside:
                self._run += 1
                self._loudest = max(self._loudest, float(levels[number]))
                continue
            if 0 < self._run * FRAME_S <= POP_LONGEST_S:
                times.append(second.begin + number * FRAME_S - LATE_S)
            self._run = 0
        return times
