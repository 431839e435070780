"""The exchange itself, against a subscriber of a few lines: frames, acknowledgement, what is sent twice."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from tests.peers.iax import (
    PATIENCE_S,
    SLINEAR,
    Element,
    Exchange,
    Frame,
    Kind,
    LegState,
    Signal,
    Treatment,
    Verb,
    pack_elements,
)

MINE = 7


class Subscriber:
    """One call of a subscriber named desk, frame by frame."""

    def __init__(self, exchange: Exchange) -> None:
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.setblocking(False)
        self._wire.connect(("127.0.0.1", exchange.port))
        self._theirs = self._sent = self._heard = 0

    def say(self, kind: Kind, word: int, elements: dict[int, bytes] | None = None) -> Frame:
        frame = Frame(
            MINE, self._theirs, 0, self._sent, self._heard, kind, word, pack_elements(elements or {})
        )
        self._wire.send(frame.pack())
        self._sent += kind != Kind.IAX or word != Verb.ACK
        return frame

    def again(self, frame: Frame) -> None:
        self._wire.send(frame.pack())

    async def hears(self) -> Frame:
        async with asyncio.timeout(PATIENCE_S):
            frame = Frame.unpack(await asyncio.get_running_loop().sock_recv(self._wire, 4096))
        assert frame is not None
        self._theirs = frame.source
        self._heard += frame.word != Verb.ACK
        return frame

    def close(self) -> None:
        self._wire.close()


async def registered(exchange: Exchange) -> None:
    subscriber = Subscriber(exchange)
    subscriber.say(Kind.IAX, Verb.REGREQ, {Element.USERNAME: b"desk"})
    assert (await subscriber.hears()).word == Verb.REGACK
    subscriber.close()


def test_a_frame_is_what_it_was() -> None:
    frame = Frame(1, 2, 0xFFFFFFFF, 255, 0, Kind.CONTROL, Signal.ANSWER, b"\x09\x04abcd\x01\x00")
    assert Frame.unpack(frame.pack()) == frame
    assert frame.elements() == {Element.FORMAT: b"abcd", Element.CALLED_NUMBER: b""}


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x00\x14" + bytes(320), Frame(1, 2, 3, 4, 5, 6, 7).pack()[:-1]]
)
def test_sound_and_pieces_are_no_frames(data: bytes) -> None:
    assert Frame.unpack(data) is None


def test_elements_that_are_cut_off_are_left_out() -> None:
    body = pack_elements({Element.CALLING_NUMBER: b"4930"})
    for length in range(len(body)):
        assert Frame(1, 2, 3, 4, 5, Kind.IAX, Verb.NEW, body[:length]).elements() == {}
    assert Frame(1, 2, 3, 4, 5, Kind.IAX, Verb.NEW, body + b"\x09").elements() == {
        Element.CALLING_NUMBER: b"4930"
    }


@pytest.mark.parametrize(
    ("treatment", "answers", "state"),
    [
        (Treatment.RINGS, [Verb.ACK, Verb.ACCEPT, Signal.RINGING], LegState.RINGING),
        (Treatment.BUSY, [Verb.ACK, Verb.ACCEPT, Signal.BUSY], LegState.NEW),
        (Treatment.REFUSED, [Verb.ACK, Verb.REJECT], LegState.REFUSED),
    ],
)
def test_what_becomes_of_a_call_that_a_subscriber_makes(
    treatment: Treatment, answers: list[int], state: LegState
) -> None:
    async def main() -> None:
        exchange = await Exchange.open()
        exchange.treatments["0301"] = treatment
        subscriber = Subscriber(exchange)
        new = subscriber.say(Kind.IAX, Verb.NEW, {Element.CALLED_NUMBER: b"0301"})
        assert [(await subscriber.hears()).word for _ in answers] == answers
        (leg,) = exchange.calls
        assert (leg.dialled, leg.state) == ("0301", state)
        if state is not LegState.REFUSED:
            subscriber.again(new)
            assert (await subscriber.hears()).word == Verb.ACK
            assert exchange.calls == [leg]
        subscriber.close()
        exchange.close()

    asyncio.run(main())


def test_a_subscriber_is_rung_answers_and_hangs_up() -> None:
    async def main() -> None:
        exchange = await Exchange.open()
        await registered(exchange)
        subscriber = Subscriber(exchange)
        exchange.subscribers["desk"] = subscriber._wire.getsockname()
        leg = exchange.ring("desk", "4930", "Anna")
        new = await subscriber.hears()
        elements = new.elements()
        assert (new.word, elements[Element.CALLING_NUMBER], elements[Element.CALLING_NAME]) == (
            Verb.NEW,
            b"4930",
            b"Anna",
        )
        assert elements[Element.FORMAT] == struct.pack(">I", SLINEAR)
        subscriber.say(Kind.CONTROL, Signal.ANSWER)
        assert (await subscriber.hears()).word == Verb.ACK
        states = [leg.state]
        subscriber.say(Kind.IAX, Verb.HANGUP)
        assert (await subscriber.hears()).word == Verb.ACK
        assert [*states, leg.state] == [LegState.UP, LegState.OVER]
        subscriber.close()
        exchange.close()

    asyncio.run(main())


def test_a_repeated_frame_is_acknowledged_and_not_acted_on_again() -> None:
    async def main() -> None:
        exchange = await Exchange.open()
        subscriber = Subscriber(exchange)
        subscriber.say(Kind.IAX, Verb.NEW, {Element.CALLED_NUMBER: b"1"})
        for _ in range(3):
            await subscriber.hears()
        (leg,) = exchange.calls
        exchange.answer(leg)
        assert (await subscriber.hears()).word == Signal.ANSWER
        ringing = subscriber.say(Kind.CONTROL, Signal.RINGING)
        assert (await subscriber.hears()).word == Verb.ACK
        states = [leg.state]
        exchange.answer(leg)
        await subscriber.hears()
        subscriber.again(ringing)
        assert (await subscriber.hears()).word == Verb.ACK
        assert [*states, leg.state] == [LegState.RINGING, LegState.UP]
        subscriber.close()
        exchange.close()

    asyncio.run(main())
