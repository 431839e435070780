"""Keeps the busy light at what the seat says, in a thread of its own, and the seat free of its troubles.

May not decide what is shown (`state.busy`) or know a maker's light. Nothing it meets ends the daemon: a
light that fails is told once, counted, and looked for again with growing pauses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from callseat import clock
from callseat.runtime.service import Service
from callseat.runtime.workers import Worker
from firmware_bridge.busy_light import BusyLight, FindLight
from state.busy import DARK, Colour, busy_sign
from state.errors import ConfigError, TransportError
from state.snapshot import Snapshot

_log = logging.getLogger("callseat.busy_light")

REFRESH_S = 10.0
"""Shown again this often: a Kuando light goes dark 15 s after it was last told (busylight-core,
kuando/busylight_base.py: refresh 10 s, keepalive 15 s), and a light pulled out is noticed."""
HALF_FLASH_S = 0.5
"""One flash a second: far below 3 a second, which WCAG 2.2 (2.3.1) sets as the limit."""
LOOK_S = 5.0
"""No light is plugged in: looked for this often. Whoever plugs one in watches it about as long."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STOP_S = 2.0
"""One report of a wedged device may take the kernel longer; the light is left as it is then."""


class BusyLightService:
    """One light; `on_snapshot` is told every picture of the seat, `service` is its beginning and end."""

    def __init__(self, find: FindLight, worker: Worker) -> None:
        self._find = find
        self._worker = worker
        self._light: BusyLight | None = None
        self._sign = DARK
        self._shown: Colour | None = None
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._errors = 0
        self._error = ""
        self._told = ""

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Show what this picture says, if it is something else."""
        sign = busy_sign(snapshot)
        if sign != self._sign:
            self._sign = sign
            self._changed.set()

    def health(self) -> Mapping[str, object]:
        """Which light there is, what it shows, what went wrong last and how often, for `server.info`."""
        return {
            "light": "" if self._light is None else self._light.name,
            "shown": self._shown,
            "errors": self._errors,
            "error": self._error,
        }

    def service(self) -> Service:
        """Started with the seat; dark when it stops."""
        return Service("busy light", self._start, self._stop, STOP_S)

    async def _start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="busy light")
        self._task.add_done_callback(self._ended)

    async def _stop(self) -> None:
        self._stopping.set()
        self._changed.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._worker.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A mistake in a library of others costs the light, not the seat."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors += 1
            self._error = repr(error)
            _log.error("the busy light is given up until the next start", exc_info=error)

    async def _keep(self) -> None:
        """Find a light, keep it, find it again, until the seat stops."""
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = clock.now()
            try:
                self._light = await self._worker.run(self._find)
                if self._light is not None:
                    await self._serve(self._light)
                self._error, pause_s, wait_s = "", FIRST_PAUSE_S, LOOK_S
            except (TransportError, ConfigError) as error:
                self._failed(error)
                wait_s = FIRST_PAUSE_S if clock.now() - began >= REFRESH_S else pause_s
                pause_s = min(2 * wait_s, LONGEST_PAUSE_S)
            finally:
                await self._let_go()
            await _passes(wait_s, self._stopping)

    async def _serve(self, light: BusyLight) -> None:
        """Show what is to be shown, whenever that changes and now and then."""
        while not self._stopping.is_set():
            self._changed.clear()
            colour, for_s = self._due()
            await self._worker.run(partial(light.show, colour))
            self._shown, self._error = colour, ""
            await _passes(for_s, self._changed)
        await self._worker.run(partial(light.show, Colour.OFF))

    def _due(self) -> tuple[Colour, float]:
        """The colour of now, and for how long it is right."""
        if not self._sign.flash:
            return self._sign.colour, REFRESH_S
        lit = self._shown is not self._sign.colour
        return self._sign.colour if lit else Colour.OFF, HALF_FLASH_S

    async def _let_go(self) -> None:
        light, self._light, self._shown = self._light, None, None
        if light is not None:
            await self._worker.run(light.close)

    def _failed(self, error: TransportError | ConfigError) -> None:
        self._errors += 1
        self._error = str(error)
        if self._error != self._told:
            self._told = self._error
            _log.warning("busy light: %s", error)


async def _passes(seconds: float, unless: asyncio.Event) -> None:
    """Return after `seconds`, or when the event comes."""
    try:
        async with asyncio.timeout(seconds):
            await unless.wait()
    except TimeoutError:
        pass
