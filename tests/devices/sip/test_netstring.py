"""Netstrings: whole, byte by byte, behind garbage, and as no stream ever was."""

from __future__ import annotations

import random

import pytest

from devices.sip.netstring import MAX_MESSAGE, MAX_SEARCHED, Lexer, frame

GOOD = b'{"event":true,"type":"CALL_INCOMING"}'
GARBAGE = (
    b"x",
    b"\r\n\r\n",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b":",
    b",",
    b"00:",
    b"007:{},",
    b"1234567:",
    b"999999:{",
    b"17,4",
    b"12:{},",
    b"5:{nope;",
    b"\xff\xfe\x00",
    b"40:{" + b"y" * 30,
)
"""What may stand between two messages without taking the second with it."""


def cut(data: bytes, size: int) -> list[bytes]:
    lexer = Lexer()
    return [m for place in range(0, len(data), size) for m in lexer.feed(data[place : place + size])]


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 20])
@pytest.mark.parametrize("messages", [[GOOD], [GOOD, b"{}", GOOD], [b""], ['{"name":"张"}'.encode()]])
def test_messages_come_out_as_they_went_in(messages: list[bytes], size: int) -> None:
    assert cut(b"".join(frame(each) for each in messages), size) == messages


@pytest.mark.parametrize("size", [1, 5, 1 << 20])
@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_dropped_and_what_follows_is_found(garbage: bytes, size: int) -> None:
    found = cut(frame(GOOD) + garbage + frame(GOOD) * 3, size)
    assert found[0] == GOOD
    assert found.count(GOOD) >= 3
    assert set(found) <= {GOOD, b"{}"}


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_message_cut_short_costs_itself_and_no_more_than_its_length(size: int) -> None:
    assert cut(frame(GOOD)[:-9] + frame(GOOD) * 4, size).count(GOOD) >= 3


def test_what_is_dropped_is_counted() -> None:
    lexer = Lexer()
    assert lexer.feed(b"xyz" + frame(GOOD)) == [GOOD]
    assert lexer.dropped_bytes == 3


def test_memory_is_bounded() -> None:
    lexer = Lexer()
    lexer.feed(b"%d:" % MAX_MESSAGE)
    for _ in range(40):
        lexer.feed(b"z" * 65536)
        assert len(lexer._held) <= MAX_MESSAGE + 65536 + 16
    lexer = Lexer()
    for _ in range(40):
        lexer.feed(b"no number " * 6000)
        assert len(lexer._held) <= MAX_SEARCHED
    assert lexer.feed(frame(GOOD)) == [GOOD]


def test_random_streams_are_read_the_same_at_any_chunking() -> None:
    chance = random.Random(20240)
    pieces = (*GARBAGE, frame(GOOD), frame(b"{}"), b"{", b"}", b'"', b"1", b"23", b"0", b":{", b"},")
    for _ in range(4000):
        data = b"".join(chance.choice(pieces) for _ in range(chance.randrange(1, 14)))
        data += chance.randbytes(chance.randrange(4))
        whole = cut(data, len(data))
        assert cut(data, 1) == whole
        assert cut(data, chance.randrange(2, 9)) == whole
