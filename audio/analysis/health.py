"""What a channel carries as a whole, from what the analysers found: one condition, the gravest.

May not know whose channel it is: the core names the cause.
"""

from __future__ import annotations

from collections.abc import Callable

from audio.analysis.call_progress import CallProgress, Carried
from audio.analysis.faults.panel import ChannelFaults
from audio.analysis.faults.thresholds import CONFIDENCE_FAIL
from audio.analysis.frame import Frame
from audio.analysis.music import MusicWatch
from state.words import AudioFault, SignalCondition


class Health:
    """Tells changes of condition; without a panel of faults only machines' sounds are known."""

    def __init__(self, faults: ChannelFaults | None) -> None:
        self._faults = faults
        self._progress = CallProgress()
        self._music = MusicWatch()
        self._sources: tuple[Callable[[], Carried | None], ...] = (
            lambda: self._fault(AudioFault.DIGITAL_ZERO, SignalCondition.DIGITAL_ZERO),
            lambda: self._fault(AudioFault.FROZEN, SignalCondition.FROZEN),
            lambda: self.machine,
            lambda: self._fault(AudioFault.TOO_QUIET, SignalCondition.TOO_QUIET),
        )
        self._told = SignalCondition.OK

    def reset(self) -> None:
        """A new call: nothing is known."""
        self._progress.reset()
        self._music.reset()
        self._told = SignalCondition.OK

    @property
    def machine(self) -> Carried | None:
        """What sounds that no person makes: while it does, nothing of a voice can be judged."""
        return self._progress.carries or self._music.carries

    def push(self, frame: Frame) -> Carried | None:
        """Follow a frame that the panel has had; a change of condition, if it made one."""
        self._progress.push(frame)
        self._music.push(frame)
        now = next((held for source in self._sources if (held := source()) is not None), None)
        if (now.condition if now else SignalCondition.OK) is self._told:
            return None
        if now is None:
            was, self._told = self._told, SignalCondition.OK
            return Carried(SignalCondition.OK, frame.begin, f"{was.value.replace('_', ' ')} is over")
        self._told = now.condition
        return now

    def _fault(self, fault: AudioFault, condition: SignalCondition) -> Carried | None:
        """A fault as a condition, once it is as good as certain that nobody hears through it."""
        found = self._faults.finding(fault) if self._faults else None
        if found is None or found.confidence < CONFIDENCE_FAIL - 1e-9:
            return None
        return Carried(condition, found.since, found.evidence)
