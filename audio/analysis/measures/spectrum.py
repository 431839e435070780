"""Short-time magnitudes of a channel: the last 60 ms, when asked, on lines 13.3 Hz apart.

May not decide anything; a quiet frame costs one copy.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import frame_length

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]
Lines = NDArray[np.float64]
"""Magnitudes from 0 Hz up. Not powers: the loudest formant would rule the rest."""

FRAMES = 3
"""60 ms: four periods of a 70 Hz voice; shorter than two syllables."""
LINE_HZ = 40.0 / 3.0
"""The window is filled up to 75 ms with zeros, so that lags up to 15 ms do not wrap around."""
TOP_HZ = 3000.0
"""Nothing is looked for above."""


def line(hz: float) -> int:
    """The line nearest to a frequency."""
    return round(hz / LINE_HZ)


_LINES = line(TOP_HZ) + 1


class ShortTime:
    """Keeps the last frames of one channel, at any rate over twice TOP_HZ."""

    def __init__(self, rate: int) -> None:
        length = frame_length(rate)
        self.size = round(rate / LINE_HZ)
        self.window: Wide = np.hanning(FRAMES * length + 1)[:-1]
        self._length = length
        self._frames: deque[Samples] = deque(maxlen=FRAMES)
        self.reset()

    def push(self, frame: Samples) -> None:
        """Take the next frame; its samples may be overwritten afterwards."""
        self._frames.append(frame.copy())

    def lines(self) -> Lines:
        """Magnitudes of the frames kept, those before the first taken for silence."""
        heard = np.concatenate(self._frames)
        lines: Lines = np.abs(np.fft.rfft(heard * self.window, self.size)[:_LINES])
        return lines

    def reset(self) -> None:
        """What comes next does not follow on what came before."""
        silence = np.zeros(self._length, np.int16)
        self._frames.extend([silence] * FRAMES)
