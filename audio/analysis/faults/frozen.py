"""One value that is not zero, over and over: an input that has stopped.

May not take zeros for it: those have a file of their own.
"""

from __future__ import annotations

from audio.analysis.faults.unchanging import UnchangingFault
from state.words import AudioFault


class Frozen(UnchangingFault):
    """The same sample for a second."""

    fault = AudioFault.FROZEN

    def __init__(self, rate: int) -> None:
        super().__init__(rate, zero=False)

    def _evidence(self, lasted_s: float) -> str:
        return f"stuck at sample value {self._run.value} for {lasted_s:.1f} s"
