"""Which recordings of coughs are learned from: those with nothing said in them; every tenth is kept aside.

`python -m training.coughs CONVERTED MODEL FAMILY HELD` copies from CONVERTED (`training.convert bursts`) to
FAMILY or to HELD. Who is asked to cough often says something before or after. May not change a recording.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from training.material import LABEL_HOP, RATE, Sound
from training.teach import likelihoods, open_model

KEPT_ASIDE = 10
LONGEST_S = 4.0
LONGEST_VOICE_S = 1.2
"""Silero takes most coughs for a voice, but no cough is this long."""
PAUSE_S = 0.3
VOICED = 0.5


def longest_voice_s(likely: Sound) -> float:
    """Of what is likely a voice, with no pause of PAUSE_S in it."""
    voiced = np.flatnonzero(likely > VOICED)
    if not len(voiced):
        return 0.0
    parted = np.flatnonzero(np.diff(voiced) * LABEL_HOP > PAUSE_S * RATE)
    begins, ends = np.append(voiced[0], voiced[parted + 1]), np.append(voiced[parted], voiced[-1])
    return float((ends - begins + 1).max() * LABEL_HOP / RATE)


def choose(converted: Path, model: Any, family: Path, held: Path) -> tuple[int, int]:
    """Copy; how many to learn from and how many kept aside."""
    import soundfile

    family.mkdir(parents=True, exist_ok=True)
    held.mkdir(parents=True, exist_ok=True)
    learned = aside = 0
    for number, path in enumerate(sorted(converted.glob("*.wav")), 1):
        if number % KEPT_ASIDE == 0:
            shutil.copy(path, held)
            aside += 1
            continue
        sound = soundfile.read(path, dtype="float32")[0]
        if len(sound) <= LONGEST_S * RATE and longest_voice_s(likelihoods(model, sound)) <= LONGEST_VOICE_S:
            shutil.copy(path, family)
            learned += 1
    return learned, aside


def main() -> None:
    """Read the arguments and copy."""
    parser = argparse.ArgumentParser(prog="python -m training.coughs")
    parser.add_argument("converted", type=Path)
    parser.add_argument("model", type=Path, help="silero_vad.onnx")
    parser.add_argument("family", type=Path, help="folder to write, MATERIAL/bursts/<family>")
    parser.add_argument("held", type=Path, help="folder for those kept aside")
    told = parser.parse_args()
    learned, aside = choose(told.converted, open_model(told.model), told.family, told.held)
    print(f"{learned} to learn from, {aside} kept aside")


if __name__ == "__main__":
    main()
