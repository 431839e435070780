"""Level of a channel over each second, beside its noise floor.

May not emit events: the channel does.
"""

from __future__ import annotations

from dataclasses import dataclass

from audio.analysis.framing import FRAME_S
from audio.decibel import FULL_SCALE, amplitude, dbfs

SECOND_FRAMES = round(1.0 / FRAME_S)


@dataclass(frozen=True, slots=True)
class Second:
    """RMS level of one second, and the noise floor at its end."""

    level_dbfs: float
    floor_dbfs: float


class LevelMeter:
    """Collects frame levels."""

    def __init__(self) -> None:
        self._power = 0.0
        self._frames = 0

    def push(self, level_dbfs: float, floor_dbfs: float) -> Second | None:
        """Take a frame's level; tells the second that is complete with it."""
        self._power += amplitude(level_dbfs) ** 2
        self._frames += 1
        if self._frames < SECOND_FRAMES:
            return None
        second = Second(dbfs(self._power / self._frames * FULL_SCALE**2), floor_dbfs)
        self.reset()
        return second

    def reset(self) -> None:
        """Begin a new second."""
        self._power = 0.0
        self._frames = 0
