"""Nothing but zeros: muted in the device, or an input that is dead.

May not say which: a device that reports its mute does.
"""

from __future__ import annotations

from audio.analysis.faults.thresholds import CONFIDENCE_MOST, ZERO_LSB, ZERO_S
from audio.analysis.faults.unchanging import UnchangingRun
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S
from state.words import AudioFault


class DigitalZero:
    """Samples within one step of zero for a second; over with the first frame that holds another."""

    def __init__(self, rate: int) -> None:
        self._run = UnchangingRun(rate, zero=True)
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
            evidence = f"nothing but zeros (within {ZERO_LSB} step) for {lasted:.1f} s"
            self.finding = Finding(AudioFault.DIGITAL_ZERO, since, CONFIDENCE_MOST, evidence)
