"""Near and far of the same moment: brought together by time, guarded against echo, and searched for faults.

May not wait for a channel that has stopped, keep more than a few seconds of one, or read a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from audio.analysis.envelopes import KEPT_FRAMES, PairHistory
from audio.analysis.faults.coupling import Coupling
from audio.analysis.faults.echo import Echo
from audio.analysis.faults.one_way import OneWay
from audio.analysis.faults.panel import Change
from audio.analysis.faults.thresholds import CHANGED_MUCH
from audio.analysis.faults.wrong_device import WrongDevice
from audio.analysis.frame import Finding, Frame, PairAnalyser
from audio.analysis.framing import FRAME_S
from audio.analysis.repeats import RepeatMeter
from state.words import Channel

TOLERANCE_S = FRAME_S / 2 + 1e-6
"""Frames this close began at the same moment: each has one partner at most."""
NEAR_LATE_S = 0.5
"""Far waits for near so long; its watermark waits with it and must not look like sound that stopped (1 s)."""
ECHO_LAGS_S = (0.02, 0.7)
"""There and back over mobile networks and the internet; closer lies what is one sound on both channels."""
COUPLING_LAGS_S = (0.0, 0.5)
"""From the ear's loudspeaker to the microphone, with what a sound server buffers both ways."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A far frame, and the near frame of the same time where there is one."""

    near: Frame | None
    far: Frame


class Pairing:
    """Finds the near frame of each far frame, in whatever blocks they come."""

    def __init__(self) -> None:
        self._near: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self._far: deque[Frame] = deque()
        self._near_known = float("-inf")

    def reset(self) -> None:
        """A new call: near is not known to come at all."""
        self._near.clear()
        self._far.clear()
        self._near_known = float("-inf")

    def push(self, channel: Channel, frames: Iterable[Frame]) -> list[Moment]:
        """Take the next frames of one channel; the moments that are complete now, in order of time."""
        if channel is Channel.NEAR:
            for frame in frames:
                if frame.begin < self._near_known:
                    self._near.clear()
                self._near.append(frame)
                self._near_known = frame.begin
        else:
            self._far.extend(frames)
        moments: list[Moment] = []
        while self._far and self._decidable():
            far = self._far.popleft()
            moments.append(Moment(self._partner(far), far))
        return moments

    @property
    def waiting_since(self) -> float | None:
        """Begin of the first far frame that waits for near."""
        return self._far[0].begin if self._far else None

    def _decidable(self) -> bool:
        """Whether near has come so far, or will not come."""
        if self._near_known >= self._far[0].begin - TOLERANCE_S or len(self._far) > KEPT_FRAMES:
            return True
        return self._far[-1].begin - self._near_known > NEAR_LATE_S

    def _partner(self, far: Frame) -> Frame | None:
        while self._near and self._near[0].begin < far.begin - TOLERANCE_S:
            self._near.popleft()
        if self._near and self._near[0].begin <= far.begin + TOLERANCE_S:
            return self._near.popleft()
        return None


class PairFaults:
    """The analysers of what only both channels show, and what changed in what they hold to be true."""

    def __init__(self, history: PairHistory) -> None:
        self._history = history
        self._heard = RepeatMeter(history.far, history.near, *COUPLING_LAGS_S)
        self._returned = RepeatMeter(history.near, history.far, *ECHO_LAGS_S)
        self._analysers: tuple[tuple[Channel, PairAnalyser], ...] = (
            (Channel.NEAR, Coupling(self._heard)),
            (Channel.FAR, Echo(self._returned, self._heard)),
            (Channel.NEAR, WrongDevice(self._heard)),
            (Channel.NEAR, OneWay(Channel.NEAR)),
            (Channel.FAR, OneWay(Channel.FAR)),
        )
        self._told: dict[int, Finding] = {}

    def reset(self) -> None:
        """A new call begins: nothing holds, nothing is told."""
        self._heard.reset()
        self._returned.reset()
        for _, analyser in self._analysers:
            analyser.reset()
        self._told.clear()

    def push(self, near: Frame, far: Frame) -> list[tuple[Channel, Change]]:
        """Take frames of the same 20 ms, already in the history; what changed, and on which channel."""
        end = far.begin + FRAME_S
        self._heard.push(end, self._history.frames)
        self._returned.push(end, self._history.frames)
        changes: list[tuple[Channel, Change]] = []
        for place, (channel, analyser) in enumerate(self._analysers):
            analyser.push(near, far)
            now, told = analyser.finding, self._told.get(place)
            if now is told:
                continue
            if now is None:
                changes.append((channel, Change(self._told.pop(place), ended_at=end)))
            elif told is None or abs(now.confidence - told.confidence) >= CHANGED_MUCH - 1e-9:
                self._told[place] = now
                changes.append((channel, Change(now)))
        return changes
