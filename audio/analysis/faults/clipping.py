"""Speech with its tops cut off: at full scale, or flat at any level because it was turned down afterwards.

May not take a loud voice for a cut one: speech has the fewer samples the higher they are.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Recent, Scale
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import (
    CLIP_FAIL_SHARE,
    CLIP_LONG_S,
    CLIP_LONGEST_S,
    CLIP_NEXT_SHARE,
    CLIP_PEAK_DBFS,
    CLIP_SHORT_S,
    CLIP_SPEECH_MEMORY_S,
    CLIP_STEPS,
    CLIP_TOP_OVER_NEXT,
    CLIP_TOP_S,
    CLIP_TOP_SHARE,
    CLIP_TOPS,
    CLIP_WARN_SHARE,
)
from audio.analysis.frame import Finding
from audio.decibel import FULL_SCALE, amplitude, dbfs
from state.words import AudioFault

Wide = NDArray[np.float64]

_SCALE = Scale(CLIP_WARN_SHARE, CLIP_FAIL_SHARE, CLIP_WARN_SHARE)
_LEAST_PEAK = FULL_SCALE * amplitude(CLIP_PEAK_DBFS)
_SHORT = round(CLIP_SHORT_S)


@dataclass(frozen=True, slots=True, eq=False)
class High:
    """The highest samples of one side (up or down) of a second, as sizes."""

    peak: float
    sizes: Wide
    pieces: NDArray[np.int64]
    """In which piece of CLIP_TOP_S each lies."""
    count: int
    """Of all samples of the second."""


class Clipping:
    """Samples piled up at the peak of the last seconds with speech, against those right below it."""

    def __init__(self) -> None:
        self._recent = Recent(CLIP_SPEECH_MEMORY_S)
        self._sides: tuple[deque[High], ...] = tuple(deque(maxlen=round(CLIP_LONG_S)) for _ in range(2))
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._recent.reset()
        for side in self._sides:
            side.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; it is judged with those before that had speech."""
        spoken = second.has_speech and not second.tonal.any()
        share, peak = self._flat(second) if spoken else (0.0, 0.0)
        cut = share >= CLIP_WARN_SHARE
        self._recent.push([second.begin] if cut else [], spoken)
        if not self._recent.count:
            self.finding = None
        elif cut:
            since = self.finding.since if self.finding else second.begin
            evidence = f"{100.0 * share:.2f} % of the samples lie flat at {dbfs(peak * peak):.1f} dBFS"
            self.finding = Finding(AudioFault.CLIPPING, since, _SCALE.confidence(share), evidence)

    def _flat(self, second: Second) -> tuple[float, float]:
        """Share of the samples in the flat tops of both sides, and their size: lately, or over longer."""
        wide = second.samples.astype(np.float64)
        for side, sizes in zip(self._sides, (wide, -wide), strict=True):
            side.append(high(sizes, second.rate))
        best = (0.0, 0.0)
        for last in (_SHORT, len(self._sides[0])):
            tops = [flat_top(list(side)[-last:]) for side in self._sides]
            best = max(best, (sum(share for share, _ in tops), max(size for _, size in tops)))
        return best


def high(sizes: Wide, rate: int) -> High:
    """What lies near the peak of a second, not for long; as sizes of one side (the other one negative)."""
    peak = max(float(sizes.max()), _LEAST_PEAK)
    near = np.flatnonzero(sizes >= CLIP_NEXT_SHARE * peak)
    edges = np.concatenate(([0], np.flatnonzero(np.diff(near) > 1) + 1, [len(near)]))
    runs = np.diff(edges)
    near = near[np.repeat(runs <= CLIP_LONGEST_S * rate, runs)]
    return High(peak, sizes[near], near // round(CLIP_TOP_S * rate), len(sizes))


def flat_top(seconds: list[High]) -> tuple[float, float]:
    """Share of the samples in a flat top of these seconds, and its size; none: two zeros."""
    peak = max(one.peak for one in seconds)
    kept = [(one.sizes, one.pieces + 1000 * number) for number, one in enumerate(seconds)]
    sizes, pieces = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    near = sizes >= CLIP_NEXT_SHARE * peak
    near = sizes >= CLIP_NEXT_SHARE * peak
    tops = sizes >= CLIP_TOP_SHARE * peak
    count = int(np.count_nonzero(tops))
    # a top must hold more than chance would put there
    if count - math.sqrt(count) < CLIP_TOP_OVER_NEXT * (int(np.count_nonzero(near)) - count):
        return 0.0, 0.0
    if len(np.unique(pieces[tops])) < CLIP_TOPS or len(np.unique(sizes[near])) < CLIP_STEPS:
        return 0.0, 0.0
    return count / sum(one.count for one in seconds), peak
