from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from audio.wav import read_wav, write_wav
from state.errors import ConfigError


def make(path: Path, channels: int = 1, width: int = 2, rate: int = 8000, frames: int = 80) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(channels * width * frames))
    return path


def riff(path: Path, tag: int) -> Path:
    form = struct.pack("<HHIIHH", tag, 1, 8000, 8000, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", 4) + b"\xd5" * 4
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    samples = np.array([0, 1, -1, 32767, -32768], np.int16)
    write_wav(tmp_path / "a.wav", samples, 16000)
    back = read_wav(tmp_path / "a.wav", 16000)
    assert back.rate == 16000
    assert back.samples.dtype == np.int16
    assert back.samples.tolist() == samples.tolist()
    assert back.duration_s == pytest.approx(5 / 16000)


def test_any_rate_where_none_is_asked_for(tmp_path: Path) -> None:
    assert read_wav(make(tmp_path / "a.wav", rate=22050)).rate == 22050


@pytest.mark.parametrize(
    ("name", "making", "found", "expected"),
    [
        ("rate", {"rate": 44100}, "44100 Hz", "8000 Hz"),
        ("empty", {"frames": 0}, "zero length", "at least one"),
        ("stereo", {"channels": 2}, "2 channels", "1 (mono)"),
        ("bytes", {"width": 1}, "8-bit", "16-bit"),
        ("wide", {"width": 3}, "24-bit", "16-bit"),
    ],
)
def test_the_message_names_file_fault_and_need(
    tmp_path: Path, name: str, making: dict[str, int], found: str, expected: str
) -> None:
    path = make(tmp_path / f"{name}.wav", **making)
    with pytest.raises(ConfigError) as caught:
        read_wav(path, 8000)
    message = str(caught.value)
    assert str(path) in message
    assert found in message
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("tag", "kind"),
    [(3, "floating point"), (6, "A-law"), (7, "mu-law"), (85, "MP3"), (4711, "format 4711")],
)
def test_coded_audio_is_named(tmp_path: Path, tag: int, kind: str) -> None:
    with pytest.raises(ConfigError, match=kind):
        read_wav(riff(tmp_path / "coded.wav", tag))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.wav: no such file; expected a 16-bit mono PCM WAV"):
        read_wav(tmp_path / "none.wav")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_wav(tmp_path)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"OggS" + bytes(60), "早上好".encode() * 20])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.wav"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"other\.wav: is .*; expected a 16-bit mono PCM WAV"):
        read_wav(path)


@pytest.mark.parametrize("kept", range(0, 204, 7))
def test_a_file_cut_short_anywhere_is_read_or_refused(tmp_path: Path, kept: int) -> None:
    path = make(tmp_path / "cut.wav")
    path.write_bytes(path.read_bytes()[:kept])
    try:
        samples = read_wav(path).samples
    except ConfigError as error:
        samples = np.zeros(1, np.int16)
        told = str(error)
    else:
        told = str(path)
    assert "cut.wav" in told
    assert 0 < len(samples) <= 80


def test_writing_where_one_cannot(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_wav(tmp_path / "no" / "a.wav", np.zeros(1, np.int16), 8000)
