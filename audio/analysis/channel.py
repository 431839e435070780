"""One direction of one call: blocks of samples in, events out.

May not read a clock: time comes with the blocks and then runs by sample count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.decision import Edge, EdgeKind, SpeechDecision
from audio.analysis.faults.panel import Change, ChannelFaults
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S, Framer, frame_length
from audio.analysis.health import Health
from audio.analysis.levels import LevelMeter
from audio.analysis.vad import Vad
from state.events import (
    AudioAnalysedUntil,
    AudioFaultEnded,
    AudioFaultFound,
    Event,
    LevelMeasured,
    SignalChanged,
    SpeechDismissed,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.ids import LineId
from state.words import Channel

Samples = NDArray[np.int16]

SOURCE = "audio"
RESYNC_S = 0.1
"""Arrival jitter stays below; a gap or a clock step does not."""
LOST_S = 1.0
"""Nobody knows whether who spoke before so long a gap spoke on: a card was pulled out, a server died."""

Where = tuple[float, str, LineId, Channel]
"""What every event of a channel begins with: time, source, line, channel."""


def fault_event(where: Where, change: Change) -> Event:
    """A change of a fault as an event of its channel."""
    found = change.finding
    if change.ended_at is not None:
        return AudioFaultEnded(*where, found.fault, change.ended_at)
    return AudioFaultFound(*where, found.fault, found.since, found.confidence, found.evidence)


class ChannelAnalyser:
    """Frames, detector, decision, levels, faults and health of one channel; `faults` can be left out."""

    def __init__(self, line: LineId, channel: Channel, rate: int, vad: Vad, *, faults: bool = True) -> None:
        self._line = line
        self._channel = channel
        self._rate = rate
        self._length = frame_length(rate)
        self._vad = vad
        self._framer = Framer(rate)
        self._decision = SpeechDecision(vad.rules)
        self._levels = LevelMeter()
        self._faults = ChannelFaults(rate) if faults else None
        self._health = Health(self._faults)
        self.frames: list[Frame] = []
        """Those finished by the last push."""
        self._synchronise(0.0)
        self._told_until = float("-inf")

    def push(self, samples: Samples, at: float) -> tuple[Event, ...]:
        """Analyse a block whose first sample is at `at`; edges first, the watermark last."""
        events: list[Event] = []
        missing_s = at - self._time(self._taken)
        if missing_s > LOST_S:
            events += [self._told(edge) for edge in self._decision.break_off(at)]
        if abs(missing_s) > RESYNC_S:
            self._synchronise(at)
        self.frames = []
        for frame in self._framer.push(samples):
            self._frame(frame, self._time(self._done), events)
            self._done += self._length
        self._taken += len(samples)
        self._told_until = max(self._told_until, self._time(self._done))
        events.append(self._watermark(max(self._time(self._taken), self._told_until)))
        return tuple(events)

    def reset(self, at: float) -> None:
        """A new call begins at `at`: nothing is remembered, no edge is told."""
        self._vad.reset()
        self._decision.reset()
        self._levels.reset()
        self._health.reset()
        if self._faults is not None:
            self._faults.reset()
        self._synchronise(at)
        self._told_until = at

    def _synchronise(self, at: float) -> None:
        """The next sample is at `at`; an unfinished frame is lost."""
        self._framer.reset()
        self._origin = at
        self._taken = 0
        self._done = 0

    def _time(self, sample: int) -> float:
        return self._origin + sample / self._rate

    def _frame(self, samples: Samples, begin: float, events: list[Event]) -> None:
        verdict = self._vad.push(samples)
        edges = self._decision.push(verdict, begin)
        end = begin + FRAME_S
        frame = Frame(begin, samples, verdict, self._decision.speaking)
        self.frames.append(frame)
        where = (end, SOURCE, self._line, self._channel)
        if self._faults is not None:
            machine = self._health.machine
            changes = self._faults.push(frame, machine.since if machine else None)
            events.extend(fault_event(where, change) for change in changes)
        now = self._health.push(frame)
        if now is not None:
            events.append(SignalChanged(*where, now.condition, now.since, now.evidence))
        events.extend(self._told(edge) for edge in edges)
        second = self._levels.push(verdict.level_dbfs, verdict.floor_dbfs)
        if second is not None:
            events.append(LevelMeasured(*where, second.level_dbfs, second.floor_dbfs))

    def _told(self, edge: Edge) -> Event:
        where = (edge.at, SOURCE, self._line, self._channel)
        match edge.kind:
            case EdgeKind.SUSPECTED:
                return SpeechSuspected(*where, edge.since)
            case EdgeKind.DISMISSED:
                return SpeechDismissed(*where)
            case EdgeKind.STARTED:
                return SpeechStarted(*where, edge.since)
            case EdgeKind.STOPPED:
                return SpeechStopped(*where, edge.since)

    def _watermark(self, at: float) -> AudioAnalysedUntil:
        return AudioAnalysedUntil(at, SOURCE, self._line, self._channel, self._told_until)
