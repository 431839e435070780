"""Digital zero and frozen input."""

from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.digital_zero import DigitalZero
from audio.analysis.faults.frozen import Frozen
from audio.analysis.frame import Analyser, Finding
from audio.analysis.framing import FRAME_S
from tests.audio.faults.made import frames
from tests.audio.sounds import noise, zeros


def followed(analyser: Analyser, sound: np.ndarray, start: float = 0.0) -> list[tuple[float, Finding | None]]:
    """Changes of what is held, with the time behind the frame."""
    told: list[tuple[float, Finding | None]] = []
    before = analyser.finding
    for frame in frames(sound, speaking=False, start=start):
        analyser.push(frame)
        if analyser.finding is not before:
            before = analyser.finding
            told.append((frame.begin + FRAME_S, before))
    return told


@pytest.mark.parametrize("lead", [0.0, 0.02, 0.0305, 0.333])
def test_zeros_are_told_after_a_second_with_their_true_begin(lead: float) -> None:
    live = np.full(round(lead * 8000), 50, np.int16)
    live[::2] = -50
    ((at, found),) = followed(DigitalZero(8000), np.concatenate([live, zeros(8000, 1.5)]))
    assert found is not None
    assert found.since == pytest.approx(lead, abs=1 / 8000)
    assert at == pytest.approx(lead + 1.0, abs=FRAME_S + 1e-6)
    assert "nothing but zeros (within 1 step) for 1.0 s" in found.evidence


@pytest.mark.parametrize(("seconds", "told"), [(0.96, 0), (0.98, 0), (1.0, 1), (1.02, 1), (5.0, 1)])
def test_how_long_zeros_must_last(seconds: float, told: int) -> None:
    assert len(followed(DigitalZero(8000), zeros(8000, seconds))) == told


def test_one_step_of_dither_is_still_zero_and_two_are_not() -> None:
    dither = np.tile(np.array([0, 1, -1, 0], np.int16), 4000)
    assert len(followed(DigitalZero(8000), dither)) == 1
    assert followed(DigitalZero(8000), dither * np.int16(2)) == []
    assert followed(Frozen(8000), dither) == []


def test_sound_ends_it_at_once() -> None:
    zero = DigitalZero(8000)
    followed(zero, zeros(8000, 2.0))
    assert followed(zero, noise(8000, 0.1, -60.0), start=2.0) == [(pytest.approx(2.02), None)]


@pytest.mark.parametrize("value", [8, -8, 1200, 32767, -32768])
def test_a_constant_that_is_not_zero_is_frozen(value: int) -> None:
    sound = np.full(16000, value, np.int16)
    ((_, found),) = followed(Frozen(8000), sound)
    assert found is not None
    assert f"stuck at sample value {value} for 1.0 s" in found.evidence
    assert followed(DigitalZero(8000), sound) == []


def test_from_zero_to_stuck_each_has_its_time() -> None:
    sound = np.concatenate([zeros(8000, 1.5), np.full(12000, 500, np.int16)])
    (zero, over), (frozen,) = followed(DigitalZero(8000), sound), followed(Frozen(8000), sound)
    assert zero[1] is not None
    assert frozen[1] is not None
    assert (zero[1].since, over[1], frozen[1].since) == (0.0, None, 1.5)


def test_one_other_sample_begins_the_run_again() -> None:
    sound = np.full(16000, 300, np.int16)
    sound[7000] = 301
    ((at, found),) = followed(Frozen(8000), sound)
    assert found is not None
    assert found.since == pytest.approx(7001 / 8000)
    assert at == pytest.approx(1.88)


@pytest.mark.parametrize("make", [DigitalZero, Frozen])
def test_line_noise_is_fine_and_reset_forgets(make: type) -> None:
    analyser = make(8000)
    assert followed(analyser, noise(8000, 5.0, -75.0)) == []
    value = 0 if make is DigitalZero else 90
    followed(analyser, np.full(16000, value, np.int16))
    assert analyser.finding is not None
    analyser.reset()
    assert followed(analyser, np.full(7200, value, np.int16)) == []
