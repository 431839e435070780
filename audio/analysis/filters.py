"""A recursive filter that runs over whole frames without a loop over samples.

May not depend on the frame before other than through its two state values.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Wide = NDArray[np.float64]

_PART = 40
"""Samples per inner part: 20 ms are a whole number of parts from 8 kHz on, and the matrices stay in cache."""
_TINY = 1e-9
"""State below this is nothing: numbers smaller still (denormals) would slow every product down."""


class HighPass:
    """Second-order Butterworth high-pass, frame by frame; a constant offset is gone from the first sample."""

    def __init__(self, rate: int, cut_hz: float, length: int) -> None:
        a, b, c, d = _state_space(rate, cut_hz)
        self._parts = length // _PART
        if self._parts * _PART != length:
            raise ValueError(f"a frame of {length} samples is no multiple of {_PART}")
        powers = [np.linalg.matrix_power(a, k) for k in range(_PART)]
        impulse = np.array([d] + [float(c @ powers[k] @ b) for k in range(_PART - 1)])
        lag = np.subtract.outer(np.arange(_PART), np.arange(_PART))
        self._direct = np.where(lag >= 0, impulse[np.maximum(lag, 0)], 0.0).T.copy()
        self._free = np.array([c @ power for power in powers]).T.copy()
        self._gather = np.array([powers[_PART - 1 - k] @ b for k in range(_PART)])
        self._chain = _chained(np.linalg.matrix_power(a, _PART), self._parts)
        self._settled = np.asarray(np.linalg.solve(np.eye(2) - a, b), np.float64)
        self._entry = np.zeros(2 + 2 * self._parts)
        """The state before the frame, and what each of its parts adds."""
        self._added = self._entry[2:].reshape(self._parts, 2)
        self._settled_in = False

    def push(self, frame: NDArray[np.int16]) -> Wide:
        """The filtered frame."""
        parts = frame.reshape(self._parts, _PART).astype(np.float64)
        entry = self._entry
        if not self._settled_in:
            entry[:2] = self._settled * float(parts.mean())
            self._settled_in = True
        np.matmul(parts, self._gather, out=self._added)
        states = (self._chain @ entry).reshape(self._parts + 1, 2)
        one, other = states[-1].tolist()
        entry[:2] = (one, other) if abs(one) + abs(other) > _TINY else 0.0
        filtered: Wide = parts @ self._direct
        filtered += states[:-1] @ self._free
        return filtered.ravel()

    def reset(self) -> None:
        """Start over, settled on the next frame's offset."""
        self._settled_in = False


def _state_space(rate: int, cut_hz: float) -> tuple[Wide, Wide, Wide, float]:
    """Butterworth high-pass by the bilinear transform, as matrices of a two-value state."""
    k = math.tan(math.pi * cut_hz / rate)
    norm = 1.0 / (1.0 + math.sqrt(2.0) * k + k * k)
    a1, a2 = 2.0 * (k * k - 1.0) * norm, (1.0 - math.sqrt(2.0) * k + k * k) * norm
    b0, b1, b2 = norm, -2.0 * norm, norm
    return (
        np.array([[-a1, -a2], [1.0, 0.0]]),
        np.array([1.0, 0.0]),
        np.array([b1 - a1 * b0, b2 - a2 * b0]),
        b0,
    )


def _chained(step: Wide, parts: int) -> Wide:
    """Matrix from (state, what each part adds) to the state before each part and after the last."""
    chain = np.zeros((2 * (parts + 1), 2 + 2 * parts))
    for row in range(parts + 1):
        chain[2 * row : 2 * row + 2, :2] = np.linalg.matrix_power(step, row)
        for part in range(row):
            power = np.linalg.matrix_power(step, row - 1 - part)
            chain[2 * row : 2 * row + 2, 2 + 2 * part : 4 + 2 * part] = power
    return chain
