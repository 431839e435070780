"""Marks of a call in the order of their true times, though they become known late and from two sides.

May not look into a mark.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from state.words import Channel

MOST_WAITING = 256
"""A side whose sound no longer comes must not hold the other's marks for ever: the oldest then go first."""


class MarkKind(IntEnum):
    """What begins or ends; of one moment, ends come first."""

    SPEECH_ENDED = 0
    PROMPT_ENDED = 1
    WAIT_ENDED = 2
    WAIT_BEGAN = 3
    PROMPT_BEGAN = 4
    SPEECH_BEGAN = 5


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Something of the call, or of one side, began or ended at `at`."""

    at: float
    kind: MarkKind
    side: Channel | None = None


class Sorter:
    """Takes marks in any order, gives them in that of their times."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, str, Mark]] = []

    def push(self, mark: Mark) -> None:
        """Take a mark."""
        heapq.heappush(self._waiting, (mark.at, mark.kind, mark.side or "", mark))

    def until(self, horizon: float) -> Iterator[Mark]:
        """The marks up to `horizon`, which none may come before any more."""
        while self._waiting and (self._waiting[0][0] <= horizon or len(self._waiting) > MOST_WAITING):
            yield heapq.heappop(self._waiting)[-1]
