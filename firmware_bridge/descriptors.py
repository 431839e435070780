"""Waiting for a file descriptor on the loop, without threads.

May not open devices or interpret bytes. One waiter per direction: a transport has one reader and one writer.
"""

from __future__ import annotations

import asyncio
import os

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
