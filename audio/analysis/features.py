"""What the voice model is shown of a frame: a spectrum in bands, periodicity, and the engine's opinion.

May not decide anything. The same numbers at every rate: only what lies below 4 kHz is looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import frame_length

Wide = NDArray[np.float64]
Row = NDArray[np.float32]

WINDOW_S = 0.032
"""Two periods of a 70 Hz voice; 256 samples at 8 kHz."""
BANDS = 22
LOWEST_HZ = 120.0
HIGHEST_HZ = 3700.0
"""What a telephone passes, and some: a wideband microphone and a telephone line look alike."""
LOWEST_PITCH_HZ = 70.0
HIGHEST_PITCH_HZ = 400.0
FEATURES = BANDS + 5
LINE_BINS = 8
"""Two lines, each four bins wide behind a Hann window."""
LINE_SHARE = 0.93
"""Measured: tones 14 dB over noise hold 0.95 and more in LINE_BINS, four fifths of a talker's frames less."""
_BINS = 128
_BIN_HZ = 31.25
_LAG_RATE = 8000
_CENTRE_DB = -60.0
_SPREAD_DB = 20.0
"""Band levels lie between about -100 and -20 dBFS after the pre-gain: so they become -2 to 2."""
_SILENT = 1e-10


class FeatureMeter:
    """Features of one channel, frame by frame."""

    def __init__(self, rate: int) -> None:
        size = round(rate * WINDOW_S)
        self._length = frame_length(rate)
        self._heard = np.zeros(size)
        self._window = np.hanning(size + 1)[:-1] * (np.sqrt(8.0 / 3.0) / size / 32768.0)
        self._bands = _mel_bands()
        self._out = np.zeros(FEATURES, np.float32)
        self._power = np.zeros(_BINS)

    def push(self, filtered: Wide, gain_db: float, over_floor_db: float, opinion: int) -> Row:
        """Features (FEATURES,) of the window that ends with this frame; valid until the next push."""
        heard, length = self._heard, self._length
        heard[:-length] = heard[length:]
        heard[-length:] = filtered
        spectrum = np.fft.rfft(heard * self._window)[:_BINS]
        power = spectrum.real**2 + spectrum.imag**2
        out = self._out
        out[:BANDS] = np.log10(power @ self._bands + _SILENT)
        out[:BANDS] *= 10.0 / _SPREAD_DB
        out[:BANDS] += (gain_db - _CENTRE_DB) / _SPREAD_DB
        self._power = power
        periodicity, lag = _periodicity(power)
        out[BANDS] = 2.0 * periodicity - 0.6
        out[BANDS + 1] = lag
        out[BANDS + 2] = min(over_floor_db, 40.0) / 20.0 - 0.5
        out[BANDS + 3] = opinion > 0
        out[BANDS + 4] = opinion > 1
        return out

    def bare(self) -> bool:
        """Whether the last window may be lines and nothing else: a few bins hold nearly all of its power."""
        highest = np.partition(self._power, -LINE_BINS)[-LINE_BINS:]
        return float(highest.sum()) > LINE_SHARE * float(self._power.sum())

    def reset(self) -> None:
        """A new call begins."""
        self._heard[:] = 0.0
        self._power = np.zeros(_BINS)


_SHORTEST = round(_LAG_RATE / HIGHEST_PITCH_HZ)
_LONGEST = round(_LAG_RATE / LOWEST_PITCH_HZ)


def _periodicity(power: Wide) -> tuple[float, float]:
    """How periodic the flattened spectrum is (0 to 1), and at which lag (-1 to 1 in the pitch range)."""
    lagged = np.fft.irfft(np.sqrt(power), 2 * _BINS)
    area = lagged[_SHORTEST : _LONGEST + 1]
    best = int(area.argmax())
    lag = np.log(1.0 + best / _SHORTEST) / np.log(_LONGEST / _SHORTEST)
    return float(area[best]) / (float(lagged[0]) + 1e-12), 2.0 * lag - 1.0


def _mel(hz: float) -> float:
    return 1127.0 * float(np.log1p(hz / 700.0))


def _mel_bands() -> Wide:
    """Triangles of equal width on the mel scale (O'Shaughnessy 1987), (bins, bands)."""
    edges = 700.0 * np.expm1(np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2) / 1127.0)
    places = np.arange(_BINS)[:, None] * _BIN_HZ
    rising = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    bands: Wide = np.maximum(0.0, np.minimum(rising, falling))
    return np.ascontiguousarray(bands)
