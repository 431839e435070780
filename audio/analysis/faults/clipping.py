"""Speech with its tops cut off: at full scale, or flat at any level because it was turned down afterwards.

May not take a loud voice for a cut one: speech has the fewer samples the higher they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Recent, Scale
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import (
    CLIP_FAIL_SHARE,
    CLIP_NEXT_SHARE,
    CLIP_PEAK_DBFS,
    CLIP_SPEECH_MEMORY_S,
    CLIP_TOP_OVER_NEXT,
    CLIP_TOP_S,
    CLIP_TOP_SHARE,
    CLIP_TOPS,
    CLIP_WARN_SHARE,
)
from audio.analysis.frame import Finding
from audio.decibel import FULL_SCALE, amplitude, dbfs
from state.words import AudioFault

_SCALE = Scale(CLIP_WARN_SHARE, CLIP_FAIL_SHARE, CLIP_WARN_SHARE)
_LEAST_PEAK = FULL_SCALE * amplitude(CLIP_PEAK_DBFS)


class Clipping:
    """Samples piled up at the window's peak, against those right below it."""

    def __init__(self) -> None:
        self._recent = Recent(CLIP_SPEECH_MEMORY_S)
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self._recent.reset()
        self._before: NDArray[np.float64] = np.zeros(0)
        self.finding: Finding | None = None

    def hear(self, second: Second) -> None:
        """Take the next second; it is judged with the one before."""
        size = np.abs(second.sound)
        window = np.concatenate((self._before, size)) if second.follows else size
        self._before = size
        spoken = second.has_speech and not second.tonal.any()
        share, peak = flat_top(window, second.rate) if spoken else (0.0, 0.0)
        cut = share >= CLIP_WARN_SHARE
        self._recent.push([second.begin] if cut else [], spoken)
        if not self._recent.count:
            self.finding = None
        elif cut:
            since = self.finding.since if self.finding else second.begin
            evidence = f"{100.0 * share:.2f} % of the samples lie flat at {dbfs(peak * peak):.1f} dBFS"
            self.finding = Finding(AudioFault.CLIPPING, since, _SCALE.confidence(share), evidence)


def flat_top(size: NDArray[np.float64], rate: int) -> tuple[float, float]:
    """Share of the samples (given as sizes) in a flat top, and its size; a share of 0: there is none."""
    peak = float(size.max())
    if peak < _LEAST_PEAK:
        return 0.0, peak
    high = np.flatnonzero(size >= CLIP_NEXT_SHARE * peak)
    top = high[size[high] >= CLIP_TOP_SHARE * peak]
    tops = len(np.unique(top // round(CLIP_TOP_S * rate)))
    if tops < CLIP_TOPS or len(top) < CLIP_TOP_OVER_NEXT * (len(high) - len(top)):
        return 0.0, peak
    return len(top) / len(size), peak
