"""Puts a known fault into a recording from a moment on, at three strengths: pure, the same each time.

May not look at what the analysers make of it: the strengths are physical quantities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from audio.analysis.active_level import ActiveLevelMeter
from audio.wav import Samples
from state.words import AudioFault

Wide = NDArray[np.float64]

FULL = 32767.0
PACKET_S = 0.02
POPS_VARY_DB = 4.0
"""So much weaker than the stated peak a puff may be."""


class Strength(StrEnum):
    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Case:
    """One way a fault shows: what is done to the sound, and how much at each strength."""

    name: str
    fault: AudioFault
    quantity: str
    """What the three values are."""
    values: tuple[float, float, float]
    change: Callable[[Wide, int, float], Wide]
    """The sound after the moment, its rate and a value; the changed sound."""

    def value(self, strength: Strength) -> float:
        return self.values[list(Strength).index(strength)]

    def into(self, sound: Samples, rate: int, begin_s: float, strength: Strength) -> Samples:
        """The recording with this fault from `begin_s` on."""
        start = round(begin_s * rate)
        changed = self.change(sound[start:].astype(np.float64), rate, self.value(strength))
        after = np.clip(np.rint(changed), -32768, 32767).astype(np.int16)
        return np.concatenate((sound[:start], after))


def chance(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def active_dbov(sound: Wide, rate: int) -> float:
    return ActiveLevelMeter(rate).push(sound - sound.mean()).level().active_dbov


def scaled(sound: Wide, level_dbfs: float) -> Wide:
    """A sound brought to an RMS level."""
    rms = float(np.sqrt(np.mean(sound**2)))
    return sound * (32768.0 * 10.0 ** (level_dbfs / 20.0) / rms)


def room_noise(count: int, rate: int, seed: int = 1) -> Wide:
    """Noise like a room's: falls by 6 dB per octave over 100 Hz."""
    spectrum = np.fft.rfft(chance(seed).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1.0 / rate)
    return np.fft.irfft(spectrum * (hz > 20.0) / np.sqrt(1.0 + (hz / 100.0) ** 2), count)


def companded(sound: Wide) -> Wide:
    """There and back through G.711 mu-law: 8 segments of 16 steps each way."""
    clipped = np.clip(np.rint(sound), -32635, 32635)
    biased = np.abs(clipped) + 132.0
    step = 2.0 ** (np.floor(np.log2(biased)) - 4.0)
    return np.sign(clipped) * ((np.floor(biased / step) + 0.5) * step - 132.0)


def zeroed(sound: Wide, rate: int, dither: float) -> Wide:
    """Nothing but dither of so many steps."""
    return np.rint(chance(2).uniform(-dither, dither, len(sound)))


def stuck(sound: Wide, rate: int, value: float) -> Wide:
    """One value; the weak one flickers by a step."""
    flicker = np.rint(chance(3).uniform(0.0, 1.0, len(sound))) if value < 10.0 else 0.0
    return np.full(len(sound), value) + flicker


def quiet(sound: Wide, rate: int, level_dbov: float) -> Wide:
    """Everything turned down until the speech has a level."""
    return sound * 10.0 ** ((level_dbov - active_dbov(sound, rate)) / 20.0)


def noisy(sound: Wide, rate: int, snr_db: float) -> Wide:
    """Room noise so far under the speech, where speech is."""
    return background(sound, rate, active_dbov(sound, rate) - snr_db)


def clip_limit(sound: Wide, share_percent: float) -> float:
    """The size that so large a share of the samples that are active lies above."""
    size = np.abs(sound)
    active = size[size > 0.05 * size.max()]
    return float(np.quantile(active, 1.0 - share_percent / 100.0))


def clipped(sound: Wide, share_percent: float) -> Wide:
    """Cut at that size."""
    limit = clip_limit(sound, share_percent)
    return np.clip(sound, -limit, limit)


def clipped_at_full_scale(sound: Wide, rate: int, share_percent: float) -> Wide:
    cut = clipped(sound, share_percent)
    return cut * (FULL / np.abs(cut).max())


def clipped_then_lower(sound: Wide, rate: int, share_percent: float) -> Wide:
    """Clipped in the device, then turned down by 12 dB."""
    return clipped_at_full_scale(sound, rate, share_percent) * 10.0 ** (-12.0 / 20.0)


def clipped_then_coded(sound: Wide, rate: int, share_percent: float) -> Wide:
    return companded(clipped_then_lower(sound, rate, share_percent))


def offset(sound: Wide, rate: int, percent: float) -> Wide:
    return sound + FULL * percent / 100.0


def hum(sound: Wide, rate: int, level_dbfs: float, mains_hz: float) -> Wide:
    """Mains hum, harmonics falling, of a grid that is a little off."""
    t = np.arange(len(sound)) / rate
    parts = [np.sin(2 * np.pi * 1.002 * mains_hz * k * t + k) / k for k in (1, 2, 3, 5)]
    return sound + scaled(np.sum(parts, axis=0), level_dbfs)


def hum_50(sound: Wide, rate: int, level_dbfs: float) -> Wide:
    return hum(sound, rate, level_dbfs, 50.0)


def hum_60(sound: Wide, rate: int, level_dbfs: float) -> Wide:
    return hum(sound, rate, level_dbfs, 60.0)


def background(sound: Wide, rate: int, level_dbfs: float) -> Wide:
    """Room noise at a level over 120 Hz, where speech is."""
    noise = room_noise(len(sound), rate, seed=4)
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(len(sound), 1.0 / rate) < 120.0] = 0.0
    return sound + scaled(np.fft.irfft(spectrum, len(sound)), level_dbfs)


def pops(sound: Wide, rate: int, peak_dbfs: float) -> Wide:
    """Every 0.8 s a puff of air on the microphone: noise of 20 to 120 Hz, up in 8 ms, down in 40."""
    out = sound.copy()
    count = round(0.15 * rate)
    t = np.arange(count) / rate
    shape = np.minimum(t / 0.008, 1.0) * np.exp(-np.maximum(t - 0.008, 0.0) / 0.04)
    hz = np.fft.rfftfreq(count, 1.0 / rate)
    for number, start in enumerate(range(round(0.3 * rate), len(sound) - count, round(0.8 * rate))):
        spectrum = np.fft.rfft(chance(100 + number).standard_normal(count))
        puff = np.fft.irfft(spectrum * (hz > 15.0) / (1.0 + (hz / 60.0) ** 4), count) * shape
        peak = peak_dbfs + chance(200 + number).uniform(-POPS_VARY_DB, 0.0)
        out[start : start + count] += puff * (FULL * 10.0 ** (peak / 20.0) / np.abs(puff).max())
    return out


def lost(sound: Wide, rate: int, percent: float) -> Wide:
    """Packets lost, zeros played instead."""
    out, packet = sound.copy(), round(PACKET_S * rate)
    gone = chance(5).random(len(sound) // packet) < percent / 100.0
    for number in np.flatnonzero(gone):
        out[number * packet : (number + 1) * packet] = 0.0
    return out


def repeated(sound: Wide, rate: int, percent: float) -> Wide:
    """Packets lost, the one before played again."""
    out, packet = sound.copy(), round(PACKET_S * rate)
    gone = chance(6).random(len(sound) // packet) < percent / 100.0
    for number in np.flatnonzero(gone[1:]) + 1:
        out[number * packet : (number + 1) * packet] = out[(number - 1) * packet : number * packet]
    return out


def clicks(sound: Wide, rate: int, peak_dbfs: float) -> Wide:
    """Two clicks a second, one sample each."""
    out, random = sound.copy(), chance(7)
    count = round(2.0 * len(sound) / rate)
    at = random.integers(0, len(sound), count)
    out[at] += random.choice((-1.0, 1.0), count) * FULL * 10.0 ** (peak_dbfs / 20.0)
    return out


def far_from_microphone(sound: Wide, rate: int, direct_db: float) -> Wide:
    """A room of 0.5 s reverberation, with the direct sound so far over (or under) what comes back."""
    count = round(0.6 * rate)
    t = np.arange(count) / rate
    tail = chance(8).standard_normal(count) * 10.0 ** (-3.0 * t / 0.5)
    tail[: round(0.004 * rate)] = 0.0
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = 10.0 ** (direct_db / 20.0)
    size = len(sound) + count
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return wet * np.sqrt(np.sum(sound**2) / np.sum(wet**2))


F = AudioFault
CASES = (
    Case("digital zero", F.DIGITAL_ZERO, "dither in steps", (2.6, 1.4, 0.0), zeroed),
    Case("frozen", F.FROZEN, "the value", (5.0, 40.0, 12000.0), stuck),
    Case("too quiet", F.TOO_QUIET, "speech level, dBov", (-37.0, -44.0, -54.0), quiet),
    Case("poor SNR", F.POOR_SNR, "SNR, dB", (16.0, 10.0, 4.0), noisy),
    Case("clipping", F.CLIPPING, "samples clipped, %", (0.2, 1.0, 5.0), clipped_at_full_scale),
    Case("clipping, then -12 dB", F.CLIPPING, "samples clipped, %", (0.2, 1.0, 5.0), clipped_then_lower),
    Case("clipping, then G.711", F.CLIPPING, "samples clipped, %", (0.2, 1.0, 5.0), clipped_then_coded),
    Case("offset", F.OFFSET, "% of full scale", (0.7, 2.0, 6.0), offset),
    Case("hum, 50 Hz", F.HUM, "level, dBFS", (-60.0, -46.0, -34.0), hum_50),
    Case("hum, 60 Hz", F.HUM, "level, dBFS", (-60.0, -46.0, -34.0), hum_60),
    Case("loud background", F.LOUD_BACKGROUND, "level, dBFS", (-47.0, -41.0, -34.0), background),
    Case("breath pops", F.BREATH_POPS, "peak, dBFS", (-26.0, -14.0, -6.0), pops),
    Case("gaps: zeros", F.GAPS, "packets lost, %", (1.0, 5.0, 12.0), lost),
    Case("gaps: repeats", F.GAPS, "packets lost, %", (1.0, 5.0, 12.0), repeated),
    Case("gaps: clicks", F.GAPS, "peak, dBFS", (-24.0, -10.0, -3.0), clicks),
    Case("hands-free", F.HANDS_FREE, "direct to reverberant, dB", (6.0, -3.0, -9.0), far_from_microphone),
)
