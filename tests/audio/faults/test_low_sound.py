"""Hum and breath pops: what lies under the voice."""

from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.breath_pops import BreathPops
from audio.analysis.faults.hum import Hum
from audio.analysis.faults.low_band import LATE_S, LowBand
from audio.analysis.framing import FRAME_S
from tests.audio.faults.made import RATE, Listening, hum, line, talk
from tests.audio.sounds import noise, tone


@pytest.mark.parametrize("hz", [50.0, 60.0, 49.9, 60.1])
@pytest.mark.parametrize("rate_level", [-50.0, -40.0, -25.0])
def test_hum_is_found_by_its_grid_and_level(hz: float, rate_level: float) -> None:
    found = Listening(Hum(RATE)).last(hum(4.0, rate_level, hz), speaking=False)
    assert found is not None
    assert f"{round(hz, -1):.0f} Hz at {rate_level:.0f} dBFS" in found.evidence


def test_hum_is_dated_back_to_its_begin() -> None:
    ear = Listening(Hum(RATE))
    held = ear.hear(np.concatenate([line(5.5), hum(6.5, -40.0)]), speaking=False)
    assert [bool(one) for one in held] == [False] * 8 + [True] * 4
    assert held[-1] is not None
    assert held[-1].since == pytest.approx(5.5, abs=0.21)


def test_hum_from_the_begin_on_takes_two_seconds() -> None:
    held = Listening(Hum(RATE)).hear(hum(4.0, -40.0), speaking=False)
    assert [one.since if one else None for one in held] == [None, 0.0, 0.0, 0.0]


def test_hum_is_found_under_talk_that_never_pauses_long() -> None:
    """What the detector takes for speech from end to end has gaps of a tenth or two all the same."""
    sound = hum(6.0, -40.0)
    for start in range(0, len(sound) - RATE, RATE):
        sound[start : start + 5000] += talk(1.0)[:5000]
    assert Listening(Hum(RATE)).last(sound) is not None
    assert Listening(Hum(RATE)).last(sound - hum(6.0, -40.0)) is None


def test_faint_hum_is_left_alone() -> None:
    assert Listening(Hum(RATE)).last(hum(4.0, -60.0), speaking=False) is None


@pytest.mark.parametrize(
    "sound",
    [
        noise(RATE, 4.0, -30.0),
        tone(RATE, 100, 4.0, -30.0) + line(4.0),
        tone(RATE, 450, 4.0, -20.0) + line(4.0),
        tone(RATE, 440, 4.0, -23.0) + tone(RATE, 480, 4.0, -23.0) + line(4.0),
        tone(RATE, 350, 4.0, -23.0) + tone(RATE, 440, 4.0, -23.0) + line(4.0),
        hum(4.0, -45.0) + noise(RATE, 4.0, -25.0, seed=2),
    ],
    ids=["noise", "one line", "450 Hz", "ring-back", "dial tone", "under noise"],
)
def test_what_is_no_hum(sound: np.ndarray) -> None:
    assert Listening(Hum(RATE)).last(sound, speaking=False) is None


def test_hum_is_not_looked_for_in_tones_and_survives_a_word() -> None:
    assert Listening(Hum(RATE)).last(hum(6.0, -30.0), speaking=False, tone_hz=450.0) is None
    sound = hum(5.0, -40.0)
    sound[RATE : RATE + 3000] += talk(1.0)[:3000]
    assert Listening(Hum(RATE)).last(sound, speaking=False) is not None


def test_hum_at_sixteen_kilohertz_ends_when_it_is_gone() -> None:
    ear = Listening(Hum(16000), 16000)
    t = np.arange(5 * 16000) / 16000
    sound = sum(1000.0 * np.sin(2 * np.pi * 50 * k * t) for k in (1, 2, 3))
    assert ear.last(np.rint(sound).astype(np.int16), speaking=False) is not None
    assert ear.last(noise(16000, 5.0, -65.0), speaking=False) is None


def puffs(sound: np.ndarray, times: list[float], peak: float = 8000.0, rate: int = RATE) -> np.ndarray:
    """Half a wave of 40 Hz up and down."""
    out = sound.astype(np.float64)
    t = np.arange(round(0.05 * rate)) / rate
    for at in times:
        start = round(at * rate)
        out[start : start + len(t)] += peak * np.sin(2 * np.pi * 40 * t) * np.hanning(len(t))
    return np.rint(np.clip(out, -32768, 32767)).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize(("hz", "level"), [(40.0, -20.0), (5.0, -60.0), (120.0, -60.0), (460.0, -65.0)])
def test_the_low_band_passes_40_hz_and_little_else(rate: int, hz: float, level: float) -> None:
    band = LowBand(rate)
    sound = tone(rate, hz, 1.0, -20.0).astype(np.float64)
    levels = [band.push(sound) for _ in range(3)][-1]
    mean = 10 * np.log10(np.mean(10 ** (levels / 10)))
    if hz == 40.0:
        assert mean == pytest.approx(level, abs=0.5)
    else:
        assert mean < level + 20.0


def test_the_low_band_is_late_by_what_it_says() -> None:
    band, sound = LowBand(RATE), puffs(np.zeros(RATE), [0.5])
    loudest = int(band.push(sound.astype(np.float64)).argmax())
    assert loudest * FRAME_S == pytest.approx(0.525 + LATE_S, abs=FRAME_S)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_puffs_are_counted(rate: int) -> None:
    sound = puffs(talk(6.0, rate), [1.0, 2.2, 3.1, 4.4], rate=rate)
    found = Listening(BreathPops(rate), rate).last(sound)
    assert found is not None
    assert found.evidence.startswith("4 puffs")
    assert found.since == pytest.approx(1.05, abs=0.1)


@pytest.mark.parametrize(("times", "peak"), [([1.0, 3.0], 8000.0), ([1.0, 2.0, 3.0, 4.0], 500.0)])
def test_two_or_faint_puffs_are_nothing(times: list[float], peak: float) -> None:
    assert Listening(BreathPops(RATE)).last(puffs(talk(6.0), times, peak)) is None


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_voice_hum_and_a_low_tone_are_no_puffs(rate: int) -> None:
    assert Listening(BreathPops(rate), rate).last(talk(12.0, rate)) is None
    assert Listening(BreathPops(RATE)).last(talk(8.0) + hum(8.0, -25.0)) is None
    assert Listening(BreathPops(RATE)).last(talk(8.0) + tone(RATE, 30, 8.0, -25.0)) is None


def test_puffs_without_any_speech_are_somebody_handling_the_headset() -> None:
    sound = puffs(line(6.0), [1.0, 2.0, 3.0, 4.0])
    assert Listening(BreathPops(RATE)).last(sound, speaking=False) is None


def test_puffs_are_forgotten_after_speech_without() -> None:
    ear = Listening(BreathPops(RATE))
    assert ear.last(puffs(talk(5.0), [1.0, 2.0, 3.0, 4.0])) is not None
    assert ear.last(line(10.0), speaking=False) is not None
    assert ear.last(talk(10.0)) is None


@pytest.mark.parametrize("make", [Hum, BreathPops])
def test_reset_forgets(make: type) -> None:
    ear = Listening(make(RATE))
    ear.hear(puffs(talk(5.0), [1.0, 2.0, 3.0, 4.0]))
    ear.hear(hum(4.0, -40.0), speaking=False)
    assert ear.analyser.finding is not None
    ear.analyser.reset()
    assert ear.analyser.finding is None
    after = ear.last(hum(1.0, -40.0), speaking=False)
    assert after is None or after.since >= 8.85, "and dates nothing back behind it"
