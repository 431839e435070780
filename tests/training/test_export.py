from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio.analysis.features import FEATURES
from audio.analysis.vad import BEGIN_LIKELY, CARRY_LIKELY
from audio.analysis.voice_model import VoiceModel
from tests.audio.sounds import recording
from tests.support import ROOT
from training.export import SHAPES, check, save
from training.features import features

SHIPPED = ROOT / "audio" / "voice_model.npz"
SIZES = {"features": FEATURES, "narrowed": 5, "hidden": 4, "gates": 12, "answers": 2}


def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    made = {name: rng.standard_normal([SIZES[axis] for axis in axes]) for name, axes in SHAPES.items()}
    return {name: weight.astype(np.float32) for name, weight in {**made, "sd": np.ones(FEATURES)}.items()}


def shipped() -> dict[str, np.ndarray]:
    with np.load(SHIPPED) as file:
        return {name: file[name] for name in file.files}


def test_weights_that_fit_are_written_and_read(tmp_path: Path) -> None:
    assert check(weights()) == SIZES
    save(tmp_path / "out.npz", weights())
    with np.load(tmp_path / "out.npz") as file:
        assert set(file.files) == set(SHAPES)
        assert all(np.array_equal(file[name], weight) for name, weight in weights().items())


@pytest.mark.parametrize("name", SHAPES)
def test_a_weight_of_another_shape_is_refused(name: str, tmp_path: Path) -> None:
    wrong = weights()
    wrong[name] = np.concatenate([wrong[name], wrong[name]])
    with pytest.raises(ValueError, match=r"expected|weights"):
        save(tmp_path / "out.npz", wrong)
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("name", SHAPES)
def test_a_weight_that_is_no_number_or_missing_is_refused(name: str) -> None:
    broken = weights()
    broken[name].flat[0] = np.nan
    with pytest.raises(ValueError, match=name):
        check(broken)
    del broken[name]
    with pytest.raises(ValueError, match="expected"):
        check(broken)


def test_the_shipped_weights_fit_the_product() -> None:
    assert check(shipped())["features"] == FEATURES


def likely(name: str, begin_s: float, end_s: float) -> np.ndarray:
    """How likely the shipped model finds each frame of a stretch of a recording, heard from its begin."""
    sound = recording(name)
    voice = np.zeros(len(sound.samples) * 50 // sound.rate, bool)
    model = VoiceModel(shipped())
    found = np.array([model.push(row).voice for row in features(sound.samples, sound.rate, voice)])
    return found[round(begin_s * 50) : round(end_s * 50)]


def test_a_recordings_speech_is_likelier_than_its_noise() -> None:
    for name, speech, noise in (
        ("answer_4s.wav", (10.7, 13.5), (1.0, 3.8)),
        ("sentence_zh_2_16k.wav", (0.6, 3.5), (0.0, 0.4)),
    ):
        assert np.median(likely(name, *speech)) > BEGIN_LIKELY
        assert likely(name, *noise).max() < BEGIN_LIKELY
    assert likely("street.wav", 1.0, 8.0).mean() < CARRY_LIKELY
