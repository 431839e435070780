from __future__ import annotations

import subprocess

import numpy as np
import pytest

from audio.wav_codes import A_LAW, FLOAT, MU_LAW, PCM, coding_of
from tests.peers.install import program

EDGES = np.array([-32768, -32767, -257, -1, 0, 1, 255, 256, 32766, 32767], np.int16)


def decoded(tag: int, width: int, data: bytes) -> list[int]:
    coding = coding_of(tag, width)
    assert coding is not None
    samples = coding.decode(data)
    assert samples.dtype == np.int16
    return samples.tolist()


def test_8_bit_samples_are_unsigned() -> None:
    assert decoded(PCM, 1, bytes([0, 1, 127, 128, 129, 255])) == [-32768, -32512, -256, 0, 256, 32512]


@pytest.mark.parametrize("width", [2, 3, 4])
def test_whole_samples_of_any_width_come_back(width: int) -> None:
    wide = EDGES.astype(np.int64) << (8 * width - 16)
    data = b"".join(int(each).to_bytes(width, "little", signed=True) for each in wide)
    assert decoded(PCM, width, data) == EDGES.tolist()


@pytest.mark.parametrize(
    ("width", "value", "sample"),
    [
        (3, 0x7F, 0), (3, 0x80, 1), (3, -0x80, 0), (3, -0x81, -1), (3, 0x7FFFFF, 32767),
        (4, 0x7FFF, 0), (4, 0x8000, 1), (4, -0x8000, 0), (4, -0x8001, -1), (4, 0x7FFFFFFF, 32767),
    ],
)  # fmt: skip
def test_what_is_finer_is_rounded(width: int, value: int, sample: int) -> None:
    assert decoded(PCM, width, value.to_bytes(width, "little", signed=True)) == [sample]


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_floats(kind: str) -> None:
    values = np.array([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -1e30, np.nan, np.inf, -np.inf, 0.49 / 32768], kind)
    expected = [0, 32767, -32768, 16384, -16384, 32767, -32768, 0, 0, 0, 0]
    assert decoded(FLOAT, np.dtype(kind).itemsize, values.tobytes()) == expected


def test_the_laws_by_points_of_the_standard() -> None:
    """ITU-T G.711 tables 1a to 2b: the smallest and the largest of both signs."""
    assert decoded(A_LAW, 1, bytes([0xD5, 0x55, 0xAA, 0x2A])) == [8, -8, 32256, -32256]
    assert decoded(MU_LAW, 1, bytes([0xFF, 0x7F, 0x80, 0x00])) == [0, 0, 32124, -32124]


@pytest.mark.parametrize(("tag", "name"), [(A_LAW, "alaw"), (MU_LAW, "mulaw")])
def test_the_laws_are_those_of_ffmpeg(tag: int, name: str) -> None:
    program("ffmpeg")
    every = bytes(range(256))
    command = ["ffmpeg", "-v", "error", "-f", name, "-ar", "8000", "-i", "pipe:0", "-f", "s16le", "pipe:1"]
    theirs = subprocess.run(command, input=every, capture_output=True, check=True).stdout
    assert decoded(tag, 1, every) == np.frombuffer(theirs, "<i2").tolist()


@pytest.mark.parametrize(
    ("tag", "width"), [(PCM, 5), (PCM, 8), (PCM, 0), (FLOAT, 2), (FLOAT, 3), (2, 1), (85, 0)]
)
def test_other_codings_are_unknown(tag: int, width: int) -> None:
    assert coding_of(tag, width) is None
