"""Recorded calls checked: what is found, what each channel carries, whatever the files are like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.check import check
from audio.wav import read_wav, write_wav
from state.errors import ConfigError
from state.events import (
    AudioFaultEnded,
    AudioFaultFound,
    Event,
    LevelMeasured,
    SignalChanged,
    SpeechStarted,
    SpeechStopped,
)
from state.ids import LineId
from state.words import AudioFault, Channel, SignalCondition
from tests.audio.sounds import RECORDINGS, recording, tone, zeros
from tests.audio.wav_made import Wav

SENTENCE = RECORDINGS / "sentence_zh_16k.wav"
SILENT = RECORDINGS / "silent_line.wav"
LINE = LineId("file")
NEAR, FAR = Channel.NEAR, Channel.FAR


def found(channel: Channel, fault: AudioFault, at: float, since: float, sure: float = 0.9) -> AudioFaultFound:
    return AudioFaultFound(at, "audio", LINE, channel, fault, since, sure, f"seen at {at:g}")


def ended(channel: Channel, fault: AudioFault, at: float, until: float) -> AudioFaultEnded:
    return AudioFaultEnded(at, "audio", LINE, channel, fault, until)


class Told:
    """Stands for the listener: tells given events at their times, and keeps what was pushed."""

    events: Sequence[Event] = ()
    rates: tuple[int, int] = (0, 0)
    pushed: list[tuple[Channel, float, int]] = []  # noqa: RUF012  emptied by every test that uses it

    def __init__(self, line: LineId, near_rate: int, far_rate: int, factory: object) -> None:
        Told.rates = (near_rate, far_rate)
        Told.pushed = []
        self._left = list(Told.events)

    def reset(self, at: float) -> None:
        assert at == 0.0

    def push(self, channel: Channel, samples: np.ndarray, at: float) -> tuple[Event, ...]:
        assert samples.ndim == 1
        Told.pushed.append((channel, at, len(samples)))
        due = [event for event in self._left if event.at <= at + 0.02 and event.channel is channel]
        self._left = [event for event in self._left if event not in due]
        return tuple(due)


@pytest.fixture(name="told")
def _told(monkeypatch: pytest.MonkeyPatch) -> type[Told]:
    monkeypatch.setattr("audio.check.Listener", Told)
    monkeypatch.setattr(Told, "events", ())
    return Told


def wav(path: Path, seconds: float, rate: int = 8000) -> Path:
    write_wav(path, zeros(rate, seconds), rate)
    return path


# what is made of a listener's events -------------------------------------------------------------


def test_faults_have_a_begin_and_an_end(tmp_path: Path, told: type[Told]) -> None:
    told.events = [
        found(NEAR, AudioFault.HUM, 2.0, 0.5),
        found(NEAR, AudioFault.CLIPPING, 3.0, 1.0, 0.5),
        ended(NEAR, AudioFault.HUM, 4.5, 4.0),
        found(NEAR, AudioFault.CLIPPING, 5.0, 2.5, 0.8),
        found(NEAR, AudioFault.HUM, 8.0, 7.0),
    ]
    report = check(wav(tmp_path / "a.wav", 10.0))
    short = [(one.fault, one.since_s, one.until_s, one.lasts, one.confidence) for one in report.found]
    assert short == [
        (AudioFault.HUM, 0.5, 4.0, False, 0.9),
        (AudioFault.CLIPPING, 1.0, 10.0, True, 0.8),
        (AudioFault.HUM, 7.0, 10.0, True, 0.9),
    ]
    assert report.found[1].evidence == "seen at 5"


def test_the_end_of_what_was_never_found_is_nothing(tmp_path: Path, told: type[Told]) -> None:
    told.events = [ended(NEAR, AudioFault.GAPS, 1.0, 0.9)]
    assert check(wav(tmp_path / "a.wav", 2.0)).found == ()


def test_each_channel_lasts_as_long_as_its_own_file(tmp_path: Path, told: type[Told]) -> None:
    told.events = [found(NEAR, AudioFault.HUM, 1.0, 0.0), found(FAR, AudioFault.HUM, 1.0, 0.0)]
    report = check(wav(tmp_path / "a.wav", 3.0, 16000), wav(tmp_path / "b.wav", 5.0))
    assert [(one.channel, one.until_s) for one in report.found] == [(FAR, 5.0), (NEAR, 3.0)]
    assert told.rates == (16000, 8000)


def test_both_files_run_at_the_same_time(tmp_path: Path, told: type[Told]) -> None:
    check(wav(tmp_path / "a.wav", 0.06, 44100), wav(tmp_path / "b.wav", 0.1))
    assert [(channel, round(at, 3), count) for channel, at, count in told.pushed] == [
        (NEAR, 0.0, 960), (FAR, 0.0, 160), (NEAR, 0.02, 960), (FAR, 0.02, 160), (NEAR, 0.04, 960),
        (FAR, 0.04, 160), (FAR, 0.06, 160), (FAR, 0.08, 160),
    ]  # fmt: skip


def test_time_is_exact_after_an_hour(tmp_path: Path, told: type[Told]) -> None:
    check(wav(tmp_path / "a.wav", 3600.0))
    assert told.pushed[-1] == (NEAR, 3599.98, 160)


def test_left_is_near_and_right_is_far(tmp_path: Path, told: type[Told]) -> None:
    both = np.stack([tone(8000, 500, 1.0), zeros(8000, 1.0)], axis=1)
    path = Wav(both.tobytes(), channels=2).write(tmp_path / "a.wav")
    report = check(path, stereo=True)
    assert [one.channel for one in report.channels] == [NEAR, FAR]
    assert {one.file for one in report.channels} == {str(path)}
    assert len([each for each in told.pushed if each[0] is FAR]) == 50


def test_what_a_channel_carried(tmp_path: Path, told: type[Told]) -> None:
    told.events = [
        SignalChanged(1.5, "audio", LINE, NEAR, SignalCondition.RINGBACK, 1.0, ""),
        SignalChanged(7.0, "audio", LINE, NEAR, SignalCondition.OK, 6.0, ""),
        SpeechStarted(6.5, "audio", LINE, NEAR, 6.25),
        SpeechStopped(8.0, "audio", LINE, NEAR, 7.75),
        SpeechStarted(9.0, "audio", LINE, NEAR, 9.0),
        *(LevelMeasured(at, "audio", LINE, NEAR, -30.0, -60.0 - at) for at in range(1, 10)),
    ]
    (near,) = check(wav(tmp_path / "a.wav", 10.0)).channels
    assert near.carried_s == {SignalCondition.OK: 5.0, SignalCondition.RINGBACK: 5.0}
    assert near.speech_share == pytest.approx(0.25)
    assert near.floor_dbfs == -65.0
    assert near.speech_dbfs is not None
    assert near.snr_db == pytest.approx(near.speech_dbfs + 65.0)


# with the listener of a call ---------------------------------------------------------------------


def test_the_level_of_speech_is_that_of_its_stretches_alone(tmp_path: Path) -> None:
    """A sentence at -26 dBov, with a loud tone before it that is no speech."""
    whole = recording("sentence_zh_16k.wav")
    loud = np.concatenate((tone(16000, 450, 5.0, -10.0), zeros(16000, 1.0), whole.samples))
    write_wav(tmp_path / "loud.wav", loud, 16000)
    (with_tone,) = check(tmp_path / "loud.wav").channels
    (alone,) = check(SENTENCE).channels
    assert alone.speech_dbfs is not None
    assert with_tone.speech_dbfs == pytest.approx(alone.speech_dbfs, abs=1.5)


@pytest.mark.parametrize("gain", [0.5, 0.25])
def test_a_quieter_copy_measures_lower_by_its_gain(tmp_path: Path, gain: float) -> None:
    whole = recording("sentence_zh_16k.wav")
    write_wav(tmp_path / "a.wav", (whole.samples * gain).astype(np.int16), 16000)
    (quiet,), (loud,) = check(tmp_path / "a.wav").channels, check(SENTENCE).channels
    assert quiet.speech_dbfs == pytest.approx(loud.speech_dbfs + 20 * np.log10(gain), abs=0.5)


def test_a_clean_call_has_no_fault() -> None:
    report = check(SENTENCE, RECORDINGS / "answer_4s.wav")
    assert report.found == ()
    assert report.notes == ()
    near, far = report.channels
    assert (near.channel, near.rate_hz, near.analysed_hz) == (NEAR, 16000, 16000)
    assert near.speech_share > 0.6
    assert (far.channel, far.rate_hz, far.duration_s) == (FAR, 8000, 24.0)
    assert 0.1 < far.speech_share < 0.3
    assert near.snr_db is not None
    assert near.snr_db > 20


def test_a_line_on_which_nobody_speaks_has_a_floor_and_no_level() -> None:
    (silent,) = check(SILENT).channels
    assert (silent.speech_dbfs, silent.snr_db, silent.speech_share) == (None, None, 0.0)
    assert silent.floor_dbfs == pytest.approx(-66, abs=3)
    assert silent.carried_s == {SignalCondition.OK: 30.0}


def test_a_file_shorter_than_a_second_has_neither(tmp_path: Path) -> None:
    (short,) = check(wav(tmp_path / "a.wav", 0.1)).channels
    assert (short.speech_dbfs, short.floor_dbfs, short.snr_db) == (None, None, None)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_zeros_are_found_at_any_rate(tmp_path: Path, rate: int) -> None:
    report = check(wav(tmp_path / "a.wav", 4.0, rate))
    (zero,) = [one for one in report.found if one.fault is AudioFault.DIGITAL_ZERO]
    assert (zero.channel, zero.since_s, zero.until_s, zero.lasts) == (NEAR, 0.0, 4.0, True)
    assert report.channels[0].carried_s[SignalCondition.DIGITAL_ZERO] == pytest.approx(4.0)


def test_a_microphone_that_hears_the_ear_is_found_with_two_files_only(tmp_path: Path) -> None:
    far = np.tile(recording("sentence_zh_16k.wav").samples, 4)
    line_noise = np.tile(recording("street_16k.wav").samples, 4)[: len(far)] // 8
    near = (np.roll(far, 1600) * 0.25).astype(np.int16) + line_noise
    write_wav(tmp_path / "near.wav", near, 16000)
    write_wav(tmp_path / "far.wav", far, 16000)
    faults = {(one.channel, one.fault) for one in check(tmp_path / "near.wav", tmp_path / "far.wav").found}
    assert (NEAR, AudioFault.COUPLING) in faults
    assert AudioFault.COUPLING not in {one.fault for one in check(tmp_path / "near.wav").found}


def test_notes_say_where_a_header_is_not_true(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(SENTENCE.read_bytes()[:100044])
    report = check(path)
    assert report.notes == (f"{path}: is cut short: 3.12 s of 7.63 s are there",)
    assert report.channels[0].duration_s == pytest.approx(3.125)
    stereo = Wav(bytes(32000), channels=2, data_size=0, riff_size=0).write(tmp_path / "piped.wav")
    assert len(check(stereo, stereo=True).notes) == 1


@pytest.mark.parametrize(
    ("channels", "options", "words"),
    [
        (2, {}, "has 2 channels; expected 1, or `--stereo` (left near, right far)"),
        (1, {"stereo": True}, "has 1 channel; expected 2 for `--stereo`"),
    ],
)
def test_the_number_of_channels_is_checked(
    tmp_path: Path, channels: int, options: dict[str, Any], words: str
) -> None:
    path = Wav(channels=channels).write(tmp_path / "a.wav")
    with pytest.raises(ConfigError) as caught:
        check(path, **options)
    assert str(caught.value) == f"{path}: {words}"


def test_the_far_file_is_checked_before_anything_is_heard(tmp_path: Path, told: type[Told]) -> None:
    told.rates = (0, 0)
    with pytest.raises(ConfigError, match=r"none\.wav: no such file"):
        check(SENTENCE, tmp_path / "none.wav")
    assert told.rates == (0, 0)


def test_the_sum_of_a_long_file_is_bounded(tmp_path: Path) -> None:
    """Ten minutes of talk: what is kept beside the floors does not grow."""
    whole = recording("sentence_zh.wav")
    write_wav(tmp_path / "long.wav", np.tile(whole.samples, 20), whole.rate)
    (long,), (short,) = check(tmp_path / "long.wav").channels, check(RECORDINGS / "sentence_zh.wav").channels
    assert read_wav(tmp_path / "long.wav").duration_s == pytest.approx(long.duration_s)
    assert long.speech_share == pytest.approx(short.speech_share, abs=0.06)
    assert long.speech_dbfs == pytest.approx(short.speech_dbfs, abs=0.5)
