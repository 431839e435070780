"""A console engine and a simulated console on one wire, in handed-in time; and an engine alone with bytes.

May not decide anything.
"""

from __future__ import annotations

from devices.console.engine import ConsoleEngine
from devices.console.framing import Frame, Framer, encode
from devices.simulated.console import SimulatedConsole
from state.ids import DeviceId

ME = DeviceId("k1")
HELLO = "HELLO console/1 keys=1,2,hook,mute,flash,reject lamps=ring,mute lcd=2x16 ringer=1 name=desk"
WIRE_S = 0.01
"""How long a line is under way."""


def line(number, body):
    """One line as the console would send it."""
    return encode(Frame(number, body))


def said(step):
    """The bodies of what an engine writes, with their numbers."""
    return [(frame.number, frame.body) for frame in Framer().feed(b"".join(w.data for w in step.writes))]


def bodies(step):
    """The bodies alone."""
    return [body for _, body in said(step)]


def joined(hello=HELLO, at=0.0):
    """An engine whose console has just said HELLO; what it wrote then is acknowledged."""
    engine = ConsoleEngine(ME)
    engine.start(at)
    step = engine.feed(line(1, hello), at)
    return engine, settle(engine, step, at)


def settle(engine, step, at):
    """Acknowledge whatever the engine says until it says nothing; the bodies it said."""
    told = []
    while True:
        asked = [(number, body) for number, body in said(step) if body.split()[0] not in ("ACK", "NAK")]
        told += [body for _, body in asked]
        if not asked:
            return told
        step = engine.feed(b"".join(line(number, "ACK") for number, _ in asked), at)


class Wire:
    """Engine and console with a wire of WIRE_S between; `events` is what the engine told."""

    def __init__(self, console=None, chunk=None):
        self.at = 0.0
        self.events = []
        self.engine = ConsoleEngine(ME)
        self.console = console or SimulatedConsole()
        self.to_console = []
        self.to_engine = []
        self.host_there = True
        self._chunk = chunk
        self.host(self.engine.start(0.0))
        self.device(self.console.advance(0.0))

    def host(self, step):
        """What the engine did."""
        self.events += step.events
        self.to_console += [(self.at + WIRE_S, write.data) for write in step.writes]

    def device(self, step):
        """What the console did."""
        if self.host_there:
            self.to_engine += [(self.at + WIRE_S, part) for w in step.writes for part in self._cut(w.data)]

    def _cut(self, data):
        size = self._chunk or len(data)
        return [data[n : n + size] for n in range(0, len(data), size)]

    def run(self, seconds):
        """Let time pass on both sides."""
        end = self.at + seconds
        while (due := self._next()) <= end:
            assert due >= self.at, "a deadline that does not move on"
            self.at = due
            self._turn()
        self.at = end

    def _next(self):
        dues = [due for due, _ in self.to_console + self.to_engine]
        dues += [self.console.next_deadline()]
        dues += [self.engine.next_deadline()] if self.host_there else []
        return max(min((due for due in dues if due is not None), default=1e9), self.at)

    def _turn(self):
        arrived = [data for due, data in self.to_console if due <= self.at]
        self.to_console = [entry for entry in self.to_console if entry[0] > self.at]
        for data in arrived:
            self.device(self.console.feed(data, self.at))
        arrived = [data for due, data in self.to_engine if due <= self.at]
        self.to_engine = [entry for entry in self.to_engine if entry[0] > self.at]
        for data in arrived:
            self.host(self.engine.feed(data, self.at))
        self.device(self.console.advance(self.at))
        if self.host_there:
            self.host(self.engine.advance(self.at))

    def ask(self, command):
        """A command of the seat."""
        self.host(self.engine.request(command, self.at))

    def kinds(self):
        """Names of what was told, which is then forgotten."""
        kinds, self.events = [type(event).__name__ for event in self.events], []
        return kinds
