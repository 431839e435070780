from __future__ import annotations

import numpy as np
import pytest

from audio.decibel import active_dbfs, rms_dbfs
from audio.track import Track
from tests.audio.sounds import noise, recording, tone

RATE = 8000


def test_without_a_background_there_are_digital_zeros() -> None:
    assert not Track(RATE).block(3.0, 160).any()


def test_an_utterance_lies_exactly_where_it_was_placed() -> None:
    track = Track(RATE)
    said = tone(RATE, 400, 0.1)
    end = track.say(said, 1.003)
    whole = track.block(1.0, 1000)
    assert not whole[:24].any()
    assert np.array_equal(whole[24:824], said)
    assert not whole[824:].any()
    assert end == pytest.approx(1.103)


@pytest.mark.parametrize("block", [80, 160, 333])
def test_blocks_are_the_whole_in_pieces(block: int) -> None:
    track = Track(RATE, noise(RATE, 0.7), background_dbfs=-50.0, origin=100.0)
    track.say(tone(RATE, 300, 0.5), 100.4)
    whole = track.block(100.0, 3 * RATE)
    pieces = [track.block(100.0 + i / RATE, min(block, 3 * RATE - i)) for i in range(0, 3 * RATE, block)]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_time_before_the_origin_has_the_background_too() -> None:
    assert track_of_noise().block(-0.5, 160).any()


def track_of_noise() -> Track:
    return Track(RATE, noise(RATE, 1.0))


def test_background_and_utterance_have_the_level_asked_for() -> None:
    track = Track(RATE, noise(RATE, 2.0, -40.0), background_dbfs=-55.0)
    assert rms_dbfs(track.block(0.0, 2 * RATE)) == pytest.approx(-55.0, abs=0.5)
    quiet = Track(RATE)
    quiet.say(recording("sentence_zh.wav").samples, 0.0, level_dbfs=-33.0)
    assert active_dbfs(quiet.block(0.0, 7 * RATE), RATE) == pytest.approx(-33.0, abs=0.5)


def test_the_loop_has_no_click_and_keeps_its_level() -> None:
    loop = recording("street.wav").samples[: 2 * RATE]
    heard = Track(RATE, loop).block(0.0, 8 * RATE).astype(float)
    seam = round(1.95 * RATE)
    steps = np.abs(np.diff(heard))
    assert steps[seam - 5 : seam + 5].max() <= np.percentile(steps, 99.9)
    around = heard[seam - 200 : seam + 600]
    assert 20 * np.log10(around.std() / heard.std()) == pytest.approx(0.0, abs=3.0)


def test_a_background_of_one_sample_is_a_constant() -> None:
    assert Track(RATE, np.array([7], np.int16)).block(0.0, 3).tolist() == [7, 7, 7]


def test_loud_sounds_together_saturate() -> None:
    track = Track(RATE)
    for _ in range(2):
        track.say(np.full(10, 30000, np.int16), 0.0)
    assert track.block(0.0, 10).tolist() == [32767] * 10


def test_who_is_hushed_stops_there() -> None:
    track = Track(RATE)
    track.say(tone(RATE, 300, 1.0), 0.0)
    track.say(tone(RATE, 300, 1.0), 2.0)
    assert track.speaking(0.7)
    track.hush(0.5)
    assert track.speaking(0.49)
    assert not track.speaking(0.7)
    assert not track.block(0.5, 4 * RATE).any()
