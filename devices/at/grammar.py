"""What a line means: final results and unsolicited results, as tables.

May not keep state: which of two meanings a line has is decided by whoever knows the command in flight.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from devices.at import said
from devices.at.said import Said
from devices.at.values import Caller, caller_of, fields, integer, waiting_caller
from state.words import CallState, Cause


@dataclass(frozen=True, slots=True)
class Final:
    """A final result; `ambiguous` ones are final only for a command that places or takes a call."""

    text: str
    ok: bool
    ambiguous: bool = False
    cause: Cause | None = None


_WORDS = {
    final.text: final
    for final in (
        Final("OK", ok=True),
        Final("ERROR", ok=False),
        Final("VCON", ok=True, ambiguous=True),
        Final("NO CARRIER", ok=False, ambiguous=True, cause=Cause.UNKNOWN),
        Final("BUSY", ok=False, ambiguous=True, cause=Cause.BUSY),
        Final("NO ANSWER", ok=False, ambiguous=True, cause=Cause.CALL_NOT_ANSWERED),
        Final("NO DIALTONE", ok=False, ambiguous=True, cause=Cause.RESOURCES_NOT_AVAILABLE),
        Final("NO DIAL TONE", ok=False, ambiguous=True, cause=Cause.RESOURCES_NOT_AVAILABLE),
        Final("COMMAND NOT SUPPORT", ok=False),
        Final("TOO MANY PARAMETERS", ok=False),
        Final("NA", ok=False),
    )
}
_NUMERIC = dict(
    zip(
        "0134678",
        ("OK", "CONNECT", "NO CARRIER", "ERROR", "NO DIALTONE", "BUSY", "NO ANSWER"),
        strict=True,
    )
)
"""V.250 table 1, ATV0; 2 is RING and 5 (CONNECT 1200) is no longer sent."""
_NUMERIC_RING = "2"
_ERRORS = re.compile(r"\+(?:CM[ES]|EXT) ERROR:.+|MODEM ERROR: *\d+")
"""`+CME ERROR:` with nothing at all behind it is not a final (ModemManager's table)."""
_CONNECT = re.compile(r"CONNECT(?: .*)?")


def read_final(line: str, *, numeric: bool = False) -> Final | None:
    """The final result a line is, or None; one digit counts only where `numeric` codes may come."""
    if _ERRORS.fullmatch(line):
        return Final(line.rstrip(), ok=False)
    text = line.rstrip()
    if numeric:
        text = _NUMERIC.get(text, text)
    if _CONNECT.fullmatch(text):
        return Final(text, ok=True, ambiguous=True)
    return _WORDS.get(text)


class Meaning(StrEnum):
    """What an unsolicited line says; most only say that the call list is worth reading again."""

    RING = "ring"
    CALLER = "caller"
    CALLER_BLOCK = "caller_block"
    WAITING = "waiting"
    INDICATOR = "indicator"
    CALLS_CHANGED = "calls_changed"
    CALL_ENDED = "call_ended"
    PATH_UP = "path_up"
    PATH_DOWN = "path_down"
    DIGIT = "digit"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Notice:
    """An unsolicited result; digits are never kept."""

    meaning: Meaning
    caller: Caller | None = None
    index: int | None = None
    value: int | None = None
    indicator: str = ""
    said: Said | None = None


_Reader = Callable[[str], "Notice | None"]


def _plain(meaning: Meaning) -> _Reader:
    return lambda _body: Notice(meaning)


def _indicator(body: str) -> Notice:
    """`+CIEV: 2,1` by number, `+CIEV: call,1` by name (Cinterion)."""
    parts = fields(body)
    index = integer(parts, 0)
    name = parts[0].text.lower() if parts and index is None else ""
    return Notice(Meaning.INDICATOR, index=index, value=integer(parts, 1), indicator=name)


def _says(meaning: Meaning, reader: said.Reader) -> _Reader:
    """A vendor's line about one call; what it leaves unsaid is still a change somewhere."""

    def read(body: str) -> Notice:
        told = reader(body)
        over = told is not None and told.state is CallState.IDLE
        usual = Meaning.CALL_ENDED if over and meaning is Meaning.CALLS_CHANGED else meaning
        return Notice(usual, index=None if told is None else told.index, said=told)

    return read


def _ring(body: str) -> Notice:
    """Only voice calls ring here: `+CRING: SYNC`, `FAX` and `GPRS` are somebody else's."""
    voice = not body or "VOICE" in body.upper()
    return Notice(Meaning.RING if voice else Meaning.IGNORED)


def _clip(body: str) -> Notice | None:
    caller = caller_of(fields(body), name_at=4)
    return None if caller is None else Notice(Meaning.CALLER, caller=caller)


def _ccwa(body: str) -> Notice | None:
    """The event starts with a quoted number; the reply to a query has numbers only."""
    caller = waiting_caller(fields(body))
    return None if caller is None else Notice(Meaning.WAITING, caller=caller)


def _cnap(body: str) -> Notice:
    parts = fields(body)
    return Notice(Meaning.CALLER, caller=Caller(name=parts[0].text if parts else ""))


_WIND_ABOUT_CALLS = frozenset("256")


def _wind(body: str) -> Notice | None:
    """Wavecom: 2, 5 (a call was created) and 6 are about calls, the rest about the SIM."""
    parts = fields(body)
    if not parts or parts[0].text not in _WIND_ABOUT_CALLS:
        return Notice(Meaning.IGNORED)
    if parts[0].text == "5":
        return Notice(Meaning.CALLS_CHANGED, index=integer(parts, 1))
    return _says(Meaning.CALLS_CHANGED, said.wind)(body)


NOTICES: tuple[tuple[str, _Reader], ...] = (
    ("+CRING:", _ring),
    ("+CLIP:", _clip),
    ("+CCWA:", _ccwa),
    ("+CNAP:", _cnap),
    ("+CDIP:", _plain(Meaning.IGNORED)),
    ("+COLP:", _says(Meaning.CALLS_CHANGED, said.colp)),
    ("+CSSI:", _plain(Meaning.CALLS_CHANGED)),
    ("+CSSU:", _plain(Meaning.CALLS_CHANGED)),
    ("+CIEV:", _indicator),
    ("^CIEV:", _plain(Meaning.CALLS_CHANGED)),
    ("^SLCC:", _plain(Meaning.CALLS_CHANGED)),
    ("*ECAV:", _says(Meaning.CALLS_CHANGED, said.ecav)),
    ("*TCC:", _plain(Meaning.IGNORED)),
    ("^ORIG:", _says(Meaning.CALLS_CHANGED, said.orig)),
    ("^CONF:", _says(Meaning.CALLS_CHANGED, said.conf)),
    ("^CONN:", _says(Meaning.CALLS_CHANGED, said.conn)),
    ("^CEND:", _says(Meaning.CALLS_CHANGED, said.cend)),
    ("^DSCI:", _says(Meaning.CALLS_CHANGED, said.dsci)),
    ("+UCALLSTAT:", _says(Meaning.CALLS_CHANGED, said.ucallstat)),
    ("+WIND:", _wind),
    ("HANGUP:", _says(Meaning.CALLS_CHANGED, said.hangup)),
    ("VOICE CALL: BEGIN", _says(Meaning.PATH_UP, said.path_up)),
    ("VOICE CALL:BEGIN", _says(Meaning.PATH_UP, said.path_up)),
    ("VOICE CALL: END", _says(Meaning.PATH_DOWN, said.path_down)),
    ("VOICE CALL:END", _says(Meaning.PATH_DOWN, said.path_down)),
    ("MISSED_CALL:", _says(Meaning.CALLS_CHANGED, said.missed)),
    ("+RXDTMF:", _plain(Meaning.DIGIT)),
    ("^DDTMF:", _plain(Meaning.DIGIT)),
    ("+QTONEDET:", _plain(Meaning.DIGIT)),
    ("+UUDTMFD:", _plain(Meaning.DIGIT)),
    ("+VGS:", _plain(Meaning.IGNORED)),
    ("+VGM:", _plain(Meaning.IGNORED)),
    ("+BSIR:", _plain(Meaning.IGNORED)),
)
"""Prefix and reader of every unsolicited result; a reader that returns None leaves the line to the reply."""

_CALLER_ID = re.compile(r"(DATE|TIME|NMBR|NAME|MESG|ANID|USER|PASS|CDID|NDID) *= *(.*)")
"""Bellcore and V.253 caller id lines, with or without blanks round the sign; iaxmodem adds the last five."""
_WITHHELD = frozenset({"P", "O", "<NONE>", "", "PRIVATE", "ANONYMOUS", "OUT OF AREA", "UNAVAILABLE"})


def _caller_id(key: str, value: str) -> Notice:
    known = "" if value.strip().upper() in _WITHHELD else value.strip()
    if key == "DATE":
        return Notice(Meaning.CALLER_BLOCK)
    if key == "NMBR":
        return Notice(Meaning.CALLER, caller=Caller(number=known, withheld=not known))
    if key == "NAME":
        return Notice(Meaning.CALLER, caller=Caller(name=known))
    return Notice(Meaning.IGNORED)


DLE = "\x10"
_SHIELDED = {
    "R": Notice(Meaning.RING),
    "b": Notice(Meaning.CALL_ENDED, said=Said(CallState.IDLE, cause=Cause.BUSY)),
    "d": Notice(Meaning.CALL_ENDED, said=Said(CallState.IDLE, cause=Cause.NORMAL_CLEARING)),
    "r": Notice(Meaning.CALLS_CHANGED, said=Said(CallState.RINGBACK, incoming=False)),
}
"""V.253 event codes: ring, busy tone, dial tone (whoever was there has gone), ringback."""


def _shielded(code: str) -> Notice:
    digit = code in set("0123456789*#ABCD")
    return _SHIELDED.get(code, Notice(Meaning.DIGIT if digit else Meaning.IGNORED))


def read_notice(line: str, *, numeric: bool = False) -> Notice | None:
    """The unsolicited result a line is, or None."""
    text = line.rstrip()
    if text.startswith(DLE):
        return _shielded(text[len(DLE) :])
    if text == "RING" or (numeric and text == _NUMERIC_RING):
        return Notice(Meaning.RING)
    if found := _CALLER_ID.fullmatch(text):
        return _caller_id(found[1], found[2])
    for prefix, reader in NOTICES:
        if text.startswith(prefix):
            return reader(text[len(prefix) :].strip())
    return None


_GLUED = re.compile(r"(OK|ERROR|RING|BUSY|NO CARRIER|NO ANSWER)(?=[+^*][A-Z])")


def unglue(line: str) -> tuple[str, ...]:
    """A result word with the next line stuck to it (`ERROR+CNUM: ..`) is two lines."""
    found = _GLUED.match(line)
    return (line,) if found is None else (found[1], line[found.end() :])
