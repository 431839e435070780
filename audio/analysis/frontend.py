"""What comes before detection: offset and rumble removed, a slow gain for a quiet line, level and floor.

May not decide anything about speech.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audio.analysis.filters import HighPass
from audio.analysis.floor import NoiseFloor
from audio.analysis.framing import FRAME_S, frame_length
from audio.decibel import amplitude, dbfs

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]

HIGH_PASS_HZ = 120.0
"""Below the lowest voice harmonic a telephone passes, above mains hum and handling noise."""
TARGET_PEAK_DBFS = -22.0
"""Where the pre-gain brings the loudest recent frame: webrtcvad mode 3 is blind below about -46."""
MAX_GAIN_DB = 30.0
LIFTED_FLOOR_DBFS = -58.0
"""The pre-gain never lifts the noise floor above this: noise must not become talk."""
PEAK_FALL_DB_PER_S = 3.0
"""How fast a loud moment is forgotten: slower than the pauses within a conversation."""
PEAK_OVER_FLOOR_DB = 12.0
PEAK_START_DBFS = -40.0
GAIN_RISE_DB_PER_S = 20.0
GAIN_FALL_DB_PER_FRAME = 6.0


class Conditioned(NamedTuple):
    """One frame, ready for detection."""

    filtered: Wide
    """High-passed, without gain: what levels and pitch are measured on."""
    gained: Samples
    """High-passed with the pre-gain: what a detection engine hears."""
    level_dbfs: float
    floor_dbfs: float
    gain_db: float


class FrontEnd:
    """Incremental over frames of one channel."""

    def __init__(self, rate: int) -> None:
        length = frame_length(rate)
        self._high_pass = HighPass(rate, HIGH_PASS_HZ, length)
        self._floor = NoiseFloor()
        self._scale = 1.0 / length
        self._peak_dbfs = PEAK_START_DBFS
        self._gain_db = 0.0

    def push(self, frame: Samples, floor_rise_db_per_s: float) -> Conditioned:
        """Condition one frame; its level may lift the noise floor no faster than told."""
        filtered = self._high_pass.push(frame)
        level = dbfs(float(filtered @ filtered) * self._scale)
        sounds = np.count_nonzero(frame)
        floor = self._floor.push(level, floor_rise_db_per_s) if sounds else self._floor.push_zeros(level)
        self._peak_dbfs = max(
            level, self._peak_dbfs - PEAK_FALL_DB_PER_S * FRAME_S, floor + PEAK_OVER_FLOOR_DB
        )
        wanted = min(TARGET_PEAK_DBFS - self._peak_dbfs, LIFTED_FLOOR_DBFS - floor, MAX_GAIN_DB)
        step = max(0.0, wanted) - self._gain_db
        self._gain_db += min(max(step, -GAIN_FALL_DB_PER_FRAME), GAIN_RISE_DB_PER_S * FRAME_S)
        gained = filtered * amplitude(self._gain_db)
        np.minimum(gained, 32767.0, out=gained)  # as np.clip, in half its time
        np.maximum(gained, -32768.0, out=gained)
        return Conditioned(filtered, gained.astype(np.int16), level, floor, self._gain_db)

    def reset(self) -> None:
        """Start over, as for a new call."""
        self._high_pass.reset()
        self._floor.reset()
        self._peak_dbfs = PEAK_START_DBFS
        self._gain_db = 0.0
