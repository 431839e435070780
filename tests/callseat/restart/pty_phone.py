"""A phone on a real pty that outlives the daemon: calls go on while nobody listens to it.

May not be a double of the simulated phone: it is that one, with a serial line in between.
"""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import termios
import tty
from collections.abc import Callable

from devices.simulated.phone import SimulatedPhone
from state.engine import Step


class PtyPhone:
    """Serves `path` on the running loop until `close`."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.model = SimulatedPhone(latency_s=0.005)
        self._alarm: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._master, self._heard)

    def act(self, act: Callable[[SimulatedPhone, float], Step]) -> None:
        """Let the far party do something."""
        self._send(act(self.model, self._loop.time()))

    def host_died(self) -> None:
        """The daemon was killed: what was on the wire is lost, calls live on."""
        self.model.host_gone()
        termios.tcflush(self._slave, termios.TCIOFLUSH)

    def close(self) -> None:
        """Take the phone away."""
        self._loop.remove_reader(self._master)
        if self._alarm is not None:
            self._alarm.cancel()
        os.close(self._master)
        os.close(self._slave)

    def _heard(self) -> None:
        self.act(lambda phone, at: phone.feed(os.read(self._master, 4096), at))

    def _send(self, step: Step) -> None:
        for write in step.writes:
            try:
                os.write(self._master, write.data)
            except OSError as error:  # nobody reads, and the line is full: a real one loses bytes too
                if error.errno != errno.EAGAIN:
                    raise
        if self._alarm is not None:
            self._alarm.cancel()
        deadline = self.model.next_deadline()
        self._alarm = None if deadline is None else self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self.act(lambda phone, at: phone.advance(at))
