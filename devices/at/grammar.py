"""What a line means: final results and unsolicited results, as tables.

May not keep state: which of two meanings a line has is decided by whoever knows the command in flight.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from devices.at.values import Caller, caller_of, fields, integer, waiting_caller
from state.words import Cause


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
    cause: Cause | None = None


_Reader = Callable[[str], "Notice | None"]


def _plain(meaning: Meaning) -> _Reader:
    return lambda _body: Notice(meaning)


def _numbers(meaning: Meaning, *, index: int = 0, value: int | None = None) -> _Reader:
    def read(body: str) -> Notice:
        parts = fields(body)
        return Notice(
            meaning, index=integer(parts, index), value=None if value is None else integer(parts, value)
        )

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


def _state_of(released: int, *, state_at: int) -> _Reader:
    def read(body: str) -> Notice:
        parts = fields(body)
        ended = integer(parts, state_at) == released
        return Notice(Meaning.CALL_ENDED if ended else Meaning.CALLS_CHANGED, index=integer(parts, 0))

    return read


_Q850 = {
    16: Cause.NORMAL_CLEARING,
    17: Cause.BUSY,
    18: Cause.CALL_NOT_ANSWERED,
    19: Cause.CALL_NOT_ANSWERED,
    21: Cause.REJECTED,
    34: Cause.NETWORK_CONGESTION,
    42: Cause.NETWORK_CONGESTION,
}
"""ITU-T Q.850 cause values that say more than 'ended'."""


def _cend(body: str) -> Notice:
    """Huawei `^CEND:index,duration,end_status[,cc_cause]`."""
    parts = fields(body)
    code = integer(parts, 3)
    return Notice(
        Meaning.CALL_ENDED, index=integer(parts, 0), cause=None if code is None else _Q850.get(code)
    )


_WIND = {"5": Meaning.CALLS_CHANGED, "6": Meaning.CALL_ENDED}


def _wind(body: str) -> Notice:
    """Wavecom `+WIND: 5,id` call created, `6,id` call released; the rest is about the SIM."""
    parts = fields(body)
    meaning = _WIND.get(parts[0].text, Meaning.IGNORED) if parts else Meaning.IGNORED
    return Notice(meaning, index=integer(parts, 1))


NOTICES: tuple[tuple[str, _Reader], ...] = (
    ("+CRING:", _ring),
    ("+CLIP:", _clip),
    ("+CCWA:", _ccwa),
    ("+CNAP:", _cnap),
    ("+CDIP:", _plain(Meaning.IGNORED)),
    ("+COLP:", _plain(Meaning.CALLS_CHANGED)),
    ("+CSSI:", _plain(Meaning.CALLS_CHANGED)),
    ("+CSSU:", _plain(Meaning.CALLS_CHANGED)),
    ("+CIEV:", _numbers(Meaning.INDICATOR, value=1)),
    ("^CIEV:", _plain(Meaning.CALLS_CHANGED)),
    ("^SLCC:", _plain(Meaning.CALLS_CHANGED)),
    ("*ECAV:", _plain(Meaning.CALLS_CHANGED)),
    ("*TCC:", _plain(Meaning.IGNORED)),
    ("^ORIG:", _numbers(Meaning.CALLS_CHANGED)),
    ("^CONF:", _numbers(Meaning.CALLS_CHANGED)),
    ("^CONN:", _numbers(Meaning.CALLS_CHANGED)),
    ("^CEND:", _cend),
    ("^DSCI:", _state_of(6, state_at=2)),
    ("+UCALLSTAT:", _state_of(6, state_at=1)),
    ("+WIND:", _wind),
    ("HANGUP:", _numbers(Meaning.CALL_ENDED)),
    ("VOICE CALL: BEGIN", _plain(Meaning.PATH_UP)),
    ("VOICE CALL: END", _plain(Meaning.PATH_DOWN)),
    ("MISSED_CALL:", _plain(Meaning.CALLS_CHANGED)),
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


def read_notice(line: str, *, numeric: bool = False) -> Notice | None:
    """The unsolicited result a line is, or None."""
    text = line.rstrip()
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
