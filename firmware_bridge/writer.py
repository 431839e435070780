"""One thread for the calls to one device that may block, in order; the loop is told what each returned.

May not interpret bytes. A wedged device keeps its own thread waiting and nobody else.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

Call = Callable[[int, bytes], int]
"""Hands bytes to an open file; returns how many were taken."""
Taken = tuple[int, float]
"""How many bytes were taken, and the loop's time when they were."""
_Job = tuple[asyncio.AbstractEventLoop, asyncio.Future[Taken], Call, bytes]


class BlockingWriter:
    """Owns a file descriptor for writing; reads of it are somebody else's.

    A thread of its own and not a pool: a report reaches the device in a fifth of a pool's time, and a call
    that hangs in the kernel does not keep the process from ending.
    """

    def __init__(self, fd: int, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        Thread(target=_serve, args=(fd, self._jobs), name=name, daemon=True).start()

    def begin(self, call: Call, data: bytes) -> asyncio.Future[Taken]:
        """Have `call` made in its turn, at once where nothing is under way; what it returns or raises.

        Whoever stops waiting does not stop the call.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Taken] = loop.create_future()
        answer.add_done_callback(_retrieve)
        self._jobs.put((loop, answer, call, data))
        return answer

    def close(self) -> None:
        """Close the descriptor after what is under way, and end the thread; never waits."""
        self._jobs.put(None)


def _serve(fd: int, jobs: SimpleQueue[_Job | None]) -> None:
    try:
        while (job := jobs.get()) is not None:
            loop, answer, call, data = job
            taken: Taken | OSError
            try:
                taken = call(fd, data), loop.time()
            except OSError as error:
                taken = error
            with suppress(RuntimeError):  # the loop was closed while the device kept us waiting
                loop.call_soon_threadsafe(_tell, answer, taken)
    finally:
        os.close(fd)


def failed(number: int, why: str) -> asyncio.Future[Taken]:
    """The answer of a call that could not even begin."""
    answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
    answer.add_done_callback(_retrieve)
    answer.set_exception(OSError(number, why))
    return answer


def _retrieve(answer: asyncio.Future[Taken]) -> None:
    """A failure nobody waited for, because the port had ended, is nobody's."""
    if not answer.cancelled():
        answer.exception()


def _tell(answer: asyncio.Future[Taken], taken: Taken | OSError) -> None:
    if answer.done():
        return
    if isinstance(taken, OSError):
        answer.set_exception(taken)
    else:
        answer.set_result(taken)
