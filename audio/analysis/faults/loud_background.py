"""Noise around the talker that everybody on the call hears.

May not look at speech or at tones.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import (
    BACKGROUND_END_DBFS,
    BACKGROUND_FAIL_DBFS,
    BACKGROUND_JUDGED_S,
    BACKGROUND_LEAST_SHARE,
    BACKGROUND_MEMORY_S,
    BACKGROUND_STEADY_DB,
    BACKGROUND_WARN_DBFS,
    PAUSE_S,
)
from audio.analysis.frame import Finding
from state.words import AudioFault

_SCALE = Scale(BACKGROUND_WARN_DBFS, BACKGROUND_FAIL_DBFS, BACKGROUND_END_DBFS)


class LoudBackground:
    """Level of most frames of the last pauses: a single noise is no background, nor a voice now and then."""

    def __init__(self) -> None:
        self._levels: deque[NDArray[np.float64]] = deque(maxlen=round(BACKGROUND_MEMORY_S / PAUSE_S))
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._levels.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; without a pause in it nothing changes."""
        for pause in second.pauses:
            self._levels.append(pause.levels_dbfs)
        if not second.pauses or len(self._levels) * PAUSE_S < BACKGROUND_JUDGED_S - 1e-6:
            return
        low, median = np.quantile(np.concatenate(self._levels), (BACKGROUND_LEAST_SHARE, 0.5)).tolist()
        level = min(median, low + BACKGROUND_STEADY_DB)
        if not _SCALE.holds(level, self.finding is not None):
            self.finding = None
            return
        since = self.finding.since if self.finding else second.pauses[0].begin
        evidence = f"pauses at {level:.0f} dBFS, should be under {BACKGROUND_WARN_DBFS:.0f}"
        self.finding = Finding(AudioFault.LOUD_BACKGROUND, since, _SCALE.confidence(level), evidence)
