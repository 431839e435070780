from __future__ import annotations

from typing import Any

import numpy as np

from tests.support import need_shared_data
from tests.training.made import talker
from training.material import LABEL_HOP
from training.teach import CONTEXT, PEAK, STALE_BLOCKS, STATE, likelihoods, open_model


class Model:
    """Answers what it is told to, and keeps what it was shown."""

    def __init__(self, answer: float) -> None:
        self.answer = answer
        self.shown: list[dict[str, np.ndarray]] = []

    def run(self, _: None, given: dict[str, np.ndarray]) -> tuple[Any, Any]:
        self.shown.append(given)
        return np.array([[self.answer]], np.float32), given["state"] + 1


def test_every_block_is_judged_once_with_what_went_before() -> None:
    model = Model(0.9)
    sound = np.linspace(-0.1, 0.1, 3 * LABEL_HOP + 7, dtype=np.float32)
    found = likelihoods(model, sound)
    assert found.tolist() == [np.float32(0.9)] * 4
    assert all(given["input"].shape == (1, CONTEXT + LABEL_HOP) for given in model.shown)
    assert not model.shown[0]["input"][0, :CONTEXT].any()
    for before, after in zip(model.shown, model.shown[1:], strict=False):
        assert np.array_equal(before["input"][0, -CONTEXT:], after["input"][0, :CONTEXT])
    assert np.abs(model.shown[0]["input"]).max() == np.float32(PEAK)


def test_what_is_nearly_silent_is_lifted_by_a_bound_only() -> None:
    model = Model(0.9)
    likelihoods(model, np.full(LABEL_HOP, 0.001, np.float32))
    assert np.isclose(model.shown[0]["input"].max(), 0.01)


def test_the_memory_is_cleared_after_two_seconds_of_nothing() -> None:
    model = Model(0.1)
    likelihoods(model, np.ones(LABEL_HOP * (STALE_BLOCKS + 2), np.float32))
    states = [given["state"].max() for given in model.shown]
    assert states[:STALE_BLOCKS] == list(range(STALE_BLOCKS))
    assert states[STALE_BLOCKS:] == [0, 1]
    assert model.shown[0]["state"].shape == STATE


def test_the_real_model_tells_a_sentence_from_its_pauses() -> None:
    from tests.audio.sounds import recording

    model = open_model(need_shared_data("models", "silero_vad.onnx"))
    sound = recording("sentence_zh_2_16k.wav").samples.astype(np.float32) / 32768
    found = likelihoods(model, sound)
    times = (np.arange(len(found)) + 0.5) * LABEL_HOP / 16000
    assert np.median(found[(times > 0.6) & (times < 3.6)]) > 0.8
    assert found[times < 0.4].max() < 0.5
    assert likelihoods(model, talker(1, 1.0)).shape == (32,)
