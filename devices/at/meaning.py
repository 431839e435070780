"""What single lines of a device mean by themselves, as plain data for a person or a program to read.

May not guess what was asked: a line that is an answer to something is told as what it could be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

from devices.at.grammar import Meaning, Notice, read_final, read_notice, unglue
from devices.at.lexer import Lexer
from devices.at.records import read_record
from devices.at.values import listed_call, voice_call_waiting
from state.errors import ProtocolError

Row = dict[str, object]


def meanings(data: bytes) -> Iterator[Row]:
    """A row for each line; `means` is final, listed, call_waiting, record, text, or what an event says."""
    lines = [part for line in Lexer().feed(data + b"\r\n") for part in unglue(line)]
    for waiting, group in groupby(lines, key=_answers_about_waiting):
        if waiting:
            yield _call_waiting(list(group))
        else:
            yield from (_row(line) for line in group)


def _answers_about_waiting(line: str) -> bool:
    return line.startswith("+CCWA:") and read_notice(line) is None


def _call_waiting(lines: Sequence[str]) -> Row:
    said = voice_call_waiting(lines)
    return {"means": "call_waiting", "voice": "unknown" if said is None else "on" if said else "off"}


def _row(line: str) -> Row:
    record = read_record(line)
    if record is not None:
        return {"means": "record", **_known(asdict(record))}
    final = read_final(line)
    if final is not None:
        more: Row = {"ok": final.ok, "cause": final.cause, "only_of_a_call": final.ambiguous or None}
        return {"means": "final", "text": final.text, **_known(more)}
    if line.startswith(("+CLCC:", "^SLCC:")) and line.partition(":")[2].strip():
        return _listed(line)
    notice = read_notice(line)
    return {"means": "text", "text": line} if notice is None else _event(notice)


def _listed(line: str) -> Row:
    try:
        row = listed_call(line, number_at=6 if line.startswith("^") else 5)
    except ProtocolError as error:
        return {"means": "text", "text": line, "fault": str(error)}
    return {"means": "listed", **_known(asdict(row))}


def _event(notice: Notice) -> Row:
    row: Row = {"means": notice.meaning.value, "index": notice.index, "value": notice.value}
    if notice.said is not None and notice.meaning is not Meaning.DIGIT:
        row |= {name: value for name, value in asdict(notice.said).items() if name != "offered_only"}
    if notice.caller is not None:
        row |= asdict(notice.caller)
    return _known(row)


def _known(row: Row) -> Row:
    """Without what is not said."""
    return {name: value for name, value in row.items() if value is not None and value != ""}
