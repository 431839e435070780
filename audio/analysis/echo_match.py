"""Whether one sound is in another some time later: their cross-correlation with the spectrum made flat.

Generalised cross-correlation (Knapp and Carter, IEEE Trans. ASSP 24, 1976): two talkers hardly ever match at
one delay, whatever they say; an echo does, through telephone codecs too. May not decide what a match means.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis.envelopes import PairHistory
from audio.analysis.framing import FRAME_S

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]

LOW_HZ = 300.0
HIGH_HZ = 3400.0
"""The telephone band (ITU-T G.712)."""
WHITENING = 0.75
"""1 (PHAT) lets the noise between the harmonics of a coded voice weigh as much as the voice itself."""
STEPS_PER_S = 8000
"""Delays are told in steps of 1/8 ms."""


@dataclass(frozen=True, slots=True)
class Match:
    """The delay at which two sounds agree best, and how far it stands out: peak over RMS of all delays."""

    lag_s: float
    sharpness: float


class Delays:
    """How well near, so much earlier, is in the last frames of far."""

    def __init__(self, history: PairHistory, frames: int, most_s: float, ago: int = 0) -> None:
        """Of `frames` that ended `ago` frames ago; delays up to `most_s`, or as far as near is known."""
        lead = min(round(most_s / FRAME_S), history.frames - frames - ago)
        length = history.far.length
        near = history.near.sound(frames + lead, ago)
        far = np.zeros((frames + lead) * length)
        far[lead * length :] = history.far.sound(frames, ago) * np.hanning(frames * length)
        by_delay = np.abs(_correlated(near, far, (frames + lead) * FRAME_S))
        self._by_delay = by_delay[: round(lead * FRAME_S * STEPS_PER_S)]
        self._rms = float(np.sqrt(np.mean(self._by_delay**2))) + 1e-12 if lead else 1.0

    def best(self, least_s: float = 0.0, most_s: float = float("inf")) -> Match | None:
        """The sharpest between two delays, seen against all of them; None where near is not known so long."""
        first = round(least_s * STEPS_PER_S)
        last = min(len(self._by_delay), math.ceil(min(most_s, 60.0) * STEPS_PER_S))
        if first >= last:
            return None
        place = first + int(np.argmax(self._by_delay[first:last]))
        return Match(place / STEPS_PER_S, float(self._by_delay[place]) / self._rms)


def _correlated(near: Samples, far: Wide, lasts_s: float) -> Wide:
    """Correlation by delay: both last equally long, so their spectra have the same lines at any rate."""
    low, high = round(LOW_HZ * lasts_s), round(HIGH_HZ * lasts_s)
    source = np.fft.rfft(near)[low:high]
    copy = np.fft.rfft(far)[low:high]
    cross = copy * np.conj(source)
    size = round(lasts_s * STEPS_PER_S)
    white = np.zeros(size // 2 + 1, np.complex128)
    white[low:high] = cross / (np.abs(cross) + 1e-9) ** WHITENING
    by_delay: Wide = np.fft.irfft(white, size)
    return by_delay
