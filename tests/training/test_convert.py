from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.peers.install import program
from tests.support import ROOT
from training.convert import convert_all, pieces


@pytest.mark.parametrize(
    ("kind", "length_s", "expected"),
    [
        ("speech", 0.05, []),
        ("speech", 12.0, [(0.0, 12.0)]),
        ("speech", 130.0, [(0.0, 60.0), (60.0, 60.0), (120.0, 10.0)]),
        ("noise", 500.0, [(0.0, 60.0), (60.0, 60.0)]),
        ("noise", 3.0, [(0.0, 3.0)]),
        ("bursts", 7.0, [(0.0, 7.0)]),
        ("music", 7.0, []),
        ("music", 60.0, [(0.0, 60.0)]),
        ("music", 200.0, [(24.0, 30.0), (90.0, 30.0), (150.0, 30.0)]),
    ],
)
def test_pieces(kind: str, length_s: float, expected: list[tuple[float, float]]) -> None:
    assert [pytest.approx(piece) for piece in expected] == list(pieces(kind, length_s))


def test_a_folder_becomes_a_family(tmp_path: Path) -> None:
    program("ffmpeg")
    source = tmp_path / "source" / "a voice"
    source.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "recordings" / "digits.wav", source / "one two.wav")
    (source / "readme.txt").write_text("no sound")
    minutes = convert_all("speech", tmp_path / "source", tmp_path / "family", 10.0)
    (written,) = (tmp_path / "family").iterdir()
    assert written.name == "a_voice-one_two_0.wav"
    assert 0 < minutes < 1
    assert written.stat().st_size == pytest.approx(minutes * 60 * 32000, rel=0.01)
