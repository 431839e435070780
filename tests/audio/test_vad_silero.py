"""The neural engine on made-up networks: what is heard when, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path

import numpy as np
import pytest

from audio.analysis.vad import Verdict
from audio.analysis.voice_model import Likelihood, VoiceModel
from audio.silero import QUIET_LIKELY, REFED_CHUNKS, SileroEar, SileroMemory, SileroModel, load_model
from audio.vad_silero import AWAY_FRAMES, BEGIN_LIKELY, GOES_ON_LIKELY, SECOND_SHARE, SURE_FRAMES, SileroVad
from audio.vad_webrtc import shipped_model
from audio.wav import read_wav
from tests.audio.sounds import cut, noise, tone
from tests.scoring.peers import plain_silero
from tests.support import need_shared_data

QUIET_CHUNKS = 62
"""2 s of 32 ms."""


class Heard(SileroMemory):
    """What one channel's network was given; None: it was made to forget."""

    def __init__(self, says: Iterator[float]) -> None:
        self.chunks: list[np.ndarray | None] = []
        self._says = says

    def hear(self, heard: np.ndarray) -> float:
        self.chunks.append(heard.copy())
        return next(self._says)

    def forget(self) -> None:
        self.chunks.append(None)


class Script(SileroModel):
    """A network that says what it was told to, chunk by chunk, whatever it hears."""

    def __init__(self, says: Iterator[float]) -> None:
        self.memory = Heard(says)

    def listener(self, rate: int) -> SileroMemory:
        return self.memory


class Sure(VoiceModel):
    """A second opinion that never changes, and counts how often it was asked."""

    def __init__(self, voice: float, music: float = 0.0) -> None:
        self.asked = 0
        self.says = Likelihood(voice, music)

    def push(self, features: np.ndarray) -> Likelihood:
        self.asked += 1
        return self.says

    def reset(self) -> None:
        pass


def always(likely: float) -> Iterator[float]:
    while True:
        yield likely


def ramp(samples: int) -> np.ndarray:
    """Every sample differs from its neighbours."""
    return (np.arange(samples) % 30011).astype(np.int16)


def expected(sound: np.ndarray, rate: int, chunk: int) -> np.ndarray:
    """Chunk number `chunk` with the 4 ms before it, zeros before the begin."""
    length, context = rate * 32 // 1000, rate * 4 // 1000
    padded = np.concatenate((np.zeros(context, np.int16), sound))
    heard: np.ndarray = padded[chunk * length : chunk * length + context + length]
    return (heard / 32768.0).astype(np.float32)[None]


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("block_ms", [10, 20, 32, 50])
def test_every_chunk_is_heard_once_with_what_came_before_it(rate: int, block_ms: int) -> None:
    script = Script(always(0.9))
    ear, sound, block = SileroEar(rate, script), ramp(rate * 5), rate * block_ms // 1000
    for start in range(0, len(sound), block):
        ear.push(sound[start : start + block])
    assert len(script.memory.chunks) == 5000 // 32
    for number, found in enumerate(script.memory.chunks):
        assert found is not None
        np.testing.assert_array_equal(found, expected(sound, rate, number))


def test_a_frame_is_told_the_newest_whole_chunk() -> None:
    ear = SileroEar(8000, Script(iter([0.1, 0.2, 0.3, 0.4, 0.5])))
    told = [ear.push(ramp(160)) for _ in range(8)]
    assert told == [0.0, 0.1, 0.1, 0.2, 0.3, 0.3, 0.4, 0.5]


def test_after_two_quiet_seconds_the_last_moments_are_heard_by_a_cleared_memory() -> None:
    script = Script(always(QUIET_LIKELY - 0.01))
    ear, sound = SileroEar(8000, script), ramp(8000 * 5)
    for start in range(0, len(sound), 160):
        ear.push(sound[start : start + 160])
    first = [*range(QUIET_CHUNKS), None, *range(QUIET_CHUNKS - REFED_CHUNKS, QUIET_CHUNKS)]
    then = [*range(QUIET_CHUNKS, 2 * QUIET_CHUNKS), None]
    found = script.memory.chunks[: len(first) + len(then)]
    for chunk, wanted in zip(found, [*first, *then], strict=True):
        assert (chunk is None) == (wanted is None)
        if chunk is not None and wanted is not None:
            np.testing.assert_array_equal(chunk, expected(sound, 8000, wanted))


def test_what_is_not_quite_quiet_keeps_the_memory() -> None:
    says = [0.0] * (QUIET_CHUNKS - 1) + [QUIET_LIKELY]
    script = Script(iter(says * 4))
    ear = SileroEar(8000, script)
    for _ in range(len(says) * 3):
        ear.push(ramp(256))
    assert None not in [None if chunk is None else 0 for chunk in script.memory.chunks]


def test_what_is_heard_again_changes_no_likelihood_told() -> None:
    says = iter([0.1] * QUIET_CHUNKS + [0.9] * REFED_CHUNKS + [0.2])
    ear = SileroEar(8000, Script(says))
    told = [ear.push(ramp(256)) for _ in range(QUIET_CHUNKS + 1)]
    assert told == [0.1] * QUIET_CHUNKS + [0.2]


def test_an_hour_takes_no_more_room_than_a_second() -> None:
    ear = SileroEar(8000, Script(always(0.1)))
    ear.push(ramp(160))
    room = ear._sound
    for _ in range(3000):
        ear.push(ramp(160))
    assert ear._sound is room
    assert room.nbytes < 80_000


def test_an_ear_is_new_after_a_reset() -> None:
    script = Script(always(0.9))
    ear, sound = SileroEar(8000, script), ramp(4000)
    ear.push(sound[:3000])
    ear.reset()
    script.memory.chunks.clear()
    assert ear.push(sound[:100]) == 0.0
    ear.push(sound[100:3000])
    for number, found in enumerate(script.memory.chunks):
        assert found is not None
        np.testing.assert_array_equal(found, expected(sound, 8000, number))


def vad(likely: float | Iterator[float], voice: float, rate: int = 8000, music: float = 0.0) -> SileroVad:
    says = always(likely) if isinstance(likely, float) else likely
    return SileroVad(rate, Script(says), Sure(voice, music))


def judged(made: SileroVad, sound: np.ndarray, rate: int = 8000) -> list[Verdict]:
    frame = rate // 50
    return [made.push(sound[start : start + frame]) for start in range(0, len(sound) - frame + 1, frame)]


def loud(seconds: float, rate: int = 8000) -> np.ndarray:
    """Quiet for half a second, then not."""
    return np.concatenate([noise(rate, 0.5, -75.0), noise(rate, seconds, -30.0, seed=2)])


@pytest.mark.parametrize("rate", [8000, 16000, 32000, 48000])
@pytest.mark.parametrize("voice", [0.0, 0.5, 1.0])
def test_both_have_a_say_in_a_begin(rate: int, voice: float) -> None:
    threshold = BEGIN_LIKELY[min(rate, 16000)]
    least = (threshold - SECOND_SHARE * voice) / (1.0 - SECOND_SHARE)
    for likely, begins in ((least - 0.01, False), (min(1.0, least + 0.01), True)):
        found = judged(vad(likely, voice, rate), loud(0.4, rate), rate)
        assert any(verdict.voiced for verdict in found) is begins, likely


@pytest.mark.parametrize("voice", [0.0, 1.0])
def test_what_nobody_could_follow_is_no_voice_whatever_they_say(voice: float) -> None:
    found = judged(vad(1.0, voice), noise(8000, 2.0, -75.0))
    assert not any(verdict.loud or verdict.passes or verdict.voiced for verdict in found)


def test_the_second_is_asked_until_a_voice_is_sure() -> None:
    made = vad(0.9, 1.0)
    second = made._second._model
    assert isinstance(second, Sure)
    found = judged(made, loud(1.0))
    assert sum(verdict.voiced for verdict in found) > 40
    assert SURE_FRAMES <= second.asked <= SURE_FRAMES + 5  # and what was shown to it again


def test_a_sure_voice_goes_on_by_the_first_alone() -> None:
    sounds = loud(3.0)
    chunks = chain([0.99] * 40, always(GOES_ON_LIKELY + 0.01))
    found = judged(vad(chunks, 0.0), sounds)
    assert found[-1].voiced
    alone = judged(vad(GOES_ON_LIKELY + 0.01, 0.0), sounds)
    assert not any(verdict.voiced for verdict in alone)


@pytest.mark.parametrize(("away", "asked_again"), [(2, False), (-(-AWAY_FRAMES * 20 // 32) + 1, True)])
def test_after_a_break_both_are_asked_again(away: int, asked_again: bool) -> None:
    """`away` chunks of 32 ms without a voice in the middle of speech."""
    made = vad(chain([0.9] * 40, [0.1] * away, always(0.9)), 1.0)
    second = made._second._model
    assert isinstance(second, Sure)
    sound = loud(3.0)
    judged(made, sound[: 8000 * 128 // 100])
    before = second.asked
    found = judged(made, sound[8000 * 128 // 100 :])
    assert found[-1].voiced
    assert (second.asked > before) is asked_again


def test_one_frame_without_a_voice_undoes_a_begin() -> None:
    """Clicks of one chunk never become sure, and each is asked about."""
    made = vad(cycle([0.9, 0.1]), 1.0)
    second = made._second._model
    assert isinstance(second, Sure)
    found = judged(made, loud(2.0))
    assert second.asked >= sum(verdict.loud for verdict in found) > 80


def test_music_is_told_where_nobody_surely_speaks() -> None:
    found = judged(vad(0.1, 0.2, music=0.8), loud(0.5))
    assert {verdict.music for verdict in found if verdict.loud} == {0.8}
    assert {verdict.music for verdict in found if not verdict.loud} == {0.0}
    spoken = judged(vad(0.9, 1.0, music=0.8), loud(1.0))
    assert spoken[-1].voiced
    assert spoken[-1].music == 0.0


def test_a_tone_is_told_and_ends_the_floor_s_rise() -> None:
    sound = np.concatenate([noise(8000, 0.5, -75.0), tone(8000, 450.0, 3.0)])
    found = judged(vad(0.1, 0.0), sound)
    tones = [verdict for verdict in found if verdict.tone_hz]
    assert len(tones) > 130
    assert np.median([verdict.tone_hz or 0.0 for verdict in tones]) == pytest.approx(450.0, abs=2.0)
    assert tones[-1].floor_dbfs - tones[0].floor_dbfs < 0.1


def test_a_tone_that_is_called_a_voice_is_a_voice() -> None:
    """What both are sure of is not measured: a vowel may look like a tone for 0.1 s."""
    found = judged(vad(1.0, 1.0), np.concatenate([noise(8000, 0.5, -75.0), tone(8000, 450.0, 1.0)]))
    assert not any(verdict.tone_hz for verdict in found)


def test_a_voice_lifts_the_floor_more_slowly_than_noise() -> None:
    spoken, not_spoken = judged(vad(0.9, 1.0), loud(2.0)), judged(vad(0.1, 0.0), loud(2.0))
    assert not_spoken[-1].floor_dbfs - spoken[-1].floor_dbfs == pytest.approx(4.0, abs=0.5)


def test_a_detector_is_new_after_a_reset() -> None:
    sound = loud(1.0)
    made = vad(0.9, 0.6)
    first = judged(made, sound)
    made.reset()
    assert judged(made, sound) == first


def model() -> Path:
    return need_shared_data("models", "silero_vad.onnx")


@pytest.mark.parametrize(("rate", "name"), [(8000, "sentence_zh.wav"), (16000, "sentence_zh_16k.wav")])
def test_a_channel_s_memory_is_what_the_network_hands_on(rate: int, name: str) -> None:
    likely = plain_silero(model())
    sound = (cut(name, 0.3, 1.5) / 32768.0).astype(np.float32)[None]
    chunk, context = rate * 32 // 1000, rate * 4 // 1000
    memory, own = np.zeros((2, 1, 128), np.float32), load_model(model()).listener(rate)
    begins = range(0, sound.shape[1] - chunk - context, chunk)
    first = []
    for begin in begins:
        heard = sound[:, begin : begin + context + chunk]
        voice, memory = likely(heard, memory, rate)
        first.append(own.hear(heard))
        assert first[-1] == pytest.approx(voice, abs=1e-6)
    assert max(first) > 0.9
    own.forget()
    again = [own.hear(sound[:, begin : begin + context + chunk]) for begin in begins]
    assert again == pytest.approx(first, abs=1e-6)


def test_two_channels_do_not_hear_each_other() -> None:
    loaded = load_model(model())
    sound = cut("sentence_zh.wav", 0.3, 2.3)
    alone = SileroEar(8000, loaded)
    told = [alone.push(sound[i : i + 160]) for i in range(0, len(sound), 160)]
    one, other = SileroEar(8000, loaded), SileroEar(8000, loaded)
    both = []
    for i in range(0, len(sound), 160):
        both.append(one.push(sound[i : i + 160]))
        other.push(noise(8000, 0.02, -30.0, seed=i))
    assert both == told


def test_clicks_that_the_network_calls_a_voice_are_fewer_with_the_second_opinion() -> None:
    clicks = read_wav(need_shared_data("vad", "wav16", "neg_clocktick.wav"))
    loaded = load_model(model())
    voiced = [
        sum(verdict.voiced for verdict in judged(SileroVad(16000, loaded, second), clicks.samples, 16000))
        for second in (Sure(1.0), shipped_model())
    ]
    assert voiced[1] < 0.8 * voiced[0]
