"""The shared memory: what one side puts the other sees, around the end of the ring, with its times."""

from __future__ import annotations

import mmap

import numpy as np
import pytest

from audio.live.layout import CAPACITY, LANE_BYTES, MARKS, RING_BYTES, Lane
from audio.live.view import LaneView


@pytest.fixture(name="sides")
def _sides() -> tuple[Lane, LaneView]:
    memory = mmap.mmap(-1, RING_BYTES)
    return Lane(memoryview(memory)[LANE_BYTES:], 8000), LaneView(memory, LANE_BYTES)


def test_nothing_is_known_before_the_first_callback(sides: tuple[Lane, LaneView]) -> None:
    _, view = sides
    assert (view.frames, view.callbacks, view.flagged, view.latency_s) == (0, 0, 0, 0.0)
    assert view.last_stamp() is None
    assert view.look() is None


def test_what_is_put_wraps_and_is_counted_only_when_marked(sides: tuple[Lane, LaneView]) -> None:
    lane, view = sides
    for begin in range(0, CAPACITY + 480, 240):
        lane.put(np.arange(begin, begin + 240).astype(np.int16).tobytes())
        assert view.frames == begin
        lane.mark(begin / 8000, 0.01, flagged=begin == 480)
    assert view.frames % 240 == 0
    newest = np.arange(view.frames - CAPACITY, view.frames)
    assert np.array_equal(view.samples[newest % CAPACITY], newest.astype(np.int16))
    assert view.flagged == 1
    assert view.rate == 8000, "the card's own, which may not be the one that was asked for"
    assert view.latency_s == pytest.approx(0.01)


def test_what_is_taken_is_zero_when_the_ring_comes_round(sides: tuple[Lane, LaneView]) -> None:
    lane, view = sides
    view.samples[:] = 7
    taken = b"".join(lane.take(300) for _ in range(CAPACITY // 300 + 1))
    assert np.array_equal(np.frombuffer(taken, np.int16)[:CAPACITY], np.full(CAPACITY, 7))
    assert not np.frombuffer(taken, np.int16)[CAPACITY:].any()
    assert not view.samples.any()


def test_marks_keep_pace_and_a_late_look_takes_the_newest(sides: tuple[Lane, LaneView]) -> None:
    lane, view = sides
    for number in range(1, 3 * MARKS):
        lane.put(bytes(160))
        lane.mark(number / 100, 0.0, flagged=False)
    assert view.last_stamp() == pytest.approx((3 * MARKS - 1) / 100)
    clock = view.look()
    assert clock is not None
    assert clock.frames_at(10.0) == pytest.approx(80000, abs=0.01)
    assert view.callbacks == 3 * MARKS - 1


def test_latency_follows_and_is_never_negative(sides: tuple[Lane, LaneView]) -> None:
    lane, view = sides
    lane.mark(0.0, 0.02, flagged=False)
    for _ in range(200):
        lane.mark(0.0, 0.04, flagged=False)
    assert view.latency_s == pytest.approx(0.04, abs=1e-4)
    for _ in range(200):
        lane.mark(0.0, -0.5, flagged=False)
    assert view.latency_s == 0.0
