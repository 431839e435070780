"""Lines: whole, byte by byte, after and before garbage, damaged in every bit; and random streams."""

from __future__ import annotations

import random

import pytest

from devices.console.framing import LINE_MAX, Frame, Framer, checksum, decode, encode

SOME = (Frame(1, "HELLO console/1 keys=1,2"), Frame(0x2A, "KEY * down"), Frame(255, "ACK"), Frame(0, "ASK"))
WIRE = b"".join(encode(frame) for frame in SOME)
GARBAGE = (
    b"\xff\x00\x13\x80",
    b"MicroPython v1.22 on 2024-01-01; Raspberry Pi Pico\r\n>>> ",
    b"Traceback (most recent call last):\r\n  File\r\n",
    b"AT\rAT+GCAP\r",
    b"$$$$",
    b"$2A KEY 5 dow",
    b"*31C3\n\n\r\n",
)


def test_the_checksum_is_the_one_of_the_document():
    assert checksum(b"123456789") == 0x29B1
    assert checksum(b"") == 0xFFFF


def test_a_line_as_it_is_written():
    assert encode(Frame(0x2A, "KEY 5 down")) == b"$2A KEY 5 down*%04X\n" % checksum(b"2A KEY 5 down")
    assert Frame(1, "SHOW 1 a  b").verb == "SHOW"
    assert Frame(1, "SHOW 1 a  b").rest == "1 a  b"
    assert Frame(1, "ACK").rest == ""


def test_lines_are_found_whole():
    assert Framer().feed(WIRE) == list(SOME)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_lines_are_found_in_pieces(size):
    framer, found = Framer(), []
    for start in range(0, len(WIRE), size):
        found += framer.feed(WIRE[start : start + size])
    assert found == list(SOME)
    assert framer.damaged == 0


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_before_between_and_behind_does_no_harm(garbage):
    framer = Framer()
    assert framer.feed(garbage + WIRE + garbage + WIRE + garbage) == [*SOME, *SOME]


def test_a_carriage_return_ends_a_line_too():
    assert Framer().feed(WIRE.replace(b"\n", b"\r\n")) == list(SOME)
    assert Framer().feed(WIRE.replace(b"\n", b"\r")) == list(SOME)


def test_no_single_wrong_bit_gets_through():
    right = encode(Frame(0x2A, "KEY 5 down"))
    for bit in range(8 * len(right)):
        wrong = bytearray(right)
        wrong[bit // 8] ^= 1 << bit % 8
        # What follows ends a line whose own end was hit; a hit `*` or `$` is no other message either.
        heard = Framer().feed(bytes(wrong) + b"\n")
        assert heard in ([], [Frame(0x2A, "KEY 5 down")])
        if heard:
            assert bit // 8 == len(right) - 1


def test_a_burst_of_up_to_sixteen_bits_is_found():
    right, chance = encode(Frame(7, "LAMPS ring=flash mute=on")), random.Random(5)
    for _ in range(2000):
        burst = chance.randrange(1, 1 << 16) << chance.randrange(8 * (len(right) - 9))
        number = int.from_bytes(right[1:-6], "little") ^ burst
        wrong = number.to_bytes(len(right), "little")[: len(right) - 7]
        assert decode(wrong + right[-6:-1]) is None


def test_a_line_that_never_ends_is_dropped_and_takes_no_room():
    framer = Framer()
    assert framer.feed(b"$" + b"x" * 1_000_000 + WIRE) == list(SOME)
    assert framer.damaged == 1
    longest = encode(Frame(1, "x" * (LINE_MAX - 8)))
    assert len(longest) == LINE_MAX + 2
    assert framer.feed(longest) == [Frame(1, "x" * (LINE_MAX - 8))]
    assert framer.feed(encode(Frame(1, "x" * (LINE_MAX - 7)))) == []


def test_what_is_damaged_is_counted():
    framer = Framer()
    framer.feed(b"$01 ACK*0000\n$01 \xffACK\n$$02")
    assert framer.damaged == 3


@pytest.mark.parametrize("text", [b"01ACK", b"1 ACK", b"", b"GG ACK", b"0", b" 1 ACK"])
def test_a_right_checksum_over_no_line_is_no_line(text):
    line = b"%b*%04X" % (text, checksum(text))
    assert decode(line) is None or decode(line).number in range(256)
    assert Framer().feed(b"*29B1\n") == []


def test_lower_case_digits_are_no_checksum():
    right = encode(Frame(1, "HOOK off"))
    lower = right[:-5] + right[-5:].lower()
    assert Framer().feed(lower) == ([] if lower != right else [Frame(1, "HOOK off")])


def test_random_bytes_are_never_an_exception_nor_a_message():
    chance = random.Random(11)
    alphabet = b"$*\n\r 0123456789ABCDEFKEYACKHOK\x00\xff"
    framer, found = Framer(), 0
    for _ in range(20_000):
        data = bytes(chance.choices(alphabet, k=chance.randrange(40)))
        found += len(framer.feed(data))
    assert found <= 3  # one line in 65536 that looks right is right by chance
    assert framer.damaged > 10_000
