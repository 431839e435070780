"""The thread of one device: order, errors, cancellation, a loop that is gone before the device answers."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from firmware_bridge.writer import BlockingWriter


@pytest.fixture(name="pipe")
def _pipe():
    ours, theirs = os.pipe()
    yield ours, theirs
    os.close(ours)


def thread_of(name):
    return next((thread for thread in threading.enumerate() if thread.name == name), None)


def test_calls_are_made_in_order_and_close_comes_last(pipe):
    reading, writing = pipe

    async def main():
        writer = BlockingWriter(writing, "in-order")
        taken = [writer.begin(os.write, bytes([n])) for n in range(50)]
        writer.close()
        return [(await each)[0] for each in taken]

    assert asyncio.run(main()) == [1] * 50
    if (thread := thread_of("in-order")) is not None:
        thread.join(10)
    assert os.read(reading, 100) == bytes(range(50))
    assert os.read(reading, 1) == b""


def test_an_error_of_the_system_is_the_callers_and_the_thread_lives_on(pipe):
    _reading, writing = pipe

    def refused(_fd, _data):
        raise OSError(32, "Broken pipe")

    async def main():
        writer = BlockingWriter(writing, "errors")
        with pytest.raises(OSError, match="Broken pipe"):
            await writer.begin(refused, b"x")
        taken, at = await writer.begin(os.write, b"ok")
        assert at <= asyncio.get_running_loop().time()
        writer.close()
        return taken

    assert asyncio.run(main()) == 2


def test_a_device_that_answers_after_the_loop_is_gone_troubles_nobody(pipe):
    reading, writing = pipe
    reached, may_go_on = threading.Event(), threading.Event()

    def wedged(fd, data):
        reached.set()
        assert may_go_on.wait(10)
        return os.write(fd, data)

    async def main():
        writer = BlockingWriter(writing, "late")
        calling = writer.begin(wedged, b"late")
        assert await asyncio.to_thread(reached.wait, 10)
        calling.cancel()
        writer.close()

    asyncio.run(main())
    thread = thread_of("late")
    may_go_on.set()
    thread.join(10)
    assert not thread.is_alive()
    assert os.read(reading, 10) == b"late"
