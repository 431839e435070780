from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.hands_free import HandsFree, falls, warn_db
from audio.analysis.faults.thresholds import (
    DECAY_FALLS,
    DECAY_FEW_FALLS,
    DECAY_FEW_WARN_DB,
    DECAY_WARN_DB,
    HANDS_FREE_CONFIDENCE,
)
from tests.audio.faults.inject import far_from_microphone
from tests.audio.faults.made import RATE, Listening, line, talk
from tests.audio.faults.trial import tiled
from tests.audio.sounds import noise, recording


def far(seconds: float, direct_db: float, rate: int = RATE) -> np.ndarray:
    whole = recording("sentence_zh.wav" if rate == 8000 else "sentence_zh_16k.wav")
    dry = tiled(whole.samples, rate, seconds).astype(np.float64)
    wet = far_from_microphone(dry, rate, direct_db)
    return np.rint(wet).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize(("direct_db", "holds"), [(30.0, False), (-3.0, True), (-9.0, True)])
def test_a_room_is_heard(rate: int, direct_db: float, holds: bool) -> None:
    found = Listening(HandsFree(rate), rate).last(far(15.0, direct_db, rate))
    assert (found is not None) is holds
    if found:
        assert 0.3 < found.confidence <= HANDS_FREE_CONFIDENCE
        assert "maybe hands-free" in found.evidence


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_mouth_at_the_microphone_is_not(rate: int) -> None:
    assert Listening(HandsFree(rate), rate).last(talk(15.0, rate)) is None


def test_it_takes_some_talk_and_few_falls_must_be_slower() -> None:
    held = Listening(HandsFree(RATE)).hear(far(15.0, -9.0))
    assert held[:4] == [None] * 4
    assert held[-1] is not None
    assert warn_db(DECAY_FEW_FALLS) == pytest.approx(DECAY_FEW_WARN_DB)
    assert warn_db(160) == pytest.approx((DECAY_FEW_WARN_DB + DECAY_WARN_DB) / 2)
    assert warn_db(DECAY_FALLS) == pytest.approx(DECAY_WARN_DB)


def test_a_room_that_sets_in_is_found_within_twenty_seconds() -> None:
    ear = Listening(HandsFree(RATE))
    assert ear.last(talk(20.0)) is None
    assert ear.last(far(24.0, -3.0)) is not None


@pytest.mark.parametrize(("seconds", "holds"), [(0.2, False), (0.5, True), (0.8, True)])
def test_the_longer_a_room_answers_the_surer(seconds: float, holds: bool) -> None:
    dry = tiled(recording("sentence_zh.wav").samples, RATE, 20.0).astype(np.float64)
    t = np.arange(RATE) / RATE
    tail = np.random.default_rng(9).standard_normal(RATE) * 10.0 ** (-3.0 * t / seconds)
    wet = np.convolve(dry, tail)[: len(dry)]
    wet *= np.sqrt(np.sum(dry**2) / np.sum(wet**2))
    assert (Listening(HandsFree(RATE)).last(np.rint(wet).astype(np.int16)) is not None) is holds


TALKS = np.ones(50, np.bool_)
FLOOR = np.full(5, -80.0)


def test_one_tones_echo_comes_and_goes_and_is_no_steep_fall() -> None:
    levels = np.full((50, 5), -30.0)
    levels[5::7, 2] = -60.0
    assert falls(levels, FLOOR, TALKS) == pytest.approx(np.zeros(45))
    levels[20:] -= np.arange(30)[:, None] * 2.4
    assert falls(levels, FLOOR, TALKS).max() == pytest.approx(12.0)


def test_only_bands_far_over_their_noise_in_speech_count() -> None:
    levels = np.full((50, 5), -70.0)
    levels[:, :2] = np.linspace(-30.0, -49.6, 50)[:, None]
    assert falls(levels, FLOOR, TALKS) == pytest.approx(np.full(45, 2.0))
    assert falls(levels, FLOOR, np.arange(50) < 30) == pytest.approx(np.full(30, 2.0))
    levels[:, 1] = -70.0
    assert len(falls(levels, FLOOR, TALKS)) == 0
    assert len(falls(levels[:, :2], FLOOR[:2] + 40.0, TALKS)) == 0


@pytest.mark.parametrize("snr_level", [-50.0, -40.0])
def test_noise_is_no_room(snr_level: float) -> None:
    sound = talk(12.0) + noise(RATE, 12.0, snr_level)
    assert Listening(HandsFree(RATE)).last(sound) is None


def test_noise_that_sets_in_is_no_room() -> None:
    ear = Listening(HandsFree(RATE))
    ear.hear(talk(4.0))
    assert ear.last(talk(8.0) + line(8.0, -38.0)) is None


def test_it_ends_at_the_microphone_and_holds_in_silence() -> None:
    ear = Listening(HandsFree(RATE))
    first = ear.last(far(15.0, -9.0))
    assert first is not None
    assert ear.last(line(5.0), speaking=False) == first
    assert ear.last(talk(14.0)) is None


def test_zeros_and_reset() -> None:
    ear = Listening(HandsFree(RATE))
    assert ear.last(np.zeros(5 * RATE, np.int16)) is None
    ear.hear(far(15.0, -9.0))
    ear.analyser.reset()
    assert ear.analyser.finding is None
