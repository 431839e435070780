"""From verdicts to edges: suspected, dismissed, started, stopped, each with its true time.

May not look at samples.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from audio.analysis.framing import FRAME_S
from audio.analysis.vad import Rules, Verdict

WINDOW_FRAMES = 10
"""0.2 s, within which the voiced frames that begin speech must lie."""
HANG_OVER_FRAMES = 15
"""0.3 s: longer than the closure of a stop, shorter than a pause between turns."""
BACK_DATE_FRAMES = 10
"""An unvoiced onset before the first voiced frame belongs to the word; 0.2 s is a long one."""
DEPTH_DB = 30.0
"""A frame so far below the voice's peak is the room, not the end of a word (dynamic range of a talker)."""
PEAK_FALL_DB_PER_S = 6.0
"""The talker may turn away: the peak is forgotten slowly."""


class EdgeKind(StrEnum):
    """What happened."""

    SUSPECTED = "suspected"
    DISMISSED = "dismissed"
    STARTED = "started"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Edge:
    """A change, known at `at`, true since `since`."""

    kind: EdgeKind
    at: float
    since: float


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is kept of a frame."""

    begin: float
    loud: bool
    voice: float
    """How likely a voice; 0: not voiced."""


class SpeechDecision:
    """Decides on one channel; durations count frames, so lost audio never shortens them."""

    def __init__(self, rules: Rules = Rules()) -> None:  # noqa: B008 -- frozen
        self._rules = rules
        self._recent: deque[_Heard] = deque(maxlen=WINDOW_FRAMES + BACK_DATE_FRAMES)
        self.reset()

    def push(self, verdict: Verdict, begin: float) -> tuple[Edge, ...]:
        """Take the verdict on the frame that began at `begin`."""
        self._recent.append(_Heard(begin, verdict.loud, verdict.likely if verdict.voiced else 0.0))
        end = begin + FRAME_S
        return self._while_speaking(verdict, end) if self.speaking else self._while_silent(verdict, end)

    def break_off(self, at: float) -> tuple[Edge, ...]:
        """Nothing was heard until `at`: what was being said has ended, and all else is forgotten."""
        speaking, suspected, ended_at = self.speaking, bool(self._suspected_frames), self._ended_at
        self.reset()
        if speaking:
            return (Edge(EdgeKind.STOPPED, at, ended_at),)
        return (Edge(EdgeKind.DISMISSED, at, at),) if suspected else ()

    def reset(self) -> None:
        """Forget everything; no edge is told."""
        self._recent.clear()
        self.speaking = False
        self._suspected_frames = 0
        self._quiet_frames = 0
        self._ended_at = float("-inf")
        self._tail = False
        self._unvoiced_frames = 0
        self._peak_dbfs = 0.0

    def _while_silent(self, verdict: Verdict, end: float) -> tuple[Edge, ...]:
        window = list(self._recent)[-WINDOW_FRAMES:]
        edges: list[Edge] = []
        if verdict.voiced and not self._suspected_frames:
            edges.append(Edge(EdgeKind.SUSPECTED, end, self._began_at()))
            self._suspected_frames = 1
        elif self._suspected_frames:
            self._suspected_frames += 1
        if sum(heard.voice for heard in window) >= self._rules.begin_sum:
            self.speaking, self._suspected_frames, self._quiet_frames = True, 0, 0
            edges.append(Edge(EdgeKind.STARTED, end, self._began_at()))
            self._ended_at, self._tail = end, True
            self._unvoiced_frames, self._peak_dbfs = 0, verdict.level_dbfs
        elif self._suspected_frames > WINDOW_FRAMES:
            self._suspected_frames = 0
            edges.append(Edge(EdgeKind.DISMISSED, end, end))
        return tuple(edges)

    def _while_speaking(self, verdict: Verdict, end: float) -> tuple[Edge, ...]:
        self._peak_dbfs = max(verdict.level_dbfs, self._peak_dbfs - PEAK_FALL_DB_PER_S * FRAME_S)
        near = verdict.level_dbfs > self._peak_dbfs - DEPTH_DB
        self._unvoiced_frames = 0 if verdict.voiced and near else self._unvoiced_frames + 1
        goes_on = verdict.passes and near and self._unvoiced_frames <= self._rules.unvoiced_frames
        self._quiet_frames = 0 if goes_on else self._quiet_frames + 1
        fading = self._tail and verdict.loud and near and self._unvoiced_frames <= self._rules.unvoiced_frames
        self._tail = goes_on or fading
        if self._tail:
            self._ended_at = end
        if self._quiet_frames < HANG_OVER_FRAMES:
            return ()
        self.speaking = False
        self._recent.clear()
        return (Edge(EdgeKind.STOPPED, end, self._ended_at),)

    def _began_at(self) -> float:
        """Begin of the loud stretch that holds the first voiced frame of the window."""
        heard = list(self._recent)
        first = next(i for i in range(max(0, len(heard) - WINDOW_FRAMES), len(heard)) if heard[i].voice)
        limit = max(0, first - BACK_DATE_FRAMES)
        while first > limit and heard[first - 1].loud and heard[first - 1].begin >= self._ended_at:
            first -= 1
        return heard[first].begin
