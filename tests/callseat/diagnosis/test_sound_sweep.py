from __future__ import annotations

import numpy as np
import pytest

from audio.decibel import peak_dbfs, rms_dbfs
from audio.wav import open_wav, read_wav
from callseat.diagnosis.sound_sweep import (
    BAND_HZ,
    LASTS_S,
    LATEST_S,
    LEVEL_DBFS,
    SWEEP_S,
    find,
    matches,
    sweep,
    to_play,
)
from callseat.diagnosis.sound_verdict import LEAKS_DB
from tests.audio.sounds import RECORDINGS, noise, zeros
from tests.support import need_shared_data

WHOLE_S = LASTS_S + LATEST_S


def returned(rate: int, delay_s: float, loss_db: float, besides: np.ndarray) -> np.ndarray:
    """What is heard when the sweeps come back beside another sound."""
    heard = besides.astype(np.float64)
    sound = to_play(rate, WHOLE_S, LEVEL_DBFS) * 10 ** (-loss_db / 20)
    delay = round(delay_s * rate)
    heard[delay:] += sound[: len(heard) - delay]
    return np.clip(np.rint(heard), -32768, 32767).astype(np.int16)


def speech() -> np.ndarray:
    return read_wav(RECORDINGS / "sentence_zh_16k.wav").samples[: round(WHOLE_S * 16000)]


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_sweep_is_quiet_and_begins_and_ends_softly(rate: int) -> None:
    one = sweep(rate, LEVEL_DBFS)
    assert len(one) == round(SWEEP_S * rate)
    assert rms_dbfs(one) == pytest.approx(LEVEL_DBFS, abs=0.05)
    assert peak_dbfs(one) < LEVEL_DBFS + 5.0
    edge = round(0.01 * rate)
    assert peak_dbfs(one[:edge]) < LEVEL_DBFS - 25.0
    assert peak_dbfs(one[-edge:]) < LEVEL_DBFS - 25.0


def test_a_sweep_stays_in_the_band_of_a_telephone() -> None:
    spectrum = np.abs(np.fft.rfft(sweep(16000, LEVEL_DBFS))) ** 2
    hertz = np.fft.rfftfreq(16000, 1 / 16000)
    outside = spectrum[(hertz < BAND_HZ[0] - 50) | (hertz > BAND_HZ[1] + 50)].sum()
    assert outside < 0.001 * spectrum.sum()


def test_both_sweeps_are_played_and_silence_around_them() -> None:
    sound = to_play(16000, WHOLE_S, LEVEL_DBFS)
    assert len(sound) == round(WHOLE_S * 16000)
    assert not np.any(sound[: round(0.4 * 16000)])
    assert not np.any(sound[round(LASTS_S * 16000) :])
    assert rms_dbfs(sound[round(0.4 * 16000) : round(1.4 * 16000)]) == pytest.approx(LEVEL_DBFS, abs=0.05)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize(
    ("delay_s", "loss_db", "floor_dbfs"), [(0.08, 0, -70), (0.3, 20, -60), (0.5, 40, -75)]
)
def test_what_comes_back_is_found_with_delay_and_loss(
    rate: int, delay_s: float, loss_db: float, floor_dbfs: float
) -> None:
    found = find(returned(rate, delay_s, loss_db, noise(rate, WHOLE_S, floor_dbfs)), rate, LEVEL_DBFS)
    assert found is not None
    assert found.delay_s == pytest.approx(delay_s, abs=0.006)
    assert found.loss_db == pytest.approx(loss_db, abs=2.0)


def test_it_is_found_under_a_voice() -> None:
    found = find(returned(16000, 0.1, 12.0, speech()), 16000, LEVEL_DBFS)
    assert found is not None
    assert found.loss_db == pytest.approx(12.0, abs=2.0)


def test_a_stream_that_is_stretched_by_single_samples_is_still_found() -> None:
    heard = returned(16000, 0.08, 6.0, noise(16000, WHOLE_S, -60))
    # One sample in 20 ms is left out, as `audio.live` does for a clock that is 0.3 % fast.
    stretched = np.concatenate((np.delete(heard, np.arange(0, len(heard), 640)), zeros(16000, 0.1)))
    found = find(stretched[: len(heard)], 16000, LEVEL_DBFS)
    assert found is not None
    assert found.loss_db == pytest.approx(6.0, abs=4.0)


@pytest.mark.parametrize("level_dbfs", [-80.0, -50.0, -20.0])
def test_noise_is_no_sweep(level_dbfs: float) -> None:
    assert find(noise(16000, WHOLE_S, level_dbfs), 16000, LEVEL_DBFS) is None


def test_nothing_is_found_in_zeros_or_in_too_little() -> None:
    assert find(zeros(16000, WHOLE_S), 16000, LEVEL_DBFS) is None
    assert find(zeros(16000, 1.0), 16000, LEVEL_DBFS) is None
    assert len(matches(zeros(16000, 1.0), 16000, LEVEL_DBFS)) == 0


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.wav")), ids=lambda path: path.stem)
def test_no_recording_of_ours_has_a_sweep_in_it(path) -> None:
    whole = read_wav(path)
    length = round(WHOLE_S * whole.rate)
    for start in range(0, len(whole.samples) - length + 1, length):
        assert find(whole.samples[start : start + length], whole.rate, LEVEL_DBFS) is None, start


def test_no_stretch_of_other_recordings_is_taken_for_a_leak() -> None:
    stretches = 0
    for path in sorted(need_shared_data("vad", "wav16").glob("*.wav")):
        samples = np.concatenate([block[:, 0] for block in open_wav(path)])
        length = round(WHOLE_S * 16000)
        for start in range(0, len(samples) - length + 1, length):
            found = find(samples[start : start + length], 16000, LEVEL_DBFS)
            assert found is None or found.loss_db > LEAKS_DB, (path.name, start)
            stretches += 1
    assert stretches > 200
