"""What vendors' lines say of one call, line by line: state, the device's number for it, who, why.

May not keep state, nor be believed where the call list can be read: a state said is a reason to ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from devices.at.values import Field, fields, integer, listed_call, normal_number
from state.errors import ProtocolError
from state.words import CallState, Cause


@dataclass(frozen=True, slots=True)
class Said:
    """One call as a line tells of it; `state` idle: it is over. None: the line does not say."""

    state: CallState
    index: int | None = None
    incoming: bool | None = None
    number: str = ""
    cause: Cause | None = None
    offered_only: bool = False
    """Only a call that rings can be meant."""


Reader = Callable[[str], "Said | None"]

Q850 = {
    1: Cause.DEST_NOT_OBTAINABLE,
    3: Cause.DEST_NOT_OBTAINABLE,
    16: Cause.NORMAL_CLEARING,
    17: Cause.BUSY,
    18: Cause.CALL_NOT_ANSWERED,
    19: Cause.CALL_NOT_ANSWERED,
    21: Cause.REJECTED,
    27: Cause.DEST_OUT_OF_ORDER,
    28: Cause.DEST_NOT_OBTAINABLE,
    34: Cause.NETWORK_CONGESTION,
    41: Cause.NETWORK_CONGESTION,
    42: Cause.NETWORK_CONGESTION,
}
"""ITU-T Q.850 cause values that say more than 'ended'."""

_State = tuple[CallState, bool | None]
_LISTED: dict[int, _State] = {
    0: (CallState.CONNECTED, None),
    1: (CallState.HELD, None),
    2: (CallState.DIALING, False),
    3: (CallState.RINGBACK, False),
    4: (CallState.RINGING, True),
    5: (CallState.WAITING, True),
    6: (CallState.IDLE, None),
}
"""27.007 +CLCC stat, and 6 for released (Quectel and SIMCom ^DSCI, SIMCom +CLCC)."""
_UCALLSTAT = _LISTED | {7: (CallState.CONNECTED, None)}
"""u-blox +UCALLSTAT: 7 is said when the set-up of a call is complete."""
_ECAV: dict[int, _State] = {
    0: (CallState.IDLE, None),
    1: (CallState.DIALING, False),
    2: (CallState.DIALING, False),
    3: (CallState.CONNECTED, None),
    4: (CallState.HELD, None),
    5: (CallState.RINGING, True),
    6: (CallState.RINGBACK, None),
    7: (CallState.IDLE, False),
}
"""Ericsson *ECAV call status; 6 is alerting in whichever direction, 7 is busy."""
_VOICE_TYPES = {0, 9, None}
"""Huawei ^ORIG call type: voice, emergency."""


def _text(parts: tuple[Field, ...], place: int) -> str:
    return parts[place].text if place < len(parts) else ""


def dsci(body: str) -> Said | None:
    """`^DSCI: id,direction,state,type,number,number type`; type 0 is voice (Quectel, SIMCom)."""
    parts = fields(body)
    state = _LISTED.get(integer(parts, 2) or 0) if len(parts) > 2 else None
    if state is None or integer(parts, 3) not in {0, None}:
        return None
    number = normal_number(_text(parts, 4), integer(parts, 5))
    return Said(state[0], integer(parts, 0), integer(parts, 1) == 1, number)


def ucallstat(body: str) -> Said | None:
    """`+UCALLSTAT: id,state` (u-blox)."""
    parts = fields(body)
    state = _UCALLSTAT.get(value) if (value := integer(parts, 1)) is not None else None
    return None if state is None else Said(state[0], integer(parts, 0), state[1])


def ecav(body: str) -> Said | None:
    """`*ECAV: id,status,type[,process,exit cause,number,type]`; type 0 and 1 are voice (Ericsson)."""
    parts = fields(body)
    value = integer(parts, 1)
    state = _ECAV.get(value) if value is not None else None
    if state is None:
        return None
    number = normal_number(_text(parts, 5), integer(parts, 6))
    cause = Cause.BUSY if value == 7 else None
    return Said(state[0], integer(parts, 0), state[1], number, cause)


def orig(body: str) -> Said | None:
    """`^ORIG:id,type`: a call is being placed (Huawei)."""
    parts = fields(body)
    return Said(CallState.DIALING, integer(parts, 0), False) if integer(parts, 1) in _VOICE_TYPES else None


def conf(body: str) -> Said:
    """`^CONF:id`: the far end rings (Huawei)."""
    return Said(CallState.RINGBACK, integer(fields(body), 0), False)


def conn(body: str) -> Said:
    """`^CONN:id,type`: the call is up (Huawei)."""
    return Said(CallState.CONNECTED, integer(fields(body), 0))


def cend(body: str) -> Said:
    """`^CEND:id,duration,end status[,cc cause]`: the call is over (Huawei)."""
    parts = fields(body)
    code = integer(parts, 3)
    return Said(CallState.IDLE, integer(parts, 0), cause=None if code is None else Q850.get(code))


def hangup(body: str) -> Said:
    """`HANGUP: id` (Qualcomm)."""
    return Said(CallState.IDLE, integer(fields(body), 0))


def wind(body: str) -> Said | None:
    """`+WIND: 2` the far end rings, `6,id` a call is released (Wavecom); the rest is about the SIM."""
    parts = fields(body)
    if _text(parts, 0) == "2":
        return Said(CallState.RINGBACK, incoming=False)
    return Said(CallState.IDLE, integer(parts, 1)) if _text(parts, 0) == "6" else None


def path_up(_body: str) -> Said:
    """`VOICE CALL: BEGIN`: the call that was being set up is up (SIMCom)."""
    return Said(CallState.CONNECTED)


def path_down(_body: str) -> Said:
    """`VOICE CALL: END: seconds` (SIMCom)."""
    return Said(CallState.IDLE)


def missed(body: str) -> Said:
    """`MISSED_CALL: 11:01AM 07712345678`: whoever rang has given up (SIMCom)."""
    found = re.search(r"(\+?[0-9*#]{3,})$", body)
    return Said(CallState.IDLE, incoming=True, number=found[1] if found else "", offered_only=True)


def colp(body: str) -> Said:
    """`+COLP: number,type` inside the answer to a dial command: the called party is there (27.007 7.8)."""
    return Said(CallState.CONNECTED, incoming=False)


def clcc(line: str) -> Said | None:
    """A row of a call list nobody asked for (SIMCom); data calls and unreadable rows say nothing."""
    try:
        row = listed_call(line)
    except ProtocolError:
        return None
    return Said(row.state, row.index, row.incoming, row.number) if row.voice else None
