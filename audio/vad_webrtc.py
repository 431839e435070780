"""The webrtcvad engine (package webrtcvad-wheels), and the default detector built on it and the voice model.

May not be imported by audio.analysis: this is the one file that imports webrtcvad.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from audio.analysis.vad import GuardedVad, Opinion, Vad
from audio.analysis.voice_model import VoiceModel
from state.errors import ConfigError

STRICT_MODE = 3
"""Flags a fifth of the babble that mode 2 flags, but is deaf below about -46 dBFS."""
LENIENT_MODE = 2
"""What is left to go by on a quiet line."""
RATES = (8000, 16000, 32000, 48000)


class WebrtcEngine:
    """webrtcvad in two modes on 20 ms frames of one channel."""

    def __init__(self, rate: int) -> None:
        if rate not in RATES:
            raise ConfigError(f"speech detection at {rate} Hz: not supported; expected one of {RATES}")
        self._rate = rate
        self.reset()

    def opinion(self, frame: NDArray[np.int16]) -> Opinion:
        """SURE when the strict mode calls the frame speech, LIKELY when only the lenient one does."""
        sound = frame.tobytes()
        lenient = self._lenient.is_speech(sound, self._rate)
        if self._strict.is_speech(sound, self._rate):
            return Opinion.SURE
        return Opinion.LIKELY if lenient else Opinion.NO

    def reset(self) -> None:
        """Fresh detectors: webrtcvad has no reset of its own."""
        self._strict = webrtcvad.Vad(STRICT_MODE)
        self._lenient = webrtcvad.Vad(LENIENT_MODE)


def default_detector(rate: int) -> Vad:
    """The detector of a channel unless another is configured."""
    return GuardedVad(rate, WebrtcEngine(rate), shipped_model())


def shipped_model() -> VoiceModel:
    """A fresh voice model with the shipped weights (training/README.md says from what they were made)."""
    return VoiceModel(_weights())


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    with np.load(Path(__file__).with_name("voice_model.npz")) as file:
        return {name: file[name] for name in file.files}
