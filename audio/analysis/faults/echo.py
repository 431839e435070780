"""Far carries the agent's own voice: it comes back from the customer's side.

May not say who is speaking: that far speech is an echo and no customer, the echo guard decides.
"""

from __future__ import annotations

from audio.analysis.faults.coupling import judged
from audio.analysis.faults.thresholds import ECHO_LEAST_DB
from audio.analysis.frame import Finding, Frame
from audio.analysis.repeats import RepeatMeter
from state.words import AudioFault


class Echo:
    """Reads the meters from near to far and from far to near, which are pushed before it."""

    def __init__(self, returned: RepeatMeter, heard: RepeatMeter) -> None:
        self._returned = returned
        self._heard = heard
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins; the meters are their owner's."""
        self.finding = None

    def push(self, near: Frame, far: Frame) -> None:
        """Look at the meters where they have something new."""
        if self._returned.fresh:
            self.finding = None if self._is_leak() else self._judged()

    def _judged(self) -> Finding | None:
        return judged(
            self._returned,
            self.finding,
            AudioFault.ECHO,
            ECHO_LEAST_DB,
            "the customer's side returns the agent's voice {lag:.0f} ms later, {loss:.0f} dB down",
        )

    def _is_leak(self) -> bool:
        """Whether rather near carries far: a copy of almost the same moment looks alike both ways."""
        returned, heard = self._returned.repeat, self._heard.repeat
        return returned is not None and heard is not None and heard.correlation > returned.correlation
