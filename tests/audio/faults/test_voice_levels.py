"""Too quiet, poor SNR, loud background: levels of voice and noise."""

from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.loud_background import LoudBackground
from audio.analysis.faults.poor_snr import PoorSnr
from audio.analysis.faults.thresholds import CONFIDENCE_FAIL, CONFIDENCE_WARN
from audio.analysis.faults.too_quiet import TooQuiet
from state.words import AudioFault
from tests.audio.faults.inject import active_dbov
from tests.audio.faults.made import RATE, Listening, line


def at(level_dbov: float, seconds: float) -> np.ndarray:
    """Syllables, all alike."""
    t = np.arange(round(seconds * RATE)) / RATE
    sound = np.sin(2 * np.pi * 400 * t) * np.maximum(np.sin(2 * np.pi * 2.5 * t), 0.0) * 10000.0
    return np.rint(sound * 10 ** ((level_dbov - active_dbov(sound, RATE)) / 20)).astype(np.int16)


def over(snr_db: float, seconds: float) -> np.ndarray:
    """Syllables at -26 dBov over noise."""
    return at(-26.0, seconds) + line(seconds, -26.0 - snr_db)


@pytest.mark.parametrize(
    ("level", "holds"), [(-26.0, False), (-34.5, False), (-38.0, True), (-44.0, True), (-54.0, True)]
)
def test_a_voice_is_too_quiet_below_its_level(level: float, holds: bool) -> None:
    found = Listening(TooQuiet()).last(at(level, 8.0))
    assert (found is not None) is holds
    if found:
        assert found.fault is AudioFault.TOO_QUIET
        assert "dBov (P.56), should be over -36" in found.evidence


@pytest.mark.parametrize(("level", "sure"), [(-36.2, CONFIDENCE_WARN), (-46.0, CONFIDENCE_FAIL)])
def test_confidence_grows_with_what_is_missing(level: float, sure: float) -> None:
    found = Listening(TooQuiet()).last(at(level, 10.0))
    assert found is not None
    assert found.confidence == pytest.approx(sure, abs=0.06)


def test_a_hardly_audible_voice_is_told_after_a_second_a_low_one_after_three() -> None:
    grave = Listening(TooQuiet()).hear(at(-56.0, 6.0))
    low = Listening(TooQuiet()).hear(at(-42.0, 6.0))
    assert [bool(one) for one in grave] == [True] * 6
    assert [bool(one) for one in low] == [False, False, True, True, True, True]


def test_silence_is_no_quiet_voice() -> None:
    assert Listening(TooQuiet()).last(line(10.0, -70.0), speaking=False) is None


def test_it_holds_through_silence_and_ends_when_the_voice_is_back() -> None:
    ear = Listening(TooQuiet())
    first = ear.last(at(-48.0, 5.0))
    assert ear.last(line(5.0), speaking=False) == first
    assert ear.last(at(-26.0, 3.0)) is None


def test_a_soft_aside_does_not_make_a_talker_quiet() -> None:
    ear = Listening(TooQuiet())
    ear.hear(at(-24.0, 6.0))
    assert ear.last(at(-50.0, 2.0)) is None


@pytest.mark.parametrize(("snr", "holds"), [(30.0, False), (20.0, False), (12.0, True), (6.0, True)])
def test_poor_snr(snr: float, holds: bool) -> None:
    found = Listening(PoorSnr()).last(over(snr, 9.0))
    assert (found is not None) is holds
    if found:
        # as the noise nears the voice, P.56 takes its pauses for speech: 2 to 3 dB less
        assert found.confidence == pytest.approx(min(0.95, 0.4 + 0.08 * (15.0 - snr)), abs=0.25)


def test_noise_without_a_voice_has_no_snr() -> None:
    assert Listening(PoorSnr()).last(line(10.0, -30.0), speaking=False) is None


def test_a_noise_gate_is_no_noise_floor() -> None:
    sound = over(8.0, 9.0)
    sound[(np.arange(len(sound)) // 400) % 10 == 9] = 0
    assert Listening(PoorSnr()).last(sound) is not None


def test_snr_ends_with_the_noise() -> None:
    ear = Listening(PoorSnr())
    assert ear.last(over(8.0, 9.0)) is not None
    assert ear.last(over(35.0, 9.0)) is None


@pytest.mark.parametrize(("level", "holds"), [(-60.0, False), (-46.0, False), (-44.0, True), (-35.0, True)])
def test_loud_background(level: float, holds: bool) -> None:
    found = Listening(LoudBackground()).last(line(5.0, level), speaking=False)
    assert (found is not None) is holds
    if found:
        assert f"pauses at {level:.0f} dBFS" in found.evidence


def test_loud_speech_is_no_background() -> None:
    assert Listening(LoudBackground()).last(at(-15.0, 6.0)) is None


def test_a_single_noise_is_no_background_and_a_tone_is_none() -> None:
    sound = line(6.0, -65.0)
    sound[3 * RATE : 4 * RATE] = line(1.0, -20.0)
    assert Listening(LoudBackground()).last(sound, speaking=False) is None
    assert Listening(LoudBackground()).last(line(6.0, -20.0), speaking=False, tone_hz=450.0) is None


@pytest.mark.parametrize(("missed", "holds"), [(0.0, False), (0.6, False), (0.95, True)])
def test_a_voice_that_was_missed_is_no_background(missed: float, holds: bool) -> None:
    loud, still = line(0.02, -34.0), line(0.02, -56.0)
    frames = np.random.default_rng(5).random(300) < missed
    sound = np.concatenate([loud if one else still for one in frames])
    assert (Listening(LoudBackground()).last(sound, speaking=False) is not None) is holds


def test_a_voice_whose_loud_half_was_missed_is_no_background() -> None:
    """All pauses lie in the missed half: what is known as talk stands before the same quiet."""
    ear = Listening(LoudBackground())
    ear.hear(np.concatenate([line(0.2, level) for level in (-30.0, -60.0) * 10]), speaking=True)
    assert ear.last(line(2.0, -34.0), speaking=False) is None


def test_noise_under_fluent_talk_is_a_background() -> None:
    """Of each pause of half a second three tenths count."""
    ear = Listening(LoudBackground())
    for _ in range(4):
        ear.hear(at(-20.0, 1.5) + line(1.5, -40.0), speaking=True)
        ear.hear(line(0.52, -40.0), speaking=False)
    assert ear.analyser.finding is not None


def test_noise_that_comes_and_goes_a_little_is_a_background() -> None:
    levels = np.random.default_rng(6).normal(-40.0, 5.0, 300)
    sound = np.concatenate([line(0.02, level, seed) for seed, level in enumerate(levels)])
    found = Listening(LoudBackground()).last(sound, speaking=False)
    assert found is not None
    assert f"pauses at {np.quantile(levels, 0.1) + 3.0:.0f} dBFS" in found.evidence


def test_background_takes_some_pauses() -> None:
    held = Listening(LoudBackground()).hear(line(5.0, -40.0), speaking=False)
    assert [bool(one) for one in held] == [False, True, True, True, True]


def test_background_has_hysteresis_and_ends() -> None:
    ear = Listening(LoudBackground())
    assert ear.last(line(5.0, -43.0), speaking=False) is not None
    assert ear.last(line(5.0, -46.0), speaking=False) is not None
    assert ear.last(line(5.0, -50.0), speaking=False) is None


@pytest.mark.parametrize("make", [TooQuiet, PoorSnr, LoudBackground])
def test_reset_forgets(make: type) -> None:
    ear = Listening(make())
    ear.hear(over(4.0, 9.0) if make is PoorSnr else at(-56.0, 5.0))
    ear.hear(line(6.0, -30.0), speaking=False)
    assert ear.analyser.finding is not None
    ear.analyser.reset()
    assert ear.analyser.finding is None
