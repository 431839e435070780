"""One card kept open while it is wanted: its child is watched, replaced and given time, never waited for.

May not touch a sample: whoever reads and plays finds the lanes of the child that serves now in `process`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from audio.live.process import CardProcess, CardSpec
from audio.live.ring import Counts

_log = logging.getLogger("callseat.audio")

LOOK_S = 0.05
"""How often a card is looked at."""
STALL_S = 0.6
"""No callback for this long, and the child is replaced: its successor starts in 0.2 to 0.5 s (measured), so
that a second of sound is lost at most (ours)."""
OPEN_S = 5.0
"""Python, PortAudio's list of devices and two streams on a slow box."""
LONGEST_OPEN_S = 20.0
"""A child that does not get there gives the next twice the time: killed on its way, none ever would.
One that does gives it twice what it took, and no less than OPEN_S."""
STEADY_S = 2.0
"""A child that served this long is replaced at once; one that did not, after a pause."""
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
MOST_DYING = 4
"""Children the kernel will not let die; with more, no other is started."""

Spawn = Callable[[CardSpec], CardProcess]


@dataclass(slots=True)
class CardHealth:
    """What became of the children of one card."""

    state: str = "closed"
    starts: int = 0
    stalls: int = 0
    failures: int = 0
    outages: int = 0
    """Times that sound which ran was lost; each is told once, and that it is over."""
    error: str = ""
    unknown: bool = False
    """The error is that no device has the name."""
    xruns: int = 0
    """Callbacks with overflow or underflow."""
    capture: Counts = field(default_factory=Counts)
    playback: Counts = field(default_factory=Counts)


class Card:
    """A named card; `now` reads the loop's monotonic clock."""

    def __init__(self, spec: CardSpec, now: Callable[[], float], spawn: Spawn = CardProcess) -> None:
        self.spec = spec
        self.health = CardHealth()
        self.process: CardProcess | None = None
        """The child whose streams run; None: no sound now."""
        self.tried = asyncio.Event()
        """Set once a child served, or failed to."""
        self._now = now
        self._spawn = spawn
        self._wanted = asyncio.Event()
        self._changed = asyncio.Event()
        self._dying: list[CardProcess] = []
        self._open_s = OPEN_S
        self._told = ""
        self._lost_at: float | None = None
        self._xruns_before = 0

    def want(self, wanted: bool) -> None:
        """Whether the card is to be open; `run` sees to it."""
        if wanted != self._wanted.is_set():
            if wanted:
                self._wanted.set()
            else:
                self._wanted.clear()
            self._changed.set()

    async def run(self) -> None:
        """Serve until cancelled; then the child is dead, and reaped unless the kernel holds it."""
        pause_s = FIRST_PAUSE_S
        try:
            while True:
                if not self._wanted.is_set():
                    self.health.state, pause_s, self._lost_at = "closed", FIRST_PAUSE_S, None
                    self._open_s = OPEN_S
                    await self._wanted.wait()
                began = self._now()
                if await self._serve_once():
                    pause_s = FIRST_PAUSE_S
                await self._bury()
                if self._wanted.is_set() and self._now() - began < STEADY_S:
                    await self._pause(pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            await self._bury()

    async def _serve_once(self) -> bool:
        """One child, from its start to its end; whether its streams ever ran."""
        if len(self._dying) > MOST_DYING:
            self._failed(f"{len(self._dying)} children are held by the kernel")
            return False
        self.health.state = "opening"
        self.health.starts += 1
        try:
            child = await self._started()
        except OSError as error:
            self._failed(f"no child can be started: {error.strerror}")
            return False
        try:
            if not await self._opened(child):
                return False
            self._back()
            self.process, self.health.state = child, "open"
            self.tried.set()
            await self._watch(child)
            return True
        finally:
            self.process = None
            self._count(child)
            self._xruns_before = self.health.xruns
            child.kill()
            self._dying.append(child)

    async def _started(self) -> CardProcess:
        """A child, started beside the loop, on a thread of the default executor: that lasts as long as it."""
        starting = asyncio.get_running_loop().run_in_executor(None, self._spawn, self.spec)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            child = await starting
            child.kill()
            self._dying.append(child)
            raise

    async def _opened(self, child: CardProcess) -> bool:
        """Whether every stream has had its first callback."""
        began = self._now()
        while self._wanted.is_set() and self._now() < began + self._open_s:
            if self._over(child):
                return False
            if all(lane.callbacks for lane in child.lanes):
                self._open_s = min(max(OPEN_S, 2 * (self._now() - began)), LONGEST_OPEN_S)
                return True
            await self._pause(LOOK_S)
        if self._wanted.is_set():
            self._failed(f"no sound within {self._open_s:g} s of opening")
            self._open_s = min(2 * self._open_s, LONGEST_OPEN_S)
        return False

    async def _watch(self, child: CardProcess) -> None:
        """Return when the card is not wanted any more, or the child has failed."""
        while self._wanted.is_set() and not self._over(child):
            self._count(child)
            stamps = [lane.last_stamp() for lane in child.lanes]
            oldest = min(stamp for stamp in stamps if stamp is not None)
            if self._now() - oldest > STALL_S:
                self.health.stalls += 1
                self._failed(f"no sound for {STALL_S:g} s")
                return
            await self._pause(LOOK_S)

    def _over(self, child: CardProcess) -> bool:
        """Whether the child said that it failed, or ended."""
        said = child.hear()
        if said is not None and "failed" in said:
            self._failed(str(said["failed"]), unknown=bool(said.get("unknown")))
            return True
        if child.ended():
            self._failed("the child process ended")
            return True
        return False

    def _count(self, child: CardProcess) -> None:
        self.health.xruns = self._xruns_before + sum(lane.flagged for lane in child.lanes)

    def _back(self) -> None:
        """Its streams run."""
        if self._lost_at is not None:
            _log.info("sound card %s: sound again after %.1f s", self.spec.name, self._now() - self._lost_at)
        self._told, self._lost_at = "", None
        self.health.error, self.health.unknown = "", False

    def _failed(self, why: str, *, unknown: bool = False) -> None:
        """Why there is no sound; of lost sound the first reason is told, not each try to have it back."""
        self.health.failures += 1
        if self.process is not None:
            self.health.outages += 1
            self._lost_at = self._now()
        self.health.state, self.health.error, self.health.unknown = "failed", why, unknown
        self.tried.set()
        if why == self._told or (self._told and self._lost_at is not None):
            return
        self._told = why
        _log.warning("sound card %s: %s", self.spec.name, why)

    async def _pause(self, seconds: float) -> None:
        """Return after `seconds`, or as soon as it is wanted or not wanted any more."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _reap(self) -> None:
        self._dying = [child for child in self._dying if not child.reaped()]

    async def _bury(self) -> None:
        """Give those that were killed a moment to die; the kernel may hold one for longer."""
        until = self._now() + FIRST_PAUSE_S
        self._reap()
        while self._dying and self._now() < until:
            await asyncio.sleep(0.005)
            self._reap()
