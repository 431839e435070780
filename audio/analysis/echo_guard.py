"""Between the far channel's decision and its events: the agent's own voice coming back is no customer.

Far speech that begins while near sounds, or just after, is held until it matches near at one delay, or does
not. May not cut off a customer: whatever is not surely an echo, or is more than the echo, is speech.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from audio.analysis.decision import Edge, EdgeKind, SpeechDecision
from audio.analysis.echo_match import Delays, Match
from audio.analysis.echo_path import EchoPath
from audio.analysis.envelopes import PairHistory
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.vad import Rules, Verdict
from state.events import SpeechDismissed, SpeechStarted, SpeechStopped, SpeechSuspected

NEAR_BEFORE_S = 0.7
"""Far speech so soon after near sound may be its echo: the longest way there and back (mobile networks)."""
LEAST_LAG_S = 0.02
"""Closer together the channels carry one sound: a monitor or a leak, and what is on far is the customer."""
JUDGED_FRAMES = (15, 20, 25, 30)
"""0.3 to 0.6 s from its begin: how much of far speech is compared, each time anew until it is clear."""
ECHO_SHARPNESS = 9.0
"""Echoes reach 12 to 40. One pair of talkers in a hundred is so sharp, but not at the same delay twice."""
HALVED_FRAMES = 25
SAME_LAG_S = 0.005
KNOWN_SHARPNESS = 4.0
"""Enough at the delay that this call's echo is known to have."""
KNOWN_WITHIN_S = 0.01
"""How far a known delay may move."""
SURE_SHARPNESS = 14.0
"""No pair of talkers was so sharp (of 2400, 13.8): it is an echo, and the customer begins beside it."""
STRANGE_SHARPNESS = 7.0
STRANGE_FRAMES = 20
"""Not even so sharp after 0.4 s: no echo, no need to hold it longer."""
LEAST_LOSS_DB = 2.0
"""An echo is lower than what it is an echo of; 6 dB and more but for a room's reverberation (ITU-T G.168)."""
EVEN_DB = 5.0
"""Between the quartiles of its bands' losses: an echo's are 3.5 at most (19 of 20), with a word 4."""
ALL_SHARE = 0.95
"""Of the frames, to be no more than an echo that was not known: with somebody beside it, it is not learnt."""

SpeechEdge = SpeechSuspected | SpeechDismissed | SpeechStarted | SpeechStopped


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is kept of a moment."""

    begin: float
    near_loud: bool
    far: Verdict


class EchoGuard:
    """Takes the far channel's edges with the frames they came with; hands on what is true of the customer.

    Far speech is passed on, or held (it may be an echo), or an echo beside which somebody may begin to speak.
    """

    def __init__(self, history: PairHistory, rules: Rules) -> None:
        self._history = history
        self._beside = SpeechDecision(rules)
        self._recent: deque[_Heard] = deque(maxlen=2 * JUDGED_FRAMES[-1])
        self.reset()

    def reset(self) -> None:
        """A new call: no echo is known."""
        self._recent.clear()
        self._held: SpeechStarted | None = None
        self._echo: SpeechStarted | None = None
        self._suspected = False
        self._path: EchoPath | None = None

    def push(self, near: Frame | None, far: Frame, edges: Sequence[SpeechEdge]) -> list[SpeechEdge]:
        """The edges to tell at the end of this frame; where near is missing, nothing is kept back."""
        end = far.begin + FRAME_S
        self._recent.append(_Heard(far.begin, near is not None and near.verdict.loud, far.verdict))
        told: list[SpeechEdge] = []
        if near is None:
            told += self._gone(far.begin, end)
        for edge in edges:
            told += self._taken(edge)
        if self._held is not None:
            told += self._judged(self._held, end, last=False)
        elif self._echo is not None and self._path is not None:
            told += self._told(self._echo, self._followed(self._path, 1))
        return told

    def _gone(self, begin: float, end: float) -> list[SpeechEdge]:
        """Near is missing from `begin` on: what may be an echo is speech, and from now on an echo may be."""
        if self._held is not None:
            return self._released(self._held, end, self._held.began_at)
        return [] if self._echo is None else self._released(self._echo, end, begin)

    def _taken(self, edge: SpeechEdge) -> list[SpeechEdge]:
        """What is told of an edge of far's own decision."""
        if isinstance(edge, SpeechStarted) and self._may_be_echo(edge.began_at):
            self._held = edge
            return []
        told = [] if self._held is None else self._judged(self._held, edge.at, last=True)
        if self._echo is None:
            return [*told, edge]
        self._echo = None
        return [*told, _dismissed(edge, edge.at)] if self._suspected else told

    def _may_be_echo(self, began_at: float) -> bool:
        since = began_at - NEAR_BEFORE_S
        return any(heard.near_loud and since <= heard.begin < began_at for heard in self._recent)

    def _judged(self, held: SpeechStarted, end: float, *, last: bool) -> list[SpeechEdge]:
        """Whether what is held is an echo, told once that is clear; `last`: it is over, say it now."""
        frames = min(round((end - held.began_at) / FRAME_S), JUDGED_FRAMES[-1], len(self._recent))
        last = last or frames >= JUDGED_FRAMES[-1]
        if not last and frames not in JUDGED_FRAMES:
            return []
        began_at = held.began_at
        sharpness, paths = self._paths(frames)
        for path in paths:
            edges = self._followed(path, frames, anew=True)
            started = [edge for edge in edges if edge.kind is EdgeKind.STARTED]
            if not started:
                return self._echoed(held, path, end, edges)
            if sharpness >= SURE_SHARPNESS:
                began_at = max(began_at, started[0].since)
        strange = frames >= STRANGE_FRAMES and sharpness < STRANGE_SHARPNESS
        return self._released(held, end, began_at) if last or strange else []

    def _paths(self, frames: int) -> tuple[float, list[EchoPath]]:
        """How sharp the best delay is, and the ways on which far may be an echo: the known one first."""
        delays, paths = Delays(self._history, frames, NEAR_BEFORE_S), list[EchoPath]()
        best = delays.best()
        if best is None:
            return 0.0, paths
        if self._path is not None:
            lag_s = self._path.lag_s
            known = delays.best(lag_s - KNOWN_WITHIN_S, lag_s + KNOWN_WITHIN_S)
            if known is not None and known.sharpness >= KNOWN_SHARPNESS:
                paths.append(self._path)
        if best.lag_s >= LEAST_LAG_S and (
            best.sharpness >= SURE_SHARPNESS or (not paths and self._twice(best, frames))
        ):
            path = EchoPath(self._history, best.lag_s, frames)
            if self._believable(path, frames):
                paths.append(path)
        return best.sharpness, paths

    def _twice(self, best: Match, frames: int) -> bool:
        """Whether a delay that is not sharp enough alone is that of the first and of the second half too."""
        if best.sharpness < ECHO_SHARPNESS or frames < HALVED_FRAMES:
            return False
        half = frames // 2
        halves = (Delays(self._history, half, NEAR_BEFORE_S, ago).best() for ago in (0, half))
        return all(one is not None and abs(one.lag_s - best.lag_s) <= SAME_LAG_S for one in halves)

    def _believable(self, path: EchoPath, frames: int) -> bool:
        """Whether nobody spoke beside the echo that it was measured on."""
        if path.loss_db < LEAST_LOSS_DB or path.spread_db > EVEN_DB:
            return False
        return sum(path.explains(frames)) >= ALL_SHARE * frames

    def _followed(self, path: EchoPath, frames: int, *, anew: bool = False) -> list[Edge]:
        """What the same decision says of the last frames without those that are no more than the echo."""
        if anew:
            self._beside.reset()
        edges: list[Edge] = []
        heard = islice(self._recent, len(self._recent) - frames, None)
        for explained, each in zip(path.explains(frames), heard, strict=True):
            verdict = each.far
            if explained:
                verdict = verdict._replace(loud=False, passes=False, voiced=False)
            edges += self._beside.push(verdict, each.begin)
        return edges

    def _echoed(self, held: SpeechStarted, path: EchoPath, end: float, edges: list[Edge]) -> list[SpeechEdge]:
        """It is an echo; a suspicion beside it goes on."""
        self._held, self._echo, self._path = None, held, path
        self._suspected = bool(edges) and edges[-1].kind is EdgeKind.SUSPECTED
        return [] if self._suspected else [_dismissed(held, end)]

    def _told(self, echo: SpeechStarted, edges: list[Edge]) -> list[SpeechEdge]:
        """Edges of what is beside the echo; once it is speech, far's own edges are true again."""
        told: list[SpeechEdge] = []
        for edge in edges:
            if edge.kind is EdgeKind.STARTED:
                return [*told, *self._released(echo, edge.at, edge.since)]
            self._suspected = edge.kind is EdgeKind.SUSPECTED
            where = (edge.at, echo.source, echo.line, echo.channel)
            told.append(SpeechSuspected(*where, edge.since) if self._suspected else SpeechDismissed(*where))
        return told

    def _released(self, speech: SpeechStarted, end: float, began_at: float) -> list[SpeechEdge]:
        """It is speech."""
        self._held = self._echo = None
        self._suspected = False
        return [replace(speech, at=end, began_at=began_at)]


def _dismissed(edge: SpeechEdge, at: float) -> SpeechDismissed:
    return SpeechDismissed(at, edge.source, edge.line, edge.channel)
