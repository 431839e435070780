"""What is heard of a simulated call is kept as WAV files, as long as the disk takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio.wav import read_wav
from callseat.runtime.call_audio import WavTap

BLOCK = np.arange(160, dtype=np.int16)


def test_each_ear_has_a_file_of_its_own(tmp_path: Path) -> None:
    tap = WavTap(tmp_path / "new", "desk-01")
    for _ in range(3):
        tap.add((("near", 16000, BLOCK), ("far", 8000, BLOCK)))
    tap.close()
    near, far = (read_wav(tmp_path / "new" / f"desk-01-{ear}.wav") for ear in ("near", "far"))
    assert (near.rate, far.rate) == (16000, 8000)
    assert np.array_equal(near.samples, np.tile(BLOCK, 3))


def test_a_full_disk_is_told_once_and_ends_the_files_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "desk-01-near.wav").symlink_to("/dev/full")
    tap = WavTap(tmp_path, "desk-01")
    for _ in range(200):  # more than a file buffers
        tap.add((("far", 8000, BLOCK), ("near", 16000, BLOCK)))
    tap.close()
    assert caplog.messages == [f"{tmp_path}: what is heard is no longer kept: No space left on device"]
    kept = read_wav(tmp_path / "desk-01-far.wav").samples
    assert len(kept) % len(BLOCK) == 0
    assert 0 < len(kept) < 200 * len(BLOCK)


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    tap = WavTap(tmp_path / "file", "desk-01")
    tap.add((("near", 16000, BLOCK),))
    tap.add((("near", 16000, BLOCK),))
    assert len(caplog.messages) == 1
