"""How well a detector did on a set: the measures of docs/speech-detection.md.

May not run a detector. All counts are fractions: each half of a set has its own totals.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from audio.segments import Segment
from tests.scoring.items import IGNORE, SPEECH, Item
from tests.scoring.spans import GRID_S, Span, between, drawn, joined, shared_s

SILENCE_S = 5.0
"""The silent-call timer of procedures.md."""
MUST_S = SILENCE_S + 0.5
"""A labelled silence this long must be told; labels are not exact to the frame."""
MAY_S = SILENCE_S - 0.5
"""One this long may be told."""
ON_TIME_S = 1.0
SHORT_S = 0.7
SHORT_HEARD_S = 0.05
ONSET_PAUSE_S = 0.5
CALLS_TAIL_S = 0.3
"""What follows speech within a call is not held against a hang-over."""
BRIDGED_S = 0.2
"""False alarms so close to each other are one."""
COLLAR_S = 0.25
"""Segment labels of conversations are drawn by hand."""
BLIP_S = 0.06


@dataclass
class Share:
    """Hits among tries."""

    hits: float = 0
    of: float = 0

    def add(self, hits: float, of: float = 1) -> None:
        """Count one more."""
        self.hits += hits
        self.of += of

    @property
    def value(self) -> float:
        """0 to 1; nothing tried is nan."""
        return self.hits / self.of if self.of else float("nan")

    def __str__(self) -> str:
        return f"{self.hits:g}/{self.of:g}"


@dataclass
class Confusion:
    """Cells of 10 ms."""

    true: int = 0
    false: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        whole = 2 * self.true + self.false + self.missed
        return 2 * self.true / whole if whole else float("nan")


@dataclass
class Score:
    """Everything counted over a set."""

    frames: Confusion = field(default_factory=Confusion)
    talks: Confusion = field(default_factory=Confusion)
    """Conversations, with a collar at every edge."""
    onset: Share = field(default_factory=Share)
    delays_s: list[float] = field(default_factory=list)
    short: Share = field(default_factory=Share)
    false_share: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    silence: Share = field(default_factory=Share)
    """Silences of five seconds told in time."""
    false_silences: int = 0
    first5: Share = field(default_factory=Share)
    cut: int = 0
    """Customers who spoke and were called silent."""

    def add(self, item: Item, duration_s: float, found: list[Segment], *, mixed: bool = False) -> None:
        """Count one recording."""
        found = [one for one in found if one.start_s < duration_s]
        spans = [(one.start_s, min(one.end_s, duration_s)) for one in found]
        if item.kind in ("frames", "prompt") or (item.kind == "calls" and mixed):
            self._cells(self.frames, item, spans, duration_s, collar_s=0.0)
        if item.kind == "conv":
            self._cells(self.talks, item, spans, duration_s, collar_s=COLLAR_S)
        if item.kind in ("frames", "calls", "prompt"):
            self._onsets(item, found, spans)
        if item.kind in ("neg", "calls"):
            self._false(item, spans)
        if item.kind == "calls":
            self._silences(item, spans, duration_s)
            self._first5(item, found)

    def _cells(
        self, into: Confusion, item: Item, spans: list[Span], duration_s: float, collar_s: float
    ) -> None:
        cells = int(duration_s / GRID_S)
        truth, told = drawn(item.speech, cells), drawn(spans, cells)
        edges = [time for span in item.speech for time in span] if collar_s else []
        counted = ~drawn([*item.ignored, *((max(0.0, t - collar_s), t + collar_s) for t in edges)], cells)
        into.true += int((truth & told & counted).sum())
        into.false += int((~truth & told & counted).sum())
        into.missed += int((truth & ~told & counted).sum())

    def _onsets(self, item: Item, found: list[Segment], spans: list[Span]) -> None:
        ended = float("-inf")
        for begin, end in joined(item.speech, 0.15):
            if begin - ended >= ONSET_PAUSE_S and not any(
                a < begin - 0.02 and b > begin + 0.02 for a, b in spans
            ):
                told = [max(s.decided_s, begin) for s in found if s.end_s > begin and s.start_s < end]
                self.onset.add(bool(told))
                if told:
                    self.delays_s.append(min(told) - begin)
            ended = end
            if item.kind == "calls" and end - begin < SHORT_S:
                heard = sum(shared_s(span, (begin - 0.05, end + 0.1)) for span in spans)
                self.short.add(heard >= SHORT_HEARD_S)

    def _false(self, item: Item, spans: list[Span]) -> None:
        for begin, end, label in item.labels:
            if label in (*SPEECH, IGNORE):
                continue
            spared = CALLS_TAIL_S if item.kind == "calls" and begin > 0 else 0.0
            told = [(max(a, begin + spared), min(b, end)) for a, b in spans if a < end and b > begin + spared]
            self.false_share[label].add(sum(b - a for a, b in joined(told, BRIDGED_S)), end - begin)

    def _silences(self, item: Item, spans: list[Span], duration_s: float) -> None:
        quiet = between([*item.speech, *item.ignored], duration_s)
        told = [begin + SILENCE_S for begin, end in between(spans, duration_s) if end - begin >= SILENCE_S]
        for begin, end in quiet:
            if end - begin >= MUST_S:
                within = [t for t in told if begin + MAY_S <= t <= end + 0.3]
                self.silence.add(bool(within) and min(within) - (begin + SILENCE_S) <= ON_TIME_S)
        self.false_silences += sum(
            not any(end - begin >= MAY_S and begin + MAY_S <= t <= end + 0.5 for begin, end in quiet)
            for t in told
        )

    def _first5(self, item: Item, found: list[Segment]) -> None:
        silent = not any(begin < SILENCE_S - 0.1 for begin, _ in item.speech)
        thought = not any(
            s.decided_s < SILENCE_S and min(s.end_s, SILENCE_S) - s.start_s >= BLIP_S for s in found
        )
        self.first5.add(silent == thought)
        self.cut += thought and not silent

    def onset_ms(self, percentile: float) -> float:
        """Time from the first sound of a word until it is known, in ms."""
        return 1000.0 * float(np.percentile(self.delays_s, percentile)) if self.delays_s else float("nan")
