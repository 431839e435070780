from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax", reason="the model is learned with jax (training/requirements.txt)")
pytest.importorskip("optax", reason="the model is learned with optax (training/requirements.txt)")

from audio.analysis.features import FEATURES
from audio.analysis.voice_model import VoiceModel
from training.export import check
from training.kinds import MUSIC, OTHER, VOICE
from training.learn import (
    MUSIC_COUNTS,
    VOICE_COUNTS,
    Course,
    Lessons,
    learn,
    loss,
    new_weights,
    normalisation,
    read,
    run,
)

HIDDEN = 6


def lessons(scenes: int, seed: int) -> Lessons:
    """Voice where the first feature is high, music where the second is."""
    rng = np.random.default_rng(seed)
    is_a = rng.integers(0, 3, (scenes, 30)).repeat(2, axis=1).astype(np.int8)
    features = rng.normal(0, 0.3, (scenes, 60, FEATURES))
    features[..., 22] += 2.0 * (is_a == 1)
    features[..., 23] += 2.0 * (is_a == 2)
    return Lessons(features.astype(np.float16), is_a, np.ones((scenes, 60), np.int8))


def test_the_learned_network_and_the_shipped_one_are_the_same() -> None:
    rng = np.random.default_rng(7)
    weights = {name: value + rng.normal(0, 0.1, value.shape).astype(np.float32)
               for name, value in new_weights(rng, FEATURES, HIDDEN).items()}  # fmt: skip
    told = lessons(3, 8)
    scale = normalisation(told.features)
    features = told.features.astype(np.float32)
    _, logits = run(weights, scale, features, np.zeros((3, HIDDEN), np.float32))
    for scene in range(3):
        model = VoiceModel({**scale, **weights})
        heard = [model.push(row) for row in features[scene]]
        expected = 1 / (1 + np.exp(-np.asarray(logits[scene], np.float64)))
        assert np.allclose([(one.voice, one.music) for one in heard], expected, atol=1e-5)


def undecided(is_a: int, counts: float = 1.0) -> float:
    """What a network that answers 0.5 to everything misses in frames that are all the same."""
    weights = {name: np.zeros_like(value) for name, value in
               new_weights(np.random.default_rng(1), FEATURES, HIDDEN).items()}  # fmt: skip
    scale = {"mu": np.zeros(FEATURES, np.float32), "sd": np.ones(FEATURES, np.float32)}
    label, weighed = np.full((2, 5), is_a, np.int8), np.array([[1.0], [counts]], np.float32).repeat(5, 1)
    shown, memory = np.zeros((2, 5, FEATURES), np.float32), np.zeros((2, HIDDEN), np.float32)
    return float(loss(weights, scale, shown, label, weighed, memory)[0])


def test_a_missed_voice_costs_more_than_a_false_one() -> None:
    bit = np.log(2)
    assert undecided(VOICE) == pytest.approx((VOICE_COUNTS + MUSIC_COUNTS) * bit, rel=1e-5)
    assert undecided(OTHER) == undecided(MUSIC) == pytest.approx((1 + MUSIC_COUNTS) * bit, rel=1e-5)
    assert undecided(VOICE, counts=0.0) == pytest.approx(undecided(VOICE), rel=1e-5)


def test_it_learns_and_writes_weights_that_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learn(lessons(640, 1), lessons(64, 2), tmp_path / "out.npz", Course(rounds=4, hidden=HIDDEN))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["0", "1", "2", "3"]
    scores = [float(line.split("F1 ")[1].split()[0]) for line in lines]
    assert scores[-1] > 0.8
    with np.load(tmp_path / "out.npz") as file:
        assert check({name: file[name] for name in file.files})["hidden"] == HIDDEN


def test_a_second_course_goes_on_where_the_first_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    learn(lessons(640, 1), lessons(64, 2), first, Course(rounds=4, hidden=HIDDEN))
    learn(lessons(640, 3), lessons(64, 2), second, Course(1, 1e-4, HIDDEN, begin=first))
    scores = [float(line.split("F1 ")[1].split()[0]) for line in capsys.readouterr().out.splitlines()]
    assert scores[4] > scores[3] - 0.02, "not from the beginning"
    with np.load(first) as before, np.load(second) as after:
        assert np.array_equal(before["mu"], after["mu"])
        assert 0.0 < np.abs(before["wh"] - after["wh"]).max() < 0.05


def test_shards_are_read_one_after_the_other(tmp_path: Path) -> None:
    paths = []
    for number, size in enumerate((2, 3)):
        some = lessons(size, number)
        paths.append(tmp_path / f"{number}.npz")
        np.savez(paths[-1], F=some.features, Y=some.is_a, W=some.counts)
    together = read(paths)
    assert together.features.shape == (5, 60, FEATURES)
    assert np.array_equal(together.is_a[2:], lessons(3, 1).is_a)
    assert together.counts.shape == (5, 60)
