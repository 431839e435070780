"""How much of recordings in which nobody talks a detector takes for speech: coughs, sneezes, cries.

`python -m training.tried FOLDER...` hears every WAV file of each folder at both rates, its loud parts brought
to one level, over line noise; --model FILE: with the neural engine. What was learned from says nothing.
May not change a recording on the disk.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import frame_length
from audio.engines import DEFAULT, NEURAL, DetectorFactory, detector_factory
from audio.resample import resampled
from audio.segments import segments
from audio.wav import Recording, read_wav

RATES = (8000, 16000)
LEVEL_DBFS = -30.0
LINE_DBFS = -70.0
LOUD_DB = 20.0
"""Below the loudest 20 ms: what is softer is not counted."""
AROUND_S = 1.0
LONGEST_S = 20.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What was made of one folder at one rate."""

    files: int
    taken: int
    """Files in which anything is taken for speech."""
    loud_s: float
    speech_s: float


def on_a_line(samples: NDArray[np.int16], rate: int) -> tuple[NDArray[np.int16], float]:
    """The recording at LEVEL_DBFS over line noise, with AROUND_S of it on both sides; how long it is loud."""
    length = frame_length(rate)
    sound = samples[: round(LONGEST_S * rate)].astype(np.float64)
    power = (sound[: len(sound) // length * length].reshape(-1, length) ** 2).mean(1)
    loud = power > power.max() * 10 ** (-LOUD_DB / 10)
    sound *= 32768.0 * 10 ** (LEVEL_DBFS / 20) / np.sqrt(power[loud].mean() + 1e-9)
    around = np.zeros(round(AROUND_S * rate))
    line = np.random.default_rng(1).normal(0, 32768.0 * 10 ** (LINE_DBFS / 20), len(sound) + 2 * len(around))
    heard = np.concatenate([around, sound, around]) + line
    return np.clip(np.round(heard), -32768, 32767).astype(np.int16), float(loud.sum()) * length / rate


def tried(folder: Path, rate: int, factory: DetectorFactory) -> Tried:
    """Hear every WAV file of the folder."""
    taken, loud_s, speech_s = 0, 0.0, 0.0
    files = sorted(folder.glob("*.wav"))
    for path in files:
        recording = read_wav(path)
        samples, one_loud_s = on_a_line(resampled(recording.samples, recording.rate, rate), rate)
        found = segments(Recording(samples, rate), factory)
        taken += bool(found)
        loud_s += one_loud_s
        speech_s += sum(one.end_s - one.start_s for one in found)
    return Tried(len(files), taken, loud_s, speech_s)


def main() -> None:
    """Read the arguments and print a line for each folder and rate."""
    parser = argparse.ArgumentParser(prog="python -m training.tried")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, help="silero_vad.onnx: hear with the neural engine")
    told = parser.parse_args()
    factory = detector_factory(NEURAL, told.model) if told.model else detector_factory(DEFAULT)
    for folder in told.folders:
        for rate in RATES:
            one = tried(folder, rate, factory)
            print(
                f"{folder.name} {rate} Hz: {one.taken} of {one.files} taken for speech, "
                f"{one.speech_s:.0f} s; loud {one.loud_s:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
