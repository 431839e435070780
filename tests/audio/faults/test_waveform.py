"""Clipping, offset, gaps: faults of the waveform itself."""

from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.clipping import Clipping, flat_top, high
from audio.analysis.faults.gap_marks import clicks, holes, repeats
from audio.analysis.faults.gaps import Gaps
from audio.analysis.faults.offset import Offset
from tests.audio.faults.inject import companded
from tests.audio.faults.made import RATE, Listening, line, talk
from tests.audio.sounds import noise, tone


def cut(sound: np.ndarray, share_of_peak: float, gain_db: float = 0.0) -> np.ndarray:
    limit = share_of_peak * np.abs(sound.astype(np.float64)).max()
    return np.rint(np.clip(sound, -limit, limit) * 10 ** (gain_db / 20)).astype(np.int16)


@pytest.mark.parametrize("gain_db", [0.0, -6.0, -12.0, -20.0])
@pytest.mark.parametrize("coded", [False, True])
def test_flat_tops_are_found_at_any_level(gain_db: float, coded: bool) -> None:
    sound = cut(talk(6.0, gain_db=12.0), 0.25, gain_db)
    if coded:
        sound = companded(sound.astype(np.float64)).astype(np.int16)
    found = Listening(Clipping()).last(sound)
    assert found is not None
    peak = 20 * np.log10(np.abs(sound.astype(np.float64)).max() / 32768)
    assert f"flat at {peak:.1f} dBFS" in found.evidence


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("coded", [False, True])
def test_a_loud_voice_is_not_clipped(rate: int, coded: bool) -> None:
    sound = talk(10.0, rate).astype(np.float64)
    sound *= 32000 / np.abs(sound).max()
    sound = companded(sound) if coded else sound
    assert Listening(Clipping(), rate).last(np.rint(sound).astype(np.int16)) is None


def test_more_clipping_is_surer() -> None:
    slight, hard = (Listening(Clipping()).last(cut(talk(6.0), share)) for share in (0.6, 0.3))
    assert slight is not None
    assert hard is not None
    assert slight.confidence < hard.confidence


def test_clipping_ends_after_clean_speech_not_after_silence() -> None:
    ear = Listening(Clipping())
    assert ear.last(cut(talk(4.0), 0.15)) is not None
    assert ear.last(line(20.0), speaking=False) is not None
    assert ear.last(talk(9.0)) is None


def test_a_sine_and_a_standing_tone_are_left_alone() -> None:
    assert Listening(Clipping()).last(tone(RATE, 450, 4.0, -10.0), tone_hz=450.0) is None
    assert Listening(Clipping()).last(cut(tone(RATE, 450, 4.0), 0.5), speaking=False) is None


def test_a_flat_top_needs_several_tops_and_a_level() -> None:
    size = np.rint(np.abs(np.random.default_rng(3).laplace(0.0, 1000.0, 16000)))
    assert flat_top([high(size, RATE)]) == (0.0, 0.0)
    assert flat_top([high(np.minimum(size, 3000.0), RATE)]) == (pytest.approx(0.05, abs=0.01), 3000.0)
    once = size.copy()
    once[100:180] = 20000.0
    assert flat_top([high(once, RATE)]) == (0.0, 0.0)
    assert flat_top([high(np.minimum(size, 3000.0) / 20.0, RATE)]) == (0.0, 0.0)


def test_tops_of_several_seconds_count_together_and_only_at_one_level() -> None:
    size = np.minimum(np.rint(np.abs(np.random.default_rng(3).laplace(0.0, 300.0, RATE))), 2000.0)
    tops = [400, 2400, 4400]
    size[tops] = size[[at + 1 for at in tops]] = 3000.0
    size[[at + 3 for at in tops]] = (2600.0, 2700.0, 2800.0)
    one = high(size, RATE)
    assert flat_top([one]) == (0.0, 0.0)
    assert flat_top([one, one]) == (pytest.approx(12 / (2 * RATE)), 3000.0)
    louder = high(1.2 * size, RATE)
    assert flat_top([one, louder]) == (0.0, 0.0)


def test_the_steps_of_the_sound_itself_are_no_tops() -> None:
    faint = np.rint(talk(6.0).astype(np.float64) * 8.0 / 20000.0)
    assert Listening(Clipping()).last((faint * 2000.0).astype(np.int16)) is None


def test_an_input_that_gets_stuck_is_not_clipped() -> None:
    ear, stuck = Listening(Clipping()), talk(6.0)
    stuck[round(4.4 * RATE) :] = 9000
    assert ear.last(stuck) is None
    assert ear.last(np.full(2 * RATE, 9000, np.int16)) is None


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("offset", [0, 1500])
def test_one_side_cut_is_enough_with_an_offset_or_without(side: int, offset: int) -> None:
    sound = side * np.minimum(side * talk(6.0).astype(np.float64), 5000.0) + offset
    found = Listening(Clipping()).last(np.rint(sound).astype(np.int16))
    assert found is not None
    assert f"flat at {20 * np.log10(abs(side * 5000 + offset) / 32768):.1f} dBFS" in found.evidence


@pytest.mark.parametrize(("cut_loud", "holds"), [(True, True), (False, False)])
def test_who_is_seldom_loud_is_heard_clipping_too(cut_loud: bool, holds: bool) -> None:
    ear, word = Listening(Clipping()), talk(1.0)
    loud = np.sin(2 * np.pi * 220 * np.arange(160) / RATE) * 20000.0
    held = []
    for number in range(12):
        sound = 0.3 * word
        burst = loud * (1.0 + 0.3 * (number % 5))
        sound[2000:2160] = np.clip(burst, -18000.0, 18000.0) if cut_loud else burst
        held += ear.hear(np.rint(sound).astype(np.int16))
    assert held[0] is held[1] is None
    assert (held[-1] is not None) is holds


@pytest.mark.parametrize(
    ("percent", "holds"), [(0.0, False), (0.8, False), (1.2, True), (-2.0, True), (6.0, True)]
)
def test_offset(percent: float, holds: bool) -> None:
    found = Listening(Offset()).last(talk(4.0) + np.int16(round(327.68 * percent)))
    assert (found is not None) is holds
    if found:
        assert f"{abs(percent):.1f} % of full scale" in found.evidence
        assert found.confidence == pytest.approx(0.4 + 0.1 * (abs(percent) - 1.0), abs=0.03)


def test_offset_has_hysteresis_and_ends() -> None:
    ear = Listening(Offset())
    shifted = line(3.0)
    assert ear.last(shifted + np.int16(400)) is not None
    assert ear.last(shifted + np.int16(280)) is not None
    assert ear.last(shifted) is None


def test_a_stuck_input_is_not_an_offset_and_a_low_tone_is_none() -> None:
    assert Listening(Offset()).last(np.full(5 * RATE, 4000, np.int16)) is None
    assert Listening(Offset()).last(tone(RATE, 20, 5.0, -10.0)) is None


def with_holes(sound: np.ndarray, every_s: float, length_s: float, value: int = 0) -> np.ndarray:
    out = sound.copy()
    for start in range(round(0.25 * RATE), len(out) - RATE // 10, round(every_s * RATE)):
        out[start : start + round(length_s * RATE)] = value
    return out


@pytest.mark.parametrize("length_s", [0.006, 0.02, 0.06, 0.15])
def test_holes_are_found_where_they_end(length_s: float) -> None:
    sound = tone(RATE, 333, 3.0, -20.0) + noise(RATE, 3.0, -40.0)
    ends = [round((0.25 + k + length_s) * RATE) for k in range(3)]
    assert holes(with_holes(sound, 1.0, length_s), RATE) == pytest.approx(ends, abs=1)


@pytest.mark.parametrize("length_s", [0.004, 0.25])
def test_shorter_and_longer_runs_are_no_holes(length_s: float) -> None:
    assert holes(with_holes(noise(RATE, 3.0, -20.0), 1.0, length_s), RATE) == []


def test_a_pause_that_fades_is_no_hole() -> None:
    sound = noise(RATE, 2.0, -20.0).astype(np.float64)
    fade = np.linspace(1.0, 0.0, 400) ** 2
    sound[8000 - 400 : 8000] *= fade
    sound[8000:8800] = 0.0
    assert holes(np.rint(sound).astype(np.int16), RATE) == []


@pytest.mark.parametrize("level_dbfs", [-20.0, -58.0])
@pytest.mark.parametrize("packet_s", [0.01, 0.02, 0.03])
def test_a_packet_played_twice_is_found(packet_s: float, level_dbfs: float) -> None:
    sound, packet = noise(RATE, 2.0, level_dbfs), round(packet_s * RATE)
    sound[8000 : 8000 + packet] = sound[8000 - packet : 8000]
    assert repeats(sound, RATE) == [8000 + packet]


def test_a_machines_tone_and_a_quiet_code_are_no_repeats() -> None:
    assert repeats(tone(RATE, 450, 2.0, -20.0), RATE) == []
    assert repeats(companded(noise(RATE, 2.0, -75.0).astype(np.float64)).astype(np.int16), RATE) == []


def test_a_click_is_found_to_the_sample_and_a_voices_pulses_are_none() -> None:
    sound = talk(3.0).astype(np.float64)
    assert clicks(sound, RATE) == []
    sound[12345] += 12000.0
    assert clicks(sound, RATE) == [pytest.approx(12345, abs=2)]


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("period_s", [0.0041, 0.0093, 0.031])
def test_a_pressed_or_creaking_voices_pulses_are_no_clicks(rate: int, period_s: float) -> None:
    sound = noise(rate, 2.0, -50.0).astype(np.float64)
    sound[:: round(period_s * rate)] += 9000.0
    assert clicks(sound, rate) == []
    sound[round(1.2345 * rate)] -= 30000.0 * 2
    assert clicks(sound, rate) == [pytest.approx(1.2345 * rate, abs=2)]


def test_losses_are_counted_and_forgotten_after_clean_speech() -> None:
    ear = Listening(Gaps(RATE))
    held = ear.hear(with_holes(talk(6.0), 0.2, 0.02))
    assert held[-1] is not None
    assert "holes" in held[-1].evidence
    assert held[-1].since < 1.5
    assert ear.last(line(20.0), speaking=False) is not None
    assert ear.last(talk(10.0)) is None


def test_two_losses_are_an_accident() -> None:
    sound = talk(8.0)
    before = len(holes(sound, RATE))
    sound[2 * RATE : 2 * RATE + 160] = 0
    sound[5 * RATE : 5 * RATE + 160] = 0
    assert before == 0
    assert Listening(Gaps(RATE)).last(sound) is None


def test_a_loss_across_two_seconds_counts_once() -> None:
    sound = noise(RATE, 6.0, -20.0)
    for end in (1.005, 2.0, 3.01, 4.015):
        sound[round(end * RATE) - 160 : round(end * RATE)] = 0
    found = Listening(Gaps(RATE)).last(sound)
    assert found is not None
    assert found.evidence.startswith("4 losses")


@pytest.mark.parametrize("make", [Clipping, Offset, lambda: Gaps(RATE)])
def test_reset_forgets(make: type) -> None:
    ear = Listening(make())
    ear.hear(with_holes(cut(talk(6.0, gain_db=12.0), 0.1), 0.2, 0.02) + np.int16(1000))
    assert ear.analyser.finding is not None
    ear.analyser.reset()
    assert ear.analyser.finding is None
    assert ear.last(talk(1.0)) is None
