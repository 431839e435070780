from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.measures.pitch_range import (
    ENOUGH,
    HIGHEST_HZ,
    LOWEST_HZ,
    NEAR_VALUES,
    PitchMeter,
    PitchSpread,
)
from audio.analysis.measures.spectrum import ShortTime
from audio.wav import Samples
from tests.audio.measures.kit import heard, on_a_line, telephone, voice
from tests.audio.measures.texts import recorded
from tests.audio.sounds import noise, recording
from tests.support import need_shared_data

RATES = (8000, 16000)


def semitones(one_hz: float, other_hz: float) -> float:
    return float(12.0 * np.log2(one_hz / other_hz))


def followed(sound: Samples, rate: int) -> list[float | None]:
    """What the meter says of each frame, the first two left out, whose window is not full."""
    short = ShortTime(rate)
    meter = PitchMeter(short)
    length = rate // 50
    found = []
    for number in range(len(sound) // length):
        short.push(sound[number * length : (number + 1) * length])
        found.append(meter.measure(short.lines(), number))
    return found[2:]


def steady(rate: int, hz: float, seconds: float = 1.0) -> Samples:
    return voice(rate, np.full(round(rate * seconds), hz))


def on_the_telephone(sound: Samples) -> Samples:
    thin: Samples = np.rint(telephone(sound.astype(np.float64))).astype(np.int16)
    return thin


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [78.0, 110.0, 145.0, 210.0, 290.0, 380.0])
def test_a_steady_voice_is_met_within_a_quarter_semitone(rate: int, hz: float) -> None:
    found = followed(steady(rate, hz), rate)
    assert all(each is not None and abs(semitones(each, hz)) < 0.25 for each in found)


@pytest.mark.parametrize("hz", [95.0, 125.0, 180.0, 240.0])
def test_the_fundamental_may_be_missing(hz: float) -> None:
    found = followed(on_the_telephone(steady(8000, hz)), 8000)
    assert np.mean([each is not None and abs(semitones(each, hz)) < 0.5 for each in found]) > 0.95


def test_a_glide_is_followed() -> None:
    hz = 120.0 * 2.0 ** np.linspace(0.0, 1.0, 32000)
    found = followed(voice(16000, hz), 16000)
    middles = hz[(np.arange(len(found)) + 2) * 320 - 160]
    near = [
        each is not None and abs(semitones(each, middle)) < 0.5
        for each, middle in zip(found, middles, strict=True)
    ]
    assert np.mean(near) > 0.97


@pytest.mark.parametrize(
    "formants", [(300.0, 900.0, 2300.0), (500.0, 1000.0, 2400.0), (700.0, 1200.0, 2600.0)]
)
def test_a_strong_formant_is_not_taken_for_the_voice(formants: tuple[float, ...]) -> None:
    sound = voice(16000, np.full(16000, 150.0), formants)
    assert all(each is not None and abs(semitones(each, 150.0)) < 0.5 for each in followed(sound, 16000))


def test_noise_has_no_pitch() -> None:
    found = followed(noise(16000, 2.0, -25.0), 16000)
    assert np.mean([each is not None for each in found]) < 0.05


def test_silence_has_no_pitch() -> None:
    assert followed(np.zeros(16000, np.int16), 16000) == [None] * 48


def test_out_of_range_is_told_as_no_value_or_as_within() -> None:
    for hz in (50.0, 600.0):
        values = [each for each in followed(steady(16000, hz), 16000) if each is not None]
        assert all(LOWEST_HZ * 0.98 <= each <= HIGHEST_HZ * 1.02 for each in values)


def spread(values: list[float]) -> PitchSpread:
    found = PitchSpread()
    for hz in values:
        found.push(hz)
    return found


def test_nothing_is_told_before_a_second_of_voice() -> None:
    values = [200.0] * (ENOUGH + NEAR_VALUES - 2)
    assert spread(values).result() is None
    assert spread([*values, 200.0]).result() is not None


def test_a_monotone_has_hardly_a_range() -> None:
    result = spread([200.0] * 100).result()
    assert result is not None
    assert abs(semitones(result.median_hz, 200.0)) < 0.15
    assert result.range_semitones < 0.25


def test_the_range_is_from_the_10th_to_the_90th_percentile() -> None:
    octave = 140.0 * 2.0 ** np.linspace(0.0, 1.0, 1001)
    result = spread([float(hz) for hz in octave]).result()
    assert result is not None
    assert result.range_semitones == pytest.approx(9.6, abs=0.2)
    assert result.low_hz == pytest.approx(140.0 * 2**0.1, rel=0.01)
    assert result.high_hz == pytest.approx(140.0 * 2**0.9, rel=0.01)
    assert result.median_hz == pytest.approx(140.0 * 2**0.5, rel=0.01)


def test_a_single_leap_is_taken_out() -> None:
    values = ([200.0] * 9 + [400.0]) * 20
    result = spread(values).result()
    assert result is not None
    assert result.range_semitones < 0.25


def test_octave_errors_in_a_row_are_no_range() -> None:
    result = spread(([200.0] * 50 + [100.0] * 8) * 5).result()
    assert result is not None
    assert result.range_semitones < 1.0
    assert abs(semitones(result.median_hz, 200.0)) < 0.2


def test_what_lies_outside_counts_as_the_limit() -> None:
    result = spread([1000.0] * 50).result()
    assert result is not None
    assert result.median_hz == pytest.approx(HIGHEST_HZ, rel=0.02)


def test_reset_forgets() -> None:
    found = spread([200.0] * 100)
    found.reset()
    assert found.result() is None


def test_a_voice_is_as_high_on_the_telephone_as_at_the_microphone() -> None:
    """Real speech at both rates, by the median: on the telephone a low voice can be told too high."""
    need_shared_data("vad")
    differences = []
    for each in recorded():
        wide = heard(on_a_line(each.sound, 16000), 16000).near.pitch
        thin = heard(on_a_line(each.sound, 8000), 8000).near.pitch
        if wide is not None and thin is not None:
            differences.append(abs(semitones(wide.median_hz, thin.median_hz)))
    assert np.median(differences) < 1.5


def test_a_sentence_has_the_range_of_speech() -> None:
    whole = recording("sentence_zh_16k.wav")
    pitch = heard(whole.samples, whole.rate).near.pitch
    assert pitch is not None
    assert 2.0 < pitch.range_semitones < 14.0
    assert 100.0 < pitch.median_hz < 300.0
