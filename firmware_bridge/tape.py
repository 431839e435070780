"""Tapes: all bytes of a device as JSON lines {t, device, dir, hex}, recorded and replayed.

May not hold what identifies a customer: a redactor rewrites or withholds bytes before they are written down.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from firmware_bridge.transport import Transport, gone
from state.errors import Blame, ProtocolError, ProtocolReason

Redactor = Callable[[str, bytes], bytes | None]
"""Direction and bytes to the bytes that may be written down, or None to withhold them."""

IN, OUT = "in", "out"


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer; `withheld` counts bytes that were not written down."""

    t: float
    device: str
    direction: str
    data: bytes
    withheld: int = 0

    def line(self) -> str:
        """The entry as one line of a tape."""
        fields = {"t": round(self.t, 6), "device": self.device, "dir": self.direction, "hex": self.data.hex()}
        return json.dumps(fields | ({"withheld": self.withheld} if self.withheld else {}))


def read_tape(lines: Iterable[str]) -> tuple[Entry, ...]:
    """The entries of a tape; a line that is none raises ProtocolError with its number."""
    return tuple(_entry(number, line) for number, line in enumerate(lines, 1) if line.strip())


def _entry(number: int, line: str) -> Entry:
    try:
        fields = json.loads(line)
        entry = Entry(
            float(fields["t"]),
            str(fields["device"]),
            str(fields["dir"]),
            bytes.fromhex(fields["hex"]),
            int(fields.get("withheld", 0)),
        )
    except (ValueError, KeyError, TypeError) as error:
        message = f"tape line {number}: {error!r}; expected an object with t, device, dir, hex"
        raise ProtocolError(Blame.APP, ProtocolReason.MALFORMED, message) from error
    if entry.direction not in {IN, OUT}:
        message = f"tape line {number}: dir is {entry.direction!r}, expected in or out"
        raise ProtocolError(Blame.APP, ProtocolReason.MALFORMED, message)
    return entry


_DIALLED = re.compile(rb"(?i)(ATDT?P?|\+VTS=|\+VTD=)([ 0-9*#+A-D,;\"]+)")
_QUOTED = re.compile(rb'"\+?[0-9*#]{3,}')
_NUMBER = re.compile(rb"(?m)^(NMBR ?= ?|DDN_NMBR ?= ?)([0-9]+)")
_DIGITS = re.compile(rb"[0-9]")


def mask_at(_direction: str, data: bytes) -> bytes:
    """AT traffic with every digit of a number or keyed tone written as 0: it parses as before."""

    def zeros(match: re.Match[bytes]) -> bytes:
        return _DIGITS.sub(b"0", match.group(0))

    for pattern in (_DIALLED, _QUOTED, _NUMBER):
        data = pattern.sub(zeros, data)
    return data


class RecordingTransport:
    """A transport that writes down what passes; by line, so that text is masked whole, where it is text."""

    def __init__(
        self,
        inner: Transport,
        device: str,
        sink: Callable[[str], None],
        *,
        redact: Redactor | None = None,
        by_line: bool = False,
    ) -> None:
        self._inner = inner
        self._device = device
        self._sink = sink
        self._redact = redact
        self._by_line = by_line
        self._held = {IN: b"", OUT: b""}

    async def read(self) -> bytes:
        """As the inner transport, written down."""
        data = await self._inner.read()
        self._note(IN, data)
        return data

    async def write(self, data: bytes, via: str) -> None:
        """As the inner transport, written down once it was taken."""
        await self._inner.write(data, via)
        self._note(OUT, data)

    async def aclose(self) -> None:
        """As the inner transport; what was held is written down."""
        for direction, held in self._held.items():
            self._put(direction, held)
            self._held[direction] = b""
        await self._inner.aclose()

    def _note(self, direction: str, data: bytes) -> None:
        if self._by_line:
            data = self._held[direction] + data
            end = max(data.rfind(b"\r"), data.rfind(b"\n")) + 1
            data, self._held[direction] = data[:end], data[end:]
        self._put(direction, data)

    def _put(self, direction: str, data: bytes) -> None:
        if not data:
            return
        shown = data if self._redact is None else self._redact(direction, data)
        at = asyncio.get_running_loop().time()
        withheld = len(data) if shown is None else 0
        self._sink(Entry(at, self._device, direction, shown or b"", withheld).line())


class TapeTransport:
    """Plays the device's side of a tape at its times, from the moment the first read is asked for."""

    def __init__(self, entries: Iterable[Entry], device: str) -> None:
        self.written: list[bytes] = []
        self._device = device
        self._inputs = [entry for entry in entries if entry.device == device and entry.direction == IN]
        self._next = 0
        self._began_at: float | None = None
        self._first_t = self._inputs[0].t if self._inputs else 0.0

    async def read(self) -> bytes:
        """The next input when it is due; at the tape's end the device is gone."""
        now = asyncio.get_running_loop().time()
        if self._began_at is None:
            self._began_at = now
        while self._next < len(self._inputs):
            entry = self._inputs[self._next]
            self._next += 1
            due = self._began_at + entry.t - self._first_t
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            if entry.data:
                return entry.data
        raise gone(self._device, "end of the tape")

    async def write(self, data: bytes, via: str) -> None:
        """Keep what the host wrote, for comparison."""
        self.written.append(data)

    async def aclose(self) -> None:
        """Nothing to let go."""
