"""A card as one call uses it: blocks by time from its microphone and to its loudspeaker, whoever serves it.

A card that cannot run at the rate asked for is resampled here; a sound server does that itself.
May not open or close a card. One thread uses these, the one that handles blocks; a card may serve several
calls.
"""

from __future__ import annotations

import numpy as np

from audio.live.card import Card
from audio.live.ring import BlockReader, BlockWriter, Samples
from audio.live.view import LaneView
from audio.resample import StreamResampler


class Capture:
    """What a card hears. `heard`: whether any of the last block came from the card, be it digital zeros."""

    def __init__(self, card: Card) -> None:
        self.heard = False
        self._card = card
        self._lane: LaneView | None = None
        self._reader: BlockReader | None = None
        self._resampler = StreamResampler(card.spec.rate, card.spec.rate)

    def read(self, end_at: float, count: int) -> Samples:
        """The block of `count` samples that is over at `end_at`; silence for what has not come."""
        process, counts = self._card.process, self._card.health.capture
        lane = None if process is None else process.capture
        if lane is not self._lane:
            self._lane, self._reader = lane, None
            if lane is not None:
                self._reader = BlockReader(lane.samples, lane.rate, counts)
                self._resampler = StreamResampler(lane.rate, self._card.spec.rate)
        clock = None if lane is None else lane.look()
        if lane is None or clock is None or self._reader is None:
            self.heard = False
            counts.missing += count
            return np.zeros(count, np.int16)
        here = count * lane.rate // self._card.spec.rate
        block, missing = self._reader.read(end_at, here, clock, lane.frames)
        self.heard = missing < here
        return self._resampler.push(block)

    @property
    def latency_s(self) -> float:
        """From the card's microphone to the end of the block it is read in."""
        if self._lane is None or self._reader is None:
            return BlockReader.LEAST_S
        return self._reader.margin_s + self._lane.latency_s


class Playback:
    """What a card is given to play."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._lane: LaneView | None = None
        self._writer: BlockWriter | None = None
        self._resampler = StreamResampler(card.spec.rate, card.spec.rate)

    def write(self, begin_at: float, block: Samples) -> None:
        """Play a block, mixed at `begin_at`, `latency_s` later; what no child takes is dropped."""
        process, counts = self._card.process, self._card.health.playback
        lane = None if process is None else process.playback
        if lane is not self._lane:
            self._lane, self._writer = lane, None
            if lane is not None:
                self._writer = BlockWriter(lane.samples, lane.rate, counts)
                self._resampler = StreamResampler(self._card.spec.rate, lane.rate)
        clock = None if lane is None else lane.look()
        if lane is None or clock is None or self._writer is None:
            counts.dropped += len(block)
            return
        self._writer.write(begin_at, self._resampler.push(block), clock, lambda: lane.frames)

    @property
    def latency_s(self) -> float:
        """From the time a block is mixed to the time its first sample is heard."""
        if self._lane is None or self._writer is None:
            return BlockWriter.LEAST_S
        return self._writer.margin_s + self._lane.latency_s
