"""The last seconds of both channels, moment by moment: their sound, and how loud each band of speech is.

May not decide anything; levels are worked out for many frames at once, and only when somebody asks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.frame import Frame
from audio.analysis.framing import frame_length
from audio.decibel import FULL_SCALE

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]

KEPT_FRAMES = 250
"""5 s: a second to compare, the longest delay of an echo (0.7 s), and enough to know a channel's floor."""
HOPS = 2
"""Levels per frame: every 10 ms, over 20 ms."""
HOP_S = 0.01
BAND_EDGES_HZ = (300.0, 400.0, 520.0, 660.0, 840.0, 1060.0, 1340.0, 1700.0, 2200.0, 2750.0, 3400.0)
"""The telephone band (ITU-T G.712), in bands a third of an octave wide or a bit more."""
BANDS = len(BAND_EDGES_HZ) - 1
LEAST_DB = -100.0
FLOOR_SHARE = 10
"""Percentile of a band's levels that is its floor: whoever talks without end still pauses so often."""
_BATCH_FRAMES = 25
"""Levels are worked out for half a second at once: a fifth of the cost of single frames."""
_FLOOR_STEP = 4
_FLOOR_FRAMES = 25
"""A floor holds for half a second; a fourth of the levels is enough to know it."""


class Envelope:
    """One channel: the sound of the last frames, and the levels of its bands in dBFS."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.length = frame_length(rate)
        self._hop = self.length // HOPS
        self._sound = np.zeros(2 * KEPT_FRAMES * self.length, np.int16)
        self._levels = np.zeros((2 * KEPT_FRAMES * HOPS, BANDS))
        window = np.hanning(self.length + 1)[:-1]
        self._window = window / (np.sqrt(np.sum(window * window)) * FULL_SCALE * np.sqrt(self.length / 2.0))
        hz = np.fft.rfftfreq(self.length, 1.0 / rate)
        bins = np.searchsorted(hz, BAND_EDGES_HZ)
        self._passed = slice(int(bins[0]), int(bins[-1]))
        self._bands = bins[:-1] - bins[0]
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._end = self._levelled = self._first = 0
        self._floor_age = _FLOOR_FRAMES
        self._floor = np.full(BANDS, LEAST_DB)
        self._whole_floor = 0.0

    def push(self, samples: Samples, floor_dbfs: float) -> None:
        """Take the next frame, and the channel's own noise floor."""
        if self._end == 2 * KEPT_FRAMES:
            self._make_room()
        start = self._end * self.length
        self._sound[start : start + self.length] = samples
        self._end += 1
        self._floor_age += 1
        self._whole_floor = floor_dbfs
        if self._end - self._levelled >= _BATCH_FRAMES:
            self._measure()

    def sound(self, frames: int, ago: int = 0) -> Samples:
        """The samples of the last frames but `ago`; there must be so many."""
        end = self._end - ago
        return self._sound[(end - frames) * self.length : end * self.length]

    def levels(self, frames: int) -> Wide:
        """Level of each band, a row per hop of the last frames; there must be so many."""
        self._measure()
        return self._levels[(self._end - frames) * HOPS : self._end * HOPS]

    def floor(self) -> Wide:
        """What each band falls to when nobody speaks: never more than the noise floor of the whole."""
        if self._floor_age >= _FLOOR_FRAMES and self._end:
            known = self.levels(min(self._end, KEPT_FRAMES))[::_FLOOR_STEP]
            self._floor = np.minimum(np.percentile(known, FLOOR_SHARE, axis=0), self._whole_floor)
            self._floor_age = 0
        return self._floor

    def _measure(self) -> None:
        """Work out what has not been yet."""
        if self._levelled == self._end:
            return
        first = self._levelled * self.length
        before = self._sound[max(0, first - self._hop) : first]
        if not len(before):
            before = np.zeros(self._hop, np.int16)
        sound = np.concatenate((before, self._sound[first : self._end * self.length]))
        hops = sound.reshape(-1, self._hop)
        windows = np.concatenate((hops[:-1], hops[1:]), axis=1)
        spectrum = np.fft.rfft(windows * self._window, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2)[:, self._passed]
        # Not by a matrix: what that makes of a row depends on how many rows there are, in the last bit.
        bands = np.add.reduceat(power, self._bands, axis=1)
        self._levels[self._levelled * HOPS : self._end * HOPS] = 10.0 * np.log10(bands + 1e-10)
        self._levelled = self._end

    def _make_room(self) -> None:
        """Keep the newer half."""
        self._measure()
        self._sound[: KEPT_FRAMES * self.length] = self._sound[KEPT_FRAMES * self.length :]
        self._levels[: KEPT_FRAMES * HOPS] = self._levels[KEPT_FRAMES * HOPS :]
        self._end = self._levelled = KEPT_FRAMES


class PairHistory:
    """Both channels, frame by frame of the same moments; a gap empties it."""

    def __init__(self, near_rate: int, far_rate: int) -> None:
        self.near = Envelope(near_rate)
        self.far = Envelope(far_rate)
        self.clear()

    def clear(self) -> None:
        """A new call, or a gap."""
        self.near.clear()
        self.far.clear()
        self.frames = 0

    def push(self, near: Frame, far: Frame) -> None:
        """Take the frames of the next 20 ms."""
        self.near.push(near.samples, near.verdict.floor_dbfs)
        self.far.push(far.samples, far.verdict.floor_dbfs)
        self.frames = min(self.frames + 1, KEPT_FRAMES)
