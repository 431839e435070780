"""A telephone exchange on a loopback socket: as much of IAX2 (RFC 5456) as a software modem needs for a line.

May not serve anybody else: nobody proves who they are, and nothing is sent twice, as loopback loses nothing.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

PATIENCE_S = 30.0
"""A condition that is not met by then never will be."""
FULL = 0x8000
"""Set in the first word of a frame that is acknowledged; other frames are sound."""
HEADER = struct.Struct(">HHIBBBB")
SLINEAR = 0x40
"""Sound as 16-bit samples, big-endian, 8000 a second (RFC 5456 8.7)."""
REFRESH_S = 60


class Kind(IntEnum):
    """Frame types with a meaning here (RFC 5456 8.1.1)."""

    VOICE = 2
    CONTROL = 4
    IAX = 6


class Verb(IntEnum):
    """What an IAX frame says (RFC 5456 8.4)."""

    NEW = 1
    PING = 2
    PONG = 3
    ACK = 4
    HANGUP = 5
    REJECT = 6
    ACCEPT = 7
    INVAL = 10
    LAGRQ = 11
    LAGRP = 12
    REGREQ = 13
    REGACK = 15
    REGREL = 17


class Signal(IntEnum):
    """What a control frame says (RFC 5456 8.3)."""

    RINGING = 3
    ANSWER = 4
    BUSY = 5


class Element(IntEnum):
    """Information elements (RFC 5456 8.6)."""

    CALLED_NUMBER = 1
    CALLING_NUMBER = 2
    CALLING_NAME = 4
    USERNAME = 6
    CAPABILITY = 8
    FORMAT = 9
    VERSION = 11
    APPARENT_ADDRESS = 18
    REFRESH = 19
    CAUSE = 22


class LegState(StrEnum):
    """How far a call has come, as the exchange knows."""

    NEW = "new"
    RINGING = "ringing"
    UP = "up"
    REFUSED = "refused"
    OVER = "over"


class Treatment(StrEnum):
    """What becomes of a call that a subscriber makes."""

    RINGS = "rings"
    BUSY = "busy"
    REFUSED = "refused"


Address = tuple[str, int]
Elements = dict[int, bytes]


@dataclass(frozen=True, slots=True)
class Frame:
    """A full frame. `sent` and `heard` count the frames of each side, modulo 256."""

    source: int
    destination: int
    at_ms: int
    sent: int
    heard: int
    kind: int
    word: int
    body: bytes = b""

    def pack(self) -> bytes:
        """As it goes over the wire."""
        head = HEADER.pack(
            FULL | self.source, self.destination, self.at_ms, self.sent, self.heard, self.kind, self.word
        )
        return head + self.body

    @classmethod
    def unpack(cls, data: bytes) -> Frame | None:
        """None for sound and whatever else is no full frame."""
        if len(data) < HEADER.size or not data[0] & 0x80:
            return None
        source, destination, at_ms, sent, heard, kind, word = HEADER.unpack_from(data)
        body = data[HEADER.size :]
        return cls(source & ~FULL, destination & ~FULL, at_ms, sent, heard, kind, word, body)

    def elements(self) -> Elements:
        """The information elements of an IAX frame; one that is cut off is left out."""
        found: Elements = {}
        rest = self.body
        while len(rest) >= 2 and len(rest) >= 2 + rest[1]:
            found[rest[0]] = rest[2 : 2 + rest[1]]
            rest = rest[2 + rest[1] :]
        return found


def pack_elements(elements: Elements) -> bytes:
    """Information elements one after the other."""
    return b"".join(bytes((name, len(value))) + value for name, value in elements.items())


@dataclass
class Leg:
    """One call between the exchange and a subscriber, or one registration."""

    address: Address
    number: int
    began_at: float
    theirs: int = 0
    sent: int = 0
    heard: int = 0
    state: LegState = LegState.NEW
    dialled: str = ""
    registers: bool = False
    sounds: bool = False
    """The subscriber has begun to send sound, so it knows that the call is up."""


class Exchange(asyncio.DatagramProtocol):
    """Registers whoever asks, rings subscribers, and treats what they dial by `treatments`."""

    def __init__(self) -> None:
        self.subscribers: dict[str, Address] = {}
        self.registrations = 0
        self.calls: list[Leg] = []
        """Calls that subscribers made, oldest first."""
        self.treatments: dict[str, Treatment] = {}
        """By number; a number that is not in it just rings."""
        self._legs: dict[int, Leg] = {}
        self._count = 0
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self._wire: asyncio.DatagramTransport

    @classmethod
    async def open(cls) -> Exchange:
        """An exchange on a port of its own."""
        loop = asyncio.get_running_loop()
        wire, exchange = await loop.create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        exchange._wire = wire
        return exchange

    @property
    def port(self) -> int:
        """Where subscribers find it."""
        return int(self._wire.get_extra_info("sockname")[1])

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be so; AssertionError after PATIENCE_S."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(f"never so: {self.calls} {list(self._legs.values())}") from None

    def ring(self, subscriber: str, number: str = "", name: str = "") -> Leg:
        """Somebody calls; without `number` it is withheld."""
        leg = self._open(self.subscribers[subscriber])
        wanted = {
            Element.VERSION: struct.pack(">H", 2),
            Element.CALLED_NUMBER: b"100",
            Element.CALLING_NUMBER: number.encode(),
            Element.CALLING_NAME: name.encode(),
            Element.FORMAT: struct.pack(">I", SLINEAR),
            Element.CAPABILITY: struct.pack(">I", SLINEAR),
        }
        self._say(leg, Verb.NEW, {element: value for element, value in wanted.items() if value})
        return leg

    def answer(self, leg: Leg) -> None:
        """Whom the subscriber dialled picks up."""
        self._signal(leg, Signal.ANSWER)
        self._move(leg, LegState.UP)

    def hang_up(self, leg: Leg) -> None:
        """The far party hangs up, or gives up."""
        self._say(leg, Verb.HANGUP, {Element.CAUSE: b"Normal Clearing"})
        self._over(leg, LegState.OVER)

    def close(self) -> None:
        """Everybody is cut off."""
        for leg in list(self._legs.values()):
            self._over(leg, LegState.OVER)
        self._wire.close()

    # the wire --------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Frames for a leg, each acted on once; a new leg begins with a call or a registration."""
        frame = Frame.unpack(data)
        if frame is None:
            return
        leg = self._legs.get(frame.destination) or self._begun(addr, frame.source)
        if leg is None:
            if frame.kind != Kind.IAX or frame.word not in {Verb.NEW, Verb.REGREQ, Verb.REGREL}:
                return
            leg = self._open(addr)
        leg.theirs = frame.source
        if frame.kind == Kind.IAX and frame.word in {Verb.ACK, Verb.INVAL}:
            if leg.registers:
                del self._legs[leg.number]
            return
        if frame.sent != leg.heard & 0xFF:
            self._acknowledge(leg, frame)
            return
        leg.heard = frame.sent + 1
        if frame.kind == Kind.IAX:
            self._said(leg, frame)
        else:
            self._acknowledge(leg, frame)
            self._signalled(leg, frame)
        self._moved.set()

    def _begun(self, address: Address, theirs: int) -> Leg | None:
        """The leg a subscriber knows only by its own number, as long as it was told no other."""
        return next(
            (leg for leg in self._legs.values() if (leg.address, leg.theirs) == (address, theirs)), None
        )

    def _said(self, leg: Leg, frame: Frame) -> None:
        match frame.word:
            case Verb.REGREQ:
                self._register(leg, frame.elements())
            case Verb.PING:
                self._send(leg, Kind.IAX, Verb.PONG, at_ms=frame.at_ms)
            case Verb.LAGRQ:
                self._send(leg, Kind.IAX, Verb.LAGRP, at_ms=frame.at_ms)
            case Verb.NEW:
                self._acknowledge(leg, frame)
                self._dialled(leg, frame.elements())
            case Verb.HANGUP | Verb.REJECT:
                self._acknowledge(leg, frame)
                self._over(leg, LegState.REFUSED if frame.word == Verb.REJECT else LegState.OVER)
            case _:
                self._acknowledge(leg, frame)

    def _register(self, leg: Leg, asked: Elements) -> None:
        host, port = leg.address
        apparent = struct.pack("<H", socket.AF_INET) + struct.pack(">H", port) + socket.inet_aton(host)
        name = asked.get(Element.USERNAME, b"")
        self._say(
            leg,
            Verb.REGACK,
            {
                Element.USERNAME: name,
                Element.REFRESH: struct.pack(">H", REFRESH_S),
                Element.APPARENT_ADDRESS: apparent + bytes(8),
            },
        )
        leg.registers = True
        self.subscribers[name.decode()] = leg.address
        self.registrations += 1

    def _dialled(self, leg: Leg, asked: Elements) -> None:
        leg.dialled = asked.get(Element.CALLED_NUMBER, b"").decode()
        self.calls.append(leg)
        treatment = self.treatments.get(leg.dialled, Treatment.RINGS)
        if treatment is Treatment.REFUSED:
            self._say(leg, Verb.REJECT, {Element.CAUSE: b"no route"})
            self._over(leg, LegState.REFUSED)
            return
        self._say(leg, Verb.ACCEPT, {Element.FORMAT: struct.pack(">I", SLINEAR)})
        busy = treatment is Treatment.BUSY
        self._signal(leg, Signal.BUSY if busy else Signal.RINGING)
        self._move(leg, LegState.NEW if busy else LegState.RINGING)

    def _signalled(self, leg: Leg, frame: Frame) -> None:
        leg.sounds |= frame.kind == Kind.VOICE
        if frame.kind == Kind.CONTROL and frame.word in {Signal.RINGING, Signal.ANSWER}:
            self._move(leg, LegState.RINGING if frame.word == Signal.RINGING else LegState.UP)

    # legs ------------------------------------------------------------------------------------

    def _open(self, address: Address) -> Leg:
        self._count += 1
        leg = self._legs[self._count] = Leg(address, self._count, self._loop.time())
        return leg

    def _move(self, leg: Leg, state: LegState) -> None:
        leg.state = state
        self._moved.set()

    def _over(self, leg: Leg, state: LegState) -> None:
        self._legs.pop(leg.number, None)
        self._move(leg, state)

    def _say(self, leg: Leg, verb: Verb, elements: Elements) -> None:
        self._send(leg, Kind.IAX, verb, pack_elements(elements))

    def _signal(self, leg: Leg, signal: Signal) -> None:
        self._send(leg, Kind.CONTROL, signal)

    def _send(self, leg: Leg, kind: Kind, word: int, body: bytes = b"", at_ms: int | None = None) -> None:
        self._wire.sendto(self._frame(leg, kind, word, body, at_ms).pack(), leg.address)
        leg.sent += 1

    def _acknowledge(self, leg: Leg, frame: Frame) -> None:
        """An acknowledgement is not counted: nobody acknowledges it."""
        self._wire.sendto(self._frame(leg, Kind.IAX, Verb.ACK, b"", frame.at_ms).pack(), leg.address)

    def _frame(self, leg: Leg, kind: Kind, word: int, body: bytes, at_ms: int | None) -> Frame:
        if at_ms is None:
            at_ms = int((self._loop.time() - leg.began_at) * 1000)
        return Frame(leg.number, leg.theirs, at_ms, leg.sent & 0xFF, leg.heard & 0xFF, kind, word, body)
