"""Lines of the console protocol: number, body, checksum; found again after any garbage.

May not know what a body means.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

LINE_MAX = 240
"""Characters between the dollar sign and the end of a line; a row of twenty Chinese characters takes 200."""
START, ENDS = ord("$"), b"\r\n"
NUMBER_MAX = 0xFF
CHECKSUM = 5
"""The star and four hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole line: its number, 0 to 255, and its body."""

    number: int
    body: str

    @property
    def verb(self) -> str:
        """The first word of the body."""
        return self.body.partition(" ")[0]

    @property
    def rest(self) -> str:
        """What follows the verb and its blank."""
        return self.body.partition(" ")[2]


def checksum(text: bytes) -> int:
    """CRC-16/CCITT-FALSE of what stands between `$` and `*`."""
    return binascii.crc_hqx(text, 0xFFFF)


def encode(frame: Frame) -> bytes:
    """The line, with its end."""
    text = f"{frame.number:02X} {frame.body}".encode("ascii")
    return b"$%b*%04X\n" % (text, checksum(text))


def decode(line: bytes) -> Frame | None:
    """What stood between `$` and the end of a line, printable ASCII; None: damaged."""
    text = line[:-CHECKSUM]
    if line[-CHECKSUM:] != b"*%04X" % checksum(text) or text[2:3] != b" ":
        return None
    try:
        number = int(text[:2], 16)
    except ValueError:
        return None
    return Frame(number, text[3:].decode("ascii"))


class Framer:
    """Finds whole lines in whatever arrives, at any chunking; never holds more than one line."""

    def __init__(self) -> None:
        self.damaged = 0
        """Lines that were begun and dropped."""
        self._line: bytearray | None = None

    def feed(self, data: bytes) -> list[Frame]:
        """Every whole line that ends in `data`."""
        found: list[Frame] = []
        for byte in data:
            if byte == START:
                self.damaged += self._line is not None
                self._line = bytearray()
            elif self._line is None:
                continue
            elif 0x20 <= byte <= 0x7E and len(self._line) < LINE_MAX:
                self._line.append(byte)
            else:
                frame = decode(bytes(self._line)) if byte in ENDS else None
                self._line = None
                if frame is None:
                    self.damaged += 1
                else:
                    found.append(frame)
        return found
