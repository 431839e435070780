"""Lines of text to the rows of a small display: broken between words, two rows at a time, what is new first.

May not know a report or a reason. A row counts columns; East Asian wide characters take two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

PAGE_S = 3.0
"""How long one page stands: two rows of 24 columns are read in half of that (ours)."""

_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6"
_CLOSING = "\u3001\u3002\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\u300b\u300d\u3011\u201d\u2019"
_PIECE = re.compile(f"\\s+|[{_WIDE}][{_CLOSING}]*|[^\\s{_WIDE}]+")
"""What may not be broken: a word, a wide character with the closing marks after it; or a run of blanks."""


def columns(text: str) -> int:
    """How many columns a text takes."""
    return sum(_columns_of(char) for char in text)


def rows_of(text: str, width: int) -> list[str]:
    """One line as rows of at most `width` columns; only a word longer than a row is cut."""
    rows = [""]
    for piece in _pieces(text, width):
        if columns(rows[-1] + piece) <= width:
            rows[-1] += piece
        elif not piece.isspace():
            rows.append(piece)
    return [row.rstrip() for row in rows]


def _pieces(text: str, width: int) -> Iterator[str]:
    for piece in _PIECE.findall(_plain(text)):
        rest = piece
        while columns(rest) > width > 1 and not rest.isspace():
            head = _head(rest, width)
            yield head
            rest = rest[len(head) :]
        yield rest


def _plain(text: str) -> str:
    """Characters a UTF-16 unit can carry; a control, or what needs two units, is a question mark."""
    return "".join(char if char.isprintable() and ord(char) <= 0xFFFF else "?" for char in text)


def _head(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += _columns_of(char)
        if used > width:
            return text[:index]
    return text


def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


class Pager:
    """What of a longer text a display of `rows` rows shows: the first line that is new, and what follows.

    Where that is more than a page, the pages take turns, each for PAGE_S; a text that fits stands still.
    """

    def __init__(self, rows: int, width: int) -> None:
        self.rows, self.width = rows, width
        self._lines: tuple[str, ...] = ()
        self._first = 0
        self._pages: list[tuple[str, ...]] = [("",) * rows]
        self._page = 0
        self._turn_at: float | None = None

    @property
    def shown(self) -> tuple[str, ...]:
        """The rows of the page that is shown now, as many as the display has."""
        return self._pages[self._page]

    def put(self, lines: tuple[str, ...], at: float) -> None:
        """Show another text, from its first new line on."""
        if lines == self._lines:
            return
        before, self._lines = self._lines, lines
        self._first = self._first_of_interest(before)
        above = [row for line in lines[: self._first] for row in rows_of(line, self.width)]
        rows = [row for line in lines[self._first :] for row in rows_of(line, self.width)]
        room = self.rows - len(rows)
        if room > 0:
            rows = [*above[-room:], *rows]
        starts = range(0, max(len(rows), 1), self.rows)
        self._pages = [self._filled(rows[n : n + self.rows]) for n in starts]
        self._page = 0
        self._turn_at = at + PAGE_S if len(self._pages) > 1 else None

    def _first_of_interest(self, before: tuple[str, ...]) -> int:
        """The first line nobody has seen; none: the first of those shown before that is still there."""
        new = [line for line in self._lines if line not in before]
        kept = [line for line in before[self._first :] if line in self._lines]
        return self._lines.index([*new, *kept][0]) if new or kept else 0

    def _filled(self, rows: list[str]) -> tuple[str, ...]:
        return (*rows, *[""] * (self.rows - len(rows)))

    def advance(self, at: float) -> bool:
        """Turn the page when it is time; whether another one is shown."""
        if self._turn_at is None or at < self._turn_at:
            return False
        self._page = (self._page + 1) % len(self._pages)
        self._turn_at = at + PAGE_S
        return True

    def next_deadline(self) -> float | None:
        """When the page turns."""
        return self._turn_at
