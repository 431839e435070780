"""Reasons to look again: events of a monitor, lost events, and time where there is no udev."""

from __future__ import annotations

import asyncio
import errno
import gc
import os

import pytest

from firmware_bridge import hotplug
from firmware_bridge.hotplug import BATCH, POLL_LOOK_S, SAFETY_LOOK_S, watch_devices
from tests.callseat.runtime.seat_kit import run
from tests.virtual import passes


class FakeMonitor:
    """Events are bytes in a pipe; an OSError to raise may be put before them."""

    def __init__(self):
        self.ours, self.theirs = os.pipe()
        os.set_blocking(self.ours, False)
        self.failing = None
        self.polled = 0

    def fileno(self):
        return self.ours

    def poll(self, timeout):
        assert timeout == 0
        self.polled += 1
        if self.failing is not None:
            failing, self.failing = self.failing, None
            os.read(self.ours, 1)
            raise failing
        try:
            return os.read(self.ours, 1)
        except BlockingIOError:
            return None

    def event(self, count=1):
        os.write(self.theirs, b"e" * count)

    def close(self):
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture(name="monitor")
def _monitor():
    monitor = FakeMonitor()
    yield monitor
    monitor.close()


async def watching(monitor):
    asked = []

    def opened(subsystems):
        asked.append(tuple(subsystems))
        return monitor

    watch = await watch_devices(("hidraw", "tty"), opened)
    assert asked == [("hidraw", "tty")]
    return watch


def test_an_event_is_a_reason_to_look_and_many_are_one(monitor):
    async def main():
        watch = await watching(monitor)
        assert watch.how == "udev"
        monitor.event(5)
        first = await watch.changed()
        monitor.event()
        second = await watch.changed()
        watch.close()
        watch.close()
        return first, second

    assert asyncio.run(main()) == (True, True)
    assert monitor.polled == 5 + 1 + 2


def test_a_flood_of_events_gives_the_loop_its_turns(monitor):
    async def main():
        watch = await watching(monitor)
        monitor.event(2 * BATCH + 3)
        turns = 0
        while monitor.polled < 2 * BATCH + 4:
            before = monitor.polled
            await asyncio.sleep(0)
            assert monitor.polled - before <= BATCH
            turns += monitor.polled > before
        watch.close()
        return turns

    assert asyncio.run(main()) == 3


def test_lost_events_are_a_reason_to_look(monitor):
    async def main():
        watch = await watching(monitor)
        monitor.failing = OSError(errno.ENOBUFS, "No buffer space available")
        monitor.event()
        heard = await watch.changed()
        watch.close()
        return heard

    assert asyncio.run(main()) is True


def test_with_udev_the_safety_look_comes_by_itself_and_is_no_event(monitor):
    async def main():
        watch = await watching(monitor)
        began = asyncio.get_running_loop().time()
        heard = await watch.changed()
        took_s = asyncio.get_running_loop().time() - began
        watch.close()
        return heard, took_s

    assert run(main()) == (False, SAFETY_LOOK_S)


@pytest.mark.parametrize("trouble", [OSError("udev does not run here"), ImportError("No library named udev")])
def test_without_udev_we_look_every_two_seconds_and_say_so_once(trouble, caplog):
    def opened(_subsystems):
        raise trouble

    async def main():
        loop = asyncio.get_running_loop()
        watch = await watch_devices(("hidraw",), opened)
        looks = []
        for _ in range(3):
            assert not await watch.changed()
            looks.append(loop.time())
        watch.close()
        return watch.how, looks

    how, looks = run(main())
    assert how == str(trouble)
    assert looks == [POLL_LOOK_S, 2 * POLL_LOOK_S, 3 * POLL_LOOK_S]
    assert [record.getMessage() for record in caplog.records] == [
        f"no hot-plug events, looking every 2 s: {trouble}"
    ]


def test_asked_to_look_again_it_does_at_once_and_that_is_no_event():
    def opened(_subsystems):
        raise OSError("none")

    async def main():
        watch = await watch_devices(("hidraw",), opened)
        asyncio.get_running_loop().call_later(0.5, watch.look_again)
        heard = await watch.changed()
        return heard, asyncio.get_running_loop().time()

    assert run(main()) == (False, 0.5)


def test_an_event_during_a_look_is_not_lost(monitor):
    async def main():
        watch = await watching(monitor)
        monitor.event()
        assert await watch.changed()
        monitor.event()
        await passes(0)
        await passes(0)
        heard = await watch.changed()
        watch.close()
        return heard, asyncio.get_running_loop().time()

    assert run(main()) == (True, 0.0)


def test_no_udev_daemon_is_told_from_one_that_is_silent(tmp_path, monkeypatch):
    monkeypatch.setattr(hotplug, "CONTROL", tmp_path / "control")
    with pytest.raises(OSError, match="udev does not run here"):
        hotplug.open_udev(("hidraw",))


def test_a_real_monitor_listens_and_lets_its_descriptor_go(tmp_path, monkeypatch):
    """Needs libudev only: without the daemon the socket opens all the same, and stays silent."""
    monkeypatch.setattr(hotplug, "CONTROL", tmp_path)
    try:
        monitor = hotplug.open_udev(("hidraw", "tty"))
    except (ImportError, OSError) as error:
        pytest.skip(f"no libudev here: {error}")
    number = monitor.fileno()
    assert not os.get_blocking(number)
    assert monitor.poll(0) is None
    del monitor
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
