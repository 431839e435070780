"""Music on hold: what has been likely music, loud and without pauses for seconds, and nobody spoke.

May not look at samples: the detector's model says of each frame how likely it is music.
"""

from __future__ import annotations

from audio.analysis.call_progress import Carried
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from state.words import SignalCondition

MEMORY_S = 1.0
"""Time constant of the mean likelihood: longer than any vowel."""
FOUND_LIKELY = 0.5
"""Mean likelihood from which on it is music..."""
ENDED_LIKELY = 0.2
"""...and below which it is over."""
SURE_S = 2.4
"""It must have been so for this long: a jingle or a key is not music on hold."""
PAUSE_S = 2.0
"""Music that stops for longer is over."""


class MusicWatch:
    """Follows the likelihoods of one channel."""

    def __init__(self) -> None:
        self.carries: Carried | None = None
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self.carries = None
        self._mean = 0.0
        self._since: float | None = None
        self._quiet_s = 0.0

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        verdict = frame.verdict
        heard = verdict.music if verdict.loud and not frame.speaking else 0.0
        self._mean += (heard - self._mean) * FRAME_S / MEMORY_S
        self._quiet_s = 0.0 if verdict.loud else self._quiet_s + FRAME_S
        if self.carries is not None:
            if self._quiet_s > PAUSE_S or self._mean < ENDED_LIKELY:
                self.reset()
            return
        if self._mean < FOUND_LIKELY:
            self._since = None
            return
        if self._since is None:
            # The mean has taken about so long to get here.
            self._since = frame.begin - MEMORY_S * FOUND_LIKELY
        if frame.begin + FRAME_S - self._since >= SURE_S:
            evidence = f"music for {frame.begin + FRAME_S - self._since:.0f} s, and nobody speaks"
            self.carries = Carried(SignalCondition.MUSIC, self._since, evidence)
