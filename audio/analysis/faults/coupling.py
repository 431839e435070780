"""Near carries what the ear plays: a loudspeaker, or a headset that leaks.

May not tell a leak from a monitor: that the agent is not to be heard at all is `wrong_device`.
"""

from __future__ import annotations

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.thresholds import (
    COUPLING_END_DB,
    COUPLING_FAIL_DB,
    COUPLING_LEAST_DB,
    COUPLING_WARN_DB,
    REPEAT_CORRELATION,
    REPEAT_END_CORRELATION,
    REPEAT_STEADY,
)
from audio.analysis.frame import Finding, Frame
from audio.analysis.repeats import RepeatMeter
from state.words import AudioFault

SCALE = Scale(COUPLING_WARN_DB, COUPLING_FAIL_DB, COUPLING_END_DB)
"""Of the loss between what is heard and its copy."""


class Coupling:
    """Reads a meter from far to near that is pushed before it."""

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
                AudioFault.COUPLING,
                COUPLING_LEAST_DB,
                "the microphone repeats what the ear plays {lag:.0f} ms later, {loss:.0f} dB down",
            )


def judged(
    meter: RepeatMeter, before: Finding | None, fault: AudioFault, least_db: float, evidence: str
) -> Finding | None:
    """What a meter shows of a channel that repeats the other, at least so much lower."""
    repeat = meter.repeat
    if repeat is None:
        return before
    least = REPEAT_END_CORRELATION if before else REPEAT_CORRELATION
    alike = repeat.correlation >= least and repeat.steady >= REPEAT_STEADY
    if not alike or repeat.loss_db < least_db or not SCALE.holds(repeat.loss_db, before is not None):
        return None
    text = evidence.format(lag=1000.0 * repeat.lag_s, loss=repeat.loss_db)
    since = before.since if before else repeat.since
    return Finding(fault, since, SCALE.confidence(repeat.loss_db), text)
