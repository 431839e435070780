"""A labelled set of recordings as the scorer reads it: manifest.csv, labels, wav8, wav16, noise8, noise16.

May not score. Labels `speech` and `prompt` are speech, `ignore` is left out, all else is not speech.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.wav import read_wav

Wide = NDArray[np.float64]
Samples = NDArray[np.int16]
Span = tuple[float, float]

SPEECH = ("speech", "prompt")
IGNORE = "ignore"
NOISE = "noise"


@dataclass(frozen=True)
class Item:
    """One recording of the set."""

    root: Path
    name: str
    kind: str
    own_snr_db: float

    def sound(self, rate: int) -> Wide:
        """Its samples at 8000 (telephone band) or 16000 Hz."""
        folder = ("noise" if self.kind == NOISE else "wav") + str(rate // 1000)
        return read_wav(self.root / folder / f"{self.name}.wav", rate).samples.astype(np.float64)

    @cached_property
    def labels(self) -> list[tuple[float, float, str]]:
        """(start, end, label) of the whole recording, in seconds."""
        with (self.root / "labels" / f"{self.name}.csv").open(encoding="utf-8") as file:
            return [(float(r["start_s"]), float(r["end_s"]), r["label"]) for r in csv.DictReader(file)]

    @property
    def speech(self) -> list[Span]:
        """Where somebody speaks."""
        return [(begin, end) for begin, end, label in self.labels if label in SPEECH]

    @property
    def ignored(self) -> list[Span]:
        """What nobody is scored on."""
        return [(begin, end) for begin, end, label in self.labels if label == IGNORE]


def read_set(root: Path) -> list[Item]:
    """Every item of the set in `root`."""
    with (root / "manifest.csv").open(encoding="utf-8") as file:
        return [
            Item(root, row["id"], row["set"], float(row["own_snr_db"] or "nan"))
            for row in csv.DictReader(file)
        ]


def clean(items: list[Item]) -> Iterator[Item]:
    """All that is scored as it is."""
    return (item for item in items if item.kind != NOISE)


def mixable(items: list[Item]) -> Iterator[Item]:
    """Quiet enough in itself for noise of a chosen ratio to be put under it."""
    least = {"frames": 11.0, "calls": 20.0}
    return (item for item in items if item.own_snr_db >= least.get(item.kind, np.inf))


def noises(items: list[Item], kind: str) -> list[Item]:
    """The noises whose name begins with `kind`."""
    return [item for item in items if item.kind == NOISE and item.name.startswith(kind)]


def amplified(sound: Wide, gain_db: float) -> Wide:
    """Louder or softer."""
    return sound * 10.0 ** (gain_db / 20.0)


def mixed(item: Item, noise: Item, rate: int, snr_db: float) -> Wide:
    """The item with noise under it: ratio of the labelled speech to all of the noise, below full scale."""
    sound = item.sound(rate)
    under = noise.sound(rate)
    # Each item meets another part of the noise, the same one in every run.
    under = np.resize(np.roll(under, -(zlib.crc32(item.name.encode()) % len(under))), len(sound))
    voice = np.concatenate([sound[int(begin * rate) : int(end * rate)] for begin, end in item.speech])
    factor = np.sqrt(np.mean(voice**2) / np.mean(under**2)) * 10.0 ** (-snr_db / 20.0)
    together = sound + factor * under
    return together * min(1.0, 32000.0 / float(np.max(np.abs(together))))


def as_samples(sound: Wide) -> Samples:
    """What a detector is handed."""
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)
