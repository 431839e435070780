from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.pitch import Pitch, PitchMeter
from audio.analysis.vad import GuardedVad, Opinion, Verdict
from audio.vad_webrtc import WebrtcEngine, default_detector
from state.errors import ConfigError
from tests.audio.sounds import cut, noise, recording, tone, zeros


class SureEngine:
    """An engine that calls everything one thing: what stops it is the front end."""

    def __init__(self, opinion: Opinion = Opinion.SURE) -> None:
        self.said = opinion
        self.resets = 0

    def opinion(self, frame: np.ndarray) -> Opinion:
        assert frame.dtype == np.int16
        return self.said

    def reset(self) -> None:
        self.resets += 1


def verdicts(sound: np.ndarray, rate: int = 8000, opinion: Opinion = Opinion.SURE) -> list[Verdict]:
    vad, frame = GuardedVad(rate, SureEngine(opinion)), rate // 50
    return [vad.push(sound[i : i + frame]) for i in range(0, len(sound) - frame + 1, frame)]


def measured(sound: np.ndarray, rate: int) -> Pitch:
    meter, frame = PitchMeter(rate), rate // 50
    for start in range(0, len(sound) - frame + 1, frame):
        meter.push(sound[start : start + frame].astype(float))
    return meter.measure()


def pulses(rate: int, hz: float, seconds: float) -> np.ndarray:
    """A voice's excitation: harmonics of one pitch, falling off."""
    t = np.arange(round(rate * seconds)) / rate
    total = sum(np.sin(2 * np.pi * hz * k * t + k) / k for k in range(1, 12) if hz * k < rate / 2)
    return np.rint(total / np.abs(total).max() * 8000).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("hz", [80, 120, 210, 300, 390])
def test_voices_are_periodic(rate: int, hz: float) -> None:
    assert measured(pulses(rate, hz, 0.2), rate).periodicity > 0.9


@pytest.mark.parametrize("rate", [8000, 16000])
def test_noise_is_hardly_periodic(rate: int) -> None:
    shares = [measured(noise(rate, 0.2, -30.0, seed), rate).periodicity for seed in range(20)]
    assert np.median(shares) < 0.45


@pytest.mark.parametrize("hz", [350, 425, 450, 1100, 1400])
def test_a_tone_is_one_line_at_its_frequency(hz: float) -> None:
    pitch = measured(tone(8000, hz, 0.2), 8000)
    assert pitch.line_share > 0.98
    assert pitch.line_hz == pytest.approx(hz, abs=3)


def test_two_tones_are_two_lines() -> None:
    pitch = measured(tone(8000, 480, 0.2, -26.0) + tone(8000, 1300, 0.2, -26.0), 8000)
    assert pitch.line_share < 0.9
    assert pitch.two_line_share > 0.97
    assert sorted((pitch.line_hz, pitch.second_hz)) == [pytest.approx(480, abs=5), pytest.approx(1300, abs=5)]


def test_silence_is_measured_without_a_warning() -> None:
    pitch = measured(zeros(8000, 0.2), 8000)
    assert pitch.periodicity == pytest.approx(0.0)
    assert pitch.line_share == pytest.approx(0.0)


def test_pitch_needs_a_rate_it_can_divide() -> None:
    with pytest.raises(ValueError, match="44100"):
        PitchMeter(44100)


def test_reset_forgets_what_was_heard() -> None:
    meter = PitchMeter(8000)
    meter.push(tone(8000, 450, 0.02).astype(float))
    meter.reset()
    assert meter.measure().line_share == pytest.approx(0.0)


def test_nothing_counts_in_the_first_half_second() -> None:
    voice = pulses(8000, 150, 1.0)
    found = verdicts(voice)
    assert not any(verdict.passes for verdict in found[:25])
    assert all(verdict.passes and verdict.voiced for verdict in found[26:])


@pytest.mark.parametrize(("level", "loud"), [(-85.0, False), (-75.0, False), (-40.0, True), (-20.0, True)])
def test_level_gates(level: float, loud: bool) -> None:
    quiet = noise(8000, 1.0, -75.0)
    voice = pulses(8000, 150, 0.1)
    voice = np.rint(voice * 10 ** ((level + 19.6) / 20)).astype(np.int16)
    found = verdicts(np.concatenate([quiet, voice]))
    assert any(verdict.loud for verdict in found[52:]) is loud


def test_seven_db_over_the_floor_are_needed() -> None:
    steady = noise(8000, 2.0, -45.0)
    for step, passes in ((4.0, False), (12.0, True)):
        found = verdicts(np.concatenate([steady, noise(8000, 0.1, -45.0 + step)]))
        assert any(verdict.loud for verdict in found[102:]) is passes


@pytest.mark.parametrize("opinion", [Opinion.NO, Opinion.LIKELY])
def test_on_a_normal_line_an_unsure_engine_is_not_enough(opinion: Opinion) -> None:
    assert not any(verdict.passes for verdict in verdicts(pulses(8000, 150, 2.0), opinion=opinion))


def test_on_a_quiet_line_a_likely_frame_is_enough() -> None:
    voice = np.rint(recording("sentence_zh.wav").samples * 10 ** (-30 / 20)).astype(np.int16)
    sound = np.concatenate([voice, voice])
    assert sum(verdict.voiced for verdict in verdicts(sound, opinion=Opinion.LIKELY)[381:]) > 50
    assert not any(verdict.passes for verdict in verdicts(sound, opinion=Opinion.NO))


TONES = {
    "China, EU": (450,),
    "France": (440,),
    "UK": (400, 450),
    "US ring-back": (440, 480),
    "US dial": (350, 440),
    "US busy": (480, 620),
    "fax": (1100,),
    "SIT": (950,),
    "DTMF 1": (697, 1209),
    "DTMF 9": (852, 1477),
}


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("name", sorted(TONES))
def test_tones_are_told_and_are_no_voice(name: str, rate: int) -> None:
    parts = [tone(rate, hz, 1.0, -26.0) for hz in TONES[name]]
    sound = np.concatenate([noise(rate, 1.0, -65.0), np.sum(parts, axis=0).astype(np.int16)])
    found = verdicts(sound, rate)[50:]
    assert sum(verdict.voiced for verdict in found) < 3
    told = [verdict.tone_hz for verdict in found[10:] if verdict.tone_hz is not None]
    assert len(told) >= 30
    assert min(abs(np.median(told) - hz) for hz in TONES[name]) < 25


def test_hum_is_no_call_progress_tone() -> None:
    assert all(verdict.tone_hz is None for verdict in verdicts(tone(8000, 150, 2.0, -30.0)))


def test_a_gliding_single_harmonic_is_a_voice() -> None:
    t = np.arange(3200) / 8000
    glide = 3000 * np.sin(2 * np.pi * (400 * t - 125 * t * t))
    found = verdicts(np.concatenate([noise(8000, 1.0, -65.0), np.rint(glide).astype(np.int16)]))[50:]
    assert sum(verdict.voiced for verdict in found) >= 10
    assert not any(verdict.tone_hz for verdict in found)


def test_a_tone_does_not_become_the_noise_floor() -> None:
    found = verdicts(np.concatenate([noise(8000, 1.0, -65.0), tone(8000, 450, 20.0, -30.0)]))
    assert found[-1].tone_hz == pytest.approx(450, abs=5)


def test_reset_asks_the_engine_too_and_guards_again() -> None:
    engine = SureEngine()
    vad, voice = GuardedVad(8000, engine), pulses(8000, 150, 0.02)
    for _ in range(30):
        last = vad.push(voice)
    assert last.passes
    vad.reset()
    assert engine.resets == 1
    assert not vad.push(voice).passes


@pytest.mark.parametrize("rate", [11025, 22050, 44100, 0])
def test_an_engine_for_a_rate_that_is_not_supported(rate: int) -> None:
    with pytest.raises(ConfigError, match=f"{rate} Hz.*8000"):
        WebrtcEngine(rate)


def test_the_engine_tells_speech_from_silence_and_starts_anew() -> None:
    engine, speech = WebrtcEngine(8000), cut("sentence_zh.wav", 1.0, 2.0)
    frames = [speech[i : i + 160] for i in range(0, 8000, 160)]
    first = [engine.opinion(frame) for frame in frames]
    assert sum(opinion >= Opinion.LIKELY for opinion in first) > 30
    assert 0 < first.count(Opinion.SURE) < 50
    engine.reset()
    assert [engine.opinion(frame) for frame in frames] == first


def test_the_default_detector_finds_the_sentence() -> None:
    vad, sound = default_detector(8000), recording("sentence_zh.wav").samples
    found = [vad.push(sound[i : i + 160]) for i in range(0, len(sound) - 159, 160)]
    assert sum(verdict.voiced for verdict in found[25:185]) > 80
    assert not any(verdict.passes for verdict in found[195:238])
