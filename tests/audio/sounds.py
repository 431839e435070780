"""Sounds for the audio tests: recordings in tests/recordings, and made ones with known properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from audio.wav import Recording, Samples, read_wav

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"

LABELS = {
    "sentence_zh.wav": ((0.46, 3.80), (4.81, 7.09)),
    "sentence_zh_16k.wav": ((0.46, 3.80), (4.81, 7.09)),
    "sentence_zh_2_16k.wav": ((0.46, 3.70),),
    "answer_4s.wav": ((4.00, 4.35), (7.50, 8.29), (10.50, 13.74), (17.00, 17.34)),
}
"""Where somebody speaks, in seconds."""

WORDS = {
    "answer_4s.wav": ((4.00, 4.35), (17.00, 17.34)),
    "digits.wav": ((1.00, 1.31), (1.90, 2.19), (8.50, 8.76), (18.00, 18.29), (25.00, 25.39), (27.00, 27.33)),
}
"""Single short words: the "wei?" of a call."""


def recording(name: str) -> Recording:
    return read_wav(RECORDINGS / name)


def cut(name: str, begin_s: float, end_s: float) -> Samples:
    whole = recording(name)
    return whole.samples[round(begin_s * whole.rate) : round(end_s * whole.rate)]


def tone(rate: int, hz: float, seconds: float, level_dbfs: float = -20.0) -> Samples:
    """A sine whose RMS is at a level."""
    t = np.arange(round(rate * seconds)) / rate
    amplitude = 32768.0 * np.sqrt(2.0) * 10.0 ** (level_dbfs / 20.0)
    wave: Samples = np.rint(amplitude * np.sin(2 * np.pi * hz * t)).astype(np.int16)
    return wave


def noise(rate: int, seconds: float, level_dbfs: float = -60.0, seed: int = 1) -> Samples:
    """White noise at a level."""
    random = np.random.default_rng(seed)
    return np.rint(
        random.standard_normal(round(rate * seconds)) * 32768.0 * 10.0 ** (level_dbfs / 20.0)
    ).astype(np.int16)


def zeros(rate: int, seconds: float) -> Samples:
    return np.zeros(round(rate * seconds), np.int16)
