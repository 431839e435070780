"""Virtual time jumps only when nobody works; scaled time runs as fast as told."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from callseat import clock
from callseat.loops import ScaledLoop, VirtualTimeDeadlock, VirtualTimeLoop
from callseat.runtime.latency import UNNAMED, LatencyWatch
from tests.virtual import passes


def virtual(**options):
    return asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(**options))


def test_a_day_passes_at_once_and_times_are_exact():
    async def main():
        began = clock.now()
        real = clock.stopwatch()
        await passes(86_400 * 2 + 0.25)
        return clock.now() - began, clock.stopwatch() - real

    with virtual(start=100.0) as runner:
        passed, real = runner.run(main())
    assert passed == 86_400 * 2 + 0.25
    assert real < 5


def test_timers_fire_in_order_at_their_times():
    async def main():
        loop, seen = asyncio.get_running_loop(), []
        for at in (5.0, 0.02, 3.1, 3.1):
            loop.call_at(at, lambda at=at: seen.append((at, loop.time())))
        await passes(6)
        return seen

    with virtual() as runner:
        assert runner.run(main()) == [(0.02, 0.02), (3.1, 3.1), (3.1, 3.1), (5.0, 5.0)]


def test_whoever_waits_for_a_time_wakes_at_it_and_not_a_rounding_before():
    """A loop that waits for `deadline > now` would never end if the clock stopped just short of it."""

    async def main():
        woken = []
        for step in (0.1 + 0.2, 1 / 3, 1e-7, 1e5 + 1 / 7, 90_000.1):
            deadline = clock.now() + step
            turns = 0
            while clock.now() < deadline:
                turns += 1
                try:
                    async with asyncio.timeout_at(deadline):
                        await asyncio.Event().wait()
                except TimeoutError:
                    pass
            woken.append((clock.now() - deadline, turns))
        return woken

    with virtual(start=0.3) as runner:
        assert all(late == 0 and turns <= 3 for late, turns in runner.run(main()))


def test_time_stands_still_while_a_thread_works():
    async def main():
        gate = threading.Event()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(None, gate.wait)
        fired = []
        loop.call_later(1000, fired.append, True)
        loop.call_soon(gate.set)
        await work
        return clock.now(), fired

    with virtual() as runner:
        assert runner.run(main()) == (0.0, [])


def test_work_that_ends_by_a_threadsafe_call_is_waited_for_when_told():
    async def main():
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        with loop.external():
            threading.Thread(target=loop.call_soon_threadsafe, args=(done.set,)).start()
            async with asyncio.timeout(60):
                await done.wait()
        return clock.now()

    with virtual() as runner:
        assert runner.run(main()) == 0.0


def test_an_error_in_a_thread_is_the_callers_and_time_goes_on():
    async def main():
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
        await passes(7)
        return clock.now()

    with virtual() as runner:
        assert runner.run(main()) == 7.0


def test_data_in_a_socket_is_seen_before_time_jumps():
    async def main():
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.call_later(2.0, theirs.send, b"x")
        data = await loop.sock_recv(ours, 1)
        ours.close()
        theirs.close()
        return data, clock.now()

    with virtual() as runner:
        assert runner.run(main()) == (b"x", 2.0)


def test_deadlock_is_an_error_not_a_hang():
    async def main():
        await passes(3)
        await asyncio.get_running_loop().create_future()

    runner = virtual()
    with pytest.raises(VirtualTimeDeadlock, match=r"at 3\.000 s nothing is scheduled"), runner:
        runner.run(main())


def test_a_thread_that_never_ends_is_an_error():
    gate = threading.Event()

    async def main():
        await asyncio.get_running_loop().run_in_executor(None, gate.wait)

    runner = virtual(patience_s=0.01)
    try:
        with pytest.raises(VirtualTimeDeadlock, match=r"1 piece\(s\) of work"):
            runner.run(main())
    finally:
        gate.set()
        runner.close()


def test_a_silent_descriptor_is_waited_for_and_then_an_error():
    async def main():
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours, theirs:
            await asyncio.get_running_loop().sock_recv(ours, 1)

    runner = virtual(patience_s=0.01)
    with pytest.raises(VirtualTimeDeadlock, match="a descriptor"), runner:
        runner.run(main())


def test_scaled_time_is_faster_than_real():
    async def main():
        began, real = clock.now(), clock.stopwatch()
        rung = asyncio.Event()
        asyncio.get_running_loop().call_later(20, rung.set)
        await rung.wait()
        return began, clock.now() - began, clock.stopwatch() - real

    with asyncio.Runner(loop_factory=lambda: ScaledLoop(1000, start=0.0)) as runner:
        began, passed, real = runner.run(main())
    assert 0 <= began < 100
    assert passed >= 20
    assert 0.015 <= real < 2


def test_scaled_by_one_is_the_monotonic_base():
    loop = ScaledLoop()
    try:
        before, between, after = asyncio.SelectorEventLoop.time(loop), loop.time(), None
        after = asyncio.SelectorEventLoop.time(loop)
        assert before - 1e-6 <= between <= after + 1e-6
    finally:
        loop.close()


@pytest.mark.parametrize("speed", [0, -1.0])
def test_speed_must_be_positive(speed):
    with pytest.raises(ValueError, match="positive"):
        ScaledLoop(speed)


def test_a_slow_turn_is_counted_by_name_or_as_unnamed():
    watch = LatencyWatch(limit_s=0.0005)

    def spin():
        began = clock.stopwatch()
        while clock.stopwatch() - began < 0.002:
            pass

    async def main():
        watch.attach(asyncio.get_running_loop().meter)
        await passes(1)
        began = clock.stopwatch()
        spin()
        watch.add("busy decision", clock.stopwatch() - began)
        await passes(1)
        spin()
        await passes(1)

    with virtual() as runner:
        runner.run(main())
    assert watch.slow["busy decision"] == 1
    assert watch.slow[UNNAMED] >= 1
    assert watch.worst_s >= 0.002
