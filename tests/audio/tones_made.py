"""Call-progress tones as a line delivers them: any frequencies, cadence, level, noise, band and law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.wav import Samples

Wave = NDArray[np.float64]

_EDGE_S = 0.003
"""A switch's gate is not instant, and the band limits it further."""


@dataclass(frozen=True)
class Made:
    """One tone on one line. `hz` sounds together; `modulated_hz` swings the amplitude fully, if not 0."""

    hz: tuple[float, ...]
    cadence: tuple[float, ...] = ()
    """Seconds on, off, on, off; none: without pause."""
    seconds: float = 6.0
    rate: int = 8000
    level_dbfs: float = -20.0
    """Of the sounding tone, all lines together."""
    noise_dbfs: float = -65.0
    law: str = "mu"
    band: bool = True
    """300 to 3400 Hz, as a telephone line passes."""
    detune: float = 0.0
    """Relative error of all frequencies."""
    twist_db: float = 0.0
    """How much weaker the second line is than the first."""
    modulated_hz: float = 0.0
    lead_s: float = 0.5
    """Noise before the tone."""
    offset_s: float = 0.0
    """How far into its cadence the tone is when the sound begins (lead_s should be 0 then)."""
    seed: int = 1

    def on(self, at: Wave) -> NDArray[np.bool_]:
        """Whether the tone sounds at these seconds."""
        begun = at >= self.lead_s
        if not self.cadence:
            return begun
        place = np.mod(at - self.lead_s + self.offset_s, sum(self.cadence))
        edges = np.concatenate(((0.0,), np.cumsum(self.cadence)))
        return begun & (np.searchsorted(edges, place, side="right") % 2 == 1)

    def sound(self) -> Samples:
        random = np.random.default_rng(self.seed)
        at = np.arange(round(self.seconds * self.rate)) / self.rate
        wave = np.zeros(len(at))
        for number, hz in enumerate(self.hz):
            phase = random.uniform(0, 2 * np.pi)
            wave += 10 ** (-self.twist_db * number / 20) * np.cos(
                2 * np.pi * hz * (1 + self.detune) * at + phase
            )
        if self.modulated_hz:
            wave *= 1 + np.cos(2 * np.pi * self.modulated_hz * at + random.uniform(0, 2 * np.pi))
        wave *= 32768 * 10 ** (self.level_dbfs / 20) / np.sqrt(np.mean(wave**2))
        wave *= _smoothed(self.on(at).astype(float), round(_EDGE_S * self.rate))
        wave += random.standard_normal(len(at)) * 32768 * 10 ** (self.noise_dbfs / 20)
        if self.band:
            wave = telephone_band(wave, self.rate)
        coded = companded(np.clip(np.rint(wave), -32768, 32767), self.law)
        return coded.astype(np.int16)


def telephone_band(wave: Wave, rate: int) -> Wave:
    """What passes 300 to 3400 Hz (windowed sinc, its delay taken out)."""
    taps = 2 * (rate // 100) + 1
    moment = np.arange(taps) - taps // 2
    kernel = 6800 / rate * np.sinc(6800 / rate * moment) - 600 / rate * np.sinc(600 / rate * moment)
    kernel *= np.hamming(taps)
    size = 1 << (len(wave) + taps).bit_length()
    full = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(kernel, size), size)
    return np.asarray(full[taps // 2 : taps // 2 + len(wave)])


def companded(wave: Wave, law: str) -> Wave:
    """There and back through ITU-T G.711 (8 bits, by its continuous law rounded to code words)."""
    if law == "none":
        return wave
    sign, share = np.sign(wave), np.minimum(np.abs(wave) / 32768, 1.0)
    if law == "mu":
        code = np.rint(np.log1p(255 * share) / np.log(256) * 127) / 127
        return np.asarray(sign * np.expm1(code * np.log(256)) / 255 * 32767)
    knee = 1 + np.log(87.6)
    code = np.where(share < 1 / 87.6, 87.6 * share, 1 + np.log(np.maximum(87.6 * share, 1e-9))) / knee
    code = (np.floor(code * 128) + 0.5) / 128
    back = np.where(code < 1 / knee, code * knee, np.exp(code * knee - 1)) / 87.6
    return np.asarray(sign * np.minimum(back, 1.0) * 32767)


def _smoothed(gate: Wave, length: int) -> Wave:
    kernel = np.hanning(length + 2)[1:-1]
    return np.convolve(gate, kernel / kernel.sum(), "same")
