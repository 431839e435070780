"""A SIP line as the daemon runs it, without the daemon: its engine over its transport, supervised.

May not decide anything about calls: what the line tells is collected, what it is asked is asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from callseat.config import LineBackend, LineConfig
from callseat.runtime.backends import endpoints
from callseat.runtime.engine_port import EnginePort
from callseat.supervisor import Endpoint, Supervisor
from state.commands import LineCommand
from state.events import CallEvent, CommandCompleted, EffectFailed, Event
from state.ids import LineId
from tests.callseat.runtime.seat_kit import config

LINE = LineId("sip")
PATIENCE_S = 20.0
EventT = TypeVar("EventT", bound=Event)


class SipLine:
    """One line; every wait has a deadline."""

    def __init__(self, control: str) -> None:
        self.events: list[Event] = []
        self._seen = 0
        self._heard = asyncio.Event()
        self._port: EnginePort | None = None
        line = LineConfig(LINE, LineBackend.BARESIP, control=control)
        (endpoint,) = endpoints(config(lines=(line,), headsets=()), None)
        self._task = asyncio.create_task(Supervisor(endpoint, self._post, self).run())

    def opened(self, endpoint: Endpoint, port: EnginePort) -> None:
        """The registry's part: commands go there now."""
        self._port = port

    def closed(self, endpoint: Endpoint) -> None:
        """The registry's part: nowhere."""
        self._port = None

    async def close(self) -> None:
        """End the line as a killed daemon does: nothing is said to baresip."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def next(self, kind: type[EventT], fits: Callable[[EventT], bool] = lambda _event: True) -> EventT:
        """The next event of that kind after the one waited for last; what came between is passed over."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._seen < len(self.events):
                    event = self.events[self._seen]
                    self._seen += 1
                    if isinstance(event, kind) and fits(event):
                        return event
                self._heard.clear()
                await self._heard.wait()

    async def ask(self, command: LineCommand) -> CommandCompleted | EffectFailed:
        """Ask the line for something; how that ended, wherever it stands among the events."""
        assert self._port is not None, "the line is not open"
        before = len(self._ends())
        self._port.request(command)
        async with asyncio.timeout(PATIENCE_S):
            while len(self._ends()) == before:
                self._heard.clear()
                await self._heard.wait()
        return self._ends()[before]

    async def do(self, command: LineCommand) -> CommandCompleted:
        """The same, and it must succeed."""
        end = await self.ask(command)
        assert isinstance(end, CommandCompleted), end
        return end

    def told(self, call: str | None) -> list[str]:
        """The kinds of events of one call, in order."""
        mine = (event for event in self.events if isinstance(event, CallEvent) and event.call == call)
        return [type(event).__name__ for event in mine]

    def _ends(self) -> list[CommandCompleted | EffectFailed]:
        return [event for event in self.events if isinstance(event, CommandCompleted | EffectFailed)]

    def _post(self, event: Event) -> None:
        self.events.append(event)
        self._heard.set()
