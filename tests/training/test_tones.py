from __future__ import annotations

import numpy as np
import pytest

from training.tones import CADENCES_S, ENDLESS, LEVEL, TONES_HZ, tones

RATE = 16000
SEEDS = range(60)


@pytest.fixture(scope="module")
def streams() -> list[np.ndarray]:
    return [tones(np.random.default_rng(seed), 12 * RATE) for seed in SEEDS]


def test_streams_sound_and_mostly_pause(streams: list[np.ndarray]) -> None:
    sounding = [float((np.abs(stream) > 1e-5).mean()) for stream in streams]
    assert all(share > 0.05 for share in sounding)
    assert sum(share < 0.9 for share in sounding) > len(SEEDS) / 2
    assert max(float(np.abs(stream).max()) for stream in streams) <= 2 * 1.8 * LEVEL + 1e-6


def test_what_sounds_is_in_the_table(streams: list[np.ndarray]) -> None:
    """The strongest line of a stream is one of the tones, or a key's."""
    keys = (697, 770, 852, 941, 1209, 1336, 1477, 1633)
    known = np.array(sorted({hz for pair in TONES_HZ for hz in pair} | set(keys)))
    for stream in streams:
        hz = np.abs(np.fft.rfft(stream)).argmax() * RATE / len(stream)
        assert (np.abs(known - hz) < 0.02 * hz + 30).any(), hz


def test_cadences_are_on_and_off_in_turn() -> None:
    assert all(len(cadence) % 2 == 0 and min(cadence) > 0 for cadence in CADENCES_S if cadence != ENDLESS)
