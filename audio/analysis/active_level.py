"""Active speech level by ITU-T P.56 method B: how loud somebody talks, pauses left out.

May not remove an offset: P.56 takes sound without one, and a second of speech cannot say what its offset is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decibel import ACTIVE_MARGIN_DB, FULL_SCALE, SILENCE_DBFS, dbfs

Wide = NDArray[np.float64]
Counts = NDArray[np.int64]
Steps = NDArray[np.int8]

TIME_CONSTANT_S = 0.03
"""Of each of the two exponential averages (P.56)."""
HANG_OVER_S = 0.2
"""A pause counts as activity for so long (P.56)."""
THRESHOLDS = 15
"""Powers of two, from one step of a 16-bit sample to half of full scale (P.56, ITU-T G.191 for 16 bits)."""
_BLOCK_S = 0.5
"""Growth of the weights within a block stays far below what a float holds: e to the 17th."""
_TINY = 1e-9
"""An envelope below this is nothing; numbers smaller still (denormals) would slow every product down."""


@dataclass(frozen=True, slots=True)
class ActiveLevel:
    """Result of P.56 in dBov (here the same as dBFS); nothing active: SILENCE_DBFS and a factor of 0."""

    active_dbov: float
    activity: float
    """Share of the time that is active, 0 to 1."""
    long_term_dbov: float


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What P.56 counts over a stretch of sound; tallies of stretches add up to that of the whole."""

    samples: int
    energy: float
    """Sum of squares, in steps of a 16-bit sample."""
    active: Counts
    """Samples active at each threshold, hang-over included."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.samples + other.samples, self.energy + other.energy, self.active + other.active)

    def level(self) -> ActiveLevel:
        """The active level: where level over active time lies the margin above the threshold."""
        if self.energy <= 0.0:
            return ActiveLevel(SILENCE_DBFS, 0.0, SILENCE_DBFS)
        long_term = dbfs(self.energy / self.samples)
        before: tuple[float, float] | None = None
        for power, count in enumerate(self.active.tolist()):
            if not count:
                break
            level = 10.0 * math.log10(self.energy / count / FULL_SCALE**2)
            over = level - 20.0 * math.log10(2.0**power / FULL_SCALE)
            if over <= ACTIVE_MARGIN_DB:
                if before is None:
                    break
                share = (before[1] - ACTIVE_MARGIN_DB) / (before[1] - over)
                active = before[0] + share * (level - before[0])
                factor = (self.energy / self.samples / FULL_SCALE**2) / 10.0 ** (active / 10.0)
                return ActiveLevel(active, min(1.0, factor), long_term)
            before = (level, over)
        return ActiveLevel(SILENCE_DBFS, 0.0, long_term)


NOTHING = Tally(0, 0.0, np.zeros(THRESHOLDS, np.int64))
"""The tally of no sound: where a sum begins."""


class ActiveLevelMeter:
    """Follows one channel; each block gives its own tally, with the sound before it known."""

    def __init__(self, rate: int) -> None:
        self._block = round(rate * _BLOCK_S)
        self._hang = math.ceil(round(HANG_OVER_S * rate, 6))
        decay = math.exp(-1.0 / (rate * TIME_CONSTANT_S))
        self._decays: Wide = np.power(decay, np.arange(1.0, self._block + 1.0))
        self._weights: Wide = (1.0 - decay) / self._decays
        self.reset()

    def reset(self) -> None:
        """Start over, from silence."""
        self._first = self._second = 0.0
        self._past: Steps = np.zeros(self._hang, np.int8)

    def push(self, sound: Wide) -> Tally:
        """Tally a block of any length, in steps of a 16-bit sample, without offset."""
        tally = NOTHING
        for start in range(0, len(sound), self._block):
            tally += self._part(sound[start : start + self._block])
        return tally

    def _part(self, sound: Wide) -> Tally:
        """One stretch the weights are long enough for."""
        decays, weights = self._decays[: len(sound)], self._weights[: len(sound)]
        first = decays * (self._first + np.cumsum(np.abs(sound) * weights))
        envelope = decays * (self._second + np.cumsum(first * weights))
        self._first, self._second = _kept(first[-1]), _kept(envelope[-1])
        # 2^(e-1) <= envelope < 2^e: how many of the thresholds it reaches, as each is a power of two
        reached = np.clip(np.frexp(envelope)[1], 0, THRESHOLDS).astype(np.int8)
        whole = np.concatenate((self._past, reached))
        self._past = whole[-self._hang :]
        counts = np.bincount(_highest(whole, self._hang + 1), minlength=THRESHOLDS + 1)
        active = np.cumsum(counts[:0:-1])[::-1]
        return Tally(len(sound), float(sound @ sound), active)


def _kept(value: float) -> float:
    """An envelope's last value for the next block."""
    return float(value) if value > _TINY else 0.0


def _highest(values: Steps, window: int) -> Steps:
    """Largest of each run of `window` values, from runs of twice the length each time."""
    length = 1
    while 2 * length <= window:
        values = np.maximum(values[:-length], values[length:])
        length *= 2
    rest = window - length
    return np.maximum(values[:-rest], values[rest:]) if rest else values
