from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from audio.analysis.vad import Verdict
from audio.resample import resampled
from audio.segments import Segment, Side, evaluate, segments, write_segments
from audio.vad_webrtc import default_detector
from audio.wav import Recording, write_wav
from state.errors import ConfigError
from state.events import SignalChanged, SpeechStarted, SpeechStopped
from state.ids import LineId
from state.words import Channel, SignalCondition
from tests.audio.sounds import RECORDINGS, recording, zeros
from tests.audio.wav_made import Wav

LINE = LineId("file")


def change(condition: SignalCondition, since: float, at: float) -> SignalChanged:
    return SignalChanged(at, "audio", LINE, Channel.FAR, condition, since, "")


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
    assert one.end_s == pytest.approx(2.0, abs=0.1)
    assert one.end_s <= 2.0


def test_digital_zeros_have_none() -> None:
    assert segments(Recording(zeros(8000, 3.0), 8000)) == []


def test_the_csv_holds_what_is_returned(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    found = segments(RECORDINGS / "sentence_zh.wav")
    write_segments(found, target)
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["speech"] * len(found)
    for row, one in zip(rows, found, strict=True):
        assert float(row["start_s"]) == pytest.approx(one.start_s, abs=0.0006)
        assert float(row["end_s"]) == pytest.approx(one.end_s, abs=0.0006)
        assert float(row["decided_s"]) == pytest.approx(one.decided_s, abs=0.0006)


def test_a_csv_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"out\.csv: cannot be written"):
        write_segments([], tmp_path / "no" / "out.csv")


def test_a_file_is_heard_as_its_samples_are() -> None:
    for name in ("digits.wav", "street_16k.wav", "silent_hum.wav"):
        assert segments(RECORDINGS / name) == segments(recording(name))


@pytest.mark.parametrize("rate", [11025, 22050, 24000, 44100, 96000])
def test_another_rate_changes_hardly_anything(tmp_path: Path, rate: int) -> None:
    whole = recording("sentence_zh_16k.wav")
    write_wav(tmp_path / "a.wav", resampled(whole.samples, whole.rate, rate), rate)
    found, expected = segments(tmp_path / "a.wav"), segments(whole)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.start_s == pytest.approx(other.start_s, abs=0.05)
        assert one.end_s == pytest.approx(other.end_s, abs=0.1)
        assert one.decided_s == pytest.approx(other.decided_s, abs=0.1)
    odd = Recording(resampled(whole.samples, whole.rate, rate), rate)
    assert len(segments(odd)) == len(expected)


@pytest.fixture(name="stereo")
def _stereo(tmp_path: Path) -> Path:
    """Left speaks, right carries line noise."""
    left = recording("sentence_zh.wav").samples
    both = np.stack([left, recording("silent_line.wav").samples[: len(left)]], axis=1)
    return Wav(both.tobytes(), channels=2).write(tmp_path / "stereo.wav")


def test_a_side_of_a_stereo_file(stereo: Path) -> None:
    assert segments(stereo, side=Side.LEFT) == segments(RECORDINGS / "sentence_zh.wav")
    assert segments(stereo, side=Side.RIGHT) == []


def test_a_stereo_file_needs_a_side_and_no_other_file_does(stereo: Path) -> None:
    message = r"stereo\.wav: has 2 channels; expected 1, or `--channel left` or `right`"
    with pytest.raises(ConfigError, match=message):
        segments(stereo)
    with pytest.raises(ConfigError, match=r"has 1 channel; expected 2 for `--channel right`"):
        segments(RECORDINGS / "sentence_zh.wav", side=Side.RIGHT)


def test_the_engine_is_the_callers() -> None:
    rates: list[int] = []

    class Deaf:
        rules = default_detector(8000).rules

        def push(self, frame: np.ndarray) -> Verdict:
            return Verdict(-40.0, -60.0, False, False, False)

        def reset(self) -> None:
            rates.append(-1)

    def factory(rate: int) -> Deaf:
        rates.append(rate)
        return Deaf()

    assert segments(RECORDINGS / "sentence_zh_16k.wav", factory) == []
    assert rates == [16000, -1]


def test_what_is_told_beside_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """The analyser's events, each with its label, from begin to begin, cut where the sound ends."""
    told = [
        change(SignalCondition.TONE, 0.2, 0.3),
        change(SignalCondition.RINGBACK, 0.2, 0.5),
        change(SignalCondition.OK, 3.0, 3.4),
        SpeechStarted(3.3, "audio", LINE, Channel.FAR, 3.1),
        SpeechStopped(4.4, "audio", LINE, Channel.FAR, 4.0),
        change(SignalCondition.TOO_QUIET, 4.1, 4.5),
        change(SignalCondition.MUSIC, 5.0, 8.0),
        change(SignalCondition.BUSY, 9.0, 9.5),
        change(SignalCondition.TONE, 11.0, 11.2),
    ]
    monkeypatch.setattr("audio.segments._heard", lambda *_: iter(told))
    ten_s = Recording(zeros(8000, 10.0), 8000)
    assert segments(ten_s, others=True) == [
        Segment(0.2, 3.0, "ringback", 0.5),
        Segment(3.1, 4.0, "speech", 3.3),
        Segment(5.0, 9.0, "music", 8.0),
        Segment(9.0, 10.0, "busy", 9.5),
    ]
    assert segments(ten_s) == [Segment(3.1, 4.0, "speech", 3.3)]


def test_speech_and_a_tone_that_never_end_last_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [SpeechStarted(1.2, "audio", LINE, Channel.FAR, 1.0), change(SignalCondition.TONE, 1.5, 1.8)]
    monkeypatch.setattr("audio.segments._heard", lambda *_: iter(told))
    assert segments(Recording(zeros(8000, 2.0), 8000), others=True) == [
        Segment(1.0, 2.0, "speech", 1.2),
        Segment(1.5, 2.0, "tone", 1.8),
    ]


def test_ring_back_is_no_speech_and_has_its_label() -> None:
    assert segments(RECORDINGS / "ringback_cn.wav") == []
    (one, *_) = segments(RECORDINGS / "ringback_cn.wav", others=True)
    assert one.label in ("ringback", "tone")
    assert one.start_s < 0.2
    assert one.decided_s > one.start_s


@pytest.mark.parametrize("name", ["answer_4s.wav", "sentence_zh_16k.wav"])
def test_a_file_cut_where_a_segment_was_decided_says_the_same_of_it(tmp_path: Path, name: str) -> None:
    whole = recording(name)
    for number, one in enumerate(segments(whole)):
        end = round(one.decided_s * whole.rate)
        write_wav(tmp_path / "cut.wav", whole.samples[:end], whole.rate)
        found = segments(tmp_path / "cut.wav")
        assert len(found) == number + 1
        assert (found[-1].start_s, found[-1].decided_s) == (one.start_s, one.decided_s)


def test_scoring_programs_get_plain_numbers() -> None:
    found = evaluate(str(RECORDINGS / "sentence_zh.wav"))
    assert found
    assert all(len(row) == 3 and row[0] <= row[2] for row in found)
