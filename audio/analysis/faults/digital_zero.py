"""Nothing but zeros: muted in the device, or an input that is dead.

May not say which: a device that reports its mute does.
"""

from __future__ import annotations

from audio.analysis.faults.thresholds import ZERO_LSB
from audio.analysis.faults.unchanging import UnchangingFault
from state.words import AudioFault


class DigitalZero(UnchangingFault):
    """Samples within one step of zero for a second."""

    fault = AudioFault.DIGITAL_ZERO

    def __init__(self, rate: int) -> None:
        super().__init__(rate, zero=True)

    def _evidence(self, lasted_s: float) -> str:
        return f"nothing but zeros (within {ZERO_LSB} step) for {lasted_s:.1f} s"
