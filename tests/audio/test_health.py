from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.health import Finding, Health
from audio.analysis.levels import LevelMeter
from audio.analysis.vad import Verdict
from state.words import SignalCondition
from tests.audio.sounds import noise, zeros

C = SignalCondition


def verdict(level: float = -65.0, *, passes: bool = False, tone_hz: float | None = None) -> Verdict:
    return Verdict(level, -65.0, loud=passes, passes=passes, voiced=passes, tone_hz=tone_hz)


def followed(health: Health, sound: np.ndarray, start: float = 0.0) -> list[Finding]:
    found = [
        health.push(sound[i : i + 160], verdict(), start + i / 8000, speaking=False)
        for i in range(0, len(sound) - 159, 160)
    ]
    return [finding for finding in found if finding]


@pytest.mark.parametrize("lead", [0.0, 0.02, 0.0305, 0.333])
def test_digital_zero_is_told_after_a_second_with_its_true_begin(lead: float) -> None:
    live = np.full(round(lead * 8000), 50, np.int16)
    live[::2] = -50
    sound = np.concatenate([live, zeros(8000, 1.5)])
    health = Health(8000)
    (finding,) = followed(health, sound)
    assert finding.condition is C.DIGITAL_ZERO
    assert finding.since == pytest.approx(lead, abs=1 / 8000)
    assert "digital zero for 1.0" in finding.evidence


@pytest.mark.parametrize(("seconds", "told"), [(0.96, 0), (0.98, 0), (1.0, 1), (1.02, 1), (5.0, 1)])
def test_how_long_zeros_must_last(seconds: float, told: int) -> None:
    assert len(followed(Health(8000), zeros(8000, seconds))) == told


def test_one_step_of_dither_is_still_zero_and_two_are_not() -> None:
    dither = np.tile(np.array([0, 1, -1, 0], np.int16), 4000)
    assert [finding.condition for finding in followed(Health(8000), dither)] == [C.DIGITAL_ZERO]
    assert followed(Health(8000), dither * np.int16(2)) == []


def test_sound_ends_it_at_once() -> None:
    health = Health(8000)
    followed(health, zeros(8000, 2.0))
    (finding,) = followed(health, noise(8000, 0.1, -60.0), start=2.0)
    assert finding == Finding(C.OK, 2.0, "digital zero is over")


@pytest.mark.parametrize("value", [8, -8, 1200, 32767])
def test_a_constant_that_is_not_zero_is_frozen(value: int) -> None:
    (finding,) = followed(Health(8000), np.full(16000, value, np.int16))
    assert finding.condition is C.FROZEN
    assert str(value) in finding.evidence


def test_from_zero_to_stuck_is_a_change() -> None:
    sound = np.concatenate([zeros(8000, 1.5), np.full(12000, 500, np.int16)])
    assert [(f.condition, f.since) for f in followed(Health(8000), sound)] == [
        (C.DIGITAL_ZERO, 0.0),
        (C.OK, 1.5),
        (C.FROZEN, 1.5),
    ]


def test_line_noise_is_fine() -> None:
    assert followed(Health(8000), noise(8000, 5.0, -75.0)) == []


def spoken(health: Health, level: float, seconds: float, start: float = 0.0) -> list[Finding]:
    sound = noise(8000, 0.02, -40.0)
    found = [
        health.push(sound, verdict(level, passes=True), start + 0.02 * i, speaking=True)
        for i in range(round(seconds * 50))
    ]
    return [finding for finding in found if finding]


@pytest.mark.parametrize(
    ("level", "seconds", "told"),
    [
        (-26.0, 5.0, []),
        (-45.0, 5.0, []),
        (-47.0, 5.0, [C.TOO_QUIET]),
        (-60.0, 0.9, []),
        (-60.0, 1.1, [C.TOO_QUIET]),
    ],
)
def test_too_quiet(level: float, seconds: float, told: list[SignalCondition]) -> None:
    assert [finding.condition for finding in spoken(Health(8000), level, seconds)] == told


def test_the_quiet_voice_is_named_with_its_level() -> None:
    (finding,) = spoken(Health(8000), -52.0, 2.0)
    assert "-52 dBFS" in finding.evidence


def test_a_voice_that_is_louder_again_clears_it_with_hysteresis() -> None:
    health = Health(8000)
    spoken(health, -55.0, 2.0)
    assert spoken(health, -45.0, 5.0) == []
    assert [finding.condition for finding in spoken(health, -30.0, 2.0)] == [C.OK]


def toned(
    health: Health, plan: list[tuple[float | None, float]], speaking: bool = False
) -> list[tuple[str, float]]:
    sound, told, begin = noise(8000, 0.02, -40.0), [], 0.0
    for hz, seconds in plan:
        for _ in range(round(seconds * 50)):
            finding = health.push(sound, verdict(-30.0, tone_hz=hz), begin, speaking)
            begin += 0.02
            if finding:
                told.append((finding.condition.value, round(finding.since, 2)))
    return told


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ([(450.0, 0.18)], []),
        ([(None, 1.0), (450.0, 0.2)], [("tone", 0.9)]),
        ([(450.0, 1.0), (None, 4.0), (450.0, 1.0)], [("tone", -0.1)]),
        ([(450.0, 1.0), (None, 5.0)], [("tone", -0.1), ("ok", 5.5)]),
        ([(450.0, 0.18), (900.0, 0.18)], []),
    ],
)
def test_tones_are_held_through_their_cadence(
    plan: list[tuple[float | None, float]], told: list[tuple[str, float]]
) -> None:
    assert toned(Health(8000), plan) == told


def test_speech_ends_a_tone() -> None:
    health = Health(8000)
    toned(health, [(450.0, 1.0)])
    assert [what for what, _ in toned(health, [(None, 0.02)], speaking=True)] == ["ok"]


def test_zeros_are_graver_than_a_quiet_voice() -> None:
    health = Health(8000)
    spoken(health, -60.0, 2.0)
    assert [f.condition for f in followed(health, zeros(8000, 2.0), start=2.0)] == [C.DIGITAL_ZERO]
    assert [f.condition for f in followed(health, noise(8000, 0.1), start=4.0)] == [C.TOO_QUIET]


def test_reset_forgets_everything() -> None:
    health = Health(8000)
    followed(health, zeros(8000, 2.0))
    health.reset()
    assert followed(health, zeros(8000, 0.9)) == []


def test_a_second_has_its_mean_power_and_the_last_floor() -> None:
    meter = LevelMeter()
    told = [meter.push(-20.0 if i % 2 else -100.0, -60.0 - i) for i in range(100)]
    seconds = [second for second in told if second]
    assert [i for i, second in enumerate(told) if second] == [49, 99]
    assert seconds[0].level_dbfs == pytest.approx(-23.0, abs=0.02)
    assert seconds[0].floor_dbfs == -109.0
