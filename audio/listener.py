"""Listens to both directions of one line: a pure push analyser, wherever it runs.

May not own threads, streams or clocks; near is analysed raw, muted or not, so talking while muted is heard.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from audio.analysis.channel import SOURCE, ChannelAnalyser, fault_event
from audio.analysis.echo_guard import EchoGuard, SpeechEdge
from audio.analysis.envelopes import PairHistory
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.pair import TOLERANCE_S, Moment, PairFaults, Pairing
from audio.engines import DetectorFactory
from audio.vad_webrtc import default_detector
from state.events import AudioAnalysedUntil, Event
from state.ids import LineId
from state.words import Channel


class Listener:
    """A line's two channels; either may be missing. Blocks of at most half a second, near and far in turn."""

    def __init__(
        self,
        line: LineId,
        near_rate: int,
        far_rate: int,
        detector_factory: DetectorFactory = default_detector,
        *,
        faults: bool = True,
    ) -> None:
        self._line = line
        near, far = detector_factory(near_rate), detector_factory(far_rate)
        self._channels = {
            Channel.NEAR: ChannelAnalyser(line, Channel.NEAR, near_rate, near, faults=faults),
            Channel.FAR: ChannelAnalyser(line, Channel.FAR, far_rate, far, faults=faults),
        }
        self._pairing = Pairing()
        self._history = PairHistory(near_rate, far_rate)
        self._guard = EchoGuard(self._history, far.rules)
        self._faults = PairFaults(self._history) if faults else None
        self._edges: list[SpeechEdge] = []
        """Of far, until their frames are judged."""
        self._mark: AudioAnalysedUntil | None = None
        """Of far, until it is told whole."""
        self._told_until = float("-inf")
        self._paired_until = float("-inf")

    def push(self, channel: Channel, samples: NDArray[np.int16], at: float) -> tuple[Event, ...]:
        """Analyse a block; `at` is the monotonic time of its first sample.

        Far's edges and its watermark are told when near is known as far, or does not come.
        """
        analyser = self._channels[channel]
        events: list[Event] = []
        for event in analyser.push(samples, at):
            if channel is Channel.NEAR:
                events.append(event)
            elif isinstance(event, SpeechEdge):
                self._edges.append(event)
            elif isinstance(event, AudioAnalysedUntil):
                self._mark = event
            else:
                events.append(event)
        for moment in self._pairing.push(channel, analyser.frames):
            events += self._judged(moment)
        events += self._watermark()
        return tuple(sorted(events, key=_when))

    def take_frames(self, channel: Channel) -> list[Frame]:
        """The frames that the last push finished, once."""
        analyser = self._channels[channel]
        frames, analyser.frames = analyser.frames, []
        return frames

    def reset(self, at: float) -> None:
        """A new call is listened to from `at` on."""
        for analyser in self._channels.values():
            analyser.reset(at)
        self._pairing.reset()
        self._guard.reset()
        if self._faults is not None:
            self._faults.reset()
        self._history.clear()
        self._edges.clear()
        self._mark = None
        self._told_until = at
        self._paired_until = float("-inf")

    def _judged(self, moment: Moment) -> list[Event]:
        """What is told of one frame of far, and of both together."""
        near, far = moment.near, moment.far
        end = far.begin + FRAME_S
        edges = list(takewhile(lambda edge: edge.at <= end + TOLERANCE_S, self._edges))
        del self._edges[: len(edges)]
        events: list[Event] = []
        if near is not None:
            if abs(far.begin - self._paired_until) > TOLERANCE_S:
                self._history.clear()
            self._paired_until = end
            self._history.push(near, far)
        events += self._guard.push(near, far, edges)
        if near is not None and self._faults is not None:
            events += [
                fault_event((end, SOURCE, self._line, channel), change)
                for channel, change in self._faults.push(near, far)
            ]
        return events

    def _watermark(self) -> list[Event]:
        """Far's watermark, no further than near is known."""
        if self._mark is None:
            return []
        mark, waiting = self._mark, self._pairing.waiting_since
        if waiting is None:
            self._mark = None
        else:
            mark = replace(mark, until=min(mark.until, waiting))
        self._told_until = max(self._told_until, mark.until)
        return [mark if mark.until == self._told_until else replace(mark, until=self._told_until)]


def _when(event: Event) -> float:
    return event.at
