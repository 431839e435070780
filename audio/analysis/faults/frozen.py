"""One value that is not zero, over and over: an input that has stopped.

May not take zeros for it: those have a file of their own.
"""

from __future__ import annotations

from audio.analysis.faults.thresholds import CONFIDENCE_MOST, ZERO_S
from audio.analysis.faults.unchanging import UnchangingRun
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S
from state.words import AudioFault


class Frozen:
    """The same sample for a second; over with the first frame that holds another."""

    def __init__(self, rate: int) -> None:
        self._run = UnchangingRun(rate, zero=False)
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._run.reset()
        self.finding = None

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        since = self._run.push(frame)
        lasted = 0.0 if since is None else frame.begin + FRAME_S - since
        if since is None or lasted < ZERO_S - 1e-6:
            self.finding = None
        elif self.finding is None:
            evidence = f"stuck at sample value {self._run.value} for {lasted:.1f} s"
            self.finding = Finding(AudioFault.FROZEN, since, CONFIDENCE_MOST, evidence)
