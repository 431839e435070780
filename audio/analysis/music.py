"""Music on hold: what has been rather music than not for seconds, while nobody spoke.

May not look at samples: the detector's model says of each frame how likely it is music.
"""

from __future__ import annotations

from audio.analysis.call_progress import Carried
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from state.words import SignalCondition

NEUTRAL_LIKELY = 0.5
"""A loud frame over this speaks for music, by as much as it is over; one below it against."""
FOUND_S = 0.9
"""What speaks for it, less what speaks against it: sure music is told after 2 s, a jingle or a key is not."""
KEPT_S = 1.5
"""No more is remembered: after an hour of music it is over as soon as after ten seconds."""
SPEECH_AGAINST = 1.0
"""What a frame of speech takes away, of its own length: a word or two of a refrain do not end the music."""
PAUSE_S = 2.0
"""Music that stops for longer is over; shorter pauses say nothing: the tail of a note is below the floor."""


class MusicWatch:
    """Follows the likelihoods of one channel."""

    def __init__(self) -> None:
        self.carries: Carried | None = None
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self.carries = None
        self._evidence_s = 0.0
        self._since = 0.0
        self._quiet_s = 0.0

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        if self._evidence_s == 0.0:
            self._since = frame.begin
        self._quiet_s = 0.0 if frame.verdict.loud else self._quiet_s + FRAME_S
        self._evidence_s = min(self._evidence_s + _says(frame) * FRAME_S, KEPT_S)
        if self._evidence_s <= 0.0 or self._quiet_s > PAUSE_S:
            self.reset()
        elif self.carries is None and self._evidence_s >= FOUND_S:
            lasts_s = frame.begin + FRAME_S - self._since
            evidence = f"music for {lasts_s:.0f} s, and nobody speaks"
            self.carries = Carried(SignalCondition.MUSIC, self._since, evidence)


def _says(frame: Frame) -> float:
    """What a frame says for music (above 0) or against it, as a share of its length."""
    if frame.speaking:
        return -SPEECH_AGAINST
    return frame.verdict.music - NEUTRAL_LIKELY if frame.verdict.loud else 0.0
