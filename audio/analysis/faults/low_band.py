"""The lowest sound of a channel, where puffs of air are: 15 to 75 Hz, level by frame.

May not judge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.thresholds import POP_BAND_HZ
from audio.decibel import FULL_SCALE, SILENCE_DBFS

Wide = NDArray[np.float64]

_RATE = 500
_BLOCKS = 6
"""Length of the decimating filter in outputs: what would fold into the band is 50 dB down."""
_PASS_HZ = 150.0
_TAPS = 61
"""Of the band filter at 500 Hz: 0.12 s, edges 27 Hz wide."""
_FRAMES_PER_S = 50
LATE_S = (_BLOCKS / 2.0 + _TAPS // 2) / _RATE
"""The levels lag behind the sound by so much."""


class LowBand:
    """Follows a channel by whole seconds."""

    def __init__(self, rate: int) -> None:
        self._step = rate // _RATE
        taps = _low_pass(_BLOCKS * self._step, _PASS_HZ / rate)
        self._decimate: Wide = taps.reshape(_BLOCKS, self._step).T.copy()
        low, high = (_low_pass(_TAPS, hz / _RATE) for hz in POP_BAND_HZ)
        self._band: Wide = high - low
        self.reset()

    def reset(self) -> None:
        """Start over, from silence."""
        self._rest: Wide = np.zeros((_BLOCKS - 1) * self._step)
        self._slow: Wide = np.zeros(_TAPS - 1)

    def push(self, sound: Wide) -> Wide:
        """Level of each frame in dBFS, late by LATE_S."""
        whole = np.concatenate((self._rest, sound))
        self._rest = whole[-len(self._rest) :]
        parts = whole.reshape(-1, self._step) @ self._decimate
        count = len(parts) - _BLOCKS + 1
        slow = parts[:count, 0].copy()
        for block in range(1, _BLOCKS):
            slow += parts[block : block + count, block]
        long = np.concatenate((self._slow, slow))
        self._slow = long[-(_TAPS - 1) :]
        band = np.convolve(long, self._band, "valid").reshape(_FRAMES_PER_S, -1)
        power = np.einsum("ij,ij->i", band, band) / (band.shape[1] * FULL_SCALE**2)
        levels: Wide = 10.0 * np.log10(power + 10.0 ** (SILENCE_DBFS / 10.0))
        return levels


def _low_pass(taps: int, cut: float) -> Wide:
    """Windowed sinc with a gain of 1; `cut` in cycles per sample."""
    at = np.arange(taps) - (taps - 1) / 2.0
    shape: Wide = np.sinc(2.0 * cut * at) * np.hamming(taps)
    shape /= shape.sum()
    return shape
