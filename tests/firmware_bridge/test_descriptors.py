"""Waiting for descriptors: whole data, slow readers, ends and errors."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

import pytest

from firmware_bridge.descriptors import read_some, write_all
from firmware_bridge.transport import from_os_error
from state.errors import TransportError, TransportReason


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOENT, TransportReason.GONE),
        (errno.ENODEV, TransportReason.GONE),
        (errno.EIO, TransportReason.GONE),
        (errno.EACCES, TransportReason.DENIED),
        (errno.EPERM, TransportReason.DENIED),
        (errno.EBUSY, TransportReason.BUSY),
        (errno.EAGAIN, TransportReason.BUSY),
        (errno.ETIMEDOUT, TransportReason.TIMEOUT),
        (None, TransportReason.GONE),
    ],
)
def test_the_systems_errors_have_a_reason(number, reason):
    error = from_os_error(OSError(number, "why") if number else OSError("why"), "/dev/x")
    assert error.reason is reason
    assert str(error) == "/dev/x: why"


@pytest.fixture(name="pair")
def _pair():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_reading_waits_for_data(pair):
    ours, theirs = pair

    async def main():
        reading = asyncio.create_task(read_some(ours.fileno(), 100, "x"))
        await asyncio.sleep(0)
        theirs.send(b"abc")
        return await reading

    assert asyncio.run(main()) == b"abc"


def test_end_of_file_means_gone(pair):
    ours, theirs = pair

    async def main():
        theirs.shutdown(socket.SHUT_WR)
        await read_some(ours.fileno(), 100, "modem")

    with pytest.raises(TransportError, match="modem: end of file") as caught:
        asyncio.run(main())
    assert caught.value.reason is TransportReason.GONE


def test_a_slow_reader_gets_every_byte(pair):
    ours, theirs = pair
    data = bytes(range(256)) * 8192

    async def main():
        writing = asyncio.create_task(write_all(ours.fileno(), data, "x"))
        got = bytearray()
        theirs.setblocking(False)
        while len(got) < len(data):
            got += await read_some(theirs.fileno(), 65536, "x")
        await writing
        return bytes(got)

    assert asyncio.run(main()) == data


def test_errors_of_read_and_write_are_transport_errors():
    async def main():
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        os.close(read_end)
        try:
            await write_all(write_end, b"x", "pipe")
        finally:
            os.close(write_end)

    with pytest.raises(TransportError, match="pipe: Broken pipe"):
        asyncio.run(main())
    with pytest.raises(TransportError, match="closed one: Bad file descriptor"):
        asyncio.run(read_some(9999, 1, "closed one"))


def test_a_cancelled_wait_leaves_no_watch(pair):
    ours, theirs = pair

    async def main():
        reading = asyncio.create_task(read_some(ours.fileno(), 100, "x"))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        theirs.send(b"later")
        return await read_some(ours.fileno(), 100, "x")

    assert asyncio.run(main()) == b"later"
