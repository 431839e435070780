"""WAV files: strictly 16-bit mono PCM for prompts, any common coding block by block for listening.

May not resample, mix or guess: a file that is not what was asked for is the operator's to change.
"""

from __future__ import annotations

import stat
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.wav_chunks import Unreadable, WavForm, read_form
from state.errors import ConfigError

Samples = NDArray[np.int16]
"""Signed 16-bit samples of one channel."""

LONGEST_S = 3600.0
"""A recording that is read whole: an hour at 48 kHz is 350 MB already (ours)."""
BLOCK_S = 0.5
"""Read at once by a stream: 190 kB of 48 kHz stereo in 32 bits (ours)."""
_STRICT = "a 16-bit mono PCM WAV file"
_ANY = "a WAV file with one or two channels in PCM, floating point, A-law or mu-law, 8000 to 384000 Hz"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Samples of one channel and their rate in Hz."""

    samples: Samples
    rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


class WavStream:
    """A WAV file whose header has been read; iterating yields (n, channels) int16 blocks from its begin.

    Memory is bounded by BLOCK_S, whatever the file's size. ConfigError where it breaks while it is read.
    """

    def __init__(self, path: Path, form: WavForm) -> None:
        self.path = path
        self.form = form

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self.form.rate

    @property
    def channels(self) -> int:
        """1 or 2; of two the left one is first."""
        return self.form.channels

    @property
    def duration_s(self) -> float:
        """Length in seconds of what is there."""
        return self.form.duration_s

    @property
    def note(self) -> str:
        """Where the header is not true to the file; else empty."""
        return self.form.note

    def __iter__(self) -> Iterator[NDArray[np.int16]]:
        form, left = self.form, self.form.frames
        most = max(1, round(BLOCK_S * form.rate))
        try:
            with self.path.open("rb") as file:
                file.seek(form.data_at)
                while left:
                    data = file.read(min(left, most) * form.frame_bytes)
                    count = len(data) // form.frame_bytes
                    if not count:
                        raise ConfigError(f"{self.path}: became shorter while it was read")
                    yield form.coding.decode(data[: count * form.frame_bytes]).reshape(count, form.channels)
                    left -= count
        except OSError as error:
            raise ConfigError(f"{self.path}: cannot be read ({error.strerror or error})") from None


def open_wav(path: Path) -> WavStream:
    """A WAV file in any readable coding, one or two channels; ConfigError names file, fault and need."""
    return WavStream(path, _form(path, _ANY))


def read_wav(path: Path, rate: int | None = None) -> Recording:
    """Read a 16-bit mono PCM WAV; ConfigError for anything else, or for a rate other than `rate`."""
    stream = WavStream(path, _form(path, _STRICT))
    coding = stream.form.coding
    if stream.channels != 1:
        raise ConfigError(f"{path}: has {stream.channels} channels; expected 1 (mono)")
    if coding.name != "16-bit PCM":
        raise ConfigError(f"{path}: has {coding.name} samples; expected {_STRICT}")
    if rate is not None and stream.rate != rate:
        raise ConfigError(f"{path}: sample rate is {stream.rate} Hz; expected {rate} Hz")
    if stream.duration_s > LONGEST_S:
        raise ConfigError(f"{path}: lasts {stream.duration_s:.0f} s; expected {LONGEST_S:.0f} s at most")
    return Recording(np.concatenate([block[:, 0] for block in stream]), stream.rate)


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """Write a 16-bit mono PCM WAV, replacing the file; ConfigError where it cannot be written."""
    try:
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror or error})") from None


def _form(path: Path, expected: str) -> WavForm:
    """What the file holds; ConfigError for a file that is none, or holds no sample."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no file of its own (pipe or device)"
            raise ConfigError(f"{path}: cannot be read (it is {kind}); expected {expected}")
        with path.open("rb") as file:
            form = read_form(file, found.st_size)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; expected {expected}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: cannot be read ({why}); expected {expected}") from None
    except Unreadable as why:
        raise ConfigError(f"{path}: {why}; expected {expected}") from None
    if not form.frames:
        raise ConfigError(f"{path}: has no samples (zero length); expected at least one")
    return form
