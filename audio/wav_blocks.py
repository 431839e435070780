"""A WAV stream as an analyser hears it: blocks of one frame, at a rate that detectors take.

May not hold more than a second of sound; times stay those of the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import soxr  # type: ignore[import-untyped]  # ships stubs for its core only
from numpy.typing import NDArray

from audio.analysis.framing import frame_length
from audio.wav import WavStream

Block = NDArray[np.int16]
"""(n, channels)."""

ANALYSIS_RATES_HZ = (8000, 16000, 32000, 48000)
"""What a seat can listen at."""


def analysis_rate(rate: int) -> int:
    """The rate a file is analysed at: its own where that is one of these, else the nearest by ratio."""
    return min(ANALYSIS_RATES_HZ, key=lambda each: abs(math.log(each / rate)))


def frames_of(stream: WavStream) -> Iterator[Block]:
    """The file in blocks of 20 ms at its analysis rate; the last may be shorter."""
    target = analysis_rate(stream.rate)
    length = frame_length(target)
    rest = np.zeros((0, stream.channels), np.int16)
    for block in stream if target == stream.rate else _resampled(stream, target):
        together = np.concatenate((rest, block)) if len(rest) else block
        whole = len(together) - len(together) % length
        for start in range(0, whole, length):
            yield together[start : start + length]
        rest = together[whole:]
    if len(rest):
        yield rest


def _resampled(stream: WavStream, target: int) -> Iterator[Block]:
    """By soxr, which needs a few ms behind a sample; in floats, because it would dither digital silence."""
    change = soxr.ResampleStream(stream.rate, target, stream.channels, dtype="float32")
    left = stream.form.frames
    for block in stream:
        left -= len(block)
        wide = change.resample_chunk(block.astype(np.float32).reshape(block.shape), last=not left)
        yield np.clip(np.rint(wide), -32768, 32767).astype(np.int16).reshape(-1, stream.channels)
