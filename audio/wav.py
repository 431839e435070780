"""16-bit mono PCM WAV files in and out, with one clear message for anything else.

May not resample, mix or guess: a file that is not what was asked for is the operator's to change.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from state.errors import ConfigError

Samples = NDArray[np.int16]
"""Signed 16-bit samples of one channel."""

_EXPECTED = "a 16-bit mono PCM WAV file"

_FORMATS = {3: "floating point", 6: "A-law", 7: "mu-law", 85: "MP3", 65534: "extensible"}
"""WAVE format tags people do hand in (mmreg.h)."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Samples of one channel and their rate in Hz."""

    samples: Samples
    rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


def read_wav(path: Path, rate: int | None = None) -> Recording:
    """Read a 16-bit mono PCM WAV; ConfigError for anything else, or for a rate other than `rate`."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, found = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes()) if (channels, width) == (1, 2) else b""
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; expected {_EXPECTED}") from None
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"{path}: cannot be read ({why}); expected {_EXPECTED}") from None
    except (wave.Error, EOFError) as error:
        raise ConfigError(f"{path}: {_not_pcm(error)}; expected {_EXPECTED}") from None
    if channels != 1:
        raise ConfigError(f"{path}: has {channels} channels; expected 1 (mono)")
    if width != 2:
        raise ConfigError(f"{path}: has {8 * width}-bit samples; expected 16-bit PCM")
    if rate is not None and found != rate:
        raise ConfigError(f"{path}: sample rate is {found} Hz; expected {rate} Hz")
    if found <= 0:
        raise ConfigError(f"{path}: sample rate is {found} Hz; expected 8000 Hz or more")
    samples = np.frombuffer(data[: len(data) & ~1], dtype="<i2").astype(np.int16)
    if not len(samples):
        raise ConfigError(f"{path}: has no samples (zero length); expected at least one")
    return Recording(samples, found)


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


def _not_pcm(error: Exception) -> str:
    """Say what kind of file it is instead, as far as the reader's complaint tells."""
    text = str(error)
    if text.startswith("unknown format"):
        tag = text.rpartition(" ")[2]
        kind = _FORMATS.get(int(tag), f"format {tag}") if tag.isdigit() else text
        return f"holds {kind} audio, not PCM"
    if isinstance(error, EOFError):
        return "is cut short or empty"
    return f"is not a WAV file ({text})"
