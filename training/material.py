"""The recordings scenes are made of: speech with its labels, music, noise, coughs, drawn family by family.

May not change a recording. A family is a folder of mono 16 kHz WAV files that came from one source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Wide = NDArray[np.floating[Any]]
Rng = np.random.Generator

RATE = 16000
"""Of all material and labels; a telephone scene is brought down to 8 kHz at its end."""
LABEL_HOP = 512
"""Samples per label (32 ms): what Silero judges at a time at 16 kHz."""
SHORTEST = 1600
"""0.1 s: anything shorter is a click."""
KEPT = 500
"""Recordings kept in memory per kind: of music, at 30 s each, 1 GB."""
LEFT_OUT = (
    "asterisk-prompt-it",  # held back with the Spanish ones to try the model on telephone prompts
    "asterisk-prompt-es",
    "savant_NC",  # not for commercial use
    "emodb",  # no licence stated where it was found
    "noice",  # licence per sound unknown
    "noises_hu",  # for research alone
    "setuniman",  # these three of librosa's pieces: not for commercial use
    "lena-orsa",
    "admiralbob77",
)
"""What may lie in the folders and is not used: a part of the name of a family or of a recording."""


class Shelf:
    """All recordings of one kind."""

    def __init__(self, families: Mapping[str, Sequence[Path]], read: Callable[[Path], Sound]) -> None:
        """A family weighs the square root of its size: large ones must not be all that is heard."""
        self._families = [list(paths) for paths in families.values() if paths]
        if not self._families:
            raise ValueError("no recordings of one kind; see training/README.md for what the folders hold")
        weights = np.array([len(paths) ** 0.5 for paths in self._families])
        self._shares = weights / weights.sum()
        self._read = lru_cache(KEPT)(read)

    def draw(self, rng: Rng) -> tuple[Path, Sound]:
        """A family, and one of its recordings; the samples are shared: copy before changing."""
        while True:
            family = self._families[rng.choice(len(self._families), p=self._shares)]
            path = family[rng.integers(len(family))]
            sound = self._read(path)
            if len(sound) >= SHORTEST:
                return path, sound


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a scene may be made of."""

    speech: Shelf
    music: Shelf
    noise: Shelf
    bursts: Shelf
    """Coughs and cries: throats that do not talk."""
    labels: Callable[[Path], Sound]
    """How likely each LABEL_HOP samples of a speech recording are a voice."""


def open_material(root: Path, labels: Path) -> Material:
    """`root` holds speech/, music/, noise/, bursts/, a folder per family each; `labels` is teach.py's."""
    import soundfile

    def read(path: Path) -> Sound:
        sound: Sound = soundfile.read(path, dtype="float32")[0]
        return sound

    def label_file(path: Path) -> Path:
        return labels / path.relative_to(root / "speech").with_suffix(".npy")

    def likely(path: Path) -> Sound:
        return np.asarray(np.load(label_file(path)), np.float32)

    spoken = families(root / "speech")
    taught = {name: [path for path in paths if label_file(path).exists()] for name, paths in spoken.items()}
    return Material(
        Shelf(taught, read),
        Shelf(families(root / "music"), read),
        Shelf(families(root / "noise"), read),
        Shelf(families(root / "bursts"), read),
        lru_cache(KEPT)(likely),
    )


def families(kind: Path) -> dict[str, list[Path]]:
    """Family to its recordings, in the order of their names so that a seed means the same scenes anywhere."""
    folders = sorted(path for path in kind.iterdir() if path.is_dir())
    return {
        folder.name: sorted(path for path in folder.rglob("*.wav") if _used(path.name))
        for folder in folders
        if _used(folder.name)
    }


def _used(name: str) -> bool:
    return not any(part in name for part in LEFT_OUT)
