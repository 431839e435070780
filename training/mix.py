"""The weights between those of two courses that began alike: what one learned and the other did not forget.

`python -m training.mix OUT ONE SHARE OTHER` writes SHARE of ONE and the rest of OTHER (Wortsman et al.,
"Model soups", ICML 2022). May not mix networks of different shapes, nor should those that began unlike be.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.export import save

Array = NDArray[Any]


def mix(one: Mapping[str, Array], share: float, other: Mapping[str, Array]) -> dict[str, Array]:
    """`share` of each weight of `one`, the rest of `other`; ValueError where the two are not alike."""
    if {name: one[name].shape for name in one} != {name: other[name].shape for name in other}:
        raise ValueError("two networks of different shapes cannot be mixed")
    return {name: (share * one[name] + (1.0 - share) * other[name]).astype(np.float32) for name in one}


def main() -> None:
    """Read the arguments and mix."""
    parser = argparse.ArgumentParser(prog="python -m training.mix")
    parser.add_argument("out", type=Path)
    parser.add_argument("one", type=Path)
    parser.add_argument("share", type=float)
    parser.add_argument("other", type=Path)
    told = parser.parse_args()
    with np.load(told.one) as one, np.load(told.other) as other:
        save(told.out, mix(dict(one), told.share, dict(other)))


if __name__ == "__main__":
    main()
