"""Reading what baresip prints for a person: its list of calls, the report on one, its version.

May not guess: a row that cannot be read makes the whole list unread, for a list proves ends of calls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from state.words import CallState

STATES = {
    "IDLE": CallState.DIALING,
    "INCOMING": CallState.RINGING,
    "OUTGOING": CallState.DIALING,
    "RINGING": CallState.RINGBACK,
    "EARLY": CallState.RINGBACK,
    "ESTABLISHED": CallState.CONNECTED,
    "TRANSFER": CallState.CONNECTED,
}
"""Our word for each state in the list (baresip src/call.c, 1.0.0 to 4.10.0)."""
OVER = frozenset({"TERMINATED", "UNKNOWN"})

_ROW = re.compile(
    r"(?P<current>[> ]) \[line (?P<line>[0-9]+)(?:, id (?P<key>[^\]\s]+))?\]"
    r"\s+[0-9]+:[0-9]{2}:[0-9]{2}\s+(?P<state>[A-Z]+)(?P<held>\s+\(on hold\))?(?:\s+(?P<peer>\S.*))?"
)
_HEAD = re.compile(r"^--- (?:Active calls \((?P<count>[0-9]+)\)|No active calls) ---\s*$", re.MULTILINE)
_KEY = re.compile(r"^ af=\S+ id=(?P<key>\S+)\s*$", re.MULTILINE)
_DIRECTION = re.compile(r"^ direction: (?P<direction>Incoming|Outgoing)\s*$", re.MULTILINE)
_VERSION = re.compile(r"(?<![0-9.])(?P<version>[0-9]+\.[0-9]+(?:\.[0-9]+)?)(?![0-9.])")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One row: `line` counts from 1, `key` is the Call-ID where this version lists it (1.1.0 on)."""

    line: int
    word: str
    on_hold: bool
    current: bool
    peer: str
    key: str = ""

    @property
    def state(self) -> CallState:
        """What the row says; a ringing call may be marked as held and rings all the same."""
        said = STATES[self.word]
        return CallState.HELD if said is CallState.CONNECTED and self.on_hold else said

    @property
    def incoming(self) -> bool | None:
        """Whose call it is, or None for one that is up: the list does not tell."""
        said = STATES[self.word]
        return None if said is CallState.CONNECTED else said is CallState.RINGING


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the report on the current call says and the list does not."""

    key: str
    incoming: bool


def listed_calls(text: str) -> tuple[ListedCall, ...] | None:
    """The rows of `listcalls`; None where this is no list, or not a whole one."""
    heads = _HEAD.findall(text)
    rows: list[ListedCall] = []
    for line in text.splitlines():
        if "[line " not in line:
            continue
        found = _ROW.fullmatch(line.rstrip())
        if found is None or not (found["state"] in STATES or found["state"] in OVER):
            return None
        rows.append(
            ListedCall(
                int(found["line"]),
                found["state"],
                found["held"] is not None,
                found["current"] == ">",
                (found["peer"] or "").strip(),
                found["key"] or "",
            )
        )
    if not heads or sum(int(count or 0) for count in heads) != len(rows):
        return None
    return tuple(row for row in rows if row.word not in OVER)


def call_facts(text: str) -> CallFacts | None:
    """What `callstat` says of the current call; None where there is none."""
    key, direction = _KEY.search(text), _DIRECTION.search(text)
    if key is None or direction is None:
        return None
    return CallFacts(key["key"], direction["direction"] == "Incoming")


def version(text: str) -> tuple[int, ...]:
    """The version in `about`, such as (1, 0, 0); empty where it names none."""
    found = _VERSION.search(_COLOUR.sub("", text))
    return tuple(int(part) for part in found["version"].split(".")) if found else ()


def told_mute(text: str) -> bool | None:
    """What `mute` says it has done: muted, live, or nothing that could be read."""
    if "call un-muted" in text:
        return False
    return True if "call muted" in text else None


def told_key(text: str) -> str:
    """The Call-ID that `dial` tells from 1.1.0 on, or empty."""
    _, found, key = text.partition("call id: ")
    return key.strip() if found else ""
