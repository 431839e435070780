"""Weights as the product wants them: checked for names, shapes and numbers before they are written.

`python -m training.export WEIGHTS` checks a file and says what it holds; it needs nothing but the product.
May not change a weight.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.analysis.features import FEATURES
from audio.analysis.voice_model import VoiceModel

Array = NDArray[np.float32]

SHAPES: dict[str, tuple[str, ...]] = {
    "mu": ("features",),
    "sd": ("features",),
    "we": ("features", "narrowed"),
    "be": ("narrowed",),
    "wx": ("narrowed", "gates"),
    "wh": ("hidden", "gates"),
    "b": ("gates",),
    "bn": ("hidden",),
    "wo": ("hidden", "answers"),
    "bo": ("answers",),
}
"""Every weight of the file, and the sizes that must agree."""


def check(weights: Mapping[str, Array]) -> dict[str, int]:
    """The sizes; ValueError where VoiceModel would not work with them, or not with the product's features."""
    if set(weights) != set(SHAPES):
        raise ValueError(f"weights {sorted(weights)}, expected {sorted(SHAPES)}")
    sizes = {"features": FEATURES, "gates": 3 * len(weights["bn"]), "answers": 2}
    for name, axes in SHAPES.items():
        weight = weights[name]
        if weight.dtype != np.float32 or weight.ndim != len(axes) or not np.isfinite(weight).all():
            raise ValueError(f"{name}: {weight.dtype} {weight.shape}, expected finite float32 {axes}")
        for axis, size in zip(axes, weight.shape, strict=True):
            if sizes.setdefault(axis, size) != size:
                raise ValueError(f"{name}: {size} {axis}, expected {sizes[axis]}")
    VoiceModel(weights).push(np.zeros(FEATURES, np.float32))
    return sizes


def save(path: Path, weights: Mapping[str, Array]) -> None:
    """Write weights that were checked."""
    check(weights)
    named: dict[str, Any] = dict(weights)
    np.savez(path, **named)


def main() -> None:
    """Check one file and print its sizes."""
    parser = argparse.ArgumentParser(prog="python -m training.export")
    parser.add_argument("weights", type=Path)
    with np.load(parser.parse_args().weights) as file:
        weights = {name: file[name] for name in file.files}
    sizes = check(weights)
    count = sum(weight.size for weight in weights.values())
    print(*(f"{name} {size}" for name, size in sorted(sizes.items())), f"weights {count}")


if __name__ == "__main__":
    main()
