from __future__ import annotations

import numpy as np
import pytest

from audio.decibel import rms_dbfs
from audio.resample import StreamResampler, resampled
from tests.audio.sounds import tone

PAIRS = [(8000, 16000), (16000, 8000), (16000, 48000), (48000, 16000), (22050, 8000)]


def streamed(samples: np.ndarray, rate: int, target: int, block: int) -> np.ndarray:
    stream = StreamResampler(rate, target)
    return np.concatenate([stream.push(samples[i : i + block]) for i in range(0, len(samples), block)])


def test_right_rates_are_left_alone() -> None:
    sound = tone(8000, 300, 0.1)
    assert resampled(sound, 8000, 8000) is sound
    assert StreamResampler(8000, 8000).push(sound) is sound


@pytest.mark.parametrize(("rate", "target"), PAIRS)
@pytest.mark.parametrize("hz", [300, 1000, 3000])
def test_a_tone_stays_the_tone_it_was(rate: int, target: int, hz: int) -> None:
    sound = tone(rate, hz, 1.0)
    for made in (resampled(sound, rate, target), streamed(sound, rate, target, rate // 50)):
        assert made.dtype == np.int16
        assert abs(len(made) - target) <= 1
        steady = made[target // 10 : -target // 10]
        spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady))))
        assert np.argmax(spectrum) * target / len(steady) == pytest.approx(hz, abs=3)
        assert rms_dbfs(steady) == pytest.approx(-20.0, abs=0.2)


def test_what_the_lower_rate_cannot_carry_is_gone() -> None:
    assert rms_dbfs(streamed(tone(16000, 5000, 1.0), 16000, 8000, 320)[400:]) < -80.0


@pytest.mark.parametrize(("rate", "target"), [(8000, 16000), (16000, 8000)])
def test_blocks_make_no_difference(rate: int, target: int) -> None:
    sound = tone(rate, 700, 0.4)
    assert np.array_equal(
        streamed(sound, rate, target, rate // 50), streamed(sound, rate, target, rate // 100)
    )


def test_it_is_late_by_two_milliseconds_only() -> None:
    sound = np.zeros(320, np.int16)
    sound[100] = 20000
    late = int(np.argmax(np.abs(streamed(sound, 8000, 16000, 160)))) / 16000 - 100 / 8000
    assert 0.0 <= late <= 0.0021


def test_a_block_that_fills_no_whole_samples_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="whole block"):
        StreamResampler(16000, 8000).push(np.zeros(321, np.int16))
