"""Levels of int16 sound in dBFS (dB re full scale, RMS of a full-scale square wave = 0) and gains in dB.

May not keep state.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32768.0
SILENCE_DBFS = -100.0
"""What a level of nothing is called: below one LSB (-90.3 dBFS)."""
ACTIVE_MARGIN_DB = 15.9
"""Frames this far below the loudest are pauses, not speech (margin of ITU-T P.56 method B)."""
_FRAME_S = 0.02


def amplitude(db: float) -> float:
    """Gain factor of `db`."""
    return math.pow(10.0, db / 20.0)


def dbfs(mean_square: float) -> float:
    """Level of a mean square in int16 units squared."""
    if mean_square <= 0.0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10.0 * math.log10(mean_square / FULL_SCALE**2))


def rms_dbfs(samples: NDArray[np.int16]) -> float:
    """RMS level of all samples; SILENCE_DBFS for none."""
    if not len(samples):
        return SILENCE_DBFS
    wide = samples.astype(np.float64)
    return dbfs(float(np.dot(wide, wide)) / len(wide))


def peak_dbfs(samples: NDArray[np.int16]) -> float:
    """Level of the largest sample."""
    if not len(samples):
        return SILENCE_DBFS
    peak = float(np.max(np.abs(samples.astype(np.int32))))
    return dbfs(peak * peak)


def active_dbfs(samples: NDArray[np.int16], rate: int) -> float:
    """RMS level of the frames that sound: pauses of a prompt do not make it look quiet."""
    frame = max(1, round(rate * _FRAME_S))
    count = len(samples) // frame
    if count < 2:
        return rms_dbfs(samples)
    wide = samples[: count * frame].astype(np.float64).reshape(count, frame)
    power = np.mean(wide * wide, axis=1)
    active = power[power >= np.max(power) * amplitude(-ACTIVE_MARGIN_DB) ** 2]
    return dbfs(float(np.mean(active)))
