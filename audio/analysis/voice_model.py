"""The voice model: a small recurrent network that hears, frame by frame, how likely a voice or music is.

May not read files or learn: weights are handed in (`audio/voice_model.npz`, made by `training/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_HALF = np.float32(0.5)


class Likelihood(NamedTuple):
    """What a frame is, each from 0 to 1; neither excludes the other (a voice over music)."""

    voice: float
    music: float


class VoiceModel:
    """One channel's network: features in, likelihoods out; its memory is one vector."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        """Fold the normalisation into the first layer; KeyError or ValueError for weights that do not fit."""
        spread = weights["sd"][:, None]
        self._in = np.ascontiguousarray(weights["we"] / spread)
        self._in_bias = weights["be"] - (weights["mu"] / weights["sd"]) @ weights["we"]
        self._gates = weights["wx"]
        self._gates_bias = weights["b"]
        self._back = weights["wh"]
        self._new_bias = weights["bn"]
        self._out = weights["wo"]
        self._out_bias = weights["bo"]
        self._size = len(self._new_bias)
        self._memory = np.zeros(self._size, np.float32)
        if self._back.shape != (self._size, 3 * self._size) or self._out.shape != (self._size, 2):
            raise ValueError(
                f"voice model: weights do not fit each other ({self._back.shape}, {self._out.shape})"
            )
        self.reset()

    @property
    def features(self) -> int:
        """How many features a frame must have."""
        return len(self._in)

    def push(self, features: Array) -> Likelihood:
        """Hear the next frame's features (features,)."""
        size = self._size
        shown = features @ self._in
        shown += self._in_bias
        new = np.tanh(shown, out=shown) @ self._gates
        new += self._gates_bias
        old = self._memory @ self._back
        gates = _sigmoid(new[: 2 * size] + old[: 2 * size])
        fresh = np.tanh(new[2 * size :] + gates[:size] * (old[2 * size :] + self._new_bias))
        self._memory = fresh + gates[size:] * (self._memory - fresh)
        voice, music = _sigmoid(self._memory @ self._out + self._out_bias).tolist()
        return Likelihood(voice, music)

    def reset(self) -> None:
        """Forget what was heard."""
        self._memory = np.zeros(self._size, np.float32)


def _sigmoid(x: Array) -> Array:
    """In place. By tanh: exp overflows, and this is one pass of a fast function."""
    x *= _HALF
    np.tanh(x, out=x)
    x *= _HALF
    x += _HALF
    return x
