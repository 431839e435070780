"""Parts of the daemon with a beginning and an end: started in order, stopped in reverse and in time.

May not start anything by itself: `callseat.app` says the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field


async def _nothing() -> None:
    """A part without a beginning or an end."""


@dataclass(frozen=True, slots=True)
class Service:
    """A named part: how it starts, how it stops, and how long stopping may take."""

    name: str
    start: Callable[[], Awaitable[None]] = _nothing
    stop: Callable[[], Awaitable[None]] = _nothing
    stop_timeout_s: float = 2.0


def threaded(
    name: str, start: Callable[[], None], stop: Callable[[], None], stop_timeout_s: float = 2.0
) -> Service:
    """A service whose beginning and end block (a file, a thread): both run off the loop."""

    async def begin() -> None:
        await asyncio.to_thread(start)

    async def end() -> None:
        await asyncio.to_thread(stop)

    return Service(name, begin, end, stop_timeout_s)


@dataclass(slots=True)
class Overdue:
    """Names of the parts that did not stop in time; the daemon goes on without them."""

    names: list[str] = field(default_factory=list)


async def bounded(name: str, stop: Callable[[], Awaitable[None]], timeout_s: float, overdue: Overdue) -> None:
    """Stop one part; when it takes too long it is named and left."""
    try:
        async with asyncio.timeout(timeout_s):
            await stop()
    except TimeoutError:
        overdue.names.append(name)


@asynccontextmanager
async def running(services: Sequence[Service], overdue: Overdue) -> AsyncIterator[None]:
    """All services started in order; left in reverse order, whatever happens inside."""
    async with AsyncExitStack() as stack:
        for service in services:
            await service.start()
            stack.push_async_callback(bounded, service.name, service.stop, service.stop_timeout_s, overdue)
        yield
