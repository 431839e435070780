"""Call-progress tones, fax tones and keys, as exchanges of several countries send them (ITU-T E.180, Q.23).

May not mix: one tone stream at one level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.material import RATE, Rng, Sound

LEVEL = 0.05
"""Amplitude of one frequency; a scene sets the level against it."""
TONES_HZ: tuple[tuple[int, ...], ...] = (
    (450,),  # China, and most of its tones
    (425,),  # Europe
    (440, 480),  # North American ring-back
    (400, 450),  # British ring-back
    (350, 440),  # North American dial tone
    (480, 620),  # North American busy
    (400,),
    (1100,),  # a calling fax (ITU-T T.30)
    (950, 1400, 1800),  # special information tone, one after the other
    (2100,),  # an answering fax or modem (ITU-T V.25)
)
ENDLESS = (9.0, 0.0)
CADENCES_S: tuple[tuple[float, ...], ...] = (
    (1, 4),
    (2, 4),
    (0.35, 0.35),
    (0.5, 0.5),
    (0.25, 0.25),
    (0.7, 0.7),
    ENDLESS,
    (0.4, 0.2, 0.4, 2),
    (0.375, 0.375),
    (0.5, 3),
)
"""On, off, on, off: of ring-back, busy, congestion and number unobtainable."""
DEVIATION = (0.98, 1.02)
"""Exchanges and their clocks are not exact."""
SIT_STEP_S = 0.33
WARBLED = 0.1
WARBLE_HZ = (12.0, 26.0)
WARBLE_DEPTH = 0.8
"""Some exchanges send ring-back modulated by the ringing current (16 to 25 Hz)."""
KEYED = 0.25
LOW_KEYS_HZ = (697, 770, 852, 941)
HIGH_KEYS_HZ = (1209, 1336, 1477, 1633)
KEY_S = (0.05, 0.3)
KEY_PAUSE_S = (0.05, 0.6)


def tones(rng: Rng, length: int) -> Sound:
    """A stream of one tone with its cadence, or of keys."""
    seconds = np.arange(length) / RATE
    deviation = rng.uniform(*DEVIATION)
    frequencies = TONES_HZ[rng.integers(len(TONES_HZ))]
    cadence = CADENCES_S[rng.integers(len(CADENCES_S))]
    if rng.random() < KEYED:
        return _keys(rng, length)
    if len(frequencies) < 3:
        wave = np.zeros(length)
        for hz in frequencies:
            wave += np.sin(2 * np.pi * hz * deviation * seconds + rng.uniform(0, 6))
    else:
        step = np.minimum(seconds // SIT_STEP_S % 4, 2).astype(int)
        wave = np.sin(2 * np.pi * np.array(frequencies)[step] * seconds)
    if rng.random() < WARBLED:
        wave = wave * (1 + WARBLE_DEPTH * np.sin(2 * np.pi * rng.uniform(*WARBLE_HZ) * seconds))
    gate = _gate(cadence, length, -int(rng.uniform(0, sum(cadence)) * RATE))
    return (wave * gate * LEVEL).astype(np.float32)


def _gate(cadence: tuple[float, ...], length: int, start: int) -> NDArray[np.float64]:
    """1 where the tone sounds; the first period begins at `start`, before the sound does."""
    if cadence == ENDLESS:
        return np.ones(length)
    gate = np.zeros(length)
    at, turn = start, 0
    while at < length:
        lasts = int(cadence[turn % len(cadence)] * RATE)
        if turn % 2 == 0:
            gate[max(0, at) : max(0, at + lasts)] = 1
        at += max(lasts, 1)
        turn += 1
    return gate


def _keys(rng: Rng, length: int) -> Sound:
    seconds = np.arange(length) / RATE
    out = np.zeros(length)
    at = int(rng.uniform(0, 2) * RATE)
    while at < length:
        lasts = int(rng.uniform(*KEY_S) * RATE)
        low, high = LOW_KEYS_HZ[rng.integers(4)], HIGH_KEYS_HZ[rng.integers(4)]
        end = min(lasts, length - at)
        out[at : at + end] = np.sin(2 * np.pi * low * seconds[:end]) + np.sin(
            2 * np.pi * high * seconds[:end]
        )
        at += lasts + int(rng.uniform(*KEY_PAUSE_S) * RATE)
    return (out * LEVEL).astype(np.float32)
