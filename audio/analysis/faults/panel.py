"""All analysers of one channel, and what changed in what they hold to be true.

May not weigh one fault against another: `health` does, and the core.
"""

from __future__ import annotations

from dataclasses import dataclass

from audio.analysis.faults.breath_pops import BreathPops
from audio.analysis.faults.clipping import Clipping
from audio.analysis.faults.digital_zero import DigitalZero
from audio.analysis.faults.frozen import Frozen
from audio.analysis.faults.gaps import Gaps
from audio.analysis.faults.hands_free import HandsFree
from audio.analysis.faults.hum import Hum
from audio.analysis.faults.loud_background import LoudBackground
from audio.analysis.faults.offset import Offset
from audio.analysis.faults.poor_snr import PoorSnr
from audio.analysis.faults.second import SecondAnalyser, Seconds
from audio.analysis.faults.thresholds import CHANGED_MUCH
from audio.analysis.faults.too_quiet import TooQuiet
from audio.analysis.frame import Analyser, Finding, Frame
from state.words import AudioFault


@dataclass(frozen=True, slots=True)
class Change:
    """A fault was found, or is surer or less sure than told; with `ended_at` it is over since then."""

    finding: Finding
    ended_at: float | None = None


class ChannelFaults:
    """Pushed every frame of a channel; most of the work is done once a second."""

    def __init__(self, rate: int) -> None:
        self._at_once: dict[AudioFault, Analyser] = {
            AudioFault.DIGITAL_ZERO: DigitalZero(rate),
            AudioFault.FROZEN: Frozen(rate),
        }
        self._by_second: dict[AudioFault, SecondAnalyser] = {
            AudioFault.TOO_QUIET: TooQuiet(),
            AudioFault.POOR_SNR: PoorSnr(),
            AudioFault.CLIPPING: Clipping(),
            AudioFault.OFFSET: Offset(),
            AudioFault.HUM: Hum(rate),
            AudioFault.LOUD_BACKGROUND: LoudBackground(),
            AudioFault.BREATH_POPS: BreathPops(rate),
            AudioFault.GAPS: Gaps(rate),
            AudioFault.HANDS_FREE: HandsFree(rate),
        }
        self._seconds = Seconds(rate)
        self._told: dict[AudioFault, Finding] = {}

    def reset(self) -> None:
        """A new call begins: nothing holds, nothing is told."""
        for analyser in self._at_once.values():
            analyser.reset()
        for slow in self._by_second.values():
            slow.reset()
        self._seconds.reset()
        self._told.clear()

    def push(self, frame: Frame, machine_since: float | None = None) -> list[Change]:
        """Take the next frame; what changed with it. While a machine sounds, nothing of a voice is judged."""
        changes: list[Change] = []
        for fault, analyser in self._at_once.items():
            analyser.push(frame)
            if analyser.finding is not None or fault in self._told:
                self._tell(fault, analyser.finding, frame.begin, changes)
        if machine_since is not None:
            self._take_back(machine_since, frame.begin, changes)
            return changes
        second = self._seconds.push(frame)
        if second is not None:
            for fault, slow in self._by_second.items():
                slow.hear(second)
                self._tell(fault, slow.finding, second.begin, changes)
        return changes

    def finding(self, fault: AudioFault) -> Finding | None:
        """What holds of a fault after the last frame."""
        return self._told.get(fault)

    def _take_back(self, machine_since: float, at: float, changes: list[Change]) -> None:
        """What was found since the machine began was found in its sound."""
        for fault, slow in self._by_second.items():
            if slow.finding is not None and slow.finding.since >= machine_since - 1.0:
                slow.reset()
                self._tell(fault, None, at, changes)

    def _tell(self, fault: AudioFault, now: Finding | None, at: float, changes: list[Change]) -> None:
        told = self._told.get(fault)
        if now is None:
            if told is not None:
                del self._told[fault]
                changes.append(Change(told, ended_at=at))
        elif told is None or abs(now.confidence - told.confidence) >= CHANGED_MUCH - 1e-9:
            self._told[fault] = now
            changes.append(Change(now))
