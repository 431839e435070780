"""Says when devices came or went, so that somebody looks again; what is there is for sysfs to say.

May not open or judge a device. Level-triggered: an event carries nothing, a lost one costs some seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

_log = logging.getLogger("callseat.hotplug")

SAFETY_LOOK_S = 10.0
"""The kernel drops netlink messages when a socket's buffer is full (ENOBUFS, netlink(7))."""
POLL_LOOK_S = 2.0
"""Without udev: an agent who plugs a headset in looks at it about this long."""
CONTROL = Path("/run/udev/control")
"""systemd-udevd's own socket. Without the daemon a monitor opens all the same and is never told anything."""
BATCH = 64
"""Events taken in one turn of the loop, each about 0.1 ms; the rest wakes the loop again."""


class Monitor(Protocol):
    """A source of udev events, as pyudev.Monitor is one."""

    def fileno(self) -> int:
        """Readable when there is an event."""
        ...

    def poll(self, timeout: float | None) -> object | None:
        """The next event, None where there is none within `timeout`."""
        ...


OpenMonitor = Callable[[Sequence[str]], Monitor]


def open_udev(subsystems: Sequence[str]) -> Monitor:
    """A started monitor of these subsystems; OSError or ImportError where there is no udev. Blocks."""
    if not CONTROL.exists():
        raise OSError(f"{CONTROL}: udev does not run here")
    import pyudev

    monitor = pyudev.Monitor.from_netlink(pyudev.Context())
    for subsystem in subsystems:
        monitor.filter_by(subsystem)
    monitor.start()
    found: Monitor = monitor
    return found


class DeviceWatch:
    """Waits for the next reason to look; made by `watch_devices`, closed by whoever has it."""

    def __init__(self, monitor: Monitor | None, how: str) -> None:
        self.how = how
        """"udev", or why we look every few seconds instead."""
        self._monitor = monitor
        self._look = asyncio.Event()
        self._heard = False
        if monitor is not None:
            asyncio.get_running_loop().add_reader(monitor.fileno(), self._drain, monitor)

    async def changed(self) -> bool:
        """Return when it is time to look; True after an event: udev has set the rights of the node."""
        try:
            async with asyncio.timeout(SAFETY_LOOK_S if self._monitor is not None else POLL_LOOK_S):
                await self._look.wait()
        except TimeoutError:
            pass
        heard, self._heard = self._heard, False
        self._look.clear()
        return heard

    def look_again(self) -> None:
        """What was seen last is known to be out of date."""
        self._look.set()

    def close(self) -> None:
        """Stop listening; a second call does nothing."""
        if self._monitor is not None:
            asyncio.get_running_loop().remove_reader(self._monitor.fileno())
            self._monitor = None

    def _drain(self, monitor: Monitor) -> None:
        self._heard = True
        self._look.set()
        try:
            for _ in range(BATCH):
                if monitor.poll(0) is None:
                    return
        except OSError as error:
            # ENOBUFS: events were lost, and the look that follows makes up for them.
            _log.info("udev events lost: %s", error)


async def watch_devices(subsystems: Sequence[str], open_monitor: OpenMonitor = open_udev) -> DeviceWatch:
    """Listen to udev, or look every few seconds where it cannot be heard; loading libudev is off the loop."""
    try:
        monitor = await asyncio.to_thread(open_monitor, subsystems)
    except (ImportError, OSError) as error:
        _log.warning("no hot-plug events, looking every %g s: %s", POLL_LOOK_S, error)
        return DeviceWatch(None, str(error))
    return DeviceWatch(monitor, "udev")
