"""Runs one detector over a set, as it is, in noise and amplified.

May not know detectors: one is a function from samples and rate to segments.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from audio.segments import Segment
from tests.scoring.items import (
    Item,
    Samples,
    Wide,
    amplified,
    as_samples,
    clean,
    mixable,
    mixed,
    noises,
    read_set,
)
from tests.scoring.score import Score

Detect = Callable[[Samples, int], list[Segment]]


def score_clean(root: Path, detect: Detect, rate: int, gain_db: float = 0.0) -> Score:
    """The set as it is, or louder or softer."""
    score = Score()
    for item in clean(read_set(root)):
        _add(score, item, amplified(item.sound(rate), gain_db), detect, rate)
    return score


def score_noisy(root: Path, detect: Detect, rate: int, kind: str, snr_db: float) -> Score:
    """What is quiet enough in itself, with every noise of a kind under it."""
    score = Score()
    items = read_set(root)
    for noise in noises(items, kind):
        for item in mixable(items):
            _add(score, item, mixed(item, noise, rate, snr_db), detect, rate, noisy=True)
    return score


def _add(score: Score, item: Item, sound: Wide, detect: Detect, rate: int, *, noisy: bool = False) -> None:
    samples = as_samples(sound)
    score.add(item, len(samples) / rate, detect(samples, rate), mixed=noisy)
