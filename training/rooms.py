"""Rooms, handsets and what sounds in them without anyone doing anything: reverb, equaliser, hiss, hum.

May not draw recordings.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from training.material import RATE, Rng, Sound, Wide

WALL_LEVEL = (0.1, 0.6)
"""Energy of all reflections against the direct sound's, as an amplitude."""
LATEST_REFLECTION = 200
"""Samples (12.5 ms, 4 m) before the first reflection."""
DECAY = 6.9
"""exp(-6.9) is -60 dB: the definition of reverberation time (ISO 3382-1)."""
STEEPEST = 0.9
"""Amplitude falls with frequency to this power at most (5.4 dB per octave: nearly brown)."""
HUM_HARMONICS = 6


def rms(sound: Wide) -> np.floating[Any]:
    """Effective value, never zero."""
    value: np.floating[Any] = np.sqrt(np.mean(sound * sound) + 1e-12)
    return value


def reverb(rng: Rng, sound: Sound, seconds: float, direct: float = 1.0) -> Sound:
    """The sound in a room of that reverberation time: exponential noise behind the direct sound."""
    length = int(seconds * RATE)
    walls = rng.standard_normal(length) * np.exp(-DECAY * np.arange(length) / length)
    walls *= rng.uniform(*WALL_LEVEL) / np.sqrt((walls * walls).sum() + 1e-9)
    delay = np.zeros(rng.integers(0, LATEST_REFLECTION))
    room = np.concatenate([[direct], delay, walls])
    heard: Sound = fftconvolve(sound, room)[: len(sound)].astype(np.float32)
    return heard


def equalise(rng: Rng, sound: Sound, voiced: NDArray[np.bool_]) -> Sound:
    """The tilt of a handset and microphone, at most 15 dB from end to end; level of the voice kept at 1."""
    tilted: Sound = np.convolve(sound, np.array([1.0, rng.uniform(-0.7, 0.7)]))[: len(sound)].astype(
        np.float32
    )
    return tilted / rms(tilted[voiced]) if voiced.sum() > 800 else tilted


def hiss(rng: Rng, length: int) -> Sound:
    """Noise of effective value 1 that falls towards high frequencies, half the time with one broad bump."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum *= (np.arange(len(spectrum)) + 1.0) ** (-rng.uniform(0, 1) * STEEPEST)
    if rng.random() < 0.5:
        centre, width = rng.uniform(0.02, 0.8) * len(spectrum), rng.uniform(0.05, 0.5) * len(spectrum)
        away = (np.arange(len(spectrum)) + 1.0 - centre) / width
        spectrum *= 1 + rng.uniform(0, 3) * np.exp(-(away**2))
    noise: Sound = np.fft.irfft(spectrum, length).astype(np.float32)
    return noise / rms(noise)


def hum(rng: Rng, length: int) -> Sound:
    """Mains and its harmonics, each up to 1."""
    seconds = np.arange(length) / RATE
    mains = rng.choice([50, 60])
    total = np.zeros(length)
    for harmonic in range(1, HUM_HARMONICS + 1):
        total += np.sin(2 * np.pi * mains * harmonic * seconds + rng.uniform(0, 6)) * rng.uniform(0, 1)
    return total.astype(np.float32)
