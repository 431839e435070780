"""Sound that does not swing around zero: a fault of the microphone's circuit.

May not take a low tone for it: the mean is taken over 2 s.
"""

from __future__ import annotations

import numpy as np

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import SECOND_FRAMES, Second
from audio.analysis.faults.thresholds import OFFSET_END_PERCENT, OFFSET_FAIL_PERCENT, OFFSET_WARN_PERCENT
from audio.analysis.frame import Finding
from audio.decibel import FULL_SCALE
from state.words import AudioFault

_SCALE = Scale(OFFSET_WARN_PERCENT, OFFSET_FAIL_PERCENT, OFFSET_END_PERCENT)


class Offset:
    """Mean of the last two seconds, in percent of full scale."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self._before: float | None = None
        self.finding: Finding | None = None

    def hear(self, second: Second) -> None:
        """Take the next second."""
        before, self._before = self._before, second.offset
        if before is None:
            return
        percent = 100.0 * abs(before + second.offset) / 2.0 / FULL_SCALE
        if not _SCALE.holds(percent, self.finding is not None):
            self.finding = None
            return
        if bool((np.ptp(second.samples.reshape(SECOND_FRAMES, -1), axis=1) == 0).any()):
            return  # one unchanging value: frozen, not off zero
        since = self.finding.since if self.finding else second.begin - 1.0
        evidence = f"the mean lies {percent:.1f} % of full scale off zero"
        self.finding = Finding(AudioFault.OFFSET, since, _SCALE.confidence(percent), evidence)
