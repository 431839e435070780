"""What a device sends, handed on as it is read: order, the end, errors, a descriptor number used again."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from firmware_bridge.descriptors import Arrivals
from state.errors import TransportError, TransportReason


@pytest.fixture(name="pair")
def _pair():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


def listening(pair, heard):
    arrivals = Arrivals(pair[0].fileno(), 100, "device")
    return arrivals, asyncio.ensure_future(arrivals.listen(heard))


def test_reports_are_handed_on_whole_and_in_order(pair):
    async def main():
        heard, both = [], asyncio.Event()

        def hear(data):
            heard.append(data)
            if len(heard) == 3:
                both.set()

        arrivals, task = listening(pair, hear)
        for report in (b"\x01\x00", b"\x01\x01", b"\x02"):
            pair[1].send(report)
        await asyncio.wait_for(both.wait(), 10)
        arrivals.close()
        with pytest.raises(TransportError, match="closed"):
            await task
        return heard

    assert asyncio.run(main()) == [b"\x01\x00", b"\x01\x01", b"\x02"]


def test_the_end_is_gone(pair):
    async def main():
        _, task = listening(pair, lambda _data: None)
        pair[1].close()
        await asyncio.wait_for(task, 10)

    with pytest.raises(TransportError) as caught:
        asyncio.run(main())
    assert caught.value.reason is TransportReason.GONE


def test_what_the_listener_raises_is_told_to_the_loop_and_the_next_report_is_heard(pair):
    async def main():
        told, heard, came = [], [], asyncio.Event()

        def hear(data):
            if data == b"bug":
                raise KeyError("bug")
            heard.append(data)
            came.set()

        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: told.append(context["exception"]))
        arrivals, task = listening(pair, hear)
        pair[1].send(b"bug")
        pair[1].send(b"x")
        await asyncio.wait_for(came.wait(), 10)
        arrivals.close()
        with pytest.raises(TransportError):
            await task
        return told, heard

    told, heard = asyncio.run(main())
    assert [type(error) for error in told] == [KeyError]
    assert heard == [b"x"]


def test_nobody_is_called_after_the_end(pair):
    async def main():
        heard = []
        arrivals, task = listening(pair, heard.append)
        await asyncio.sleep(0)
        arrivals.close()
        arrivals.close()
        pair[1].send(b"late")
        with pytest.raises(TransportError):
            await task
        await asyncio.sleep(0)
        return heard

    assert asyncio.run(main()) == []


def test_a_number_that_is_used_again_is_left_to_its_new_owner(pair):
    """Closed, its number taken by another device, and only then is the old listener's task run."""

    async def main():
        heard, came = [], asyncio.Event()
        number = os.dup(pair[0].fileno())
        old = Arrivals(number, 100, "old")
        task = asyncio.ensure_future(old.listen(lambda _data: None))
        await asyncio.sleep(0)
        old.close()
        os.close(number)
        assert os.dup(pair[0].fileno()) == number
        new = Arrivals(number, 100, "new")

        def hear(data):
            heard.append(data)
            came.set()

        again = asyncio.ensure_future(new.listen(hear))
        with pytest.raises(TransportError):
            await task
        pair[1].send(b"x")
        await asyncio.wait_for(came.wait(), 10)
        new.close()
        with pytest.raises(TransportError):
            await again
        os.close(number)
        return heard

    assert asyncio.run(main()) == [b"x"]
