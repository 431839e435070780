from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from audio.segments import evaluate, segments, write_segments
from audio.wav import Recording, write_wav
from state.errors import ConfigError
from tests.audio.sounds import RECORDINGS, recording, zeros


def test_segments_of_a_file_and_of_its_recording_are_the_same() -> None:
    found = segments(RECORDINGS / "answer_4s.wav")
    assert found == segments(recording("answer_4s.wav"))
    assert [round(one.start_s) for one in found] == [4, 8, 11, 17]
    for one in found:
        assert one.label == "speech"
        assert one.start_s < one.decided_s <= one.start_s + 0.5
        assert one.start_s < one.end_s


def test_speech_up_to_the_last_sample_ends_there() -> None:
    whole = recording("sentence_zh.wav")
    cut_off = Recording(whole.samples[: 2 * whole.rate], whole.rate)
    (one,) = segments(cut_off)
    assert one.end_s == pytest.approx(2.0, abs=0.02)
    assert one.end_s <= 2.0


def test_digital_zeros_have_none() -> None:
    assert segments(Recording(zeros(8000, 3.0), 8000)) == []


def test_the_csv_holds_what_is_returned(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    found = write_segments(RECORDINGS / "sentence_zh.wav", target)
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["speech"] * len(found)
    for row, one in zip(rows, found, strict=True):
        assert float(row["start_s"]) == pytest.approx(one.start_s, abs=0.0006)
        assert float(row["end_s"]) == pytest.approx(one.end_s, abs=0.0006)
        assert float(row["decided_s"]) == pytest.approx(one.decided_s, abs=0.0006)


def test_without_a_csv_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, np.zeros(800, np.int16), 8000)
    assert write_segments(path, None) == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.wav"]


def test_a_csv_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"out\.csv: cannot be written"):
        write_segments(RECORDINGS / "sentence_zh.wav", tmp_path / "no" / "out.csv")


def test_a_rate_nobody_can_analyse_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cd.wav"
    write_wav(path, np.zeros(44100, np.int16), 44100)
    with pytest.raises(ConfigError, match="44100 Hz"):
        segments(path)


def test_scoring_programs_get_plain_numbers() -> None:
    found = evaluate(str(RECORDINGS / "sentence_zh.wav"))
    assert found
    assert all(len(row) == 3 and row[0] <= row[2] for row in found)
