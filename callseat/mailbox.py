"""The consumer's inbox: arrival order, lossless for facts, coalescing for what the audio says over and over.

May not drop a hook, call, device, timer or prompt event: their overflow is fatal. Speech edges, watermarks,
levels, conditions, faults and measures are truths that replace each other; of edges that pile up the oldest
are folded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from state.events import (
    AudioAnalysedUntil,
    AudioEvent,
    AudioFaultEnded,
    AudioFaultFound,
    Event,
    LevelMeasured,
    SignalChanged,
    SpeechDismissed,
    SpeechMeasured,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)

LOSSLESS_BOUND = 4096
"""A seat makes a few events per second; thousands waiting means a stuck consumer, and a restart is safe."""
EDGE_BOUND = 32
"""Speech edges kept per channel before folding: some ten seconds of the fastest talk."""

FAULTS = (AudioFaultFound, AudioFaultEnded)
NEWEST_WINS = (AudioAnalysedUntil, LevelMeasured, SignalChanged, SpeechMeasured, *FAULTS)
EDGES = (SpeechSuspected, SpeechDismissed, SpeechStarted, SpeechStopped)

Key = tuple[str, str, str]


class InboxOverflow(RuntimeError):
    """Lossless events piled up: the consumer is stuck, the daemon must restart."""


@dataclass(slots=True)
class InboxCounters:
    """What went through: taken, folded into a newer one, and the deepest the inbox has been."""

    posted: int = 0
    coalesced: int = 0
    folded_edges: int = 0
    deepest: int = 0


@dataclass(slots=True)
class Inbox:
    """Put on the loop's thread, take one at a time; a replaced truth moves to the newest place."""

    lossless_bound: int = LOSSLESS_BOUND
    edge_bound: int = EDGE_BOUND
    counters: InboxCounters = field(default_factory=InboxCounters)
    _pending: OrderedDict[int, Event] = field(default_factory=OrderedDict)
    _newest: dict[Key, int] = field(default_factory=dict)
    _edges: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _lossless: int = 0
    _sequence: int = 0

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, event: Event) -> None:
        """Add an event; raises InboxOverflow when lossless events pile up."""
        self.counters.posted += 1
        self._sequence += 1
        match event:
            case AudioEvent() | SpeechMeasured() if isinstance(event, NEWEST_WINS):
                self._put_newest(event)
            case AudioEvent() if isinstance(event, EDGES):
                self._put_edge(event)
            case _:
                if self._lossless >= self.lossless_bound:
                    raise InboxOverflow(
                        f"{self._lossless} events wait for the consumer; newest is {type(event).__name__}"
                    )
                self._lossless += 1
        self._pending[self._sequence] = event
        self.counters.deepest = max(self.counters.deepest, len(self._pending))

    def passed(self) -> None:
        """Count an event that nothing waits before: it need not come in."""
        self.counters.posted += 1

    def take(self) -> Event | None:
        """The oldest event, or None."""
        if not self._pending:
            return None
        sequence, event = self._pending.popitem(last=False)
        match event:
            case AudioEvent() | SpeechMeasured() if isinstance(event, NEWEST_WINS):
                del self._newest[_key(event)]
            case AudioEvent() if isinstance(event, EDGES):
                self._edges[event.line, event.channel].remove(sequence)
            case _:
                self._lossless -= 1
        return event

    def _put_newest(self, event: AudioEvent | SpeechMeasured) -> None:
        key = _key(event)
        older = self._newest.get(key)
        if older is not None:
            del self._pending[older]
            self.counters.coalesced += 1
        self._newest[key] = self._sequence

    def _put_edge(self, event: AudioEvent) -> None:
        waiting = self._edges.setdefault((event.line, event.channel), [])
        if len(waiting) >= self.edge_bound:
            self._fold(waiting)
        waiting.append(self._sequence)

    def _fold(self, waiting: list[int]) -> None:
        """Keep the newest edge; that there was speech at all survives as its first start.

        Dismissed suspicions and pauses inside are lost, which can only make a span of speech longer.
        """
        speech = [s for s in waiting if isinstance(self._pending[s], SpeechStarted | SpeechStopped)]
        keep = {waiting[-1], *speech[-1:]}
        if speech and isinstance(self._pending[speech[-1]], SpeechStopped):
            keep |= set([s for s in speech if isinstance(self._pending[s], SpeechStarted)][:1])
        for sequence in waiting:
            if sequence not in keep:
                del self._pending[sequence]
                self.counters.folded_edges += 1
        waiting[:] = [s for s in waiting if s in keep]


def _key(event: AudioEvent | SpeechMeasured) -> Key:
    if isinstance(event, SpeechMeasured):
        return event.line, event.call, type(event).__name__
    if isinstance(event, FAULTS):  # found or ended: whichever is newer is what is so
        return event.line, event.channel, f"fault {event.fault}"
    return event.line, event.channel, type(event).__name__
