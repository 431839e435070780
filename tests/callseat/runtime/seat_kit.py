"""A scripted core, a scripted engine and transports for the tests of the runtime.

May not decide like the real core: each test says which event gives which effects.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from callseat.config import AudioConfig, Config, HeadsetConfig, JournalConfig, LineConfig, PromptsConfig
from callseat.loops import VirtualTimeLoop
from state.commands import Lamps
from state.engine import Step
from state.errors import TransportError, TransportReason
from state.ids import CallId, DeviceId, LineId, RecordId
from state.settings import SeatSettings
from state.snapshot import AgentView, CallView, FocusView, MuteView, Snapshot
from state.words import AgentState, CallState, Direction

LINE = LineId("l1")
HEADSET = DeviceId("h1")


def run(main):
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def config(tmp_path=Path("/nonexistent"), **changes):
    """One simulated line, one simulated headset."""
    values = {
        "path": tmp_path / "callseat.toml",
        "seat": SeatSettings(),
        "lines": (LineConfig(LINE),),
        "headsets": (HeadsetConfig(HEADSET),),
        "audio": AudioConfig(),
        "prompts": PromptsConfig(tmp_path / "cache"),
        "socket_path": tmp_path / "callseat.sock",
        "records_path": tmp_path / "records.db",
        "journal": JournalConfig(tmp_path / "journal"),
    }
    return Config(**(values | changes))


def call(state=CallState.CONNECTED, line=LINE):
    """A call as a snapshot shows it."""
    return CallView(
        call=CallId(f"{line}-1"),
        line=line,
        record=RecordId("r-1"),
        state=state,
        direction=Direction.INBOUND,
        number="",
        name="",
        since=0.0,
        established_at=0.0,
        silent="inactive",
        silence_cause=None,
        silence_evidence="",
        closing="not_started",
        customer_spoke=False,
        adopted=False,
        pending="",
    )


def picture(*calls, at=0.0, lamps=None):
    """A snapshot with these calls."""
    return Snapshot(
        at=at,
        agent=AgentView(None, AgentState.LOGGED_OUT, "", "", 0.0),
        calls=calls,
        lines=(),
        devices=(),
        mute=MuteView("unknown", "", False, ""),
        focus=FocusView(None, None, None),
        cue=None,
        lamps=lamps or Lamps(),
        display=(),
        promises=0,
    )


@dataclass
class ScriptedCore:
    """Answers event types with effects or snapshots, keeps what it was told; `timers` fire by themselves."""

    answers: dict = field(default_factory=dict)
    pictures: dict = field(default_factory=dict)
    timers: list = field(default_factory=list)
    heard: list = field(default_factory=list)
    advanced: list = field(default_factory=list)
    shown: Snapshot = field(default_factory=picture)

    def handle(self, event):
        self.heard.append(event)
        if type(event) in self.pictures:
            self.shown = self.pictures[type(event)]
        answer = self.answers.get(type(event), ())
        return answer(event) if callable(answer) else answer

    def advance(self, at):
        self.advanced.append(at)
        due = [effects for when, effects in self.timers if when <= at]
        self.timers = [timer for timer in self.timers if timer[0] > at]
        return tuple(effect for effects in due for effect in effects)

    def next_deadline(self):
        return min((when for when, _ in self.timers), default=None)

    def snapshot(self):
        return self.shown

    def kinds(self):
        """Names of what was heard."""
        return [type(event).__name__ for event in self.heard]


class PipeTransport:
    """A transport whose device side is the test."""

    def __init__(self):
        self.written = []
        self.failing = None
        self.closed = False
        self._arrived = deque()
        self._wake = asyncio.Event()

    def send(self, data):
        self._arrived.append(data)
        self._wake.set()

    def fail(self, reason=TransportReason.GONE):
        self.send(TransportError(reason, "test"))

    async def read(self):
        while not self._arrived:
            self._wake.clear()
            await self._wake.wait()
        data = self._arrived.popleft()
        if isinstance(data, Exception):
            raise data
        return data

    async def write(self, data, via):
        if self.failing is not None:
            failing, self.failing = self.failing, None
            raise failing
        self.written.append((data, via))

    async def aclose(self):
        self.closed = True


class ScriptedEngine:
    """Turns bytes into events and commands into writes by functions of the test."""

    def __init__(self, feed=None, request=None):
        self.fed = []
        self.requested = []
        self.ticks = []
        self.deadline = None
        self._feed = feed or (lambda data, at: Step())
        self._request = request or (lambda command, at: Step())

    def feed(self, data, at):
        self.fed.append((data, at))
        return self._feed(data, at)

    def request(self, command, at):
        self.requested.append((command, at))
        return self._request(command, at)

    def advance(self, at):
        self.ticks.append(at)
        self.deadline = None
        return Step()

    def next_deadline(self):
        return self.deadline
