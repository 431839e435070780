"""What every analyser is handed: one frame of a channel, judged, and what an analyser holds to be true.

May not compute anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.analysis.vad import Verdict
from state.words import AudioFault


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """20 ms of one channel."""

    begin: float
    """Monotonic seconds of its first sample."""
    samples: NDArray[np.int16]
    """As they came: no filter, no gain."""
    verdict: Verdict
    speaking: bool
    """Whether it lies within decided speech, hang-over included."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that holds: since when, how sure (0 to 1), and why, for a person to read."""

    fault: AudioFault
    since: float
    confidence: float
    evidence: str


class Analyser(Protocol):
    """Finds one fault of one channel."""

    finding: Finding | None
    """What holds after the last frame."""

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        ...

    def reset(self) -> None:
        """A new call begins."""
        ...


class PairAnalyser(Protocol):
    """Finds one fault that only both channels together show."""

    finding: Finding | None

    def push(self, near: Frame, far: Frame) -> None:
        """Take the frames of the same 20 ms."""
        ...

    def reset(self) -> None:
        """A new call begins."""
        ...
