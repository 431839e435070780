"""Change of sample rate: whole recordings (soxr), and streams in equal blocks with 2 ms of delay.

May not touch sound whose rate is right already.
"""

from __future__ import annotations

from math import gcd

import numpy as np
import soxr  # type: ignore[import-untyped]  # ships stubs for its core only
from numpy.typing import NDArray

Samples = NDArray[np.int16]

_TAPS = 32
"""Per phase: 16 samples of delay, stop band below -60 dB; soxr's own stream hands sound out every 100 ms."""
_CUTOFF = 0.92
"""Share of the lower Nyquist frequency that passes."""


def resampled(samples: Samples, rate: int, target: int) -> Samples:
    """The same sound at `target` Hz."""
    if rate == target:
        return samples
    result: Samples = soxr.resample(samples, rate, target)
    return result


class StreamResampler:
    """One stream in blocks of equal length: as much time comes out as went in."""

    def __init__(self, rate: int, target: int) -> None:
        common = gcd(rate, target)
        self._up, self._down = target // common, rate // common
        self._kernel = _low_pass(self._up, self._down)
        self._history = np.zeros(self._kernel.shape[1] - 1)
        self._size = 0
        self._places: NDArray[np.intp] = np.zeros((0, 0), np.intp)
        self._weights = np.zeros((0, 0))

    def push(self, samples: Samples) -> Samples:
        """The block at the target rate; its length must be a whole number of samples there."""
        if self._up == self._down:
            return samples
        if len(samples) != self._size:
            self._plan(len(samples))
        heard = np.concatenate((self._history, samples))
        self._history = heard[len(samples) :]
        mixed = np.einsum("ij,ij->i", heard[self._places], self._weights)
        block: Samples = np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
        return block

    def _plan(self, size: int) -> None:
        """Which input samples, with which weights, make each output sample of a block."""
        if size * self._up % self._down:
            raise ValueError(f"{size} samples are no whole block at {self._up}/{self._down} of the rate")
        position = np.arange(size * self._up // self._down) * self._down
        taps = self._kernel.shape[1]
        newest = position // self._up + taps - 1
        self._places = newest[:, None] - np.arange(taps)[None, :]
        self._weights = self._kernel[position % self._up]
        self._size = size


def _low_pass(up: int, down: int) -> NDArray[np.float64]:
    """Windowed sinc, one row per phase, unit gain."""
    spread = max(1, -(-down // up))
    length = _TAPS * spread * up
    edge = _CUTOFF / max(up, down)
    moment = np.arange(length) - (length - 1) / 2
    kernel = np.sinc(moment * edge) * np.kaiser(length, 6.0)
    rows = kernel.reshape(-1, up).T
    return np.ascontiguousarray(rows / rows.sum(axis=1, keepdims=True))
