"""Why a call ended, from what baresip says of it: SIP codes, its own sentences, the system's errors.

May not decide whether a call is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from state.words import By, Cause


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended, as far as somebody said so."""

    cause: Cause
    by: By


BY_USER = "Connection reset by user"
BY_PEER = "Connection reset by peer"
TRANSFERRED = "Call transfered"
"""So spelt by baresip."""

_CODES = {
    401: End(Cause.REJECTED, By.NETWORK),
    403: End(Cause.REJECTED, By.NETWORK),
    404: End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    407: End(Cause.REJECTED, By.NETWORK),
    408: End(Cause.CALL_NOT_ANSWERED, By.REMOTE),
    410: End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    480: End(Cause.CALL_NOT_ANSWERED, By.REMOTE),
    483: End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    484: End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    485: End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    486: End(Cause.BUSY, By.REMOTE),
    487: End(Cause.CALL_CANCELLED, By.UNKNOWN),
    488: End(Cause.RESOURCES_NOT_AVAILABLE, By.REMOTE),
    502: End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    503: End(Cause.NETWORK_CONGESTION, By.NETWORK),
    504: End(Cause.TIMEOUT, By.NETWORK),
    600: End(Cause.BUSY, By.REMOTE),
    603: End(Cause.REJECTED, By.REMOTE),
    604: End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    606: End(Cause.RESOURCES_NOT_AVAILABLE, By.REMOTE),
    607: End(Cause.REJECTED, By.REMOTE),
}
"""Final responses (RFC 3261 21; 607 RFC 8197) in CSTA words."""
_CLASSES = {
    4: End(Cause.UNKNOWN, By.NETWORK),
    5: End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    6: End(Cause.REJECTED, By.REMOTE),
}
_SENTENCES = {
    "rtp stream error": End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    "rtp error": End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    "local timeout": End(Cause.CALL_NOT_ANSWERED, By.LOCAL),
    TRANSFERRED.lower(): End(Cause.TRANSFER, By.LOCAL),
    "call transferred": End(Cause.TRANSFER, By.LOCAL),
    "connection timed out": End(Cause.TIMEOUT, By.NETWORK),
    "operation timed out": End(Cause.TIMEOUT, By.NETWORK),
    "connection refused": End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    "no route to host": End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    "network is unreachable": End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    "host is down": End(Cause.DEST_OUT_OF_ORDER, By.NETWORK),
    "destination address required": End(Cause.DEST_NOT_OBTAINABLE, By.NETWORK),
    "mediaenc failed": End(Cause.RESOURCES_NOT_AVAILABLE, By.LOCAL),
    "operation not supported": End(Cause.RESOURCES_NOT_AVAILABLE, By.LOCAL),
    "no such device": End(Cause.RESOURCES_NOT_AVAILABLE, By.LOCAL),
}
"""What CALL_CLOSED says besides SIP codes (baresip src/call.c, src/ua.c; strerror in English)."""
_CODE = re.compile(r"([1-6][0-9]{2}) ")


def sip_end(text: str) -> End | None:
    """The end that a SIP code or a sentence of baresip means; None where it says nothing of use."""
    found = _CODE.match(text + " ")
    if found is not None:
        code = int(found[1])
        return _CODES.get(code) or _CLASSES.get(code // 100)
    said = text.strip().lower()
    return next((end for sentence, end in _SENTENCES.items() if said.startswith(sentence)), None)


def why(text: str, *, incoming: bool, established: bool, ended_here: bool) -> End:
    """Cause and side of an end; `ended_here`: the seat asked for it."""
    offered = incoming and not established
    if ended_here or text == BY_USER:
        if established:
            return End(Cause.NORMAL_CLEARING, By.LOCAL)
        return End(Cause.REJECTED if offered else Cause.CALL_CANCELLED, By.LOCAL)
    if text == BY_PEER:
        if established:
            return End(Cause.NORMAL_CLEARING, By.REMOTE)
        return End(Cause.CALL_CANCELLED if offered else Cause.UNKNOWN, By.REMOTE)
    told = sip_end(text)
    if told is not None:
        caller_gave_up = offered and told.cause is Cause.CALL_CANCELLED
        return End(told.cause, By.REMOTE) if caller_gave_up else told
    return End(Cause.NORMAL_CLEARING if established else Cause.UNKNOWN, By.UNKNOWN)
