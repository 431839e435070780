"""Whether one channel follows what the other says, at one delay, and how much lower: measured over seconds.

May not name a fault: which delays and losses are one, the analysers say.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from audio.analysis.envelopes import BANDS, HOP_S, HOPS, Envelope
from audio.analysis.framing import FRAME_S

Wide = NDArray[np.float64]

STEP_FRAMES = 25
"""Measured every half second of the clock, so that it is the same however a call begins..."""
SPAN_FRAMES = 50
"""...over a second: in less any two talkers look alike now and then; in more the delay may move."""
SOUNDS_DB = 12.0
"""So far over its floor a band sounds."""
SOUNDS_BANDS = 3
SOUNDS_SHARE = 0.3
"""A second with less of the source in it says nothing."""
MEMORY_SPANS = 12
"""Spans with sound that are remembered: 6 s and more of talk."""
NEEDED_SPANS = 5
"""Fewer say nothing: 3 s of talk."""
SAME_HOPS = 2
"""Delays of spans this close are the same."""
SHOWS_CORRELATION = 0.3
"""A span less alike at the delay holds somebody else's voice: it does not show how loud the copy is."""
ROUNDING_S = 1e-6
_FEWEST_HOPS = 10
_OVER_FLOOR_DB = 6.0


@dataclass(frozen=True, slots=True)
class Repeat:
    """How alike (-1 to 1) at the best delay, the share of spans with that delay, and the loss there."""

    correlation: float
    lag_s: float
    steady: float
    loss_db: float
    since: float
    """When the first remembered span with this delay began."""


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """One second compared with the other channel at all delays."""

    begin: float
    products: Wide
    source: float
    copies: Wide
    losses_db: Wide
    """By delay; NaN where nothing shows it."""

    @property
    def alike(self) -> Wide:
        alike: Wide = self.products / np.sqrt(self.source * self.copies + 1e-9)
        return alike


class RepeatMeter:
    """Follows two envelopes that are pushed together."""

    def __init__(self, source: Envelope, copy: Envelope, least_lag_s: float, most_lag_s: float) -> None:
        self._source, self._copy = source, copy
        self._least, self._most = round(least_lag_s / HOP_S), round(most_lag_s / HOP_S)
        self._lead = -(-self._most // HOPS)
        self.reset()

    def reset(self) -> None:
        """A new call."""
        self._spans: deque[_Span] = deque(maxlen=MEMORY_SPANS)
        self._steps = 0
        self.repeat: Repeat | None = None
        self.fresh = False

    def push(self, end: float, known_frames: int) -> None:
        """Frames that end at `end` were added to both; `known_frames` of them without a gap.

        `repeat` is what all remembered spans say together, None while they are too few; `fresh`: it is new.
        """
        self.fresh = False
        steps = int((end + ROUNDING_S) / (STEP_FRAMES * FRAME_S))
        if steps == self._steps or known_frames < SPAN_FRAMES + self._lead:
            return
        self._steps = steps
        span = self._span(end - (SPAN_FRAMES + self._lead) * FRAME_S)
        if span is not None:
            self._spans.append(span)
            self.fresh = len(self._spans) >= NEEDED_SPANS
            self.repeat = self._together() if self.fresh else None

    def _together(self) -> Repeat:
        alike = sum(span.products for span in self._spans) / np.sqrt(
            sum(span.source for span in self._spans) * sum(span.copies for span in self._spans) + 1e-9
        )
        best = int(np.argmax(alike))
        steady = [span for span in self._spans if abs(int(np.argmax(span.alike)) - best) <= SAME_HOPS]
        losses = [float(span.losses_db[best]) for span in steady if span.alike[best] >= SHOWS_CORRELATION]
        known = [loss for loss in losses if not math.isnan(loss)]
        return Repeat(
            float(alike[best]),
            (self._least + best) * HOP_S,
            len(steady) / len(self._spans),
            median(known) if known else float("inf"),
            steady[0].begin if steady else self._spans[-1].begin,
        )

    def _span(self, begin: float) -> _Span | None:
        """The second that ended the longest delay ago, against the other channel from then on."""
        heard = self._source.levels(SPAN_FRAMES + self._lead)[: SPAN_FRAMES * HOPS]
        over = heard - self._source.floor() - SOUNDS_DB
        sounds = np.count_nonzero(over > 0.0, axis=1) >= SOUNDS_BANDS
        if np.mean(sounds) < SOUNDS_SHARE:
            return None
        first, count = self._least, self._most - self._least + 1
        floor = self._copy.floor()
        other = self._copy.levels(SPAN_FRAMES + self._lead)[first : first + SPAN_FRAMES * HOPS + count - 1]
        source = _relative(heard, self._source.floor())
        source -= source.mean(axis=0)
        copy = _relative(other, floor)
        return _Span(
            begin,
            sum((np.correlate(copy[:, band], source[:, band]) for band in range(BANDS)), np.zeros(count)),
            float(np.vdot(source, source)),
            _spreads(copy, SPAN_FRAMES * HOPS),
            _losses(heard, other, sounds, floor, count),
        )


def _relative(levels: Wide, floor: Wide) -> Wide:
    """Levels over their floor; what is below is nothing."""
    over: Wide = np.maximum(levels - floor - SOUNDS_DB / 2.0, 0.0)
    return over


def _spreads(copy: Wide, hops: int) -> Wide:
    """Squared distance from its mean, band by band, of each window."""
    sums = np.concatenate((np.zeros((1, BANDS)), np.cumsum(copy, axis=0)))
    squares = np.concatenate(((0.0,), np.cumsum(np.einsum("ij,ij->i", copy, copy))))
    means = (sums[hops:] - sums[:-hops]) / hops
    spreads: Wide = squares[hops:] - squares[:-hops] - hops * np.einsum("ij,ij->i", means, means)
    return np.maximum(spreads, 0.0)


def _losses(heard: Wide, other: Wide, sounds: NDArray[np.bool_], floor: Wide, count: int) -> Wide:
    """Mean difference of level where both sound, for each delay; NaN where they hardly do."""
    source = np.where(sounds, _whole(heard), 0.0)
    copy = _whole(other)
    shows = (copy > _whole(floor[None, :])[0] + _OVER_FLOOR_DB).astype(np.float64)
    both = np.correlate(shows, sounds.astype(np.float64))
    sums = np.correlate(shows, source) - np.correlate(shows * copy, sounds.astype(np.float64))
    return np.where(both >= _FEWEST_HOPS, sums / np.maximum(both, 1.0), np.nan)[:count]


def _whole(levels: Wide) -> Wide:
    """Level of all bands together."""
    whole: Wide = 10.0 * np.log10(np.sum(10.0 ** (levels / 10.0), axis=1))
    return whole
