from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio.analysis.active_level import ActiveLevelMeter
from audio.analysis.frame import Frame
from audio.analysis.measures.figures import PitchRange
from audio.analysis.measures.spectrum import FRAMES, LINE_HZ, TOP_HZ, ShortTime, line
from audio.analysis.measures.voice import LEVEL_FRAMES, VoiceMeter
from audio.analysis.vad import Verdict
from audio.wav import Samples
from tests.audio.measures.kit import judged, on_a_line, voice, voiced_frames
from tests.audio.sounds import recording, tone

RATES = pytest.mark.parametrize("rate", [8000, 16000, 32000, 48000])
QUIET = Verdict(-70.0, -72.0, False, False, False)


def steady(rate: int, seconds: float = 3.0, hz: float = 150.0) -> Samples:
    return voice(rate, np.full(round(rate * seconds), hz))


def after(frames: list[Frame], rate: int) -> VoiceMeter:
    meter = VoiceMeter(rate)
    for frame in frames:
        meter.push(frame)
    return meter


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_line_stands_where_its_tone_is(rate: int) -> None:
    for hz in (200.0, 1000.0, 2800.0):
        short, length = ShortTime(rate), rate // 50
        sound = tone(rate, hz, FRAMES * 0.02)
        for number in range(FRAMES):
            short.push(sound[number * length : (number + 1) * length])
        lines = short.lines()
        assert len(lines) == line(TOP_HZ) + 1
        assert abs(int(lines.argmax()) * LINE_HZ - hz) <= LINE_HZ


@RATES
def test_the_same_sound_has_the_same_pitch_at_any_rate(rate: int) -> None:
    pitch = after(voiced_frames(steady(rate), rate), rate).pitch
    assert isinstance(pitch, PitchRange)
    assert pitch.median_hz == pytest.approx(150.0, rel=0.01)


@RATES
def test_the_same_sound_has_the_same_level_at_any_rate(rate: int) -> None:
    level = after(voiced_frames(steady(rate), rate), rate).level
    assert level is not None
    assert level.active_dbov == pytest.approx(-26.0, abs=0.3)


def test_samples_may_be_overwritten() -> None:
    """A sound card's buffer is used again."""
    rate, sound = 8000, steady(8000)
    buffer = np.zeros(160, np.int16)
    meter = VoiceMeter(rate)
    for frame in voiced_frames(sound, rate):
        buffer[:] = frame.samples
        meter.push(replace(frame, samples=buffer))
        buffer[:] = 0
    assert meter.pitch == after(voiced_frames(sound, rate), rate).pitch


def test_the_level_is_that_of_p56_over_the_speech() -> None:
    rate, sound = 8000, steady(8000)
    spoken = voiced_frames(sound, rate)
    silent = [Frame(frame.begin + 3.0, np.zeros(160, np.int16), QUIET, False) for frame in spoken]
    level = after([*spoken, *silent], rate).level
    reference = ActiveLevelMeter(rate).push(sound.astype(np.float64)).level()
    assert level is not None
    assert level.active_dbov == pytest.approx(reference.active_dbov, abs=0.1)
    assert level.active_dbov == pytest.approx(-26.0, abs=0.3)


def test_an_offset_is_no_level() -> None:
    rate = 8000
    shifted = (steady(rate) // 4 + 1500).astype(np.int16)
    level = after(voiced_frames(shifted, rate), rate).level
    assert level is not None
    assert level.active_dbov == pytest.approx(-38.0, abs=0.3)


def test_there_is_no_level_before_half_a_second_of_speech() -> None:
    frames = voiced_frames(steady(8000, 1.0), 8000)
    assert after(frames[: LEVEL_FRAMES - 1], 8000).level is None
    assert after(frames[:LEVEL_FRAMES], 8000).level is not None


def test_what_is_not_speech_is_not_measured() -> None:
    frames = [replace(frame, speaking=False) for frame in voiced_frames(steady(8000), 8000)]
    meter = after(frames, 8000)
    assert (meter.level, meter.pitch, meter.syllables) == (None, None, 0)


def test_unvoiced_sound_has_no_pitch() -> None:
    hoarse = Verdict(-25.0, -60.0, True, True, False)
    frames = [replace(frame, verdict=hoarse) for frame in voiced_frames(steady(8000), 8000)]
    assert after(frames, 8000).pitch is None


def test_a_gap_parts_what_is_before_and_behind_it() -> None:
    """Frames that do not follow on each other share no window."""
    rate = 8000
    frames = voiced_frames(steady(rate, 0.2), rate)
    alone, torn = VoiceMeter(rate), after([*frames[:5]], rate)
    late = [replace(frame, begin=frame.begin + 9.0) for frame in frames[:1]]
    for meter in (alone, torn):
        meter.push(late[0])
    assert np.array_equal(alone._short.lines(), torn._short.lines())


def test_reset_forgets() -> None:
    sound = on_a_line(recording("sentence_zh_2_16k.wav"), 16000)
    frames, _ = judged(sound, 16000)
    meter = after(frames, 16000)
    first = (meter.level, meter.pitch, meter.syllables)
    meter.reset()
    assert (meter.level, meter.pitch, meter.syllables) == (None, None, 0)
    for frame in frames:
        meter.push(frame)
    assert (meter.level, meter.pitch, meter.syllables) == first
