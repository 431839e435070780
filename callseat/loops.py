"""Event loops whose clock is ours: virtual (jumps when idle) and scaled (N times real, 1 in production).

May not be used for decisions: `callseat.clock.now` is how everybody reads them.

The false-jump trap: a loop that jumps whenever it is idle also jumps while a thread is still working, and a
timeout fires that would never have fired. So work handed to threads is counted and waited for in real time.
A pty or a USB device is a thread of the kernel that cannot be counted: they need a real loop.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar, TypeVarTuple

PATIENCE_S = 30.0
"""Real seconds a virtual loop waits for a thread or a descriptor before it calls the run stuck."""

ROUNDING_S = 1e-6
"""More than the rounding of any sum of times, less than the distance of any two that matter."""

T = TypeVar("T")
Args = TypeVarTuple("Args")
Select = Callable[[float | None], list[tuple[selectors.SelectorKey, int]]]


class VirtualTimeDeadlock(RuntimeError):
    """Nothing is scheduled, nothing is pending outside: the run could never go on."""


class BusyMeter:
    """How long each turn of a loop kept others waiting; the longest wins until it is taken."""

    def __init__(self) -> None:
        self.turns = 0
        self.worst_s = 0.0
        self.over: Callable[[float], None] | None = None
        self.limit_s = 0.005
        self._began: float | None = None

    def enter_select(self) -> None:
        """The loop has nothing left to run in this turn."""
        if self._began is None:
            return
        busy_s = time.perf_counter() - self._began
        self.turns += 1
        self.worst_s = max(self.worst_s, busy_s)
        if busy_s > self.limit_s and self.over is not None:
            self.over(busy_s)

    def leave_select(self) -> None:
        """The loop starts running callbacks."""
        self._began = time.perf_counter()


class _HookedSelector(selectors.BaseSelector):
    """The system's selector, with the waiting given to a hook and the busy time measured."""

    def __init__(self) -> None:
        self.inner = selectors.DefaultSelector()
        self.hook: Callable[[float | None, Select], list[tuple[selectors.SelectorKey, int]]] | None = None
        self.meter = BusyMeter()

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self.inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.inner.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.meter.enter_select()
        try:
            if self.hook is None:
                return self.inner.select(timeout)
            return self.hook(timeout, self.inner.select)
        finally:
            self.meter.leave_select()

    def close(self) -> None:
        self.inner.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self.inner.get_map() or {}


class ScaledLoop(asyncio.SelectorEventLoop):
    """A real loop whose time runs `speed` times as fast, from `start` on (None: from the real reading)."""

    def __init__(self, speed: float = 1.0, *, start: float | None = None) -> None:
        self.speed = speed
        self._real_start = time.monotonic()
        self._loop_start = self._real_start if start is None else start
        hooked = _HookedSelector()
        hooked.hook = self._select
        self.meter = hooked.meter
        super().__init__(hooked)
        if speed <= 0:
            self.close()
            raise ValueError(f"speed must be positive, not {speed}")

    def time(self) -> float:
        """Seconds on this loop's own base."""
        return self._loop_start + (time.monotonic() - self._real_start) * self.speed

    def _select(self, timeout: float | None, select: Select) -> list[tuple[selectors.SelectorKey, int]]:
        return select(None if timeout is None else timeout / self.speed)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop that jumps to its next timer when idle; time starts at `start` and never reads a clock."""

    def __init__(self, *, start: float = 0.0, patience_s: float = PATIENCE_S) -> None:
        self._now = start
        self._external = 0
        self._patience_s = patience_s
        self._own_descriptors = 0
        hooked = _HookedSelector()
        hooked.hook = self._select
        self.meter = hooked.meter
        self._hooked = hooked
        super().__init__(hooked)
        self._own_descriptors = len(hooked.get_map())

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def stall(self, for_s: float) -> None:
        """Time passes and nothing runs, as when a callback keeps a real loop busy."""
        self._now = round(self._now + for_s, 9)

    @contextmanager
    def external(self) -> Iterator[None]:
        """While inside, something outside the loop is working for it: do not jump, wait."""
        self._external += 1
        try:
            yield
        finally:
            self._external -= 1

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Args], T], *args: *Args
    ) -> asyncio.Future[T]:
        """As asyncio's, counted, so that time stands still until the thread is done."""
        future = super().run_in_executor(executor, func, *args)
        self._external += 1
        future.add_done_callback(self._external_done)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        """As asyncio's, counted: it waits for a thread that waits for the others."""
        with self.external():
            await super().shutdown_default_executor(*args)

    def _external_done(self, _future: asyncio.Future[Any]) -> None:
        self._external -= 1

    def _select(self, timeout: float | None, select: Select) -> list[tuple[selectors.SelectorKey, int]]:
        ready = select(0)
        if ready or timeout == 0:
            return ready
        if self._external:
            return self._wait(select, f"{self._external} piece(s) of work in threads")
        if timeout is not None:
            self._now = self._next_timer(timeout)
            return ready
        if len(self._hooked.get_map()) > self._own_descriptors:
            return self._wait(select, "a descriptor")
        raise VirtualTimeDeadlock(
            f"at {self._now:.3f} s nothing is scheduled and nothing is pending: every task waits for another"
        )

    def _next_timer(self, timeout: float) -> float:
        """The time of the nearest timer, exactly: a sum would fall short of it by a rounding, for ever."""
        timers: list[asyncio.TimerHandle] = vars(self)["_scheduled"]
        jump = self._now + timeout
        return min((timer.when() for timer in timers[:1] if timer.when() <= jump + ROUNDING_S), default=jump)

    def _wait(self, select: Select, what: str) -> list[tuple[selectors.SelectorKey, int]]:
        ready = select(self._patience_s)
        if not ready:
            raise VirtualTimeDeadlock(
                f"at {self._now:.3f} s waited {self._patience_s:g} real seconds for {what}"
            )
        return ready
