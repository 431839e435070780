"""Stretches of time: joined, turned around, drawn on a grid of 10 ms.

May not know what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Span = tuple[float, float]

GRID_S = 0.01
_NEAR = 1e-9


def joined(spans: Iterable[Span], gap_s: float = 0.0) -> list[Span]:
    """In order, without overlaps, across gaps of at most `gap_s`."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if result and begin - result[-1][1] <= gap_s + _NEAR:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((begin, end))
    return result


def between(spans: Iterable[Span], until: float) -> list[Span]:
    """What the spans leave free from 0 to `until`."""
    free: list[Span] = []
    at = 0.0
    for begin, end in joined(spans):
        if begin > at:
            free.append((at, begin))
        at = max(at, end)
    if at < until:
        free.append((at, until))
    return free


def drawn(spans: Iterable[Span], cells: int) -> NDArray[np.bool_]:
    """True in the cells a span covers."""
    grid = np.zeros(cells, bool)
    for begin, end in spans:
        grid[round(begin / GRID_S) : round(end / GRID_S)] = True
    return grid


def shared_s(one: Span, other: Span) -> float:
    """How long both hold."""
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
