"""Text on its way to a console's display: cut to its cells, put into its character set, escaped for a line.

May not know what is shown or why.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import StrEnum

ESCAPED_MAX = 216
"""Characters a text may take in a line of 240, beside checksum, number, verb and row."""
PLAIN = dict(zip("。、「」“”‘’—–", '.,""""\'\'--', strict=True))
"""Signs that compatibility decomposition leaves as they are."""


class Charset(StrEnum):
    """What a display can show."""

    ASCII = "ascii"
    UTF8 = "utf8"


def escape(text: str) -> str:
    """As it stands in a line: printable ASCII, the rest as %XX of its UTF-8."""
    return "".join(_escaped(char) for char in text)


def unescape(text: str) -> str:
    """The text again; ValueError where it is none."""
    first, *escaped = text.split("%")
    data = bytearray(first, "ascii")
    for part in escaped:
        data += bytes.fromhex(part[:2]) + part[2:].encode("ascii")
        if len(part) < 2:
            raise ValueError(f"an escape of {len(part)} digits in {text!r}")
    return data.decode("utf-8")


def columns(text: str) -> int:
    """Cells a text takes where East Asian wide characters take two."""
    return sum(_cells(char) for char in text)


def fit(lines: tuple[str, ...], rows: int, width: int, charset: Charset) -> tuple[str, ...]:
    """Exactly `rows` rows of at most `width` cells; a line of which nothing can be shown leaves its place."""
    shown = [line for line in (_showable(line, charset) for line in lines) if line][:rows]
    cut = [_cut(line, width) for line in shown]
    return (*cut, *[""] * (rows - len(cut)))


def _escaped(char: str) -> str:
    if " " <= char <= "~" and char not in "$%":
        return char
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _showable(line: str, charset: Charset) -> str:
    if charset is Charset.UTF8:
        return "".join(char if char.isprintable() else " " for char in line).strip()
    return " ".join("".join(_plain(line)).split())


def _plain(line: str) -> Iterator[str]:
    """The line in ASCII: full-width signs and accents become plain, the rest a blank."""
    for char in unicodedata.normalize("NFKD", line):
        if " " <= char <= "~":
            yield char
        elif not unicodedata.combining(char):
            yield PLAIN.get(char, " ")


def _cut(line: str, width: int) -> str:
    """As much of the line as fits into the row, and into a line of the protocol."""
    cells = characters = 0
    for index, char in enumerate(line):
        cells += _cells(char)
        characters += len(_escaped(char))
        if cells > width or characters > ESCAPED_MAX:
            return line[:index]
    return line
