"""Material made up for the tests: talkers, music and noise without a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

RATE = 16000
HOP = 512


def talker(seed: int, seconds: float) -> np.ndarray:
    """Half a second of a buzzing voice, 0.3 s of nearly nothing, and so on."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(RATE * seconds)) / RATE
    pitch = rng.uniform(90, 250)
    voice = sum(np.sin(2 * np.pi * pitch * k * time + k) / k for k in range(1, 12))
    sound = 0.1 * voice * (time % 0.8 < 0.5) + 1e-4 * rng.standard_normal(len(time))
    return np.asarray(sound, np.float32)


def labels(sound: np.ndarray) -> np.ndarray:
    """1 where the talker above sounds."""
    begins = np.arange(0, len(sound), HOP) / RATE
    return np.asarray(begins % 0.8 < 0.5, np.float32)


def library() -> dict[Path, np.ndarray]:
    """Two families of talkers (of three and one), one of music, one of noise, one of coughs."""
    rng = np.random.default_rng(5)
    time = np.arange(20 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in (262, 330, 392)) * 0.1
    found = {Path(f"speech/a/{seed}.wav"): talker(seed, 1.5 + seed) for seed in range(3)}
    found[Path("speech/b/0.wav")] = talker(9, 3.0)
    found[Path("music/c/0.wav")] = chord.astype(np.float32)
    found[Path("noise/d/0.wav")] = (0.05 * rng.standard_normal(10 * RATE)).astype(np.float32)
    found[Path("bursts/e/0.wav")] = (0.3 * rng.standard_normal(8 * RATE)).astype(np.float32)
    found[Path("noise/d/click.wav")] = np.ones(100, np.float32)
    return found


def made_material() -> Any:
    """The library as training.material sees it."""
    from training.material import Material, Shelf

    sounds = library()

    def shelf(kind: str) -> Shelf:
        families: dict[str, list[Path]] = {}
        for path in sounds:
            if path.parts[0] == kind:
                families.setdefault(path.parts[1], []).append(path)
        return Shelf(families, sounds.__getitem__)

    shelves = [shelf(kind) for kind in ("speech", "music", "noise", "bursts")]
    return Material(*shelves, lambda path: labels(sounds[path]))
