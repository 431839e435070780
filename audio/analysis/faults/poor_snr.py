"""A voice too close to its noise.

May not judge before there was speech: noise alone is loud background, or nothing.
"""

from __future__ import annotations

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import QUIET_JUDGED_S, SNR_END_DB, SNR_FAIL_DB, SNR_WARN_DB
from audio.analysis.frame import Finding
from state.words import AudioFault

_SCALE = Scale(SNR_WARN_DB, SNR_FAIL_DB, SNR_END_DB)


class PoorSnr:
    """P.56 level less the noise floor."""

    def __init__(self) -> None:
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self.finding = None

    def hear(self, second: Second) -> None:
        """Take the next second; one without speech changes nothing."""
        speech, floor = second.speech, second.floor_dbfs
        if speech is None or floor is None or not second.has_speech:
            return
        if speech.heard_s < QUIET_JUDGED_S - 1e-6:
            return
        snr = speech.level_dbov - floor
        if not _SCALE.holds(snr, self.finding is not None):
            self.finding = None
            return
        since = self.finding.since if self.finding else second.begin
        evidence = (
            f"voice at {speech.level_dbov:.0f} dBov over noise at {floor:.0f} dBFS: {snr:.0f} dB,"
            f" should be over {SNR_WARN_DB:.0f}"
        )
        self.finding = Finding(AudioFault.POOR_SNR, since, _SCALE.confidence(snr), evidence)
