"""Voice or tone: periodicity of the last 40 ms between 70 and 400 Hz, and power held by single lines.

May not decide: it measures, and only when asked (a quiet frame costs one copy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import frame_length

Wide = NDArray[np.float64]

_RATE = 4000
"""Pitch and call-progress tones lie below 2 kHz."""
_WINDOW = 160
"""40 ms: two periods of a 70 Hz voice and a bit."""
_LAGS = slice(10, 58)
"""400 down to 70 Hz."""
_BIN_HZ = _RATE / _WINDOW
_LINE_BINS = 2
"""A line is its bin and two on either side: 125 Hz, the main lobe of a Hann window and a close pair."""
_PASS_HZ = 1500.0


@dataclass(frozen=True, slots=True)
class Pitch:
    """How periodic the last 40 ms are (1 = wholly), and how much power one line and two lines hold."""

    periodicity: float
    line_share: float
    two_line_share: float
    line_hz: float
    second_hz: float


class PitchMeter:
    """Keeps the last 40 ms of one channel, decimated when asked."""

    def __init__(self, rate: int) -> None:
        step = rate // _RATE
        if step * _RATE != rate:
            raise ValueError(f"rate {rate} is no multiple of {_RATE}")
        taps = 14 * step + 1
        self._low_pass = _low_pass(taps, _PASS_HZ / rate)
        self._length = frame_length(rate)
        self._heard = np.zeros((_WINDOW - 1) * step + taps)
        self._rows = np.lib.stride_tricks.sliding_window_view(self._heard, taps)[::step]
        self._hann = np.hanning(_WINDOW)

    def push(self, filtered: Wide) -> None:
        """Take one frame."""
        self._heard[: -self._length] = self._heard[self._length :]
        self._heard[-self._length :] = filtered

    def measure(self) -> Pitch:
        """The last 40 ms as they are now."""
        sound = self._rows @ self._low_pass
        sound -= sound.mean()
        power = np.concatenate(((0.0,), np.cumsum(sound * sound)))
        lagged = np.correlate(sound, sound, "full")[_WINDOW - 1 :][_LAGS]
        early = power[_WINDOW - _LAGS.start : _WINDOW - _LAGS.stop : -1]
        late = power[_WINDOW] - power[_LAGS]
        periodicity = float(np.max(lagged / np.sqrt(early * late + 1e-6)))
        spectrum = np.abs(np.fft.rfft(sound * self._hann)) ** 2
        total = float(spectrum.sum()) + 1e-9
        first, first_power = _take_line(spectrum)
        second, second_power = _take_line(spectrum)
        return Pitch(
            periodicity,
            first_power / total,
            (first_power + second_power) / total,
            first * _BIN_HZ,
            second * _BIN_HZ,
        )

    def reset(self) -> None:
        """Forget what was heard."""
        self._heard[:] = 0.0


def _take_line(spectrum: Wide) -> tuple[float, float]:
    """Place (in bins, at its centre of mass) and power of the strongest line, which is taken out."""
    top = int(np.argmax(spectrum))
    line = spectrum[max(0, top - _LINE_BINS) : top + _LINE_BINS + 1]
    power = float(line.sum())
    offset = float(line @ np.arange(len(line))) / (power + 1e-12)
    line[:] = 0.0
    return max(0, top - _LINE_BINS) + offset, power


def _low_pass(taps: int, edge: float) -> Wide:
    """Windowed sinc with unit gain; `edge` in cycles per sample."""
    moment = np.arange(taps) - (taps - 1) / 2
    kernel: Wide = np.sinc(2.0 * edge * moment) * np.hamming(taps)
    kernel /= kernel.sum()
    return kernel
