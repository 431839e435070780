"""Recorded sessions with baresip ("jsonl-transcript 1"): reading them, replaying them at any chunking.

May not read a file: it is handed text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from devices.rechunk import Heard, piece_sizes, pieces
from devices.sip.netstring import frame
from devices.sip.watch import SipWatch
from state.errors import ConfigError
from state.events import Event
from state.ids import LineId

FORMAT = "jsonl-transcript 1"
_LINE = LineId("line")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message at `at` seconds: `>` to baresip, `<` from it; `data` as it was on the wire."""

    side: str
    at: float
    data: bytes


def parse(text: str, name: str = "transcript") -> tuple[Spoken, ...]:
    """Read a session; an error names the line."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or _object(lines[0][1], f"{name}:{lines[0][0]}").get("format") != FORMAT:
        raise ConfigError(f'{name}:1: the first line must be an object with "format": "{FORMAT}"')
    return tuple(_spoken(_object(line, f"{name}:{number}"), f"{name}:{number}") for number, line in lines[1:])


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"{place}: not JSON ({error})") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{place}: not an object")
    return value


def _spoken(fields: dict[str, Any], place: str) -> Spoken:
    side, at, message = fields.get("d"), fields.get("t"), fields.get("m")
    if side not in ("<", ">") or isinstance(at, bool) or not isinstance(at, int | float):
        raise ConfigError(f'{place}: expected "t" in seconds and "d", which is < or >')
    if not isinstance(message, dict):
        raise ConfigError(f'{place}: expected a message "m"')
    return Spoken(str(side), float(at), frame(json.dumps(message).encode("ascii")))


def replay(spoken: tuple[Spoken, ...], chunk: str = "all", line: LineId = _LINE) -> list[Event]:
    """Events of a session; `chunk` is all, one or random:SEED, between two messages of the host.

    How bytes are cut changes neither the events nor their times.
    """
    watch = SipWatch(line)
    sizes = piece_sizes(chunk)
    events: list[Event] = []
    heard: list[Heard] = []
    for each in spoken:
        if each.side == ">":
            events += _hear(watch, heard, sizes)
            heard = []
            watch.host_wrote(each.data)
        else:
            heard += [(each.at, byte) for byte in each.data]
    return events + list(_hear(watch, heard, sizes))


def _hear(watch: SipWatch, heard: list[Heard], sizes: Iterator[int]) -> Iterator[Event]:
    for piece in pieces(heard, sizes):
        for at, same in groupby(piece, key=itemgetter(0)):
            yield from watch.feed(bytes(byte for _, byte in same), at).events
