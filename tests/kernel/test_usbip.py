"""The USB/IP codec alone: any chunking gives the same messages."""

from __future__ import annotations

import struct

import pytest

from tests.kernel.kit.usbip import Decoder, Submit, Unlink, filled, packet_lengths, submitted, unlinked

PACKETS = struct.pack(">8I", 0, 96, 0, 0, 96, 64, 0, 0)
SETUP = bytes.fromhex("21090202030003 00".replace(" ", ""))


def request(
    command: int, sequence: int, inward: int, endpoint: int, *rest: int, setup: bytes = bytes(8)
) -> bytes:
    return struct.pack(">10I8s", command, sequence, 0, inward, endpoint, *rest, setup)


STREAM = (
    request(1, 1, 0, 0, 0, 3, 0, 0, 0, setup=SETUP)
    + b"\x02\x01\x00"
    + request(1, 2, 1, 3, 0, 64, 0, 0xFFFF_FFFF, 4)
    + request(1, 3, 0, 1, 0, 4, 7, 2, 1)
    + b"abcd"
    + PACKETS
    + request(2, 4, 0, 0, 2, 0, 0, 0, 0)
)
MESSAGES = [
    Submit(1, 0x00, 3, 0, b"", SETUP, b"\x02\x01\x00"),
    Submit(2, 0x83, 64, 0, b"", bytes(8), b""),
    Submit(3, 0x01, 4, 7, PACKETS, bytes(8), b"abcd"),
    Unlink(4, 2),
]


def test_a_stream_whole() -> None:
    assert list(Decoder().feed(STREAM)) == MESSAGES


def test_a_stream_byte_by_byte() -> None:
    decoder = Decoder()
    found = [message for byte in STREAM for message in decoder.feed(bytes((byte,)))]
    assert found == MESSAGES


def test_garbage_after_a_stream_is_named() -> None:
    feeding = Decoder().feed(STREAM + b"\xee" * 48)
    assert [next(feeding) for _ in MESSAGES] == MESSAGES
    with pytest.raises(ValueError, match="0xeeeeeeee"):
        next(feeding)


def test_answers_have_the_layout_of_the_protocol() -> None:
    control, asked, sound, _ = MESSAGES
    assert isinstance(control, Submit)
    assert isinstance(asked, Submit)
    assert isinstance(sound, Submit)
    assert submitted(asked, data=b"ab") == struct.pack(">5Ii4I8x", 3, 2, 0, 0, 0, 0, 2, 0, 0, 0) + b"ab"
    stalled = struct.pack(">5Ii4I8x", 3, 1, 0, 0, 0, -32, 0, 0, 0, 0)
    assert submitted(control, status=-32) == stalled
    assert submitted(sound, length=4, packets=PACKETS)[28:36] == struct.pack(">2I", 7, 2)
    assert unlinked(Unlink(4, 2), found=True)[:28] == struct.pack(">5IiI", 4, 4, 0, 0, 0, -104, 0)
    assert unlinked(Unlink(4, 2), found=False)[20:24] == bytes(4)


def test_packets_are_filled_in_place() -> None:
    assert packet_lengths(PACKETS) == [96, 64]
    assert filled(PACKETS, [32, 16]) == struct.pack(">8I", 0, 96, 32, 0, 96, 64, 16, 0)
