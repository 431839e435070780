"""From a byte stream to lines, as soon as each line is certain.

May not know what a line means, except enough to find the end of a torn quotation; may not grow without bound.
"""

from __future__ import annotations

MAX_LINE = 1024
"""No line of call control comes near this; what is longer is noise and is dropped to the next line end."""
MAX_QUOTED = 256
"""A quotation that runs over line ends for longer than this has lost its closing quote."""
MAX_ECHOES = 8
"""Echoes still expected; a host that pipelines more than this is not ours."""

_CR, _LF, _NUL, _QUOTE, _DLE = 0x0D, 0x0A, 0x00, 0x22, 0x10
_PREFIXES = frozenset(b"+^*%$")
"""Only information lines carry quoted strings; a quotation mark elsewhere (identification) is plain."""
_WORDS = (b"OK", b"ERROR", b"RING", b"BUSY", b"NO CARRIER", b"NO ANSWER", b"NO DIALTONE", b"CONNECT")


class Lexer:
    """Push lexer: every complete line comes out once, in order, at any chunking."""

    def __init__(self, *, shielded: bool = False) -> None:
        """`shielded`: DLE and a code, anywhere, is an event of its own (V.253 voice modems)."""
        self._line = bytearray()
        self._shielded = shielded
        self._after_dle = False
        self._quoted = False
        self._segment = 0
        self._skipping = False
        self._echoes: list[str] = []
        self._typing = False
        self.dropped_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held back because their line is not over; never more than MAX_LINE."""
        return len(self._line)

    def expect_echo(self, data: bytes) -> None:
        """The host wrote `data`; the same text coming back, whole or in pieces, is not a line."""
        for letter in _text(data):
            if letter in "\r\n":
                self._typing = False
                continue
            if not self._typing:
                self._echoes = [*(echo for echo in self._echoes if echo), ""][-MAX_ECHOES:]
                self._typing = True
            self._echoes[-1] = (self._echoes[-1] + letter)[-MAX_LINE:]

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes and return the lines that are certain now."""
        lines: list[str] = []
        for byte in data:
            self._take(byte, lines)
        return lines

    def marked(self, data: bytes) -> list[tuple[int, str]]:
        """The same, each line with the place in `data` of the byte that made it certain."""
        lines: list[str] = []
        places: list[int] = []
        for place, byte in enumerate(data):
            self._take(byte, lines)
            places += [place] * (len(lines) - len(places))
        return list(zip(places, lines, strict=True))

    def _take(self, byte: int, lines: list[str]) -> None:
        if self._shielded and (self._after_dle or byte == _DLE):
            self._event_code(byte, lines)
        elif byte in {_CR, _LF}:
            self._line_end(byte, lines)
        elif self._skipping:
            self.dropped_bytes += 1
        elif byte != _NUL:
            self._line.append(byte)
            if byte == _QUOTE and self._line[0] in _PREFIXES:
                self._quoted = not self._quoted
            if self._quoted and len(self._line) > MAX_QUOTED and self._segment:
                self._tear(lines)
            if len(self._line) > MAX_LINE:
                self._overflow()

    def _event_code(self, byte: int, lines: list[str]) -> None:
        """A code is one printable character; DLE twice, or before anything else, is no event."""
        if self._after_dle and 0x21 <= byte < 0x7F:
            lines.append(f"\x10{byte:c}")
        self._after_dle = not self._after_dle

    def _line_end(self, byte: int, lines: list[str]) -> None:
        self._skipping = False
        if not self._quoted:
            self._emit(bytes(self._line), lines)
            self._reset()
            return
        segment = bytes(self._line[self._segment :]).strip()
        self._line.append(byte)
        torn = self._segment > 0 and (segment in _WORDS or segment[:1] in {b"+", b"^"})
        self._segment = len(self._line)
        if torn or len(self._line) > MAX_QUOTED:
            self._tear(lines)

    def _tear(self, lines: list[str]) -> None:
        """The closing quote never came: what was held back are lines after all."""
        *whole, rest = bytes(self._line).replace(b"\r", b"\n").split(b"\n")
        self._reset()
        for piece in whole:
            self._emit(piece, lines)
        self._line.extend(rest)

    def _overflow(self) -> None:
        self.dropped_bytes += len(self._line)
        self._reset()
        self._skipping = True

    def _reset(self) -> None:
        self._line.clear()
        self._quoted = False
        self._segment = 0

    def _emit(self, raw: bytes, lines: list[str]) -> None:
        text = _text(raw).lstrip()
        if text and not self._is_echo(text.rstrip()):
            lines.append(text)

    def _is_echo(self, text: str) -> bool:
        """Whether `text` is (the rest of) an echo, oldest first; a single character alone proves nothing."""
        for place, echo in enumerate(self._echoes):
            if text == echo or (len(text) > 1 and echo.startswith(text)):
                self._echoes = [echo[len(text) :].lstrip(), *self._echoes[place + 1 :]]
                return True
        return False


def _text(raw: bytes) -> str:
    """UTF-8 where it is UTF-8 (names), else one character per byte: no byte is ever an error."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
