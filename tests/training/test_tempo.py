from __future__ import annotations

import numpy as np
import pytest

from training.material import RATE
from training.tempo import WINDOW, quicken


def wave(hz: float, seconds: float) -> np.ndarray:
    return np.asarray(np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE), np.float32)


@pytest.mark.parametrize("factor", [1.0, 1.3, 2.2])
@pytest.mark.parametrize("hz", [90.0, 170.0, 300.0])
def test_a_wave_keeps_its_pitch_and_level_and_takes_less_time(hz: float, factor: float) -> None:
    quick = quicken(wave(hz, 1.0), factor)
    assert len(quick) == int(RATE / factor)
    middle = quick[WINDOW:-WINDOW]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.707, rel=0.05)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 4 * RATE))
    assert np.argmax(spectrum) / 4 == pytest.approx(hz, abs=4.0)


def test_what_sounds_first_still_does() -> None:
    low_then_high = np.concatenate([wave(150.0, 0.5), wave(600.0, 0.5)])
    quick = quicken(low_then_high, 2.0)
    for half, hz in ((quick[:3500], 150.0), (quick[4500:], 600.0)):
        crossings = np.count_nonzero(np.diff(np.signbit(half)))
        assert crossings * RATE / len(half) / 2 == pytest.approx(hz, rel=0.1)


def test_a_click_of_sound_stays_as_it_is() -> None:
    short = wave(200.0, 0.04)
    assert quicken(short, 2.0) is short
