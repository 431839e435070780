"""Far carries the agent's own voice: it comes back from the customer's side.

May not say who is speaking: that far speech is an echo and no customer, the echo guard decides.
"""

from __future__ import annotations

from audio.analysis.faults.coupling import judged
from audio.analysis.frame import Finding, Frame
from audio.analysis.repeats import RepeatMeter
from state.words import AudioFault


class Echo:
    """Reads a meter from near to far that is pushed before it."""

    def __init__(self, meter: RepeatMeter) -> None:
        self._meter = meter
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins; the meter is its owner's."""
        self.finding = None

    def push(self, near: Frame, far: Frame) -> None:
        """Look at the meter where it has something new."""
        if self._meter.fresh:
            self.finding = judged(
                self._meter,
                self.finding,
                AudioFault.ECHO,
                "the customer's side returns the agent's voice {lag:.0f} ms later, {loss:.0f} dB down",
            )
