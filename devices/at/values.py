"""The fields of information lines: calls, callers, indicators, numbers.

May not decide anything about a call; a line that does not parse says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from state.errors import Blame, ProtocolError, ProtocolReason
from state.words import CallState

INTERNATIONAL = 145
"""Type of address octet of an international number (3GPP TS 24.008 10.5.4.7); 129 unknown, 161 national."""
STATES = (
    CallState.CONNECTED,
    CallState.HELD,
    CallState.DIALING,
    CallState.RINGBACK,
    CallState.RINGING,
    CallState.WAITING,
    CallState.IDLE,
)
"""Our word for each +CLCC stat, 0 to 5; SIMCom tells a call that is over as 6."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an information line; `quoted` keeps "1" apart from 1."""

    text: str
    quoted: bool = False


def fields(body: str) -> tuple[Field, ...]:
    """Cut at commas outside quotation marks; no field is ever an error."""
    if not body.strip():
        return ()
    found: list[Field] = []
    text, quoted, inside = "", False, False
    for letter in body + ",":
        if letter == '"':
            text = text if inside or quoted else ""
            quoted, inside = True, not inside
        elif letter == "," and not inside:
            found.append(Field(text if quoted else text.strip(), quoted))
            text, quoted = "", False
        elif inside or not quoted:
            text += letter
    if inside:
        found.append(Field(text[:-1], quoted=True))
    return tuple(found)


def integer(parts: Sequence[Field], place: int) -> int | None:
    """The whole number at `place`, or None."""
    if place < len(parts) and re.fullmatch(r"-?[0-9]{1,9}", parts[place].text):
        return int(parts[place].text)
    return None


def normal_number(number: str, number_type: int | None) -> str:
    """The number as it would be dialled: an international one starts with +."""
    number = number.strip()
    if number and number_type == INTERNATIONAL and not number.startswith("+"):
        return "+" + number
    return number


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as a line says; validity as +CLIP has it (0 ok, 1 withheld, 2 unavailable, ...)."""

    number: str = ""
    number_type: int | None = None
    name: str = ""
    validity: int = 0
    withheld: bool = False


def caller_of(parts: Sequence[Field], *, name_at: int) -> Caller | None:
    """`number,type[,subaddr,satype,alpha,validity]`; None where there is no number field at all."""
    if not parts:
        return None
    number_type = integer(parts, 1)
    validity = integer(parts, name_at + 1) or 0
    number = normal_number(parts[0].text, number_type)
    name = parts[name_at].text if len(parts) > name_at and parts[name_at].quoted else ""
    return Caller(number, number_type, name, validity, withheld=not number)


def waiting_caller(parts: Sequence[Field]) -> Caller | None:
    """`+CCWA: "number",type[,class[,alpha[,validity]]]`; None for the reply form `n` or `status,class`."""
    if not parts or not parts[0].quoted:
        return None
    return caller_of(parts, name_at=3)


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One row of a call list; `fault` tells what was wrong with the optional part."""

    index: int
    incoming: bool
    state: CallState
    voice: bool
    in_conference: bool
    number: str = ""
    number_type: int | None = None
    name: str = ""
    fault: str = ""


def listed_call(line: str, *, number_at: int = 5) -> ListedCall:
    """Read `+CLCC: idx,dir,stat,mode,mpty[,number,type[,alpha..]]`; ^SLCC has its number one field later."""
    parts = fields(line.partition(":")[2])
    index, incoming, stat, mode, mpty = (integer(parts, place) for place in range(5))
    if index is None or incoming not in {0, 1} or stat is None or mode is None or mpty is None:
        raise ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, f"not a row of a call list: {line!r}")
    if not 0 <= stat < len(STATES):
        raise ProtocolError(Blame.DEVICE, ProtocolReason.UNKNOWN, f"call state {stat} is not in 27.007")
    number_type = integer(parts, number_at + 1)
    number, fault = "", ""
    if len(parts) > number_at and number_type is None and parts[number_at].text:
        fault = "type missing after number"
    elif len(parts) > number_at:
        number = normal_number(parts[number_at].text, number_type)
    name = parts[number_at + 2].text if len(parts) > number_at + 2 else ""
    return ListedCall(
        index, incoming == 1, STATES[stat], mode == 0, mpty == 1, number, number_type, name, fault
    )


_INDICATOR = re.compile(r'\("([^"]+)"')


def indicator_names(line: str) -> tuple[str, ...]:
    """The names a `+CIND:` test reply declares, in the order +CIEV counts them (from 1)."""
    return tuple(name.lower() for name in _INDICATOR.findall(line))


def hook_state(line: str) -> bool | None:
    """Whether the reply to AT+VLS? says off-hook: label 0 is on-hook (V.253); None: it does not say."""
    found = re.fullmatch(r"(?:\+VLS: *)?\"?([0-9]{1,3})\"?(?:,.*)?", line.strip())
    return None if found is None else int(found[1]) != 0


_CHLD = re.compile(r"([0-4])-([0-4])|([0-4]x?)")


def offered_operations(line: str) -> frozenset[str]:
    """The call hold operations a `+CHLD:` test reply names: 0, 1, 1x, 2, 2x, 3, 4; also as a range."""
    named: set[str] = set()
    for first, last, single in _CHLD.findall(line.partition(":")[2].lower()):
        named |= {single} if single else {str(each) for each in range(int(first), int(last) + 1)}
    return frozenset(named)


def voice_call_waiting(lines: Sequence[str]) -> bool | None:
    """Whether the reply to AT+CCWA=1,2 says that second callers are told of; None: nothing about voice.

    `+CCWA: status,class`: class is a sum of bits, and 1 is voice (27.007 7.12).
    """
    for line in lines:
        parts = fields(line.partition(":")[2])
        status, kinds = integer(parts, 0), integer(parts, 1)
        if line.startswith("+CCWA:") and status is not None and kinds is not None and kinds & 1:
            return status == 1
    return None
