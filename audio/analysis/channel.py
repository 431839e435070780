"""One direction of one call: blocks of samples in, events out.

May not read a clock: time comes with the blocks and then runs by sample count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.decision import Edge, EdgeKind, SpeechDecision
from audio.analysis.framing import FRAME_S, Framer, frame_length
from audio.analysis.health import Health
from audio.analysis.levels import LevelMeter
from audio.analysis.vad import Vad
from state.events import (
    AudioAnalysedUntil,
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


class ChannelAnalyser:
    """Frames, detector, decision, levels and health of one channel."""

    def __init__(self, line: LineId, channel: Channel, rate: int, vad: Vad) -> None:
        self._line = line
        self._channel = channel
        self._rate = rate
        self._length = frame_length(rate)
        self._vad = vad
        self._framer = Framer(rate)
        self._decision = SpeechDecision()
        self._levels = LevelMeter()
        self._health = Health(rate)
        self._synchronise(0.0)
        self._told_until = float("-inf")

    def push(self, samples: Samples, at: float) -> tuple[Event, ...]:
        """Analyse a block whose first sample is at `at`; edges first, the watermark last."""
        if abs(at - self._time(self._taken)) > RESYNC_S:
            self._synchronise(at)
        events: list[Event] = []
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

    def _frame(self, frame: Samples, begin: float, events: list[Event]) -> None:
        verdict = self._vad.push(frame)
        edges = self._decision.push(verdict, begin)
        end = begin + FRAME_S
        finding = self._health.push(frame, verdict, begin, self._decision.speaking)
        if finding is not None:
            events.append(
                SignalChanged(
                    end, SOURCE, self._line, self._channel, finding.condition, finding.since, finding.evidence
                )
            )
        events.extend(self._told(edge) for edge in edges)
        second = self._levels.push(verdict.level_dbfs, verdict.floor_dbfs)
        if second is not None:
            events.append(
                LevelMeasured(end, SOURCE, self._line, self._channel, second.level_dbfs, second.floor_dbfs)
            )

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
