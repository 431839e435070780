from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.voice_model import Likelihood, VoiceModel

FEATURES, SHOWN, SIZE = 5, 4, 3


def weights(seed: int = 1) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    shapes = {
        "mu": (FEATURES,),
        "we": (FEATURES, SHOWN),
        "be": (SHOWN,),
        "wx": (SHOWN, 3 * SIZE),
        "wh": (SIZE, 3 * SIZE),
        "b": (3 * SIZE,),
        "bn": (SIZE,),
        "wo": (SIZE, 2),
        "bo": (2,),
    }
    made = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return made | {"sd": np.linspace(0.5, 2.0, FEATURES, dtype=np.float32)}


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def by_the_book(w: dict[str, np.ndarray], rows: np.ndarray) -> list[tuple[float, float]]:
    """A gated recurrent unit as Cho et al. (2014) define it, with the reset gate behind the product."""
    h, told = np.zeros(SIZE), []
    for row in rows:
        x = np.tanh((row - w["mu"]) / w["sd"] @ w["we"] + w["be"])
        a, b = x @ w["wx"] + w["b"], h @ w["wh"]
        r = sigmoid(a[:SIZE] + b[:SIZE])
        z = sigmoid(a[SIZE : 2 * SIZE] + b[SIZE : 2 * SIZE])
        n = np.tanh(a[2 * SIZE :] + r * (b[2 * SIZE :] + w["bn"]))
        h = (1 - z) * n + z * h
        told.append(tuple(sigmoid(h @ w["wo"] + w["bo"])))
    return told


def rows(count: int = 40) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(count, FEATURES)).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_unit_of_the_book(seed: int) -> None:
    model = VoiceModel(weights(seed))
    told = [model.push(row) for row in rows()]
    expected = by_the_book(weights(seed), rows())
    assert [(one.voice, one.music) for one in told] == [pytest.approx(pair, abs=1e-4) for pair in expected]


def test_it_remembers_and_forgets() -> None:
    model = VoiceModel(weights())
    first = [model.push(row) for row in rows()]
    assert model.push(rows()[0]) != first[0]
    model.reset()
    assert [model.push(row) for row in rows()] == first


def test_likelihoods_stay_between_0_and_1_whatever_it_is_shown() -> None:
    model = VoiceModel(weights())
    for row in rows() * np.float32(1e4):
        said = model.push(row)
        assert 0.0 <= said.voice <= 1.0
        assert 0.0 <= said.music <= 1.0


def test_it_says_how_many_features_it_wants() -> None:
    assert VoiceModel(weights()).features == FEATURES
    assert isinstance(VoiceModel(weights()).push(rows()[0]), Likelihood)


@pytest.mark.parametrize("name", ["wh", "wo"])
def test_weights_that_do_not_fit_are_refused(name: str) -> None:
    wrong = weights() | {name: np.zeros((SIZE + 1, 2), np.float32)}
    with pytest.raises(ValueError, match="do not fit"):
        VoiceModel(wrong)


def test_a_missing_weight_is_refused() -> None:
    short = weights()
    del short["bn"]
    with pytest.raises(KeyError, match="bn"):
        VoiceModel(short)
