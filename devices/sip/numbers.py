"""Numbers and SIP addresses: what may be dialled, and who a caller is.

May not know a call or an account: a bare number gets its domain from baresip's account.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_PUNCTUATION = str.maketrans("", "", " -().\t")
_NUMBER = re.compile(r"\+?[0-9*#A-D]{1,40}")
_ADDRESS = re.compile(r"sips?:[!-~]{1,200}", re.IGNORECASE)
_PEER = re.compile(r"(?:sips?|tel):(?P<user>[^@;?]*)(?:@(?P<host>[^;?]*))?", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+?[0-9*#]{1,40}")
_DIGITS = re.compile(r"[0-9*#A-D]{1,32}")
_WITHHELD = frozenset({"anonymous", "unknown", "restricted", "unavailable"})
"""Users of a From address that name nobody (RFC 3323 4.1.1.3 has the first)."""


def dial_target(number: str) -> str:
    """What `dial` takes for a number or a sip: address; empty for anything else.

    A # would begin a fragment, so it is escaped (RFC 3261 25.1 has no # in a user).
    """
    if _ADDRESS.fullmatch(number):
        return number
    plain = number.translate(_PUNCTUATION)
    return plain.replace("#", "%23") if _NUMBER.fullmatch(plain) else ""


def good_digits(digits: str) -> bool:
    """Whether these are DTMF keys."""
    return _DIGITS.fullmatch(digits) is not None


def number_of(peer: str) -> str:
    """The number in a SIP address, else the address itself; empty for one that names nobody."""
    found = _PEER.match(peer.strip())
    if found is None:
        return peer.strip()
    user = unquote(found["user"]).partition(":")[0]
    if user.lower() in _WITHHELD or (found["host"] or "").lower().endswith(".invalid"):
        return ""
    plain = user.translate(_PUNCTUATION)
    return plain if _TELEPHONE.fullmatch(plain) else f"sip:{found['user']}@{found['host'] or ''}"


def name_of(name: str) -> str:
    """A display name, or empty for one that names nobody."""
    return "" if name.strip().lower() in _WITHHELD else name.strip()
