"""How an echo comes back, band by band, and which frames of far are more than it.

May not find an echo: its delay is handed in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.envelopes import BANDS, HOP_S, HOPS, PairHistory

Wide = NDArray[np.float64]

SOURCE_DB = 15.0
"""Over its floor near must be, where its echo's level is measured."""
OVER_FLOOR_DB = 12.0
"""Over its floor far must be, to be anything: a band of noise swings so far over its tenth percentile."""
OVER_ECHO_DB = 6.0
OVER_ECHO_BANDS = 2
"""So much over the echo expected, in so many bands: no echo is that for 3 frames of 10, other talkers are."""
TAIL_DB_PER_S = 120.0
"""What falls so fast behind an echo is its reverberation, in a room of 0.5 s."""
SPREAD_DB = 12.0
"""How much a band's loss may differ from the whole's."""
_FEWEST_HOPS = 3
_FEWEST_BANDS = 4
_TAIL_FRAMES = 10


class EchoPath:
    """Delay and loss of one echo."""

    def __init__(self, history: PairHistory, lag_s: float, frames: int) -> None:
        """Measured over the last frames, which are thought to be echo."""
        self.lag_s = lag_s
        self._history = history
        self._lag = round(lag_s / HOP_S)
        source, copy = self._source(frames)[1:-1], history.far.levels(frames)
        heard = (source > history.near.floor() + SOURCE_DB) & (copy > history.far.floor() + OVER_FLOOR_DB)
        known = heard.sum(axis=0) >= _FEWEST_HOPS
        gains = np.array(
            [
                np.median((copy - source)[heard[:, band], band]) if known[band] else 0.0
                for band in range(BANDS)
            ]
        )
        enough = np.count_nonzero(known) >= _FEWEST_BANDS
        whole = float(np.median(gains[known])) if enough else 0.0
        self.loss_db = -whole
        """Over all bands; 0 where hardly any of them sounds."""
        self.spread_db = float(np.subtract(*np.percentile(gains[known], (75, 25)))) if enough else np.inf
        """Between the quartiles of its bands."""
        self._gains = np.where(known, np.clip(gains, whole - SPREAD_DB, whole + SPREAD_DB), whole)

    def explains(self, frames: int) -> list[bool]:
        """For each of the last frames, whether it is no more than the echo."""
        before = min(frames + _TAIL_FRAMES, self._history.frames)
        source = self._source(before)
        expected = np.maximum(np.maximum(source[:-2], source[1:-1]), source[2:]) + self._gains
        fallen = (TAIL_DB_PER_S * HOP_S * np.arange(len(expected)))[:, None]
        lasting = np.maximum.accumulate(expected + fallen, axis=0) - fallen
        limit = np.maximum(lasting + OVER_ECHO_DB, self._history.far.floor() + OVER_FLOOR_DB)
        more = self._history.far.levels(frames) > limit[-frames * HOPS :]
        strange = (more.sum(axis=1) >= OVER_ECHO_BANDS).reshape(frames, HOPS).any(axis=1)
        return [not each for each in strange.tolist()]

    def _source(self, frames: int) -> Wide:
        """Near's levels so much earlier, with one hop more before and behind; its floor where it has none."""
        wanted = frames * HOPS + self._lag + 1
        have = min(self._history.frames, -(-wanted // HOPS))
        levels = self._history.near.levels(have)
        missing = wanted - len(levels)
        if missing > 0:
            levels = np.concatenate((np.tile(self._history.near.floor(), (missing, 1)), levels))
        first = len(levels) - wanted
        return levels[first : first + frames * HOPS + 2]
