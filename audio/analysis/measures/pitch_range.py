"""Fundamental frequency of voiced sound by normalised autocorrelation, and how widely it ranges over a call.

May not be fed unvoiced sound, and may not keep a contour: a histogram of quarter semitones is all that grows.
Sources: P. Boersma, IFA Proceedings 17, 1993 (division by the window's autocorrelation, cost of an octave);
T. Tolonen and M. Karjalainen, IEEE Trans. Speech and Audio Processing 8 (6), 2000 (compressed spectrum);
C. De Looze and D. Hirst, Speech Prosody 2008 (limits from the quartiles).
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.analysis.measures.figures import PitchRange
from audio.analysis.measures.spectrum import LINE_HZ, Lines, ShortTime, Wide, line

Narrow = NDArray[np.float32]

LOWEST_HZ = 70.0
HIGHEST_HZ = 400.0
"""Men's low to women's high voices; the detector's voicing looks in the same range."""
BAND_HZ = (60.0, 2500.0)
"""A telephone passes no fundamental of most voices, but harmonics enough; above is more noise than voice."""
PERIODIC = 0.35
"""Less is no clean period; of magnitudes it is lower than of powers."""
OCTAVE_COST = 0.05
"""Per octave of a longer period: of a period and its double the shorter is meant."""
JUMP_COST = 0.05
"""Per octave of a leap from the value before: a voice glides, an error leaps."""
NEAR_VALUES = 3
"""A median over so many values takes single leaps out."""
LINKED_FRAMES = 6
"""0.12 s: a voice that pauses longer may begin anywhere."""
ENOUGH = 25
"""Values before anything is told: a second of voice."""
STEPS_PER_OCTAVE = 48
"""Quarter semitones."""
LOW_SHARE = 0.1
HIGH_SHARE = 0.9
FLOOR_OF_QUARTILE = 0.75
CEILING_OF_QUARTILE = 1.5
"""Below the one times the first quartile and above the other times the third are errors, not voice."""

_TINY = 1e-9
_LAG_RATE = 16000
_LAGS = np.arange(round(_LAG_RATE / HIGHEST_HZ), round(_LAG_RATE / LOWEST_HZ) + 1)
_OCTAVES = np.log2(_LAGS / _LAGS[0]).astype(np.float32)
_BAND = slice(line(BAND_HZ[0]), line(BAND_HZ[1]) + 1)


def _cosines(first: int, stop: int) -> Wide:
    """What each of these lines adds to the autocorrelation at each lag."""
    cosines: Wide = np.cos(2.0 * np.pi * LINE_HZ / _LAG_RATE * np.outer(np.arange(first, stop), _LAGS))
    return cosines


_COSINES: Narrow = _cosines(_BAND.start, _BAND.stop).astype(np.float32)
_BINS = math.ceil(STEPS_PER_OCTAVE * math.log2(HIGHEST_HZ / LOWEST_HZ)) + 1


class PitchMeter:
    """Fundamental frequency of a channel's spectra, one after the other."""

    _frame: int
    """Running number of the last frame with a value."""
    _octave: float
    """Its period, in octaves over the shortest."""

    def __init__(self, short_time: ShortTime) -> None:
        window = np.abs(np.fft.rfft(short_time.window, short_time.size))
        window[0] /= 2.0
        self._lift: Narrow = (window.sum() / (window @ _cosines(0, len(window)))).astype(np.float32)
        self.reset()

    def measure(self, lines: Lines, frame: int) -> float | None:
        """Hz of the frame with this running number; None where there is no clean period."""
        periodicity = self._periodicities(lines)
        score = periodicity - OCTAVE_COST * _OCTAVES
        if frame - self._frame <= LINKED_FRAMES:
            score -= JUMP_COST * np.abs(_OCTAVES - self._octave)
        top = int(score.argmax())
        if not 0 < top < len(_LAGS) - 1 or periodicity[top] < PERIODIC:
            return None
        before, here, after = (float(value) for value in periodicity[top - 1 : top + 2])
        bend = before - 2.0 * here + after
        if bend >= 0.0:
            return None
        self._frame, self._octave = frame, float(_OCTAVES[top])
        return _LAG_RATE / (float(_LAGS[top]) + 0.5 * (before - after) / bend)

    def periodicity(self, lines: Lines) -> float:
        """Of the period that fits best: 1 for a clean one, less than 0.2 for noise."""
        return float(self._periodicities(lines).max())

    def reset(self) -> None:
        """A new call begins."""
        self._frame, self._octave = -LINKED_FRAMES - 1, 0.0

    def _periodicities(self, lines: Lines) -> Narrow:
        """For every period that is looked for."""
        flat = lines[_BAND].astype(np.float32)
        periodicities: Narrow = (flat @ _COSINES) * (self._lift / (flat.sum() + _TINY))
        return periodicities


class PitchSpread:
    """Histogram of pitch, smoothed by a running median."""

    def __init__(self) -> None:
        self._near: deque[float] = deque(maxlen=NEAR_VALUES)
        self.reset()

    def push(self, hz: float) -> None:
        """Take a value between the limits; what lies outside counts as the limit."""
        self._near.append(STEPS_PER_OCTAVE * math.log2(hz / LOWEST_HZ))
        if len(self._near) < NEAR_VALUES:
            return
        step = sorted(self._near)[NEAR_VALUES // 2]
        self._counts[min(max(round(step), 0), _BINS - 1)] += 1

    def result(self) -> PitchRange | None:
        """The range so far; None before there is enough."""
        if sum(self._counts) < ENOUGH:
            return None
        first, third = _quantiles(self._counts, (0.25, 0.75))
        floor = first + STEPS_PER_OCTAVE * math.log2(FLOOR_OF_QUARTILE)
        ceiling = third + STEPS_PER_OCTAVE * math.log2(CEILING_OF_QUARTILE)
        kept = [count if floor < step < ceiling else 0 for step, count in enumerate(self._counts)]
        low, median, high = _quantiles(kept, (LOW_SHARE, 0.5, HIGH_SHARE))
        hz = [LOWEST_HZ * 2.0 ** (step / STEPS_PER_OCTAVE) for step in (median, low, high)]
        return PitchRange(hz[0], hz[1], hz[2], 12.0 * (high - low) / STEPS_PER_OCTAVE)

    def reset(self) -> None:
        """A new call begins."""
        self._near.clear()
        self._counts: list[int] = [0] * _BINS


def _quantiles(counts: list[int], shares: tuple[float, ...]) -> list[float]:
    """The steps below which these shares lie, each step's values taken as spread evenly over it."""
    found: list[float] = []
    total, seen = sum(counts), 0
    for step, count in enumerate(counts):
        while len(found) < len(shares) and count and seen + count >= shares[len(found)] * total:
            found.append(step - 0.5 + (shares[len(found)] * total - seen) / count)
        seen += count
    return found
