"""Timed conversations ("at-transcript 1"): reading them, replaying them at any chunking.

May not read a file: it is handed text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from devices.at.profiles import Profile
from devices.at.watch import WatchingEngine
from devices.rechunk import Heard, piece_sizes, pieces
from state.errors import ConfigError
from state.events import Event
from state.ids import LineId

FORMAT = "# at-transcript 1"
TAIL_S = 30.0
"""After the last line time runs on this long, so that every deadline of a call fires."""

_LINE = re.compile(r"([<>!]) ([0-9]+(?:\.[0-9]+)?) ?(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.?)", re.DOTALL)
_LINE_ID = LineId("line")
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one side wrote at `at`: `>` the host, `<` the device, `!` somebody from outside (no bytes)."""

    side: str
    at: float
    data: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation with its header lines (`# key: value`)."""

    headers: dict[str, str]
    spoken: tuple[Spoken, ...]


def parse(text: str, name: str = "transcript") -> Transcript:
    """Read a transcript; an error names the place and the nearest valid thing."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != FORMAT:
        raise ConfigError(f"{name}:1: the first line must be {FORMAT!r}")
    headers: dict[str, str] = {}
    spoken: list[Spoken] = []
    last = 0.0
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith("#"):
            key, colon, value = line[1:].partition(":")
            if colon and not spoken:
                headers[key.strip()] = value.strip()
        elif line.strip():
            one = _spoken(line, f"{name}:{number}")
            if one.at < last:
                raise ConfigError(f"{name}:{number}: time goes back from {last:.3f} to {one.at:.3f}")
            last = one.at
            spoken.append(one)
    return Transcript(headers, tuple(spoken))


def _spoken(line: str, place: str) -> Spoken:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ConfigError(f"{place}: {line[:40]!r} is not '> SECONDS TEXT', '< ..', '! ..' or '# ..'")
    side, at, text = found[1], float(found[2]), found[3]
    return Spoken(side, at, b"", text) if side == "!" else Spoken(side, at, unescape(text, place))


def unescape(text: str, place: str = "text") -> bytes:
    r"""Bytes of a text with \r \n \t \\ and \xNN."""
    data = bytearray()
    end = 0
    for found in _ESCAPE.finditer(text):
        data += text[end : found.start()].encode("utf-8")
        code = found[1]
        if code.startswith("x") and len(code) == 3:
            data.append(int(code[1:], 16))
        elif code in _ESCAPES:
            data += _ESCAPES[code]
        else:
            raise ConfigError(f"{place}: unknown escape \\{code}; there are \\r \\n \\t \\\\ \\xNN")
        end = found.end()
    data += text[end:].encode("utf-8")
    return bytes(data)


def replay(
    transcript: Transcript, profile: Profile, chunk: str = "all", line: LineId = _LINE_ID
) -> list[Event]:
    """Events of a watched conversation; `chunk` is all, one or random:SEED, between two host writes.

    How bytes are cut changes neither the events nor their times.
    """
    engine = WatchingEngine(line, profile)
    sizes = piece_sizes(chunk)
    events: list[Event] = []
    heard: list[Heard] = []
    at = 0.0
    for spoken in transcript.spoken:
        at = spoken.at
        if spoken.side == ">":
            events += _hear(engine, heard, sizes)
            heard = []
            events += engine.until(at)
            events += engine.host_wrote(spoken.data, at).events
        elif spoken.side == "<":
            heard += [(at, byte) for byte in spoken.data]
    events += _hear(engine, heard, sizes)
    return events + engine.until(at + TAIL_S)


def _hear(engine: WatchingEngine, heard: list[Heard], sizes: Iterator[int]) -> Iterator[Event]:
    for piece in pieces(heard, sizes):
        yield from engine.heard(bytes(byte for _, byte in piece), [at for at, _ in piece])
