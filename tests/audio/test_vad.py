from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.vad import BEGIN_LIKELY, CARRY_LIKELY, GuardedVad, Opinion, Rules, Verdict
from audio.analysis.voice_model import Likelihood, VoiceModel
from audio.vad_webrtc import WebrtcEngine, default_detector, shipped_model
from state.errors import ConfigError
from tests.audio.sounds import LABELS, cut, noise, recording, tone, zeros


class SureEngine:
    """An engine that calls everything one thing."""

    def __init__(self, opinion: Opinion = Opinion.SURE) -> None:
        self.said = opinion
        self.resets = 0

    def opinion(self, frame: np.ndarray) -> Opinion:
        assert frame.dtype == np.int16
        return self.said

    def reset(self) -> None:
        self.resets += 1


class SureModel(VoiceModel):
    """A model that finds everything equally likely, and keeps what it was shown."""

    def __init__(self, voice: float, music: float = 0.0) -> None:
        self.shown: list[np.ndarray] = []
        self.resets = 0
        self._said = Likelihood(voice, music)

    def push(self, features: np.ndarray) -> Likelihood:
        self.shown.append(features.copy())
        return self._said

    def reset(self) -> None:
        self.resets += 1


def sure_of(voice: float, music: float = 0.0, rate: int = 8000) -> GuardedVad:
    return GuardedVad(rate, SureEngine(), SureModel(voice, music))


def judged(vad: GuardedVad, sound: np.ndarray, rate: int = 8000) -> list[Verdict]:
    frame = rate // 50
    return [vad.push(sound[start : start + frame]) for start in range(0, len(sound) - frame + 1, frame)]


def voice(level_dbfs: float, seconds: float = 0.4, rate: int = 8000) -> np.ndarray:
    """Harmonics of 150 Hz, as a voice has them."""
    t = np.arange(round(rate * seconds)) / rate
    total = sum(np.sin(2 * np.pi * 150 * k * t + k) / k for k in range(1, 12))
    return np.rint(total / np.sqrt(np.mean(total**2)) * 32768 * 10 ** (level_dbfs / 20)).astype(np.int16)


@pytest.mark.parametrize(
    ("likely", "passes", "voiced"),
    [
        (CARRY_LIKELY - 0.01, False, False),
        (CARRY_LIKELY + 0.01, True, False),
        (BEGIN_LIKELY - 0.01, True, False),
        (BEGIN_LIKELY + 0.01, True, True),
        (1.0, True, True),
    ],
)
def test_the_model_decides_what_is_loud_enough(likely: float, passes: bool, voiced: bool) -> None:
    found = judged(sure_of(likely), np.concatenate([noise(8000, 1.0, -70.0), voice(-25.0)]))
    assert {(verdict.passes, verdict.voiced) for verdict in found[51:]} == {(passes, voiced)}


@pytest.mark.parametrize(("level", "loud"), [(-90.0, False), (-80.0, False), (-40.0, True), (-20.0, True)])
def test_what_nobody_could_follow_is_not_loud(level: float, loud: bool) -> None:
    found = judged(sure_of(1.0), np.concatenate([noise(8000, 1.0, -75.0), voice(level)]))
    assert any(verdict.loud for verdict in found[52:]) is loud
    assert any(verdict.voiced for verdict in found[52:]) is loud


@pytest.mark.parametrize(("step_db", "loud"), [(0.5, False), (10.0, True)])
def test_sound_must_rise_over_the_floor(step_db: float, loud: bool) -> None:
    sound = np.concatenate([noise(8000, 4.0, -45.0), noise(8000, 0.1, -45.0 + step_db)])
    assert any(verdict.loud for verdict in judged(sure_of(1.0), sound)[202:]) is loud


@pytest.mark.parametrize("hz", [350.0, 425.0, 450.0, 1100.0])
def test_a_tone_is_no_voice_whatever_the_model_says(hz: float) -> None:
    found = judged(sure_of(1.0), np.concatenate([noise(8000, 0.5, -70.0), tone(8000, hz, 1.0)]))
    assert not any(verdict.passes for verdict in found[32:])
    assert found[40].tone_hz == pytest.approx(hz, abs=3)


def test_the_start_guard_hides_the_engine_not_the_voice() -> None:
    model = SureModel(1.0)
    found = judged(GuardedVad(8000, SureEngine(), model), voice(-25.0, 1.0))
    assert found[2].voiced
    opinions = [bool(shown[-1]) for shown in model.shown]
    assert opinions == [False] * 25 + [True] * 25


def test_music_is_handed_on() -> None:
    (first, *_) = judged(sure_of(0.0, 0.7), noise(8000, 0.1, -40.0))
    assert first.music == pytest.approx(0.7)


def test_silence_is_judged_without_a_warning() -> None:
    found = judged(default_detector(8000), zeros(8000, 1.0))
    assert not any(verdict.loud for verdict in found)


def test_reset_makes_a_new_detector() -> None:
    used = default_detector(8000)
    sound = recording("sentence_zh.wav").samples[:16000]
    first = judged(used, sound)
    used.reset()
    assert judged(used, sound) == first


def test_reset_reaches_engine_and_model() -> None:
    engine, model = SureEngine(), SureModel(0.0)
    vad = GuardedVad(8000, engine, model)
    vad.reset()
    assert (engine.resets, model.resets) == (1, 1)


def test_two_detectors_share_weights_and_nothing_else() -> None:
    sound = recording("sentence_zh.wav").samples[:16000]
    alone = judged(default_detector(8000), sound)
    one, other = default_detector(8000), default_detector(8000)
    frame = 160
    found = []
    for start in range(0, len(sound) - frame + 1, frame):
        found.append(one.push(sound[start : start + frame]))
        other.push(noise(8000, 0.02, -20.0))
    assert found == alone


@pytest.mark.parametrize("name", ["sentence_zh.wav", "sentence_zh_16k.wav"])
def test_a_sentence_is_mostly_voice_and_its_pauses_are_not(name: str) -> None:
    sound = recording(name)
    found = judged(default_detector(sound.rate), sound.samples, sound.rate)
    inside = [any(a < i * 0.02 < b for a, b in LABELS[name]) for i in range(len(found))]
    said = [verdict.passes for verdict, speech in zip(found, inside, strict=True) if speech]
    quiet = [verdict.passes for verdict, speech in zip(found, inside, strict=True) if not speech]
    assert np.mean(said) > 0.8
    assert np.mean(quiet) < 0.15  # labels are drawn to 50 ms, and there are eight edges of words


@pytest.mark.parametrize("rate", [8000, 16000, 32000, 48000])
def test_every_rate_is_served(rate: int) -> None:
    found = judged(default_detector(rate), noise(rate, 1.0, -40.0), rate)
    assert len(found) == 50
    assert not any(verdict.voiced for verdict in found)


def test_another_rate_is_refused() -> None:
    with pytest.raises(ConfigError, match="11025"):
        WebrtcEngine(11025)


def test_the_engine_is_less_strict_before_it_is_sure() -> None:
    engine = WebrtcEngine(8000)
    word = cut("answer_4s.wav", 10.5, 13.0)
    opinions = [engine.opinion(word[start : start + 160]) for start in range(0, len(word) - 159, 160)]
    assert Opinion.SURE in opinions
    engine.reset()
    assert [engine.opinion(word[start : start + 160]) for start in range(0, len(word) - 159, 160)] == opinions


def test_the_default_rules_are_the_constants() -> None:
    assert default_detector(8000).rules == Rules(begin_sum=2.0, unvoiced_frames=10)


def test_the_shipped_model_takes_the_features_there_are() -> None:
    from audio.analysis.features import FEATURES

    assert shipped_model().features == FEATURES
