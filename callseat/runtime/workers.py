"""Where blocks are analysed and lights told: in one thread beside a real loop, or inline in virtual time.

May not keep results: what a job returns goes to whoever awaits it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")


class Worker(Protocol):
    """Runs jobs one after the other."""

    async def run(self, job: Callable[[], T]) -> T:
        """What `job` returns; its exception is the caller's."""
        ...

    def close(self) -> None:
        """No more jobs; the one under way ends by itself."""
        ...


class InlineWorker:
    """Runs a job at once on the loop: deterministic, for virtual time."""

    async def run(self, job: Callable[[], T]) -> T:
        """What `job` returns, without giving way to anybody."""
        return job()

    def close(self) -> None:
        """Nothing to let go."""


class ThreadWorker:
    """One thread: a job never keeps the loop waiting, and jobs keep their order (blocks of all lines)."""

    def __init__(self, name: str = "audio-analysis") -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, job: Callable[[], T]) -> T:
        """What `job` returns, from the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def close(self) -> None:
        """Let the thread end."""
        self._pool.shutdown(wait=False)
