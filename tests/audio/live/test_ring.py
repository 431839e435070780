"""Blocks by time: in order under jitter and drift, silence for what is missing, nothing played too late."""

from __future__ import annotations

import numpy as np
import pytest

from audio.live.layout import CAPACITY
from audio.live.ring import RESYNC_S, BlockReader, BlockWriter, Counts, Margin
from tests.audio.live.kit import RATE, Fake

BLOCK = 160
BLOCK_S = BLOCK / RATE


def read(
    fake: Fake, seconds: float, *, late_s: float = 0.0, stop_at: float = 1e9
) -> tuple[np.ndarray, Counts]:
    """Blocks pulled on time, `late_s` after their end; the card stops at `stop_at`."""
    counts = Counts()
    reader = BlockReader(fake.view.samples, RATE, counts)
    blocks = []
    fake.until(0.5, capture=True)
    fake.clock()
    for number in range(round(seconds / BLOCK_S)):
        end = 0.5 + (number + 1) * BLOCK_S
        fake.until(min(end + late_s, stop_at), capture=True)
        blocks.append(reader.read(end, BLOCK, fake.clock(), fake.view.frames)[0])
    return np.concatenate(blocks), counts


def steps(heard: np.ndarray) -> np.ndarray:
    """Differences of neighbours: 1 where nothing was lost; the counter starts anew at 10000."""
    return np.diff(heard.astype(int)) % 10000


@pytest.mark.parametrize("jitter_s", [0.0, 0.002, 0.004])
def test_blocks_follow_each_other_without_a_gap(jitter_s: float) -> None:
    heard, counts = read(Fake(jitter_s=jitter_s), 20)
    assert (steps(heard) == 1).all()
    assert counts == Counts(blocks=1000)


def test_a_block_holds_what_was_captured_a_margin_before_its_end() -> None:
    heard, _ = read(Fake(), 0.02)
    assert heard[-1] == pytest.approx(RATE * (0.52 - BlockReader.LEAST_S), abs=2)


@pytest.mark.parametrize("ppm", [-300, 300])
def test_drift_costs_single_samples_and_the_delay_stays(ppm: int) -> None:
    fake = Fake(ppm=ppm, jitter_s=0.001)
    heard, counts = read(fake, 120)
    expected = 120 * RATE * 300e-6
    assert counts.nudged == pytest.approx(expected, abs=40)
    assert counts.missing == counts.resyncs == 0
    odd = steps(heard)[steps(heard) != 1]
    assert set(odd) <= {0 if ppm < 0 else 2}
    assert len(odd) == counts.nudged


def test_jitter_over_the_margin_costs_little_and_is_learnt() -> None:
    heard, counts = read(Fake(jitter_s=0.025), 30)
    assert 0 < counts.missing < 0.1 * RATE
    assert counts.resyncs == 0
    assert (steps(heard) == 1).mean() > 0.99


def test_a_card_that_stops_is_silence_and_counted() -> None:
    fake = Fake()
    heard, counts = read(fake, 2.0, stop_at=1.5)
    assert not heard[round(1.02 * RATE) :].any()
    assert counts.missing == pytest.approx(RATE, abs=0.03 * RATE)


def test_blocks_of_a_loop_that_was_held_up_are_still_there() -> None:
    fake, counts = Fake(), Counts()
    reader = BlockReader(fake.view.samples, RATE, counts)
    fake.until(2.0, capture=True)
    blocks = [reader.read(1.0 + n * BLOCK_S, BLOCK, fake.clock(), fake.view.frames)[0] for n in range(45)]
    assert (steps(np.concatenate(blocks)) == 1).all()
    assert counts.missing == 0


def test_what_has_been_overwritten_is_silence() -> None:
    fake, counts = Fake(), Counts()
    reader = BlockReader(fake.view.samples, RATE, counts)
    fake.until(CAPACITY / RATE + 2, capture=True)
    block, missing = reader.read(1.0, BLOCK, fake.clock(), fake.view.frames)
    assert missing == BLOCK == counts.missing
    assert not block.any()


def write(fake: Fake, seconds: float, *, late: dict[int, float] | None = None) -> Counts:
    """Blocks of ones mixed on time and put `late[n]` seconds after."""
    counts = Counts()
    writer = BlockWriter(fake.view.samples, RATE, counts)
    fake.until(0.5, capture=False)
    for number in range(round(seconds / BLOCK_S)):
        at = 0.5 + number * BLOCK_S
        fake.until(at + (late or {}).get(number, 0.001), capture=False)
        writer.write(at, np.ones(BLOCK, np.int16), fake.clock(), lambda: fake.view.frames)
    fake.until(0.5 + seconds + 0.2, capture=False)
    return counts


@pytest.mark.parametrize("jitter_s", [0.0, 0.002])
def test_what_is_put_is_played_whole_a_margin_later(jitter_s: float) -> None:
    fake = Fake(jitter_s=jitter_s)
    counts = write(fake, 10)
    sound = np.flatnonzero(fake.heard())
    assert len(sound) == 10 * RATE == sound[-1] - sound[0] + 1
    assert sound[0] == pytest.approx((0.5 + BlockWriter.LEAST_S) * RATE, abs=0.003 * RATE)
    assert counts == Counts(blocks=500)


@pytest.mark.parametrize("ppm", [-300, 300])
def test_a_card_with_another_clock_gets_single_samples_more_or_less(ppm: int) -> None:
    fake = Fake(ppm=ppm)
    counts = write(fake, 120)
    sound = np.flatnonzero(fake.heard())
    assert len(sound) == sound[-1] - sound[0] + 1
    assert len(sound) - 120 * RATE == pytest.approx(120 * RATE * ppm / 1e6, abs=40)
    assert counts.missing == counts.dropped == counts.resyncs == 0


def test_a_block_too_late_leaves_a_hole_and_the_margin_grows() -> None:
    fake = Fake()
    counts = write(fake, 2, late={30: 0.025})
    sound = np.flatnonzero(fake.heard())
    assert 0 < counts.missing <= 0.01 * RATE
    assert counts.dropped == 0
    assert sound[-1] - sound[0] + 1 - len(sound) == pytest.approx(counts.missing, abs=0.006 * RATE)


def test_blocks_of_a_time_that_is_over_are_never_played() -> None:
    fake, counts = Fake(), Counts()
    writer = BlockWriter(fake.view.samples, RATE, counts)
    fake.until(1.0, capture=False)
    for number in range(20):
        writer.write(0.5 + number * BLOCK_S, np.ones(BLOCK, np.int16), fake.clock(), lambda: fake.view.frames)
    fake.until(1.0 + CAPACITY / RATE, capture=False)
    assert not fake.heard().any()
    assert counts.dropped == 20 * BLOCK


def test_what_is_taken_while_it_is_put_does_not_sound_a_ring_later() -> None:
    fake, counts = Fake(), Counts()
    writer = BlockWriter(fake.view.samples, RATE, counts)
    fake.until(1.0, capture=False)
    clock = fake.clock()
    asked = iter((fake.view.frames, fake.view.frames + 0.02 * RATE))

    def taken() -> int:
        return int(next(asked))

    writer.write(1.0, np.ones(BLOCK, np.int16), clock, taken)
    fake.until(1.02, capture=False)
    fake.played.clear()
    fake.until(1.02 + CAPACITY / RATE, capture=False)
    assert fake.heard().sum() == BLOCK - (0.02 - BlockWriter.LEAST_S) * RATE


def test_two_calls_at_one_headset_are_added_and_saturate() -> None:
    fake, counts = Fake(), Counts()
    fake.until(1.0, capture=False)
    for level in (20000, 20000, -1000):
        writer = BlockWriter(fake.view.samples, RATE, counts)
        writer.write(1.0, np.full(BLOCK, level, np.int16), fake.clock(), lambda: fake.view.frames)
    fake.until(1.1, capture=False)
    assert set(np.unique(fake.heard())) == {0, 31767}


def test_a_margin_grows_in_steps_and_shrinks_slowly() -> None:
    margin = Margin(0.01)
    margin.late(1.0)
    assert margin.now_s == pytest.approx(0.01 + Margin.STEP_S)
    for _ in range(100):
        margin.late(1.0)
    assert margin.now_s == Margin.LONGEST_S
    margin.passed(60.0)
    assert margin.now_s == pytest.approx(Margin.LONGEST_S - 60 * Margin.SHRINK)
    margin.passed(1e6)
    assert margin.now_s == 0.01
    assert RESYNC_S > Margin.STEP_S
