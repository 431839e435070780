"""Frames against time: the most punctual callback counts, drift is followed, a jump is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from audio.live.timebase import FrameClock

RATE = 16000
PERIOD = 160


def fed(
    seconds: float, *, ppm: float = 0.0, jitter_s: float = 0.0, lost: dict[int, int] | None = None
) -> FrameClock:
    """Callbacks of 10 ms; at period n `lost[n]` frames are never counted."""
    clock, random = FrameClock(RATE), np.random.default_rng(3)
    frames, gone, rate = 0, 0, RATE * (1 + ppm / 1e6)
    for number in range(round(seconds * 100)):
        gone += (lost or {}).get(number, 0)
        frames += PERIOD
        clock.add((frames + gone) / rate + jitter_s * random.random(), frames)
    return clock


@pytest.mark.parametrize("jitter_s", [0.0, 0.003, 0.008])
def test_late_callbacks_do_not_move_the_line(jitter_s: float) -> None:
    clock = fed(5, jitter_s=jitter_s)
    assert clock.frames_at(5.0) == pytest.approx(5 * RATE, abs=0.0005 * RATE)
    assert clock.frames_at(4.5) == pytest.approx(4.5 * RATE, abs=0.0005 * RATE)


@pytest.mark.parametrize("ppm", [-200, -50, 50, 200])
def test_a_card_with_a_clock_of_its_own_is_followed(ppm: int) -> None:
    clock = fed(600, ppm=ppm, jitter_s=0.001)
    assert clock.frames_at(600.0) == pytest.approx(600 * RATE * (1 + ppm / 1e6), abs=0.0015 * RATE)


def test_lost_frames_are_noticed_within_a_fifth_of_a_second() -> None:
    before = fed(3, lost={295: 1600})
    assert before.frames_at(3.1) == pytest.approx(3.1 * RATE, abs=2), "five callbacks may still be jitter"
    after = fed(3, lost={270: 1600})
    assert after.frames_at(3.1) == pytest.approx(3.0 * RATE, abs=2)


def test_nothing_is_due_before_the_first_callback() -> None:
    with pytest.raises(RuntimeError, match="no callback"):
        FrameClock(RATE).frames_at(1.0)


def test_a_burst_is_believed_at_once() -> None:
    clock = fed(3)
    clock.add(3.0, 3 * RATE + 800)
    assert clock.frames_at(3.0) == pytest.approx(3 * RATE + 800)
