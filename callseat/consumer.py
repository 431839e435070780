"""The one consumer: events in arrival order through the core, effects to the executor, time when it is due.

May not decide anything. All events of the daemon pass here, one at a time, so a decision never races another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from callseat import clock
from callseat.mailbox import Inbox
from callseat.ports import CorePort, Observer
from callseat.runtime.latency import LatencyWatch
from state.effects import Effect
from state.events import Event, PromptStarted
from state.snapshot import Snapshot

BATCH = 16
"""Events decided before other tasks get a turn: at 0.1 ms each far below the 5 ms a turn may take."""


class Consumer:
    """Drives a core; `post` is the door for every edge, `run` is the only caller of the core."""

    def __init__(
        self,
        core: CorePort,
        perform: Callable[[tuple[Effect, ...]], None],
        *,
        observers: Sequence[Observer] = (),
        on_snapshot: Sequence[Callable[[Snapshot], None]] = (),
        watch: LatencyWatch | None = None,
        inbox: Inbox | None = None,
        feed: Callable[[], object] | None = None,
        feed_every_s: float | None = None,
    ) -> None:
        self.inbox = Inbox() if inbox is None else inbox
        self.watch = LatencyWatch() if watch is None else watch
        self.decisions = 0
        self.restamped = 0
        self._core = core
        self._perform = perform
        self._observers = tuple(observers)
        self._on_snapshot = tuple(on_snapshot)
        self._feed = feed
        self._feed_every_s = feed_every_s
        self._feed_at: float | None = None
        self._wake = asyncio.Event()
        self._at = float("-inf")
        self._shown: Snapshot | None = None
        self._idle = asyncio.Event()
        self._running = False
        self._deciding = False

    def post(self, event: Event) -> None:
        """Queue an event; on the loop's thread only. InboxOverflow ends the daemon."""
        self.inbox.put(event)
        self._idle.clear()
        self._wake.set()

    def decide(self, event: Event) -> None:
        """Decide an event in this very turn, where nothing else waits before it; else it is queued.

        What the agent pressed is decided so: a press is told without another turn of the loop.
        """
        if not self._running or self._deciding or self.inbox:
            self.post(event)
            return
        self.inbox.passed()
        self._decide(event)
        self._wake.set()  # what it armed may be due before what `run` is waiting for

    async def settled(self) -> None:
        """Return once everything posted so far has been decided."""
        await self._idle.wait()

    async def run(self) -> None:
        """Decide events and deadlines until cancelled."""
        taken = 0
        self._running = True
        while True:
            event = self.inbox.take()
            if event is not None:
                self._decide(event)
            elif not self._time_passed():
                await self._sleep()
                continue
            taken += 1
            if taken % BATCH == 0:
                await asyncio.sleep(0)

    def _decide(self, event: Event) -> None:
        if event.at < self._at and not isinstance(event, PromptStarted):
            # A worker's fact may carry a block's time, which is in its other fields too: the core is promised
            # that time never runs backwards. Only a prompt's start has no other field for when it was.
            event = replace(event, at=self._at)
            self.restamped += 1
        at = max(event.at, self._at)
        self._deciding, began = True, clock.stopwatch()
        due = self._core.advance(at)
        if due:
            self._decided(at, None, due)
        self._decided(at, event, self._core.handle(event))
        self._show()
        self._deciding = False
        self.watch.add(type(event).__name__, clock.stopwatch() - began)

    def _time_passed(self) -> bool:
        at = clock.reached(self._core.next_deadline())
        if at is None:
            return False
        self._deciding, began = True, clock.stopwatch()
        self._decided(at, None, self._core.advance(at))
        self._show()
        self._deciding = False
        self.watch.add("deadline", clock.stopwatch() - began)
        return True

    def _decided(self, at: float, event: Event | None, effects: tuple[Effect, ...]) -> None:
        self._at = at
        self.decisions += 1
        try:
            self._perform(effects)
        finally:  # after it: a press is shown and told before it is written down
            for observer in self._observers:
                observer.consumed(at, event, effects)

    def _show(self) -> None:
        snapshot = self._core.snapshot()
        if snapshot is self._shown or (self._shown is not None and _same(snapshot, self._shown)):
            return
        self._shown = snapshot
        for show in self._on_snapshot:
            show(snapshot)

    async def _sleep(self) -> None:
        """Wait for an event, the core's deadline, or the time to feed the system's watchdog."""
        self._idle.set()
        self._wake.clear()
        now = clock.now()
        if self._feed is not None and (self._feed_at is None or now >= self._feed_at):
            self._feed()
            self._feed_at = None if self._feed_every_s is None else now + self._feed_every_s
        ends = [end for end in (self._core.next_deadline(), self._feed_at) if end is not None]
        try:
            async with asyncio.timeout_at(min(ends, default=None)):
                await self._wake.wait()
        except TimeoutError:
            pass


def _same(one: Snapshot, other: Snapshot) -> bool:
    """Whether two pictures differ in nothing but the moment they were taken."""
    return replace(one, at=other.at) == other
