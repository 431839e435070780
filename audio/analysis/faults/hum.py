"""Mains hum: 50 or 60 Hz with harmonics, heard in the pauses.

May not look at speech or at tones, and not over 360 Hz: call-progress tones lie there.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import Pause, Second
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
    HUM_STEADY_SHARE,
    HUM_TOP_HZ,
    HUM_WARN_DBFS,
    HUM_WARN_SHARE,
    PAUSE_S,
)
from audio.analysis.frame import Finding
from audio.decibel import dbfs
from state.words import AudioFault

Wide = NDArray[np.float64]

_SCALE = Scale(HUM_WARN_DBFS, HUM_FAIL_DBFS, HUM_END_DBFS)
_RATE = 4000
"""Pieces are averaged down to this before they are transformed; it costs 1.4 dB at 1 kHz."""
_LINE_BINS = round(HUM_LINE_HZ * PAUSE_S)


class Hum:
    """Power spectra of the last pauses: what is in all of them, against what is usual."""

    def __init__(self, rate: int) -> None:
        self._step = rate // _RATE
        count = round(_RATE * PAUSE_S)
        self._window: Wide = np.hanning(count)
        self._scale = 2.0 / (count * float(self._window @ self._window))
        self._last_bin = round(HUM_BAND_HZ[1] * PAUSE_S)
        self._spectra: deque[Wide] = deque(maxlen=round(HUM_MEMORY_S / PAUSE_S))
        self._lines = {hz: _lines(hz) for hz in HUM_MAINS_HZ}
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._spectra.clear()
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; without a pause in it nothing changes."""
        for pause in second.pauses:
            self._spectra.append(self._spectrum(pause))
            if len(self._spectra) * PAUSE_S >= HUM_JUDGED_S - 1e-6:
                self._judge(pause.begin)

    def _spectrum(self, pause: Pause) -> Wide:
        """Power of each 3.3 Hz, in squared steps of a sample."""
        slow = pause.samples.reshape(-1, self._step).mean(axis=1)
        slow = (slow - slow.mean()) * self._window
        bins = np.fft.rfft(slow)[: self._last_bin + 1]
        power: Wide = (bins.real**2 + bins.imag**2) * self._scale
        return power

    def _judge(self, begin: float) -> None:
        spectra = np.sort(np.stack(self._spectra), axis=0)
        power: Wide = spectra[round(HUM_STEADY_SHARE * (len(spectra) - 1))]
        whole = float(spectra[len(spectra) // 2, round(HUM_BAND_HZ[0] * PAUSE_S) :].sum())
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
        since = self.finding.since if self.finding else begin - HUM_JUDGED_S + PAUSE_S
        evidence = (
            f"mains hum of {hz:.0f} Hz at {level:.0f} dBFS, {100.0 * share:.0f} % of the pauses' low sound"
        )
        self.finding = Finding(AudioFault.HUM, since, _SCALE.confidence(level), evidence)

    def _standing(self, power: Wide, hz: float) -> int:
        """How many harmonics stand out from what is beside them."""
        _, centres = self._lines[hz]
        beside = np.array([4, 5, 6, 7])
        line = power[centres[:, None] + np.arange(-_LINE_BINS, _LINE_BINS + 1)].mean(axis=1)
        near = power[centres[:, None] + np.concatenate((-beside, beside))].mean(axis=1)
        return int(np.count_nonzero(line > HUM_LINE_OVER * near))


def _lines(mains_hz: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bins of the lines of a mains frequency, and their centres."""
    centres = np.rint(mains_hz * PAUSE_S * np.arange(1, HUM_TOP_HZ // mains_hz + 1)).astype(np.int64)
    return (centres[:, None] + np.arange(-_LINE_BINS, _LINE_BINS + 1)).ravel(), centres
