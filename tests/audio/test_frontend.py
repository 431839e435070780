from __future__ import annotations

import math

import numpy as np
import pytest

from audio.analysis.filters import HighPass
from audio.analysis.floor import FLOOR_MAX_DBFS, FLOOR_MIN_DBFS, NoiseFloor
from audio.analysis.framing import Framer, frame_length
from audio.analysis.frontend import FrontEnd
from audio.decibel import rms_dbfs
from tests.audio.sounds import noise, recording, tone, zeros


@pytest.mark.parametrize("rate", [8000, 16000, 32000, 48000])
def test_a_frame_is_20_ms(rate: int) -> None:
    assert frame_length(rate) == rate // 50


@pytest.mark.parametrize("sizes", [[160], [80], [1], [333], [7, 500, 0, 41], [1000]])
def test_frames_are_the_same_for_any_block_size(sizes: list[int]) -> None:
    sound = noise(8000, 0.3)
    framer, frames, start, turn = Framer(8000), [], 0, 0
    while start < len(sound):
        size = sizes[turn % len(sizes)]
        frames += framer.push(sound[start : start + size])
        start, turn = start + size, turn + 1
    assert np.array_equal(np.concatenate(frames), sound[: len(frames) * 160])
    assert len(frames) == len(sound) // 160
    assert {len(frame) for frame in frames} == {160}


def test_an_unfinished_frame_is_forgotten_on_reset() -> None:
    framer = Framer(8000)
    assert framer.push(np.full(100, 5, np.int16)) == []
    framer.reset()
    (frame,) = framer.push(np.full(160, 9, np.int16))
    assert set(frame.tolist()) == {9}


def test_kept_samples_are_copies() -> None:
    framer, buffer = Framer(8000), np.full(100, 5, np.int16)
    framer.push(buffer)
    buffer[:] = 0
    (frame,) = framer.push(np.full(60, 5, np.int16))
    assert set(frame.tolist()) == {5}


def by_the_sample(sound: np.ndarray, rate: int, cut: float) -> np.ndarray:
    """The same Butterworth high-pass written as its difference equation."""
    k = math.tan(math.pi * cut / rate)
    norm = 1 / (1 + math.sqrt(2) * k + k * k)
    a1, a2 = 2 * (k * k - 1) * norm, (1 - math.sqrt(2) * k + k * k) * norm
    x1 = x2 = y1 = y2 = 0.0
    out = []
    for x in sound.astype(float):
        y = norm * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2
        x2, x1, y2, y1 = x1, x, y1, y
        out.append(y)
    return np.array(out)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_filtering_by_frames_is_filtering_by_samples(rate: int) -> None:
    length = rate // 50
    sound = np.concatenate([zeros(rate, 0.02), noise(rate, 0.2, -20.0)])
    high_pass = HighPass(rate, 120.0, length)
    got = np.concatenate([high_pass.push(sound[i : i + length]) for i in range(0, len(sound), length)])
    assert np.allclose(got, by_the_sample(sound, rate, 120.0), atol=1e-6)


@pytest.mark.parametrize(
    ("hz", "least", "most"),
    [(30, -90, -20), (50, -20, -14), (120, -3.3, -2.7), (300, -0.3, 0.1), (3000, -0.1, 0.1)],
)
def test_the_high_pass_takes_rumble_and_leaves_voice(hz: float, least: float, most: float) -> None:
    high_pass, sound = HighPass(8000, 120.0, 160), tone(8000, hz, 1.0, -10.0)
    got = np.concatenate([high_pass.push(sound[i : i + 160]) for i in range(0, 8000, 160)])[2000:]
    change = 20 * math.log10(got.std() / sound.astype(float).std())
    assert least <= change <= most


def test_an_offset_is_gone_from_the_first_sample() -> None:
    high_pass = HighPass(8000, 120.0, 160)
    assert np.abs(high_pass.push(np.full(160, 5000, np.int16))).max() < 1e-6


def test_after_long_silence_the_state_is_exactly_nothing() -> None:
    high_pass = HighPass(8000, 120.0, 160)
    high_pass.push(noise(8000, 0.02, -20.0))
    for _ in range(50):
        last = high_pass.push(np.zeros(160, np.int16))
    assert not last.any()


def test_a_frame_must_be_whole_parts() -> None:
    with pytest.raises(ValueError, match="100"):
        HighPass(8000, 120.0, 100)


@pytest.mark.parametrize(
    ("levels", "floor"),
    [
        ([-60.0], -60.0),
        ([-20.0], -49.94),
        ([-60.0] * 10 + [-20.0] * 50, -57.0),
        ([-50.0, -70.0], -56.0),
        ([-50.0] + [-70.0] * 10, -70.0),
        ([-100.0] * 20, FLOOR_MIN_DBFS),
        ([-10.0] * 5000, FLOOR_MAX_DBFS),
    ],
)
def test_the_floor_falls_fast_and_rises_slowly(levels: list[float], floor: float) -> None:
    noise_floor = NoiseFloor()
    for level in levels:
        noise_floor.push(level)
    assert noise_floor.dbfs == pytest.approx(floor, abs=0.01)


def test_a_floor_told_not_to_rise_does_not() -> None:
    noise_floor = NoiseFloor()
    noise_floor.push(-60.0)
    assert noise_floor.push(-20.0, 0.0) == -60.0
    noise_floor.reset()
    assert noise_floor.dbfs is None


def test_zeros_say_nothing_of_a_floor_that_is_known() -> None:
    """A room of -60 dBFS, muted for a minute and back: it is not loud against the mute's zeros."""
    noise_floor = NoiseFloor()
    for _ in range(50):
        noise_floor.push(-60.0)
    for _ in range(3000):
        noise_floor.push_zeros(-100.0)
    assert noise_floor.push(-60.0) == -60.0


def test_a_channel_that_begins_with_zeros_begins_when_they_end() -> None:
    noise_floor = NoiseFloor()
    for _ in range(50):
        assert noise_floor.push_zeros(-100.0) == FLOOR_MIN_DBFS
    assert noise_floor.push(-60.0) == -60.0


def test_zeros_between_words_bring_down_a_floor_that_was_only_supposed() -> None:
    """Speech of a gate or a synthesizer, from the first frame on: nothing softer than it was heard yet."""
    noise_floor = NoiseFloor()
    noise_floor.push(-45.0)
    assert noise_floor.push_zeros(-100.0) == pytest.approx(-56.0, abs=0.1)


def test_a_room_after_a_mute_is_not_loud() -> None:
    rng = np.random.default_rng(3)
    room = np.rint(rng.normal(0.0, 32768 * 10**-3, 8000)).astype(np.int16)
    front = FrontEnd(8000)
    before = conditioned(front, np.tile(room, 3))[-1]
    conditioned(front, np.zeros(8 * 8000, np.int16))
    after = conditioned(front, room)
    assert before.floor_dbfs == pytest.approx(-61.0, abs=2.0)
    assert all(abs(each.floor_dbfs - before.floor_dbfs) < 2.0 for each in after)


def conditioned(front: FrontEnd, sound: np.ndarray) -> list:
    return [front.push(sound[i : i + 160], 3.0) for i in range(0, len(sound) - 159, 160)]


@pytest.mark.parametrize(("loss", "least", "most"), [(0, 5, 12), (20, 20, 30), (30, 20, 30), (60, 0, 30)])
def test_a_quiet_line_is_lifted_slowly(loss: float, least: float, most: float) -> None:
    speech = recording("sentence_zh.wav").samples * 10 ** (-loss / 20)
    frames = conditioned(FrontEnd(8000), np.rint(np.tile(speech, 3)).astype(np.int16))
    gains = [frame.gain_db for frame in frames]
    assert least <= gains[-1] <= most
    assert max(np.diff(gains)) <= 0.4 + 1e-9


def test_line_noise_is_never_lifted_above_its_ceiling() -> None:
    frames = conditioned(FrontEnd(8000), recording("silent_line.wav").samples)
    assert max(frame.floor_dbfs + frame.gain_db for frame in frames[100:]) <= -57.0
    assert rms_dbfs(np.concatenate([frame.gained for frame in frames[100:]])) < -55.0


def test_a_loud_line_is_not_touched() -> None:
    frames = conditioned(FrontEnd(8000), tone(8000, 500, 1.0, -15.0))
    assert {frame.gain_db for frame in frames} == {0.0}
    assert frames[-1].level_dbfs == pytest.approx(-15.0, abs=0.1)


def test_an_offset_does_not_lift_the_floor() -> None:
    sound = recording("silent_line.wav").samples[:16000]
    shifted = (sound + 655).astype(np.int16)
    plain = conditioned(FrontEnd(8000), sound)[-1]
    assert conditioned(FrontEnd(8000), shifted)[-1].floor_dbfs == pytest.approx(plain.floor_dbfs, abs=0.1)


def test_reset_is_as_new() -> None:
    front, sound = FrontEnd(8000), recording("sentence_zh.wav").samples[:8000]
    first = [frame.gained for frame in conditioned(front, sound)]
    front.reset()
    again = [frame.gained for frame in conditioned(front, sound)]
    assert np.array_equal(np.concatenate(first), np.concatenate(again))
