from __future__ import annotations

import numpy as np
import pytest

from audio.decibel import SILENCE_DBFS, active_dbfs, amplitude, dbfs, peak_dbfs, rms_dbfs
from tests.audio.sounds import tone, zeros


@pytest.mark.parametrize(("db", "factor"), [(0.0, 1.0), (20.0, 10.0), (-20.0, 0.1), (6.0206, 2.0)])
def test_gain_factors(db: float, factor: float) -> None:
    assert amplitude(db) == pytest.approx(factor, rel=1e-4)


@pytest.mark.parametrize(
    ("samples", "rms", "peak"),
    [
        ([], SILENCE_DBFS, SILENCE_DBFS),
        ([0, 0], SILENCE_DBFS, SILENCE_DBFS),
        ([-32768, -32768], 0.0, 0.0),
        ([3277, -3277], -20.0, -20.0),
        ([0, 3277], -23.0, -20.0),
    ],
)
def test_levels(samples: list[int], rms: float, peak: float) -> None:
    sound = np.array(samples, np.int16)
    assert rms_dbfs(sound) == pytest.approx(rms, abs=0.02)
    assert peak_dbfs(sound) == pytest.approx(peak, abs=0.02)


def test_nothing_is_below_silence() -> None:
    assert dbfs(0.0) == dbfs(1e-9) == SILENCE_DBFS


def test_pauses_do_not_count_in_the_active_level() -> None:
    sound = np.concatenate([zeros(8000, 2.0), tone(8000, 500, 1.0, -25.0), zeros(8000, 1.0)])
    assert active_dbfs(sound, 8000) == pytest.approx(-25.0, abs=0.1)
    assert rms_dbfs(sound) == pytest.approx(-31.0, abs=0.1)


def test_a_sound_shorter_than_two_frames_has_its_plain_level() -> None:
    assert active_dbfs(tone(8000, 500, 0.02, -25.0), 8000) == pytest.approx(-25.0, abs=0.5)
