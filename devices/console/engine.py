"""The console engine: bytes and commands in, events and bytes out, the session kept in between.

May not show what the seat did not ask for. It tells itself when the console is there and when it is gone: an
open port is not yet a console.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from devices.console.face import DARK, Face
from devices.console.framing import Frame, Framer, encode
from devices.console.keys import Keys
from devices.console.messages import (
    OF_HOSTS,
    VERSION,
    Hello,
    lamps_body,
    read_hello,
    read_hook,
    read_key,
    version_of,
)
from devices.console.outbox import Outbox
from state.commands import DeviceCommand, Identify, SetDisplay, SetLamps, SetPassive
from state.engine import NOTHING, Step, Write
from state.errors import ProtocolError, ProtocolReason, TransportReason
from state.events import DeviceAttached, DeviceDetached, EffectFailed, Event, HookChanged
from state.ids import DeviceId
from state.words import DeviceKind

ASK_S = 1.0
GONE_S = 5.0
"""An Arduino needs 2 s to boot after its port is opened."""
PING_S = 5.0
IDENTIFY_S = 3.0
"""As long as a headset's lamp blinks."""
UNANSWERED = 0
"""The number of ASK and BYE."""
PING = "PING"
ATTACHED = "attached"


class _Phase(StrEnum):
    CLOSED = "closed"
    ASKING = "asking"
    JOINED = "joined"


class ConsoleEngine:
    """Engine of one console; `start` it when its port is open, `stop` it when the port is gone."""

    def __init__(self, device: DeviceId) -> None:
        self.device = device
        self._framer = Framer()
        self._outbox = Outbox()
        self._part = ""
        """Of the face, what is under way; empty: a PING is, or nothing."""
        self._face = Face()
        self._keys = Keys(device)
        self._phase = _Phase.CLOSED
        self._hello: Hello | None = None
        """Of the last console that joined; it outlives the session."""
        self._standing = ""
        """What the seat was told last: ATTACHED, or why the console is gone."""
        self._passive = False
        self._heard = Frame(UNANSWERED, "")
        """The console's last message since it joined, and our answer to it."""
        self._ask_at: float | None = None
        self._gone_at: float | None = None
        self._ping_at: float | None = None
        self._identified_at: float | None = None
        self._events: list[Event] = []
        self._writes: list[Write] = []

    @property
    def damaged_lines(self) -> int:
        """Lines that arrived damaged since `start`, and were dropped."""
        return self._framer.damaged

    # the engine shape ------------------------------------------------------------------------

    def start(self, at: float) -> Step:
        """Begin on a fresh port: ask who is there."""
        self._framer = Framer()
        self._ask(at)
        return self._end(at)

    def stop(self, at: float, reason: str) -> Step:
        """The port is gone; what is to be shown is kept for the next `start`."""
        self._drop_session()
        self._phase = _Phase.CLOSED
        self._ask_at = self._gone_at = None
        self._detach(at, reason)
        return self._end(at)

    def feed(self, data: bytes, at: float) -> Step:
        """Take bytes from the console."""
        for frame in self._framer.feed(data):
            self._hear(frame, at)
        return self._end(at)

    def request(self, command: DeviceCommand, at: float) -> Step:
        """Keep what is to be shown, and show it once there is somebody to show it."""
        match command:
            case SetLamps(lamps, again):
                self._face.lamps = lamps
                if lamps.off_hook or lamps.ring:
                    self._identified(at)
                if again:
                    self._face.again()
            case SetDisplay(lines):
                self._face.lines = lines
                if self._hello is not None and not self._hello.rows:
                    self._failed(at, "no display")
            case Identify():
                if self._hello is None or not lamps_body(self._hello.lamps, DARK):
                    self._failed(at, "no lamp")
                else:
                    self._face.blinking, self._identified_at = True, at + IDENTIFY_S
            case SetPassive(passive):
                self._passive = self._face.hidden = passive
            case _:
                assert_never(command)
        return self._end(at)

    def advance(self, at: float) -> Step:
        """Fire every deadline that is due."""
        for due, fire in self._deadlines():
            if due is not None and due <= at:
                fire(at)
        return self._end(at)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        return min((due for due, _ in self._deadlines() if due is not None), default=None)

    def farewell(self) -> tuple[Write, ...]:
        """What leaves the console dark and silent."""
        return (Write(encode(Frame(UNANSWERED, "BYE"))),)

    # hearing ---------------------------------------------------------------------------------

    def _hear(self, frame: Frame, at: float) -> None:
        if frame.verb in OF_HOSTS:
            return  # a terminal that echoes what we say
        if frame.verb in ("ACK", "NAK"):
            self._answered(frame, at)
        elif frame.verb == "HELLO":
            self._greeted(frame, at)
        elif self._phase is not _Phase.JOINED:
            self._ask_soon(at)
        else:
            if frame.number != self._heard.number:
                self._heard = Frame(frame.number, self._obey(frame, at))
            self._write(self._heard)

    def _answered(self, answer: Frame, at: float) -> None:
        body = self._outbox.answered(answer.number)
        if not body:
            return
        part, self._part = self._part, ""
        if answer.verb == "NAK" and answer.rest == "hello":
            self._ask(at)
            return
        if part:
            self._face.settled(part, body)
        if answer.verb == "NAK":
            self._failed(at, f"{body.partition(' ')[0]}: {answer.rest}")

    def _greeted(self, frame: Frame, at: float) -> None:
        """A session begins, or begins anew: the console knows nothing."""
        try:
            if version_of(frame.rest) > VERSION:
                self._refuse(frame, "version", at)
                return
            hello = read_hello(frame.rest)
        except ProtocolError:
            self._refuse(frame, "args", at)
            return
        before, self._hello = self._hello, hello
        self._drop_session()
        self._phase = _Phase.JOINED
        self._ask_at = self._gone_at = None
        self._ping_at = at + PING_S
        self._write(Frame(frame.number, "ACK"))
        if self._standing != ATTACHED or before is None or replace(before, hook=hello.hook) != hello:
            self._standing = ATTACHED
            who = self.device
            self._events.append(DeviceAttached(at, who, who, DeviceKind.CONSOLE, hello.name, hello.features))
        if before is not None and before.hook is not None and hello.hook is not None:
            self._hooked(before.hook, hello.hook, at)

    def _refuse(self, frame: Frame, why: str, at: float) -> None:
        self._write(Frame(frame.number, f"NAK {why}"))
        self._gone_at = None  # it is there, and cannot be used
        self._detach(at, TransportReason.DENIED)

    def _obey(self, frame: Frame, at: float) -> str:
        """What a console tells of itself; the answer."""
        try:
            match frame.verb:
                case "KEY":
                    moved = self._keys.moved(*read_key(frame.rest), self._face.lamps, at)
                    self._events += () if self._passive else moved
                case "HOOK":
                    self._moved_hook(read_hook(frame.rest), at)
                case _:
                    return "NAK verb"
        except ProtocolError:
            return "NAK args"
        return "ACK"

    def _moved_hook(self, off: bool, at: float) -> None:
        if self._hello is not None:
            before, self._hello = self._hello.hook, replace(self._hello, hook=off)
            self._hooked(before, off, at)

    def _hooked(self, before: bool | None, off: bool, at: float) -> None:
        if before is not off and not self._passive:
            self._events.append(HookChanged(at, self.device, self.device, off))

    # saying ----------------------------------------------------------------------------------

    def _write(self, frame: Frame) -> None:
        self._writes.append(Write(encode(frame)))

    def _ask(self, at: float) -> None:
        """There is no session, or none any more: who is there?"""
        if self._phase is not _Phase.ASKING:
            self._drop_session()
            self._phase = _Phase.ASKING
            self._gone_at = at + GONE_S
        self._ask_at = at + ASK_S
        self._write(Frame(UNANSWERED, "ASK"))

    def _ask_soon(self, at: float) -> None:
        """Somebody speaks without a session: not answered a burst with a burst."""
        if self._ask_at is not None:
            self._ask_at = min(self._ask_at, at + ASK_S / 2)

    def _say_next(self, at: float) -> None:
        """Whatever the console does not show yet, one message at a time."""
        if self._phase is not _Phase.JOINED or self._hello is None or self._outbox.body:
            return
        part, body = self._face.next(self._hello) or ("", "")
        if body or (self._ping_at is not None and self._ping_at <= at):
            self._part = part
            self._ping_at = at + PING_S
            self._writes.append(Write(self._outbox.send(body or PING, at)))

    def _end(self, at: float) -> Step:
        self._say_next(at)
        if not self._events and not self._writes:
            return NOTHING
        step = Step(tuple(self._events), tuple(self._writes))
        self._events, self._writes = [], []
        return step

    # time ------------------------------------------------------------------------------------

    def _deadlines(self) -> tuple[tuple[float | None, Callable[[float], None]], ...]:
        idle = self._phase is _Phase.JOINED and not self._outbox.body
        return (
            (self._keys.next_deadline(), self._held),
            (self._outbox.next_deadline(), self._overdue),
            (self._ask_at, self._ask),
            (self._gone_at, self._gone),
            (self._identified_at, self._identified),
            (self._ping_at if idle else None, self._say_next),
        )

    def _held(self, at: float) -> None:
        held = self._keys.advance(at)
        self._events += () if self._passive else held

    def _overdue(self, at: float) -> None:
        if self._outbox.exhausted:
            self._ask(at)
        else:
            self._writes.append(Write(self._outbox.again(at)))

    def _gone(self, at: float) -> None:
        self._gone_at = None
        self._detach(at, TransportReason.TIMEOUT)

    def _identified(self, _at: float) -> None:
        self._face.blinking, self._identified_at = False, None

    # its own state ---------------------------------------------------------------------------

    def _drop_session(self) -> None:
        self._outbox.drop()
        self._part = ""
        self._face.forget()
        self._keys.release()
        self._heard = Frame(UNANSWERED, "")
        self._ping_at = None

    def _detach(self, at: float, reason: str) -> None:
        if self._standing != reason:
            self._standing = reason
            self._events.append(DeviceDetached(at, self.device, self.device, reason))

    def _failed(self, at: float, detail: str) -> None:
        who = self.device
        self._events.append(
            EffectFailed(at, who, "SendToDevice", who, ProtocolReason.NOT_SUPPORTED, detail=detail)
        )
