"""Mains hum: 50 or 60 Hz with harmonics, heard where a call is quietest.

May not ask what is speech: hum fills its pauses. May not look at tones, nor over 360 Hz: call-progress
tones lie there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import SECOND_FRAMES, Second
from audio.analysis.faults.thresholds import (
    HUM_BAND_HZ,
    HUM_END_DBFS,
    HUM_END_SHARE,
    HUM_FAIL_DBFS,
    HUM_JUDGED_S,
    HUM_LINE_HZ,
    HUM_LINE_OVER,
    HUM_LINES,
    HUM_MAINS_HZ,
    HUM_MEMORY_S,
    HUM_PIECE_S,
    HUM_QUIET_SHARE,
    HUM_STEP_S,
    HUM_TOP_HZ,
    HUM_WARN_DBFS,
    HUM_WARN_SHARE,
)
from audio.analysis.frame import Finding
from audio.decibel import dbfs
from state.words import AudioFault

Wide = NDArray[np.float64]

_SCALE = Scale(HUM_WARN_DBFS, HUM_FAIL_DBFS, HUM_END_DBFS)
_RATE = 4000
"""Pieces are averaged down to this before they are transformed; it costs 1.4 dB at 1 kHz."""
_LINE_BINS = round(HUM_LINE_HZ * HUM_PIECE_S)
_BAND = slice(round(HUM_BAND_HZ[0] * HUM_PIECE_S), round(HUM_BAND_HZ[1] * HUM_PIECE_S) + 1)
_STARTS_S = np.arange(0.0, 1.0 - HUM_PIECE_S + 1e-6, HUM_STEP_S)
_ENOUGH = round(HUM_JUDGED_S) * len(_STARTS_S)
_HELD = 0.5
"""A piece with less than this of the hum's power is from before it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    begin: float
    power: Wide
    """Of each 3.3 Hz, in squared steps of a sample."""


class Hum:
    """Power spectra of the last seconds: what is in the quiet ones, against all that is in those."""

    def __init__(self, rate: int) -> None:
        self._step = rate // _RATE
        count = round(_RATE * HUM_PIECE_S)
        self._window: Wide = np.hanning(count)
        self._scale = 2.0 / (count * float(self._window @ self._window))
        self._pieces: deque[_Piece] = deque(maxlen=round(HUM_MEMORY_S) * len(_STARTS_S))
        self._lines = {hz: _lines(hz) for hz in HUM_MAINS_HZ}
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._pieces.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; where a tone sounds nothing changes."""
        heard = self._cut(second)
        self._pieces.extend(heard)
        if heard and len(self._pieces) >= _ENOUGH:
            self._judge()

    def _cut(self, second: Second) -> list[_Piece]:
        """Pieces of the second in which no tone sounds."""
        slow = second.sound.reshape(-1, self._step).mean(axis=1)
        pieces = []
        for start_s in _STARTS_S.tolist():
            if not second.tonal[_within(start_s, SECOND_FRAMES)].any():
                sound = slow[_within(start_s, _RATE)]
                bins = np.fft.rfft((sound - sound.mean()) * self._window)[: _BAND.stop]
                pieces.append(_Piece(second.begin + start_s, (bins.real**2 + bins.imag**2) * self._scale))
        return pieces

    def _judge(self) -> None:
        powers = np.stack([piece.power for piece in self._pieces])
        quiet = round(HUM_QUIET_SHARE * (len(powers) - 1))
        power: Wide = np.partition(powers, quiet, axis=0)[quiet]
        whole = float(np.partition(powers[:, _BAND].sum(axis=1), quiet)[quiet])
        held = {hz: float(power[bins].sum()) for hz, (bins, _) in self._lines.items()}
        hz = max(held, key=lambda one: held[one])
        level = dbfs(held[hz])
        share = held[hz] / whole if whole > 0.0 else 0.0
        already = self.finding is not None
        if (
            share < (HUM_END_SHARE if already else HUM_WARN_SHARE)
            or not _SCALE.holds(level, already)
            or self._standing(power, hz) < HUM_LINES
        ):
            self.finding = None
            return
        since = self.finding.since if self.finding else self._began(powers, hz, held[hz])
        percent = 100.0 * share
        evidence = f"mains hum of {hz:.0f} Hz at {level:.0f} dBFS, {percent:.0f} % of the quiet low sound"
        self.finding = Finding(AudioFault.HUM, since, _SCALE.confidence(level), evidence)

    def _began(self, powers: Wide, hz: float, held: float) -> float:
        """Begin of the first piece after which none is without the hum."""
        without = np.flatnonzero(powers[:, self._lines[hz][0]].sum(axis=1) < _HELD * held)
        first = min(int(without[-1]) + 1, len(powers) - 1) if len(without) else 0
        return self._pieces[first].begin

    def _standing(self, power: Wide, hz: float) -> int:
        """How many harmonics stand out from what is beside them."""
        _, centres = self._lines[hz]
        beside = np.array([4, 5, 6, 7])
        line = power[centres[:, None] + np.arange(-_LINE_BINS, _LINE_BINS + 1)].mean(axis=1)
        near = power[centres[:, None] + np.concatenate((-beside, beside))].mean(axis=1)
        return int(np.count_nonzero(line > HUM_LINE_OVER * near))


def _within(start_s: float, per_second: int) -> slice:
    return slice(round(start_s * per_second), round((start_s + HUM_PIECE_S) * per_second))


def _lines(mains_hz: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bins of the lines of a mains frequency, and their centres."""
    centres = np.rint(mains_hz * HUM_PIECE_S * np.arange(1, HUM_TOP_HZ // mains_hz + 1)).astype(np.int64)
    return (centres[:, None] + np.arange(-_LINE_BINS, _LINE_BINS + 1)).ravel(), centres
