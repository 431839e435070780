"""Somebody far from the microphone, in a room that answers: a voice that never stops short.

May not be sure: a recording can be reverberant for other reasons. It proposes.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import SECOND_FRAMES, Second
from audio.analysis.faults.thresholds import (
    DECAY_BANDS_HZ,
    DECAY_END_DB,
    DECAY_FALLS,
    DECAY_FEW_FALLS,
    DECAY_FEW_WARN_DB,
    DECAY_FRAMES,
    DECAY_FROM_FLOOR_DB,
    DECAY_LEAST_BANDS,
    DECAY_QUANTILE,
    DECAY_SNR_DB,
    DECAY_STRONG_DB,
    DECAY_WARN_DB,
    HANDS_FREE_CONFIDENCE,
    SNR_FLOOR_SHARE,
    SNR_MEMORY_S,
    SNR_SILENCE_DBFS,
)
from audio.analysis.frame import Finding
from audio.analysis.framing import FRAME_S
from audio.decibel import FULL_SCALE, SILENCE_DBFS
from state.words import AudioFault

Wide = NDArray[np.float64]

_SCALE = Scale(DECAY_WARN_DB, DECAY_STRONG_DB, DECAY_END_DB)
_RATE = 8000
"""Faster sound is averaged down to this; the bands end below 4 kHz."""


class HandsFree:
    """How fast the level falls where it falls, as most bands have it: one tone alone beats in a room."""

    def __init__(self, rate: int) -> None:
        self._step = rate // _RATE
        self._bands = _bands(DECAY_BANDS_HZ)
        self._levels: deque[Wide] = deque(maxlen=round(SNR_MEMORY_S))
        self._falls: deque[float] = deque(maxlen=DECAY_FALLS)
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._levels.clear()
        self._falls.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; one without speech changes nothing."""
        self._levels.append(self._measured(second.sound))
        speech, noise = second.speech, second.floor_dbfs
        if not second.has_speech or speech is None or noise is None:
            return
        if speech.level_dbov - noise < DECAY_SNR_DB:
            return
        spoken = second.speaking & ~second.tonal
        self._falls.extend(falls(self._levels[-1], self._floor(), spoken).tolist())
        if len(self._falls) < DECAY_FEW_FALLS:
            return
        steep = float(np.quantile(np.array(self._falls), DECAY_QUANTILE))
        if steep > (DECAY_END_DB if self.finding else warn_db(len(self._falls))):
            self.finding = None
            return
        since = self.finding.since if self.finding else second.begin
        evidence = (
            f"the voice falls by no more than {steep:.1f} dB in {1000.0 * DECAY_FRAMES * FRAME_S:.0f} ms:"
            " a room is heard, maybe hands-free"
        )
        sure = min(_SCALE.confidence(steep), HANDS_FREE_CONFIDENCE)
        self.finding = Finding(AudioFault.HANDS_FREE, since, sure, evidence)

    def _measured(self, sound: Wide) -> Wide:
        """Level of each band (columns) in each frame (rows), in dBFS."""
        slow = sound[:: self._step].copy()
        for start in range(1, self._step):
            slow += sound[start :: self._step]
        slow /= self._step
        bins = np.fft.rfft(slow.reshape(SECOND_FRAMES, -1), axis=1)
        power = (bins.real**2 + bins.imag**2) @ self._bands
        levels: Wide = 10.0 * np.log10(power + 10.0 ** (SILENCE_DBFS / 10.0))
        return levels

    def _floor(self) -> Wide:
        """Level that few frames stay under, by band; the last two seconds count: noise may just set in."""
        levels = np.concatenate(self._levels)
        lowest = np.maximum(SNR_SILENCE_DBFS, levels[-2 * SECOND_FRAMES :].min(axis=0))
        rank = round(SNR_FLOOR_SHARE * (len(levels) - 1))
        floor: Wide = np.maximum(lowest, np.partition(levels, rank, axis=0)[rank])
        return floor


def falls(levels: Wide, floor: Wide, spoken: NDArray[np.bool_]) -> Wide:
    """Falls of levels (dBFS, bands in columns) that begin in speech far over the floor of each; medians."""
    begin = levels[:-DECAY_FRAMES]
    far = begin > floor + DECAY_FROM_FLOOR_DB
    far &= spoken[:-DECAY_FRAMES, None]
    count = np.count_nonzero(far, axis=1)
    rows = np.flatnonzero(count >= DECAY_LEAST_BANDS)
    fell = (begin - levels[DECAY_FRAMES:])[rows]
    fell[~far[rows]] = np.inf
    fell.sort(axis=1)
    each, half = np.arange(len(rows)), count[rows]
    middle: Wide = (fell[each, (half - 1) // 2] + fell[each, half // 2]) / 2.0
    return middle


def warn_db(count: int) -> float:
    """How steep the steep ones of so many falls may be: the fewer they are, the clearer they must speak."""
    share = (count - DECAY_FEW_FALLS) / (DECAY_FALLS - DECAY_FEW_FALLS)
    return DECAY_FEW_WARN_DB + share * (DECAY_WARN_DB - DECAY_FEW_WARN_DB)


def _bands(edges_hz: tuple[float, ...]) -> Wide:
    """Sums the bins of a frame to bands, as power re full scale."""
    count = round(_RATE * FRAME_S)
    hz = np.fft.rfftfreq(count, 1.0 / _RATE)
    within = [(hz >= low) & (hz < high) for low, high in pairwise(edges_hz)]
    summing: Wide = np.stack(within, axis=1).astype(np.float64)
    return summing * (2.0 / (count * FULL_SCALE) ** 2)
