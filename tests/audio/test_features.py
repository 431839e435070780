from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.features import BANDS, FEATURES, FeatureMeter
from tests.audio.sounds import noise, tone

PERIODICITY, LAG, OVER, LIKELY, SURE = range(BANDS, FEATURES)


def shown(
    sound: np.ndarray, rate: int, gain_db: float = 0.0, over_db: float = 20.0, opinion: int = 0
) -> np.ndarray:
    meter, frame = FeatureMeter(rate), rate // 50
    row = np.zeros(FEATURES)
    for start in range(0, len(sound) - frame + 1, frame):
        row = meter.push(sound[start : start + frame].astype(float), gain_db, over_db, opinion).copy()
    return row


def pulses(rate: int, hz: float) -> np.ndarray:
    t = np.arange(rate // 5) / rate
    total = sum(np.sin(2 * np.pi * hz * k * t + k) / k for k in range(1, 12) if hz * k < 3800)
    return np.rint(total / np.abs(total).max() * 8000).astype(np.int16)


@pytest.mark.parametrize("hz", [300.0, 1000.0, 3000.0])
def test_a_tone_is_loudest_in_the_band_it_lies_in_at_every_rate(hz: float) -> None:
    rows = [shown(tone(rate, hz, 0.2), rate) for rate in (8000, 16000, 48000)]
    tops = {int(np.argmax(row[:BANDS])) for row in rows}
    assert len(tops) == 1
    levels = [row[:BANDS].max() for row in rows]
    assert max(levels) - min(levels) < 0.02


def test_bands_rise_with_frequency() -> None:
    tops = [int(np.argmax(shown(tone(8000, hz, 0.2), 8000)[:BANDS])) for hz in (200, 400, 800, 1600, 3200)]
    assert tops == sorted(set(tops))


def test_gain_moves_every_band_alike() -> None:
    sound = noise(8000, 0.2, -40.0)
    moved = shown(sound, 8000, 20.0)[:BANDS] - shown(sound, 8000)[:BANDS]
    assert moved == pytest.approx(np.ones(BANDS), abs=1e-5)


def test_ten_decibels_are_half_a_unit() -> None:
    louder, softer = (shown(noise(8000, 0.2, level), 8000)[:BANDS] for level in (-30.0, -40.0))
    assert louder - softer == pytest.approx(np.full(BANDS, 0.5), abs=0.02)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("hz", [120.0, 210.0, 350.0])
def test_a_voice_is_periodic_at_its_pitch(rate: int, hz: float) -> None:
    row = shown(pulses(rate, hz), rate)
    lag = 20 * (5.7) ** ((row[LAG] + 1) / 2)
    assert row[PERIODICITY] > 0.2
    assert 8000 / lag == pytest.approx(hz, rel=0.06) or 8000 / lag == pytest.approx(hz / 2, rel=0.06)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_noise_is_less_periodic_than_any_voice(rate: int) -> None:
    rows = [shown(noise(rate, 0.2, -30.0, seed), rate)[PERIODICITY] for seed in range(20)]
    assert max(rows) < 0.1


def test_what_is_handed_in_is_shown() -> None:
    sound = noise(8000, 0.1, -40.0)
    assert shown(sound, 8000, over_db=10.0)[OVER] == pytest.approx(0.0)
    assert shown(sound, 8000, over_db=90.0)[OVER] == pytest.approx(1.5)
    assert [shown(sound, 8000, opinion=said)[[LIKELY, SURE]].tolist() for said in range(3)] == [
        [0.0, 0.0],
        [1.0, 0.0],
        [1.0, 1.0],
    ]


def test_digital_silence_is_shown_without_a_warning() -> None:
    assert np.isfinite(shown(np.zeros(1600, np.int16), 8000)).all()


def test_reset_forgets() -> None:
    meter = FeatureMeter(8000)
    quiet = np.zeros(160)
    first = meter.push(quiet, 0.0, 0.0, 0).copy()
    meter.push(tone(8000, 450, 0.02).astype(float), 0.0, 0.0, 0)
    meter.reset()
    assert meter.push(quiet, 0.0, 0.0, 0) == pytest.approx(first)
