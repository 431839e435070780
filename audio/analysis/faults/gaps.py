"""Sound lost on the way: holes of zeros, packets played twice, clicks.

May not take a pause for a hole, or a machine's tone for a repeat. Sound cut out and joined without a trace
is not found: at 8 kHz it looks like the next pulse of the voice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.gap_marks import clicks, holes, repeats
from audio.analysis.faults.judging import Recent, Scale
from audio.analysis.faults.second import Second
from audio.analysis.faults.thresholds import (
    GAP_EDGE_S,
    GAP_FAIL,
    GAP_LONGEST_S,
    GAP_MEMORY_S,
    GAP_WARN,
    REPEAT_LAGS_S,
    REPEAT_LONGEST_S,
)
from audio.analysis.frame import Finding
from state.words import AudioFault

_SCALE = Scale(GAP_WARN, GAP_FAIL, 1)
_SAME_S = 0.03
"""Marks so close together are one loss."""
_TAIL_S = max(GAP_LONGEST_S, REPEAT_LONGEST_S + max(REPEAT_LAGS_S)) + 3.0 * GAP_EDGE_S


class Gaps:
    """Counts losses while somebody talks."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._recent = Recent(GAP_MEMORY_S)
        self._kinds = {
            "holes": Recent(GAP_MEMORY_S),
            "repeats": Recent(GAP_MEMORY_S),
            "clicks": Recent(GAP_MEMORY_S),
        }
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self._recent.reset()
        for kind in self._kinds.values():
            kind.reset()
        self._tail: NDArray[np.int16] = np.zeros(0, np.int16)
        self._told = 0
        self.finding: Finding | None = None

    def hear(self, second: Second) -> None:
        """Take the next second."""
        before = self._tail if second.follows else self._tail[:0]
        whole = np.concatenate((before, second.samples))
        self._tail = second.samples[-round(_TAIL_S * self._rate) :]
        counts = second.has_speech
        sought = counts and not second.tonal.any()
        marks = self._marks(whole, len(before), second) if sought else {kind: [] for kind in self._kinds}
        for kind, times in marks.items():
            self._kinds[kind].push(times, counts)
        self._recent.push(_merged([time for times in marks.values() for time in times]), counts)
        count = self._recent.count
        if not _SCALE.holds(count, self.finding is not None):
            self.finding = None
        elif self.finding is None or count > self._told:
            since = self.finding.since if self.finding else self._recent.first
            kinds = ", ".join(f"{found.count} {kind}" for kind, found in self._kinds.items() if found.count)
            evidence = f"{count} losses within {GAP_MEMORY_S:.0f} s of talk: {kinds}"
            self.finding = Finding(AudioFault.GAPS, since, _SCALE.confidence(count), evidence)
            self._told = count

    def _marks(self, whole: NDArray[np.int16], known: int, second: Second) -> dict[str, list[float]]:
        """Times by kind of what ends in this second, or in the last moment of the one before."""
        unseen = max(0, known - round(2.0 * GAP_EDGE_S * self._rate))
        found = {
            "holes": holes(whole, self._rate),
            "repeats": repeats(whole, self._rate),
            "clicks": [known + at for at in clicks(second.sound, self._rate)],
        }
        last = len(whole) - round(2.0 * GAP_EDGE_S * self._rate)
        return {
            kind: [second.begin + (at - known) / self._rate for at in ats if unseen < at <= last]
            for kind, ats in found.items()
        }


def _merged(times: list[float]) -> list[float]:
    """Times in order, without those that follow another at once."""
    kept: list[float] = []
    for time in sorted(times):
        if not kept or time - kept[-1] > _SAME_S:
            kept.append(time)
    return kept
