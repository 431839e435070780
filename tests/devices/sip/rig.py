"""A SIP engine and a baresip of our own, wired back to back in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from devices.sip.engine import SipEngine
from state.commands import LineCommand
from state.engine import Step
from state.events import CallEvent, Event, LineInService
from state.ids import LineId
from tests.devices.sip.model import FakeBaresip

LINE = LineId("sip")


def told(events: list[Event]) -> list[tuple[str, ...]]:
    """Events without their time: class name and the fields that matter, as text."""
    hidden = {"at", "source", "line", "target", "effect"}
    rows = []
    for event in events:
        names = (name for kind in reversed(type(event).__mro__) for name in getattr(kind, "__slots__", ()))
        shown = [str(getattr(event, name)) for name in names if name not in hidden]
        rows.append((type(event).__name__, *shown))
    return rows


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


class Rig:
    """Moves bytes both ways at once; `chunk` cuts what baresip says into pieces of that size."""

    def __init__(self, baresip: FakeBaresip | None = None, chunk: int = 1 << 20) -> None:
        self.baresip = baresip or FakeBaresip()
        self.engine = SipEngine(LINE)
        self.at = 0.0
        self.chunk = chunk
        self.events: list[Event] = []

    def start(self) -> Rig:
        self.take(self.engine.start(self.at))
        return self

    @property
    def serving(self) -> LineInService:
        return next(event for event in reversed(self.events) if isinstance(event, LineInService))

    def take(self, step: Step) -> None:
        """What the engine did; baresip hears it and answers at once."""
        self.events += step.events
        for write in step.writes:
            self.baresip.feed(write.data)
        self.flow()

    def flow(self) -> None:
        """Everything baresip has said reaches the engine."""
        while self.baresip.said:
            data, self.baresip.said = b"".join(self.baresip.said), []
            for place in range(0, len(data), self.chunk):
                self.take_one(self.engine.feed(data[place : place + self.chunk], self.at))

    def take_one(self, step: Step) -> None:
        self.events += step.events
        for write in step.writes:
            self.baresip.feed(write.data)

    def run(self, seconds: float) -> Rig:
        until = self.at + seconds
        for _ in range(10_000):
            due = self.engine.next_deadline()
            if due is None or due > until:
                self.at = until
                return self
            self.at = max(self.at, due)
            self.take(self.engine.advance(self.at))
        raise AssertionError("time does not move: a deadline is never cleared")

    def ask(self, command: LineCommand, run_s: float = 5.0) -> list[tuple[str, ...]]:
        """Ask the line for something; the events it led to."""
        mark = len(self.events)
        self.take(self.engine.request(command, self.at))
        self.run(run_s)
        return told(self.events[mark:])

    def far(self, act: Callable[[], object], run_s: float = 1.0) -> list[tuple[str, ...]]:
        """Something happens at baresip; the events it led to."""
        mark = len(self.events)
        act()
        self.flow()
        self.run(run_s)
        return told(self.events[mark:])

    def talking(self, *peers: str) -> Rig:
        """Started, and in a call with each of these, the last one connected."""
        from state.commands import Answer

        self.start()
        for peer in peers:
            self.far(lambda peer=peer: self.baresip.ring(peer))
            self.ask(Answer())
        return self

    def call(self, place: int) -> str:
        """The name of the n-th call so far."""
        calls: list[str] = []
        for event in self.events:
            if isinstance(event, CallEvent) and event.call not in calls:
                calls.append(event.call)
        return calls[place]
