"""Who has the floor: talk, overlap, dead air, responses, interruptions, from the edges of both sides' speech.

May not look at sound, and may not keep a list of what was: sums only, and what is not yet decided.
"""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import dataclass

from audio.analysis.measures.figures import Stretches, Taking
from audio.analysis.measures.marks import Mark, MarkKind, Sorter
from state.words import Channel

TURN_GAP_S = 0.8
"""Pauses up to this belong to one turn, as to one utterance of the silent-call procedure."""
INTERRUPTION_S = 1.0
"""Ours: both talk so long and who began last keeps the floor; shorter is a back-channel or a hand-over."""
TOGETHER_S = 0.2
"""Begins, or ends, closer together are one of both sides: a detector places none better than that."""
DEAD_AIR_S = 3.0
"""Ours: well over the pauses between turns, which are mostly under one second."""
BOTH = (Channel.NEAR, Channel.FAR)
_OTHER = {Channel.NEAR: Channel.FAR, Channel.FAR: Channel.NEAR}


class Floor:
    """Whole turns of both sides: who talked into whose turn, and who answered how soon."""

    def __init__(self) -> None:
        self._marks = Sorter()
        self._talking: dict[Channel, float] = {}
        """Whose turn it is, since when."""
        self._second: tuple[Channel, float] | None = None
        """Who began while the other talked, and when."""
        self._last: tuple[Channel, float] | None = None
        """Whose turn ended last, and when; None where a wait came between."""
        self._counted: tuple[dict[Channel, int], Channel, float] | None = None
        """What was counted last, for whom, and the end that told it."""
        self.interruptions = dict.fromkeys(BOTH, 0)
        self.back_channels = dict.fromkeys(BOTH, 0)
        self.response = Stretches()

    def push(self, mark: Mark) -> None:
        """Take the begin or end of a turn, or of a wait."""
        self._marks.push(mark)

    def until(self, horizon: float) -> None:
        """Every mark up to `horizon` is known."""
        for mark in self._marks.until(horizon):
            if mark.kind is MarkKind.SPEECH_BEGAN and mark.side:
                self._begins(mark.side, mark.at)
            elif mark.kind is MarkKind.SPEECH_ENDED and mark.side:
                self._ends(mark.side, mark.at)
            else:
                self._last = None

    def _begins(self, side: Channel, at: float) -> None:
        self._talking[side] = at
        first = self._talking.get(_OTHER[side])
        if first is not None:
            self._second = (side, at) if at - first >= TOGETHER_S else None
        elif side is Channel.NEAR and self._last is not None and self._last[0] is Channel.FAR:
            self.response = self.response.plus(at - self._last[1])

    def _ends(self, side: Channel, at: float) -> None:
        del self._talking[side]
        self._last = (side, at)
        if self._counted is not None:
            tally, second, ended_at = self._counted
            tally[second] -= at - ended_at < TOGETHER_S
            self._counted = None
        if self._second is None:
            return
        (second, since), self._second = self._second, None
        long = at - since >= INTERRUPTION_S
        if long is (side is not second):
            tally = self.interruptions if long else self.back_channels
            tally[second] += 1
            self._counted = (tally, second, at)


@dataclass(slots=True)
class _Turn:
    """One side's turn; `ended_at` while it pauses, which may become its end."""

    began_at: float
    ended_at: float | None = None


class TurnTaking:
    """Follows the marks of one call."""

    def __init__(self, at: float) -> None:
        self._answered_at = at
        self._now = at
        self._marks = Sorter()
        self._floor = Floor()
        self._speaking = dict.fromkeys(BOTH, False)
        self._waits = 0
        self._prompts = 0
        self._far_spoke = False
        self._open: dict[Channel, float] = {}
        self._turns: dict[Channel, _Turn] = {}
        self._both_since: float | None = None
        self._none_since: float | None = None
        self.talk = dict.fromkeys(BOTH, Stretches())
        self.monologue_s = dict.fromkeys(BOTH, 0.0)
        self.overlap = Stretches()
        self.dead_air = Stretches()
        self.greeting_s: float | None = None

    def push(self, mark: Mark) -> None:
        """Take a mark."""
        self._marks.push(mark)

    def until(self, horizon: float) -> None:
        """Every mark up to `horizon` is known."""
        for mark in self._marks.until(horizon):
            self._now = max(self._now, mark.at)
            self._take(mark, self._now)
        self._now = max(self._now, horizon)
        for side in BOTH:
            self._close_turn(side, self._now)
        self._floor.until(self._now - TURN_GAP_S)

    def as_of(self, at: float) -> TurnTaking:
        """What would be known if the call ended at `at`: what is open then counts until then."""
        then = deepcopy(self)
        then.until(at)
        at = then._now
        for side in BOTH:
            then._close_turn(side, float("inf"))
        then._floor.until(at)
        for side in tuple(then._open):
            then._end_spurt(side, at)
            then._close_turn(side, float("inf"))
        then._watch_silence(at, silent=False)
        return then

    @property
    def response(self) -> Stretches:
        """Near turns that followed a far turn."""
        return self._floor.response

    def taking(self, side: Channel) -> Taking:
        """What became of this side's talking into the other's turn."""
        return Taking(self._floor.interruptions[side], self._floor.back_channels[side])

    def _take(self, mark: Mark, at: float) -> None:
        """A mark that comes after what is behind it was settled counts from there: `at`."""
        match mark.kind:
            case MarkKind.SPEECH_BEGAN | MarkKind.SPEECH_ENDED if mark.side:
                self._speaking[mark.side] = mark.kind is MarkKind.SPEECH_BEGAN
            case MarkKind.WAIT_BEGAN | MarkKind.WAIT_ENDED:
                self._waits = max(0, self._waits + (1 if mark.kind is MarkKind.WAIT_BEGAN else -1))
                self._floor.push(Mark(at, mark.kind))
            case _:
                self._prompts = max(0, self._prompts + (1 if mark.kind is MarkKind.PROMPT_BEGAN else -1))
        for side in BOTH:
            talks = self._speaking[side] and not self._waits
            if talks and side not in self._open:
                self._begin_spurt(side, at)
            elif not talks and side in self._open:
                self._end_spurt(side, at)
        silent = not (self._open or self._waits or self._prompts) and self._far_spoke
        self._watch_silence(at, silent=silent)

    def _begin_spurt(self, side: Channel, at: float) -> None:
        self._open[side] = at
        if len(self._open) == len(BOTH):
            self._both_since = at
        if side is Channel.FAR:
            self._far_spoke = True
        elif self.greeting_s is None:
            self.greeting_s = at - self._answered_at
        self._close_turn(side, at)
        turn = self._turns.get(side)
        if turn is None:
            self._turns[side] = _Turn(at)
            self._floor.push(Mark(at, MarkKind.SPEECH_BEGAN, side))
        else:
            turn.ended_at = None

    def _end_spurt(self, side: Channel, at: float) -> None:
        self.talk[side] = self.talk[side].plus(at - self._open.pop(side))
        if self._both_since is not None:
            self.overlap = self.overlap.plus(at - self._both_since)
            self._both_since = None
        self._turns[side].ended_at = at

    def _close_turn(self, side: Channel, now: float) -> None:
        """A turn that has paused for long enough by `now` is over."""
        turn = self._turns.get(side)
        if turn is None or turn.ended_at is None or now - turn.ended_at <= TURN_GAP_S:
            return
        del self._turns[side]
        # Of one moment an end would come before its begin.
        ended_at = max(turn.ended_at, math.nextafter(turn.began_at, math.inf))
        self._floor.push(Mark(ended_at, MarkKind.SPEECH_ENDED, side))
        self.monologue_s[side] = max(self.monologue_s[side], turn.ended_at - turn.began_at)

    def _watch_silence(self, at: float, *, silent: bool) -> None:
        if silent:
            self._none_since = at if self._none_since is None else self._none_since
        elif self._none_since is not None:
            length_s, self._none_since = at - self._none_since, None
            if length_s >= DEAD_AIR_S:
                self.dead_air = self.dead_air.plus(length_s)
