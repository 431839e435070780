from __future__ import annotations

import math

import numpy as np
import pytest

from audio.analysis.active_level import NOTHING, THRESHOLDS, ActiveLevel, ActiveLevelMeter, Tally
from audio.decibel import SILENCE_DBFS
from tests.audio.sounds import noise, recording, tone, zeros


def by_definition(sound: np.ndarray, rate: int) -> tuple[float, list[int]]:
    """P.56 method B as its text has it, sample by sample: sum of squares and activity counts."""
    g, hang = math.exp(-1.0 / (rate * 0.03)), math.ceil(round(0.2 * rate, 6))
    p = q = energy = 0.0
    activity, since = [0] * 15, [hang] * 15
    for x in sound.tolist():
        energy += x * x
        p = g * p + (1 - g) * abs(x)
        q = g * q + (1 - g) * p
        for j in range(15):
            if q >= 2.0**j:
                activity[j] += 1
                since[j] = 0
            elif since[j] < hang:
                activity[j] += 1
                since[j] += 1
    return energy, activity


def level_by_definition(energy: float, activity: list[int]) -> float:
    """Active level by halving the interval in dB between the thresholds around the margin, as G.191 does."""
    levels = [10 * math.log10(energy / a / 32768.0**2) if a else None for a in activity]
    for j in range(1, 15):
        upper, lower = levels[j], levels[j - 1]
        if upper is None or lower is None:
            return SILENCE_DBFS
        c_upper, c_lower = (20 * math.log10(2.0**k / 32768.0) for k in (j, j - 1))
        if upper - c_upper <= 15.9:
            for _ in range(60):
                level, c = (upper + lower) / 2, (c_upper + c_lower) / 2
                if level - c > 15.9:
                    lower, c_lower = level, c
                else:
                    upper, c_upper = level, c
            return (upper + lower) / 2
    return SILENCE_DBFS


def measured(sound: np.ndarray, rate: int, block: int | None = None) -> Tally:
    meter, whole = ActiveLevelMeter(rate), NOTHING
    wide = sound.astype(np.float64)
    for start in range(0, len(wide), block or max(1, len(wide))):
        whole += meter.push(wide[start : start + (block or len(wide))])
    return whole


def level(sound: np.ndarray, rate: int = 8000) -> ActiveLevel:
    return measured(sound, rate).level()


@pytest.mark.parametrize(
    ("name", "begin_s", "end_s"),
    [("answer_4s.wav", 3.5, 6.0), ("sentence_zh.wav", 0.0, 4.0), ("sentence_zh_16k.wav", 2.5, 4.5)],
)
def test_it_counts_what_the_definition_counts(name: str, begin_s: float, end_s: float) -> None:
    whole = recording(name)
    sound = whole.samples[round(begin_s * whole.rate) : round(end_s * whole.rate)]
    energy, activity = by_definition(sound.astype(np.float64), whole.rate)
    tally = measured(sound, whole.rate)
    assert tally.active.tolist() == activity
    assert tally.energy == pytest.approx(energy)
    assert tally.level().active_dbov == pytest.approx(level_by_definition(energy, activity), abs=1e-6)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 48000])
def test_any_rate(rate: int) -> None:
    sound = np.concatenate([tone(rate, 700, 0.4, -20.0), zeros(rate, 0.5)])
    energy, activity = by_definition(sound.astype(np.float64), rate)
    tally = measured(sound, rate)
    assert tally.active.tolist() == activity
    assert tally.level().active_dbov == pytest.approx(level_by_definition(energy, activity), abs=1e-6)


@pytest.mark.parametrize("block", [1, 37, 160, 4000, 4001, 9999])
def test_blocks_add_up_to_the_whole(block: int) -> None:
    sound = recording("answer_4s.wav").samples[4 * 8000 : 4 * 8000 + 9999]
    whole, parts = measured(sound, 8000), measured(sound, 8000, block)
    assert parts.active.tolist() == whole.active.tolist()
    assert parts.level() == whole.level()


def test_a_full_scale_sine() -> None:
    found = level(np.rint(32767 * np.sin(2 * np.pi * 1000 * np.arange(80000) / 8000)))
    assert found.active_dbov == pytest.approx(-3.01, abs=0.02)
    assert found.long_term_dbov == pytest.approx(-3.01, abs=0.01)
    assert found.activity == pytest.approx(1.0, abs=0.005)


@pytest.mark.parametrize("level_dbfs", [-10.0, -26.0, -40.0, -60.0])
@pytest.mark.parametrize(("on_s", "off_s"), [(1.0, 1.0), (2.0, 6.0), (0.5, 4.5)])
def test_bursts_have_their_own_level_and_the_share_of_their_time(
    level_dbfs: float, on_s: float, off_s: float
) -> None:
    cycle = np.concatenate([tone(8000, 400, on_s, level_dbfs), zeros(8000, off_s)])
    found = level(np.tile(cycle, 4))
    # the hang-over counts as activity, and the envelope needs some 10 ms to rise and 0.1 s to fall
    lasted = on_s + 0.3
    assert found.activity == pytest.approx(lasted / (on_s + off_s), abs=0.07)
    assert found.active_dbov == pytest.approx(level_dbfs + 10 * math.log10(on_s / lasted), abs=0.4)
    assert found.long_term_dbov == pytest.approx(level_dbfs + 10 * math.log10(on_s / (on_s + off_s)), abs=0.1)


@pytest.mark.parametrize("name", ["sentence_zh.wav", "sentence_zh_16k.wav", "sentence_zh_2_16k.wav"])
@pytest.mark.parametrize("pause_s", [2.0, 10.0, 60.0])
def test_pauses_do_not_change_the_level_of_speech(name: str, pause_s: float) -> None:
    whole = recording(name)
    alone = level(whole.samples, whole.rate)
    paused = level(np.concatenate([whole.samples, zeros(whole.rate, pause_s)]), whole.rate)
    assert paused.active_dbov == pytest.approx(alone.active_dbov, abs=0.15)
    assert paused.activity < alone.activity
    assert paused.long_term_dbov < alone.long_term_dbov - 0.5


@pytest.mark.parametrize("gain_db", [-20.0, -6.0, 6.0])
def test_the_level_follows_the_gain(gain_db: float) -> None:
    sound = recording("sentence_zh_16k.wav").samples.astype(np.float64)
    before, after = level(sound, 16000), level(sound * 10 ** (gain_db / 20), 16000)
    # thresholds are 6 dB apart: what lies between two of them is interpolated
    assert after.active_dbov - before.active_dbov == pytest.approx(gain_db, abs=0.2)


def test_noise_is_always_active() -> None:
    found = level(noise(8000, 10.0, -40.0))
    assert found.activity == pytest.approx(1.0, abs=0.02)
    assert found.active_dbov == pytest.approx(-40.0, abs=0.1)


@pytest.mark.parametrize("sound", [zeros(8000, 1.0), np.zeros(0), np.ones(8000)])
def test_nothing_active(sound: np.ndarray) -> None:
    found = level(sound)
    assert (found.active_dbov, found.activity) == (SILENCE_DBFS, 0.0)


def test_a_single_click_in_a_minute_is_no_speech() -> None:
    sound = np.zeros(60 * 8000)
    sound[1000] = 32000
    assert level(sound).active_dbov == SILENCE_DBFS


def test_zeros_within_the_hang_over_have_no_level() -> None:
    meter = ActiveLevelMeter(8000)
    meter.push(tone(8000, 500, 1.0, -10.0).astype(np.float64))
    after = meter.push(np.zeros(800))
    assert after.active[0] == 800
    assert after.level() == ActiveLevel(SILENCE_DBFS, 0.0, SILENCE_DBFS)


def test_silence_after_sound_is_forgotten_and_reset_is_a_new_start() -> None:
    meter, loud = ActiveLevelMeter(8000), tone(8000, 500, 1.0, -10.0).astype(np.float64)
    first = meter.push(loud)
    meter.push(np.zeros(30 * 8000))
    assert meter.push(np.zeros(8000)).active.tolist() == [0] * THRESHOLDS
    meter.reset()
    again = meter.push(loud)
    assert again.active.tolist() == first.active.tolist()
