"""Re-blocks sound into 20 ms frames, so that every result is the same for any block size.

May not look into the samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

FRAME_S = 0.02
"""webrtcvad takes 10, 20 or 30 ms; 20 is the middle of speed and accuracy."""


def frame_length(rate: int) -> int:
    """Samples in one frame."""
    return round(rate * FRAME_S)


class Framer:
    """Keeps what does not fill a frame until the rest comes."""

    def __init__(self, rate: int) -> None:
        self._length = frame_length(rate)
        self._rest: Samples = np.zeros(0, np.int16)

    def push(self, samples: Samples) -> list[Samples]:
        """The frames that are complete now."""
        if not len(self._rest) and len(samples) == self._length:
            return [samples]
        together = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        count = len(together) // self._length
        edge = count * self._length
        self._rest = together[edge:].copy()
        return [together[start : start + self._length] for start in range(0, edge, self._length)]

    def reset(self) -> None:
        """Forget an unfinished frame."""
        self._rest = np.zeros(0, np.int16)
