from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.hands_free import HandsFree
from audio.analysis.faults.thresholds import HANDS_FREE_CONFIDENCE
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


def test_it_takes_some_talk() -> None:
    held = Listening(HandsFree(RATE)).hear(far(15.0, -9.0))
    assert held[:2] == [None, None]
    assert held[-1] is not None


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
