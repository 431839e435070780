"""Labels of clean speech: how likely the Silero model finds each 32 ms of it a voice.

`python -m training.teach MATERIAL MODEL LABELS` hears MATERIAL/speech/**/*.wav with the Silero VAD v5 model
(ONNX, MIT licence, github.com/snakers4/silero-vad) and writes LABELS/<same path>.npy, float16.
May not hear noise or mixtures: what a recording says is judged where it can be heard best.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from training.material import LABEL_HOP, RATE, Sound

CONTEXT = 64
"""Samples of the block before that the model wants to see."""
STATE = (2, 1, 128)
PEAK = 0.5
"""Where a recording's peak is brought to: the model hears quiet speech less well."""
MOST_GAIN = 10.0
UNLIKELY = 0.15
STALE_BLOCKS = 62
"""After 2 s of nothing likely the model's memory is cleared: it drifts on long silence."""
SHORTEST = 3200
"""0.2 s: no word is shorter."""


def open_model(path: Path) -> Any:
    """The model on one thread of the CPU: many of these programs can run at once."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def likelihoods(model: Any, sound: Sound) -> Sound:
    """One likelihood per LABEL_HOP samples; the end is filled up with zeros."""
    loud = sound.astype(np.float32)
    loud = loud * min(MOST_GAIN, PEAK / (np.max(np.abs(loud)) + 1e-9))
    loud = np.concatenate([loud, np.zeros(-len(loud) % LABEL_HOP, np.float32)])
    rate = np.array(RATE, np.int64)
    state, context = np.zeros(STATE, np.float32), np.zeros((1, CONTEXT), np.float32)
    found: list[float] = []
    quiet = 0
    for start in range(0, len(loud), LABEL_HOP):
        block = np.concatenate([context, loud[None, start : start + LABEL_HOP]], 1)
        answer, state = model.run(None, {"input": block, "state": state, "sr": rate})
        context = block[:, -CONTEXT:]
        found.append(float(answer[0, 0]))
        quiet = quiet + 1 if found[-1] < UNLIKELY else 0
        if quiet >= STALE_BLOCKS:
            state, quiet = np.zeros(STATE, np.float32), 0
    return np.array(found, np.float32)


def teach(speech: Path, model: Any, labels: Path) -> int:
    """Label every recording that has no labels yet; how many were labelled."""
    import soundfile

    count = 0
    for path in sorted(speech.rglob("*.wav")):
        out = labels / path.relative_to(speech).with_suffix(".npy")
        if out.exists():
            continue
        sound, rate = soundfile.read(path, dtype="float32")
        if rate != RATE or sound.ndim != 1 or len(sound) < SHORTEST:
            continue
        out.parent.mkdir(parents=True, exist_ok=True)
        np.save(out, likelihoods(model, sound).astype(np.float16))
        count += 1
    return count


def main() -> None:
    """Read the arguments and label."""
    parser = argparse.ArgumentParser(prog="python -m training.teach")
    parser.add_argument("material", type=Path, help="folder with speech/<family>/*.wav")
    parser.add_argument("model", type=Path, help="silero_vad.onnx")
    parser.add_argument("labels", type=Path, help="folder to write to")
    told = parser.parse_args()
    print(teach(told.material / "speech", open_model(told.model), told.labels), "recordings labelled")


if __name__ == "__main__":
    main()
