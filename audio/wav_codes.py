"""How samples are written in a WAV file, and the 16-bit samples they mean.

May not know files or chunks; what is finer than 16 bits is rounded, what is over full scale is clipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decibel import FULL_SCALE

Samples = NDArray[np.int16]

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
"""Format tags that can be read (mmreg.h)."""
NAMES = {
    PCM: "PCM",
    2: "ADPCM",
    FLOAT: "floating point",
    A_LAW: "A-law",
    MU_LAW: "mu-law",
    17: "IMA ADPCM",
    49: "GSM 6.10",
    80: "MPEG",
    85: "MP3",
    255: "AAC",
    EXTENSIBLE: "extensible",
}
"""Tags people do hand in, read or not (mmreg.h)."""
LAW_SEGMENT = 0x70
"""G.711: bits 4 to 6 are the segment, bits 0 to 3 the step within it, bit 7 the sign."""


@dataclass(frozen=True, slots=True)
class Coding:
    """One way to write a sample: its bytes in the file, and how to read a run of them."""

    name: str
    width: int
    decode: Callable[[bytes], Samples]


def coding_of(tag: int, width: int) -> Coding | None:
    """The coding of a format tag with samples of `width` bytes; None for what cannot be read."""
    return _CODINGS.get((tag, width))


def _pcm8(data: bytes) -> Samples:
    """Unsigned in WAV alone."""
    return (np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8


def _pcm16(data: bytes) -> Samples:
    return np.frombuffer(data, "<i2").astype(np.int16)


def _pcm24(data: bytes) -> Samples:
    parts = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
    top = parts[:, 2].astype(np.int8).astype(np.int32) << 8 | parts[:, 1]
    return _whole(top + (parts[:, 0] >= 128))


def _pcm32(data: bytes) -> Samples:
    wide = np.frombuffer(data, "<i4").astype(np.int64)
    return _whole(wide + (1 << 15) >> 16)


def _floats(kind: str) -> Callable[[bytes], Samples]:
    """1.0 is full scale; what is no number is silence."""

    def decode(data: bytes) -> Samples:
        wide = np.frombuffer(data, kind).astype(np.float64)
        wide = np.nan_to_num(wide, nan=0.0, posinf=0.0, neginf=0.0)
        return _whole(np.rint(np.clip(wide, -1.0, 1.0) * FULL_SCALE))

    return decode


def _whole(values: NDArray[np.int32] | NDArray[np.int64] | NDArray[np.float64]) -> Samples:
    return np.clip(values, -32768, 32767).astype(np.int16)


def _law(table: NDArray[np.int16]) -> Callable[[bytes], Samples]:
    def decode(data: bytes) -> Samples:
        return table[np.frombuffer(data, np.uint8)]

    return decode


def _a_law() -> NDArray[np.int16]:
    """ITU-T G.711 table 1a: every other bit is inverted; 13 bits, shifted up to 16."""
    code = np.arange(256) ^ 0x55
    segment, step = (code & LAW_SEGMENT) >> 4, code & 0x0F
    size = np.where(segment == 0, step * 16 + 8, (step * 16 + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _mu_law() -> NDArray[np.int16]:
    """ITU-T G.711 table 2a: all bits are inverted; 14 bits, shifted up to 16."""
    code = np.arange(256) ^ 0xFF
    segment, step = (code & LAW_SEGMENT) >> 4, code & 0x0F
    size = ((step * 8 + 0x84) << segment) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


_CODINGS = {
    (PCM, 1): Coding("8-bit PCM", 1, _pcm8),
    (PCM, 2): Coding("16-bit PCM", 2, _pcm16),
    (PCM, 3): Coding("24-bit PCM", 3, _pcm24),
    (PCM, 4): Coding("32-bit PCM", 4, _pcm32),
    (FLOAT, 4): Coding("32-bit floating point", 4, _floats("<f4")),
    (FLOAT, 8): Coding("64-bit floating point", 8, _floats("<f8")),
    (A_LAW, 1): Coding("A-law", 1, _law(_a_law())),
    (MU_LAW, 1): Coding("mu-law", 1, _law(_mu_law())),
}
