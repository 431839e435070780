"""Lines from bytes: whole, byte by byte, torn, glued, echoed, and never without bound."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.at.grammar import unglue
from devices.at.lexer import MAX_ECHOES, MAX_LINE, MAX_QUOTED, Lexer

CASES: dict[str, tuple[bytes, list[str]]] = {
    "normal": (b"\r\nOK\r\n", ["OK"]),
    "glued": (b"\r\nOK\r\n\r\n+CRING: VOICE\r\n", ["OK", "+CRING: VOICE"]),
    "cr cr lf": (b"&C\r\r\n&D\r\r\nOK\r\n", ["&C", "&D", "OK"]),
    "lf only": (b"\nRING\n\nOK\n", ["RING", "OK"]),
    "missing cr before": (b"\nNO CARRIER\r\n", ["NO CARRIER"]),
    "cr only, numeric": (b"0\r2\r", ["0", "2"]),
    "single crlf between": (b"DATE = 0124\r\nTIME = 1534\r\n", ["DATE = 0124", "TIME = 1534"]),
    "quoted comma": (b'\r\n+CLIP: "1,2",129\r\n', ['+CLIP: "1,2",129']),
    "quoted line end": (b'\r\n+CNAP: "An\r\nna",0\r\n\r\nOK\r\n', ['+CNAP: "An\r\nna",0', "OK"]),
    "quote in free text": (b'\r\nModel 5" screen\r\n\r\nOK\r\n', ['Model 5" screen', "OK"]),
    "torn quote before a final": (b'\r\n+CLIP: "12\r\n\r\nOK\r\n', ['+CLIP: "12', "OK"]),
    "torn quote before ring": (b'\r\n+CLIP: "12\r\nRING\r\n', ['+CLIP: "12', "RING"]),
    "torn quote before a result": (b'\r\n+X: "1\r\n+CRING: VOICE\r\n', ['+X: "1', "+CRING: VOICE"]),
    "nul bytes": (b"\x00\x00\r\nO\x00K\r\n", ["OK"]),
    "utf-8 name": ('\r\n+CNAP: "张伟",0\r\n'.encode(), ['+CNAP: "张伟",0']),
    "latin name": (b'\r\n+CNAP: "J\xf6rg",0\r\n', ['+CNAP: "J\xf6rg",0']),
    "blank behind stays": (b"\r\n+CME ERROR: \r\n", ["+CME ERROR: "]),
    "blank in front goes": (b"\r\n  OK\r\n", ["OK"]),
    "unfinished": (b"\r\nOK\r\n\r\n+CLC", ["OK"]),
    "nothing": (b"\r\n\r\n\r\r\n", []),
}


@pytest.mark.parametrize("name", CASES)
def test_whole(name: str) -> None:
    data, lines = CASES[name]
    assert Lexer().feed(data) == lines


@pytest.mark.parametrize("name", CASES)
def test_byte_by_byte(name: str) -> None:
    data, lines = CASES[name]
    lexer = Lexer()
    assert [line for byte in data for line in lexer.feed(bytes((byte,)))] == lines


@pytest.mark.parametrize("name", CASES)
def test_with_trailing_garbage(name: str) -> None:
    data, lines = CASES[name]
    if name == "unfinished":
        data += b"C: 1"
    assert Lexer().feed(data + b"\xff\x80\x01")[: len(lines)] == lines


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("cut", range(1, 12))
def test_cut_anywhere(name: str, cut: int) -> None:
    data, lines = CASES[name]
    lexer = Lexer()
    assert lexer.feed(data[:cut]) + lexer.feed(data[cut:]) == lines


def test_line_is_said_at_its_first_line_end_and_not_before() -> None:
    lexer = Lexer()
    assert lexer.feed(b"\r\nOK") == []
    assert lexer.feed(b"\r") == ["OK"]
    assert lexer.feed(b"\n") == []


# bounds ----------------------------------------------------------------------------------------


def test_too_long_a_line_is_dropped_and_counted_and_the_next_one_comes() -> None:
    lexer = Lexer()
    assert lexer.feed(b"x" * 5000 + b"\r\nOK\r\n") == ["OK"]
    assert lexer.dropped_bytes == 5000


def test_quote_that_never_closes_holds_back_no_more_than_its_bound() -> None:
    lexer = Lexer()
    lines = lexer.feed(b'+X: "' + b"abc\r\n" * 200)
    assert lines[0] == '+X: "abc'
    assert lines.count("abc") >= 190
    assert lexer.pending <= MAX_QUOTED + 1


def test_quote_that_never_closes_without_line_end_is_dropped_like_any_long_line() -> None:
    lexer = Lexer()
    assert lexer.feed(b'+X: "' + b"a" * 2000 + b"\r\nOK\r\n") == ["OK"]


@given(st.binary(max_size=4000))
def test_any_bytes_at_all_are_bounded_and_chunk_independent(data: bytes) -> None:
    whole, single = Lexer(), Lexer()
    lines = whole.feed(data)
    assert [line for byte in data for line in single.feed(bytes((byte,)))] == lines
    assert whole.pending == single.pending <= MAX_LINE
    assert whole.dropped_bytes == single.dropped_bytes


@given(
    st.lists(st.sampled_from([b'"', b"\r", b"\n", b"+", b"OK", b"RING", b",", b"\x00", b"abc"]), max_size=300)
)
def test_lines_made_of_the_awkward_bytes_are_chunk_independent(parts: list[bytes]) -> None:
    data = b"".join(parts)
    whole, single = Lexer(), Lexer()
    assert [line for byte in data for line in single.feed(bytes((byte,)))] == whole.feed(data)


def test_a_megabyte_of_noise_stays_bounded_and_the_line_behind_it_is_heard() -> None:
    lexer, source = Lexer(), random.Random(7)
    for _ in range(64):
        lexer.feed(source.randbytes(4096))
        assert lexer.pending <= MAX_LINE
    assert "RING" in lexer.feed(b'"\r\n\r\nRING\r\n' * 3)


# echo ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "heard", "lines"),
    [
        (b"ATZ\r", b"ATZ\r\r\nOK\r\n", ["OK"]),
        (b"ATZ\r", b"\r\nOK\r\n", ["OK"]),
        (b"at\r", b"at\r\r\nOK\r\n", ["OK"]),
        (b"ATI\rATI3\r", b"ATI\rATI3\r\r\nx\r\n\r\nOK\r\n", ["x", "OK"]),
        (b"AT+FCLASS?\r", b"AT+FCL\r\nRING\r\nASS?\r\r\n0\r\n\r\nOK\r\n", ["RING", "0", "OK"]),
        (b"AT+CLCC\r", b"AT+CLCC\r\r\n+CLCC: 1,1,4,0,0\r\n", ["+CLCC: 1,1,4,0,0"]),
        (b"AT+CHLD=2\r", b"AT+CHLD=\r\nRING\r\n2\r\r\nOK\r\n", ["RING", "OK"]),
    ],
)
def test_echo_whole_and_in_pieces(written: bytes, heard: bytes, lines: list[str]) -> None:
    whole, single = Lexer(), Lexer()
    whole.expect_echo(written)
    single.expect_echo(written)
    assert whole.feed(heard) == lines
    assert [line for byte in heard for line in single.feed(bytes((byte,)))] == lines


def test_echo_while_the_host_is_still_typing() -> None:
    lexer = Lexer()
    lexer.expect_echo(b"AT+FCL")
    assert lexer.feed(b"AT+FCL\r\nRING\r\n") == ["RING"]
    lexer.expect_echo(b"ASS?\r")
    assert lexer.feed(b"ASS?\r\r\n0\r\n") == ["0"]


def test_one_digit_is_a_result_and_not_the_start_of_an_echo() -> None:
    lexer = Lexer()
    lexer.expect_echo(b"0123\r")
    assert lexer.feed(b"0\r") == ["0"]


def test_echoes_that_never_come_are_forgotten() -> None:
    lexer = Lexer()
    for number in range(100):
        lexer.expect_echo(b"AT+X%d\r" % number)
    assert len(lexer._echoes) <= MAX_ECHOES
    assert lexer.feed(b"AT+X99\r\r\nAT+X0\r\n") == ["AT+X0"]


def test_host_that_never_ends_its_line_is_bounded() -> None:
    lexer = Lexer()
    for _ in range(100):
        lexer.expect_echo(b"x" * 100)
    assert sum(map(len, lexer._echoes)) <= MAX_LINE


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('ERROR+CNUM: "x"', ("ERROR", '+CNUM: "x"')),
        ("OK+CRING: VOICE", ("OK", "+CRING: VOICE")),
        ("NO CARRIER^CEND:1", ("NO CARRIER", "^CEND:1")),
        ("OK", ("OK",)),
        ("OK+", ("OK+",)),
        ("RINGING", ("RINGING",)),
    ],
)
def test_glued_results_are_two_lines(line: str, parts: tuple[str, ...]) -> None:
    assert unglue(line) == parts
