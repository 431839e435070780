"""Adaptive noise floor of a channel, in dBFS.

May not look at samples: it follows frame levels.
"""

from __future__ import annotations

from audio.analysis.framing import FRAME_S

FLOOR_MIN_DBFS = -90.0
FLOOR_MAX_DBFS = -30.0
"""Outside these a floor is no noise floor of a telephone line but silence or talk."""
START_DBFS = -50.0
"""A call that begins with talk must not start with a floor at talk level."""
RISE_DB_PER_S = 3.0
"""Slow: a sentence of 5 s lifts the floor by 15 dB at most, and its first pause puts it back."""
FALL_DB_PER_FRAME = 6.0
"""Fast, but not by one odd frame of zeros alone."""


class NoiseFloor:
    """Falls fast, rises slowly."""

    def __init__(self) -> None:
        self.dbfs: float | None = None
        self._heard = False
        """Something softer than START_DBFS, and not digital zeros: the floor is the channel's own."""

    def push(self, level_dbfs: float, rise_db_per_s: float = RISE_DB_PER_S) -> float:
        """Follow one frame; a frame thought to be voice or tone lifts the floor less, or not."""
        self._heard = self._heard or level_dbfs < START_DBFS
        return self._follow(level_dbfs, rise_db_per_s)

    def push_zeros(self, level_dbfs: float) -> float:
        """Follow digital zeros: a floor that is known or not begun stays (a mute is no room)."""
        if self.dbfs is None:
            return FLOOR_MIN_DBFS
        return self.dbfs if self._heard else self._follow(level_dbfs, RISE_DB_PER_S)

    def _follow(self, level_dbfs: float, rise_db_per_s: float) -> float:
        floor = min(level_dbfs, START_DBFS) if self.dbfs is None else self.dbfs
        if level_dbfs < floor:
            floor = max(level_dbfs, floor - FALL_DB_PER_FRAME)
        else:
            floor = min(level_dbfs, floor + rise_db_per_s * FRAME_S)
        self.dbfs = min(max(floor, FLOOR_MIN_DBFS), FLOOR_MAX_DBFS)
        return self.dbfs

    def reset(self) -> None:
        """Start over."""
        self.dbfs = None
        self._heard = False
