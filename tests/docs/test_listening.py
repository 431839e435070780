"""docs/listening.md states what the code has and what the recordings give."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import webrtcvad

from audio.segments import segments
from audio.wav import read_wav
from tests.docs.pages import marked, page, rows
from tests.support import ROOT

PAGE = "docs/listening.md"
RECORDINGS = sorted((ROOT / "tests" / "recordings").glob("*.wav"))
HEAD = "| recording | length | callseat | bare, mode 2 | bare, mode 3 |\n|---|---|---|---|---|\n"


def bare_s(path: Path, mode: int) -> float:
    """Seconds bare webrtcvad calls speech, by frames of 20 ms."""
    recording, vad = read_wav(path), webrtcvad.Vad(mode)
    frame = recording.rate // 50
    starts = range(0, len(recording.samples) - frame + 1, frame)
    voiced = sum(vad.is_speech(recording.samples[at : at + frame].tobytes(), recording.rate) for at in starts)
    return voiced * 0.02


def measured(path: Path) -> str:
    found = segments(path)
    speech_s = sum(one.end_s - one.start_s for one in found)
    cells = (
        f"`{path.name}`",
        f"{read_wav(path).duration_s:.2f} s",
        f"{speech_s:.1f} s in {len(found)}" if found else "none",
        f"{bare_s(path, 2):.1f} s",
        f"{bare_s(path, 3):.1f} s",
    )
    return f"| {' | '.join(cells)} |"


def test_the_table_of_recordings_is_measured_again() -> None:
    expected = HEAD + "\n".join(measured(path) for path in RECORDINGS)
    assert marked(PAGE, "measured: recordings") == expected


THRESHOLDS = {row[1].strip("`"): row[2] for row in rows(page(PAGE), "Thresholds") if row[1].startswith("`")}


def test_the_thresholds_are_listed() -> None:
    assert len(THRESHOLDS) >= 25


@pytest.mark.parametrize("name", sorted(THRESHOLDS))
def test_a_threshold_is_the_one_in_the_code(name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert THRESHOLDS[name] == str(getattr(import_module(module), constant))
