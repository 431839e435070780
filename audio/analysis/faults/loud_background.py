"""Noise around the talker that everybody on the call hears.

May not ask what is speech but to find pauses, nor look at tones.
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
    BACKGROUND_HEARD_S,
    BACKGROUND_JUDGED_S,
    BACKGROUND_LEAST_HEARD_S,
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
    """Level of the last pauses, if all that was heard was as loud: a background is under the talk as well."""

    def __init__(self) -> None:
        self._pauses: deque[NDArray[np.float64]] = deque(maxlen=round(BACKGROUND_MEMORY_S / PAUSE_S))
        self._heard: deque[NDArray[np.float64]] = deque(maxlen=round(BACKGROUND_HEARD_S))
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._pauses.clear()
        self._heard.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; without a pause in it nothing changes."""
        self._heard.append(second.levels_dbfs)
        self._pauses.extend(pause.levels_dbfs for pause in second.pauses)
        if not second.pauses or not self._enough():
            return
        least = float(np.quantile(np.concatenate(self._heard), BACKGROUND_LEAST_SHARE))
        level = min(float(np.median(np.concatenate(self._pauses))), least + BACKGROUND_STEADY_DB)
        if not _SCALE.holds(level, self.finding is not None):
            self.finding = None
            return
        since = self.finding.since if self.finding else second.pauses[0].begin
        evidence = f"pauses at {level:.0f} dBFS, should be under {BACKGROUND_WARN_DBFS:.0f}"
        self.finding = Finding(AudioFault.LOUD_BACKGROUND, since, _SCALE.confidence(level), evidence)

    def _enough(self) -> bool:
        paused_s = len(self._pauses) * PAUSE_S
        return paused_s >= BACKGROUND_JUDGED_S - 1e-6 and len(self._heard) >= BACKGROUND_LEAST_HEARD_S
