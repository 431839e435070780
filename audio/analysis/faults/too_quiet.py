"""A voice that is hard to hear: its active level by ITU-T P.56.

May not judge sound without speech: silence is not a quiet voice.
"""

from __future__ import annotations

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import (
    QUIET_END_DBOV,
    QUIET_FAIL_DBOV,
    QUIET_JUDGED_S,
    QUIET_SLIGHT_JUDGED_S,
    QUIET_WARN_DBOV,
)
from audio.analysis.frame import Finding
from audio.decibel import SILENCE_DBFS
from state.words import AudioFault

_SCALE = Scale(QUIET_WARN_DBOV, QUIET_FAIL_DBOV, QUIET_END_DBOV)


class TooQuiet:
    """Level of the last seconds with speech."""

    def __init__(self) -> None:
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; one without speech changes nothing."""
        speech = second.speech
        if speech is None or not second.has_speech:
            return
        level = speech.level_dbov
        needed_s = QUIET_JUDGED_S if level <= QUIET_FAIL_DBOV else QUIET_SLIGHT_JUDGED_S
        if speech.heard_s < needed_s - 1e-6:
            return
        if level <= SILENCE_DBFS or not _SCALE.holds(level, self.finding is not None):
            self.finding = None
            return
        since = self.finding.since if self.finding else second.begin
        evidence = f"voice at {level:.0f} dBov (P.56), should be over {QUIET_WARN_DBOV:.0f}"
        self.finding = Finding(AudioFault.TOO_QUIET, since, _SCALE.confidence(level), evidence)
