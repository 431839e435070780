"""Listens to both directions of one line: a pure push analyser, wherever it runs.

May not own threads, streams or clocks; near is analysed raw, muted or not, so talking while muted is heard.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.analysis.channel import ChannelAnalyser
from audio.analysis.vad import Vad
from audio.vad_webrtc import default_detector
from state.events import Event
from state.ids import LineId
from state.words import Channel

DetectorFactory = Callable[[int], Vad]
"""Makes a detector for a rate in Hz."""


class Listener:
    """Analysers of a line's two channels."""

    def __init__(
        self,
        line: LineId,
        near_rate: int,
        far_rate: int,
        detector_factory: DetectorFactory = default_detector,
    ) -> None:
        self._channels = {
            channel: ChannelAnalyser(line, channel, rate, detector_factory(rate))
            for channel, rate in ((Channel.NEAR, near_rate), (Channel.FAR, far_rate))
        }

    def push(self, channel: Channel, samples: NDArray[np.int16], at: float) -> tuple[Event, ...]:
        """Analyse a block; `at` is the monotonic time of its first sample."""
        return self._channels[channel].push(samples, at)

    def reset(self, at: float) -> None:
        """A new call is listened to from `at` on."""
        for analyser in self._channels.values():
            analyser.reset(at)
