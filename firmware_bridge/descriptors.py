"""Waiting for a file descriptor on the loop, without threads.

May not open devices or interpret bytes. One waiter per direction: a transport has one reader and one writer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from firmware_bridge.transport import from_os_error, gone


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


async def readable(fd: int) -> None:
    """Return once `fd` has something to read, or an error to tell."""
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()
    loop.add_reader(fd, _wake, waiter)
    try:
        await waiter
    finally:
        loop.remove_reader(fd)


async def writable(fd: int) -> None:
    """Return once `fd` takes bytes again, or has an error to tell."""
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()
    loop.add_writer(fd, _wake, waiter)
    try:
        await waiter
    finally:
        loop.remove_writer(fd)


async def read_some(fd: int, size: int, what: str) -> bytes:
    """What one read(2) gives, waiting for it; end of file and errors are TransportError."""
    while True:
        try:
            data = os.read(fd, size)
        except BlockingIOError:
            await readable(fd)
            continue
        except OSError as error:
            raise from_os_error(error, what) from error
        if not data:
            raise gone(what, "end of file")
        return data


class Arrivals:
    """What one device sends, handed on in the callback that read it: one registration, no task in between."""

    def __init__(self, fd: int, size: int, what: str) -> None:
        self._fd = fd
        self._size = size
        self._what = what
        self._over: asyncio.Future[None] | None = None

    async def listen(self, heard: Callable[[bytes], None]) -> None:
        """Call `heard` with what each read(2) gave; raises TransportError at the end.

        What `heard` raises is the loop's exception handler's, as of any callback.
        """
        loop = asyncio.get_running_loop()
        over = self._over = loop.create_future()
        loop.add_reader(self._fd, self._read, heard, over)
        try:
            await over
        finally:
            if self._over is over:  # else it was closed, and another device may have the number by now
                self._over = None
                loop.remove_reader(self._fd)

    def close(self) -> None:
        """Watch no more; to be called before the descriptor is closed."""
        over, self._over = self._over, None
        if over is None:
            return
        asyncio.get_running_loop().remove_reader(self._fd)
        if not over.done():
            over.set_exception(gone(self._what, "closed"))

    def _read(self, heard: Callable[[bytes], None], over: asyncio.Future[None]) -> None:
        if over.done():
            return
        try:
            data = os.read(self._fd, self._size)
        except BlockingIOError:
            return
        except OSError as error:
            over.set_exception(from_os_error(error, self._what))
            return
        if data:
            heard(data)
        else:
            over.set_exception(gone(self._what, "end of file"))


async def write_all(fd: int, data: bytes, what: str) -> None:
    """Write every byte of a stream, waiting where the device is slow."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            await writable(fd)
        except OSError as error:
            raise from_os_error(error, what) from error
