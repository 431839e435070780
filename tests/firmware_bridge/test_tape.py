"""Tapes: what passes is written down masked, and plays again at its times."""

from __future__ import annotations

import asyncio
import json

import pytest

from callseat.loops import VirtualTimeLoop
from firmware_bridge.simulated import SimulatedPort
from firmware_bridge.tape import Entry, RecordingTransport, TapeTransport, mask_at, read_tape
from state.engine import Step, Write
from state.errors import ProtocolError, TransportError


class Parrot:
    """Answers every write with itself, and says hello at second 3."""

    def __init__(self):
        self.hello_at = 3.0

    def feed(self, data, at, via="output"):
        return Step(writes=(Write(data),))

    def advance(self, at):
        self.hello_at = None
        return Step(writes=(Write(b"hello\r\n"),))

    def next_deadline(self):
        return self.hello_at


def run(main):
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def test_what_passes_is_written_down_and_plays_again_at_its_times():
    lines = []

    async def record():
        transport = RecordingTransport(await SimulatedPort("p", Parrot()).open(), "p", lines.append)
        await transport.write(b"\x01\x02", "output")
        got = [await transport.read(), await transport.read()]
        await transport.aclose()
        return got

    async def play():
        tape = TapeTransport(read_tape(lines), "p")
        loop = asyncio.get_running_loop()
        got = [(loop.time(), await tape.read(), loop.time()) for _ in range(2)]
        await tape.write(b"\x05", "output")
        with pytest.raises(TransportError, match="end of the tape"):
            await tape.read()
        await tape.aclose()
        return got, tape.written

    assert run(record()) == [b"\x01\x02", b"hello\r\n"]
    assert [json.loads(line) for line in lines] == [
        {"t": 0.0, "device": "p", "dir": "out", "hex": "0102"},
        {"t": 0.002, "device": "p", "dir": "in", "hex": "0102"},
        {"t": 3.002, "device": "p", "dir": "in", "hex": b"hello\r\n".hex()},
    ]
    got, written = run(play())
    assert got == [(0.0, b"\x01\x02", 0.0), (0.0, b"hello\r\n", 3.0)]
    assert written == [b"\x05"]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (b"ATD13800138000;\r", b"ATD00000000000;\r"),
        (b"ATDT 5551234\r", b"ATDT 0000000\r"),
        (b'+CLIP: "13800138000",129\r\n', b'+CLIP: "00000000000",129\r\n'),
        (b'+CLCC: 1,1,4,0,0,"+8613800138000",145\r\n', b'+CLCC: 1,1,4,0,0,"+0000000000000",145\r\n'),
        (b"AT+VTS=5\r", b"AT+VTS=0\r"),
        (b"NMBR = 13800138000\r\n", b"NMBR = 00000000000\r\n"),
        (b"AT+CLCC\r", b"AT+CLCC\r"),
        (b"RING\r\n", b"RING\r\n"),
        (b"+CIEV: 2,1\r\n", b"+CIEV: 2,1\r\n"),
    ],
)
def test_numbers_and_digits_are_zeros_and_the_rest_stays(said, written):
    assert mask_at("in", said) == written


def test_text_is_masked_whole_however_it_is_cut():
    whole = b'\r\nRING\r\n\r\n+CLIP: "13800138000",129\r\n\r\n+CLIP: "1390013'
    for cut in range(1, len(whole)):
        lines = []

        async def main(cut=cut, lines=lines):
            port = SimulatedPort("p", Parrot())
            transport = RecordingTransport(await port.open(), "p", lines.append, redact=mask_at, by_line=True)
            for part in (whole[:cut], whole[cut:]):
                await transport.write(part, "output")
            await transport.aclose()

        run(main())
        told = b"".join(entry.data for entry in read_tape(lines))
        assert b"138" not in told
        assert b"139" not in told
        assert told.startswith(b'\r\nRING\r\n\r\n+CLIP: "00000000000",129\r\n')
        assert len(told) == len(whole)


def test_what_is_withheld_leaves_its_length():
    lines = []

    async def main():
        port = SimulatedPort("p", Parrot())
        transport = RecordingTransport(await port.open(), "p", lines.append, redact=lambda _d, _b: None)
        await transport.write(b"\x05\x07\x09", "output")
        await transport.aclose()

    run(main())
    (entry,) = read_tape(lines)
    assert entry == Entry(0.0, "p", "out", b"", 3)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"t": 0, "device": "p", "dir": "in", "hex": "zz"}',
        '{"t": 0, "device": "p", "dir": "up", "hex": ""}',
    ],
)
def test_a_bad_line_is_named(line):
    good = Entry(0.0, "p", "in", b"\x01").line()
    with pytest.raises(ProtocolError, match="tape line 3"):
        read_tape([good, "", line])


def test_an_empty_tape_ends_at_once():
    async def main():
        await TapeTransport((), "p").read()

    with pytest.raises(TransportError):
        run(main())
