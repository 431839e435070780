"""Two quiet sweeps, and whether a microphone heard them: pure functions of samples.

May not play or record. The sweeps cover the band of a telephone; what comes back is found below the noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decibel import FULL_SCALE, amplitude

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]

SWEEP_S = 1.0
STARTS_S = (0.4, 1.6)
"""When the two begin: noise or talk hardly ever looks like both, and at the same delay."""
LASTS_S = STARTS_S[1] + SWEEP_S
BAND_HZ = (300.0, 3400.0)
"""ITU-T G.712: what a telephone passes, and every headset plays."""
LEVEL_DBFS = -30.0
"""RMS; 10 dB under the quietest prompt cap most people set (ours)."""
RAMP_S = 0.1
"""Nothing begins or ends with a click."""
LATEST_S = 0.6
"""Both ways through a slow sound server, and across a room (ours)."""
PIECES = 8
"""Of a sweep: looked for one by one, as a stream is stretched by single samples (`audio.live.ring`)."""
WANDER_S = 0.004
"""What the delays of the pieces may differ by (measured: 3 ms)."""
STANDS_OUT = 6.0
"""The best delay over the usual one; talk, music and tones reach 6 in one stretch of 570 (measured)."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The sweeps came back: how late, and how many dB lower than they were played."""

    delay_s: float
    loss_db: float


def sweep(rate: int, level_dbfs: float) -> Samples:
    """One sweep at a level (RMS), from the lowest to the highest frequency in equal ratios, with ramps."""
    t = np.arange(round(SWEEP_S * rate)) / rate
    low, high = BAND_HZ
    speed = math.log(high / low) / SWEEP_S
    phase = 2.0 * math.pi * low / speed * (np.exp(speed * t) - 1.0)
    edge = np.minimum(1.0, np.minimum(t, t[::-1]) / RAMP_S)
    wave = np.sin(phase) * (0.5 - 0.5 * np.cos(math.pi * edge))
    wave *= amplitude(level_dbfs) * FULL_SCALE / math.sqrt(float(np.mean(wave * wave)))
    samples: Samples = np.rint(wave).astype(np.int16)
    return samples


def to_play(rate: int, seconds: float, level_dbfs: float) -> Samples:
    """Silence of a length with the two sweeps in it."""
    sound = np.zeros(round(seconds * rate), np.int16)
    for start_s in STARTS_S:
        start = round(start_s * rate)
        one = sweep(rate, level_dbfs)[: len(sound) - start]
        sound[start : start + len(one)] = one
    return sound


def find(heard: Samples, rate: int, level_dbfs: float) -> Returned | None:
    """Where the sweeps of `to_play`, played from the first sample on, are in what was heard, if anywhere."""
    gains = matches(heard, rate, level_dbfs)
    if not len(gains):
        return None
    best, usual = int(np.argmax(gains)), float(np.median(gains))
    if gains[best] <= STANDS_OUT * usual or gains[best] <= 0.0:
        return None
    return Returned(best / rate, -20.0 * math.log10(gains[best]))


def matches(heard: Samples, rate: int, level_dbfs: float) -> Wide:
    """The gain at which half of the pieces or more are there, for each delay in samples."""
    wave = sweep(rate, level_dbfs).astype(np.float64)
    length, delays = len(wave) // PIECES, round(LATEST_S * rate)
    gains = []
    for start_s in STARTS_S:
        for number in range(PIECES):
            begin = number * length
            part = heard[round(start_s * rate) + begin :][: length + delays].astype(np.float64)
            if len(part) < length + delays:
                return np.zeros(0)
            gains.append(_gain(part, wave[begin : begin + length], round(WANDER_S * rate)))
    found: Wide = np.median(gains, axis=0)
    return found


def _gain(part: Wide, piece: Wide, wander: int) -> Wide:
    """How much of a piece is in the sound from each sample on, or near there."""
    size = len(part) + len(piece)
    spectrum = np.fft.rfft(part, size) * np.conj(np.fft.rfft(piece, size))
    there = np.abs(np.fft.irfft(spectrum, size)[: len(part) - len(piece)]) / float(piece @ piece)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(there, wander), 2 * wander + 1)
    largest: Wide = around.max(axis=1)
    return largest
