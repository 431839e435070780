"""An AT engine and a simulated phone wired back to back, in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from devices.at.calls import Call
from devices.at.engine import AtEngine
from devices.at.profiles import GSM, Profile
from devices.simulated.phone import SimulatedPhone
from state.commands import LineCommand
from state.engine import Step
from state.events import Event
from state.ids import LineId

LINE = LineId("desk")


def told(events: list[Event] | tuple[Event, ...]) -> list[tuple[str, ...]]:
    """Events without their time: class name and the fields that matter, as text."""
    hidden = {"at", "source", "line", "target", "effect"}
    rows = []
    for event in events:
        names = [
            name
            for kind in reversed(type(event).__mro__)
            for name in getattr(kind, "__slots__", ())
            if name not in hidden
        ]
        rows.append((type(event).__name__, *(str(getattr(event, name)) for name in names)))
    return rows


def names(events: list[Event] | tuple[Event, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


class Rig:
    """Moves bytes both ways; `cut` takes the cable away."""

    def __init__(self, phone: SimulatedPhone | None = None, profile: Profile = GSM) -> None:
        self.phone = phone if phone is not None else SimulatedPhone()
        self.engine = AtEngine(LINE, profile)
        self.at = 0.0
        self.cut = False
        self.events: list[Event] = []
        self.written: list[bytes] = []

    def start(self, run_s: float = 2.0) -> Rig:
        self._host(self.engine.start(self.at))
        return self.run(run_s)

    def _host(self, step: Step) -> None:
        """What the engine did; its bytes reach the phone at once."""
        self.events += step.events
        for write in step.writes:
            self.written.append(write.data)
            if not self.cut:
                self._device(self.phone.feed(write.data, self.at))

    def _device(self, step: Step) -> None:
        for write in step.writes:
            if not self.cut:
                self._host(self.engine.feed(write.data, self.at))

    def run(self, seconds: float) -> Rig:
        until = self.at + seconds
        for _ in range(100_000):
            times = [self.engine.next_deadline(), self.phone.next_deadline()]
            due = min((time for time in times if time is not None), default=None)
            if due is None or due > until:
                self.at = until
                return self
            self.at = max(self.at, due)
            self._device(self.phone.advance(self.at))
            self._host(self.engine.advance(self.at))
        raise AssertionError("time does not move: a deadline is never cleared")

    def do(self, command: LineCommand, run_s: float = 1.0) -> list[Event]:
        """Ask the line for something; the events it led to."""
        mark = len(self.events)
        self._host(self.engine.request(command, self.at))
        self.run(run_s)
        return self.events[mark:]

    def far(self, act: Callable[[float], Step], run_s: float = 1.0) -> list[Event]:
        """The far party does something; the events it led to."""
        mark = len(self.events)
        self._device(act(self.at))
        self.run(run_s)
        return self.events[mark:]

    def ring(self, number: str, name: str = "", run_s: float = 1.0) -> list[Event]:
        return self.far(lambda at: self.phone.ring_in(number, at, name), run_s)

    def calls(self) -> list[Call]:
        """The engine's own view."""
        return self.engine._table.calls


class Desk:
    """An engine in service, fed by hand."""

    def __init__(self, profile: Profile = GSM) -> None:
        self.engine = AtEngine(LINE, profile)
        self.at = 0.0
        self.events: list[Event] = []
        self.written: list[bytes] = []

    def _took(self, step: Step) -> list[tuple[str, ...]]:
        self.events += step.events
        self.written += [write.data for write in step.writes]
        return told(step.events)

    def start(self) -> Desk:
        self._took(self.engine.start(self.at))
        for _ in range(20):
            if self.engine._queue.current is None:
                return self
            self.hear(b"\r\nOK\r\n")
        raise AssertionError("the start never ends")

    def hear(self, data: bytes, after_s: float = 0.05) -> list[tuple[str, ...]]:
        rows = self.wait(after_s)
        return rows + self._took(self.engine.feed(data, self.at))

    def wait(self, seconds: float) -> list[tuple[str, ...]]:
        until = self.at + seconds
        rows: list[tuple[str, ...]] = []
        for _ in range(1000):
            due = self.engine.next_deadline()
            if due is None or due > until:
                self.at = until
                return rows
            self.at = max(self.at, due)
            rows += self._took(self.engine.advance(self.at))
        raise AssertionError("time does not move")

    def ask(self, command: LineCommand) -> list[tuple[str, ...]]:
        return self._took(self.engine.request(command, self.at))

    def wrote(self) -> bytes:
        data, self.written = b"".join(self.written), []
        return data
