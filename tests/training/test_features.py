from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.features import FEATURES
from audio.analysis.vad import GuardedVad
from audio.vad_webrtc import WebrtcEngine
from tests.audio.sounds import recording
from training.features import features


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_row_for_every_frame_and_no_opinion_at_first(rate: int) -> None:
    loud = (np.random.default_rng(1).standard_normal(2 * rate) * 8000).astype(np.int16)
    rows = features(loud, rate, np.ones(100, bool))
    assert rows.shape == (100, FEATURES)
    assert np.isfinite(rows).all()
    assert not rows[:25, -2:].any()


class Listener:
    """A voice model that keeps what it is shown, and answers by the label."""

    def __init__(self, voice: np.ndarray) -> None:
        self.voice = voice
        self.shown: list[np.ndarray] = []

    def push(self, row: np.ndarray) -> object:
        from audio.analysis.voice_model import Likelihood

        self.shown.append(row.copy())
        return Likelihood(float(self.voice[len(self.shown) - 1]), 0.0)

    def reset(self) -> None:
        self.shown.clear()


def test_the_detector_shows_the_model_what_it_learned_from() -> None:
    """Of a silent line, where no voice moves the floor: the rows are the same, number by number."""
    sound = recording("silent_line.wav")
    frames = 500
    voice = np.zeros(frames, bool)
    listener = Listener(voice)
    vad = GuardedVad(sound.rate, WebrtcEngine(sound.rate), listener)  # type: ignore[arg-type]  -- a stand-in
    for number in range(frames):
        vad.push(sound.samples[number * 160 : (number + 1) * 160])
    assert np.array_equal(np.array(listener.shown), features(sound.samples, sound.rate, voice))
