"""Netstrings, `<length>:<bytes>,`: how messages are framed on baresip's control channel (ctrl_tcp).

May not interpret a message beyond what finding the next frame needs.
"""

from __future__ import annotations

import re

MAX_MESSAGE = 1 << 18
"""A list of commands has 2 kB, the report on a call 3 kB; nothing baresip says comes near this."""
MAX_DIGITS = 6
"""Enough for MAX_MESSAGE, and for every length baresip itself reads."""

_HEADER = re.compile(rb"(0|[1-9][0-9]{0,%d}):" % (MAX_DIGITS - 1))
_UNFINISHED = re.compile(rb"[0-9]{0,%d}" % MAX_DIGITS)
_AGAIN = re.compile(rb"(?=([1-9][0-9]{0,%d}):\{)" % (MAX_DIGITS - 1))
"""Where a message may begin again after garbage: every message of baresip is a JSON object."""
_END = b"},"
MAX_SEARCHED = 1 << 16
"""After garbage so many bytes are kept to find a message in."""


def frame(message: bytes) -> bytes:
    """The message as it goes on the wire."""
    return b"%d:%s," % (len(message), message)


class Lexer:
    """Cuts a stream into messages; what is none is dropped and counted, however it is chunked."""

    def __init__(self) -> None:
        self.dropped_bytes = 0
        self._held = bytearray()
        self._lost = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take any chunk; the messages that are whole now."""
        self._held += data
        if self._lost and _END not in self._held[-len(data) - 1 :]:
            return self._forget()
        messages: list[bytes] = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        while self._held:
            if self._lost and not self._found():
                self._forget()
                return None
            header = _HEADER.match(self._held)
            if header is None:
                if _UNFINISHED.fullmatch(self._held):
                    return None
                self._skip()
                continue
            length, start = int(header[1]), header.end()
            if length > MAX_MESSAGE:
                self._skip()
                continue
            end = start + length
            if len(self._held) <= end:
                return None
            if self._held[end] != ord(","):
                self._skip()
                continue
            message = bytes(self._held[start:end])
            del self._held[: end + 1]
            return message
        return None

    def _skip(self) -> None:
        """What stands here is no frame; look for the next one behind its first byte."""
        self._drop(1)
        self._lost = True

    def _found(self) -> bool:
        """Drop everything before the message that is whole first; a length alone may be garbage too.

        First by its end, so that it is the same one however the bytes are chunked.
        """
        ends: list[tuple[int, int]] = []
        for place in _AGAIN.finditer(bytes(self._held)):
            end = place.end(1) + 1 + int(place[1])
            if self._held[end - 1 : end + 1] == _END:
                ends.append((end, place.start()))
        if ends:
            self._drop(min(ends)[1])
            self._lost = False
        return bool(ends)

    def _forget(self) -> list[bytes]:
        """Keep no more than may hold a message."""
        self._drop(max(0, len(self._held) - MAX_SEARCHED))
        return []

    def _drop(self, count: int) -> None:
        del self._held[:count]
        self.dropped_bytes += count
