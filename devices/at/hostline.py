"""A command line as a host writes it: which question it is, what in it acts on calls, and on which.

May not decide whether a device did what it was told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from devices.at.calls import Call
from state.words import CallState

_BASIC = re.compile(r"[&\\%]?[A-CE-RT-Z][0-9]*|S[0-9]+(?:=[0-9]*|\?)?")
"""One command of V.250 basic syntax other than D, which takes the rest of its line."""
_ON_CALLS = re.compile(r"\+(?:CHUP|CHLD=[0-4][0-9]*)")
_DIALLED = re.compile(r"AT *D *[TPI]* *(.*)", re.IGNORECASE)
_MEMORY = re.compile(r"[>L]|S=", re.IGNORECASE)
"""Dialling from a memory, or the last number again: a call whose number the line does not say."""
_SUPPLEMENT = re.compile(r"AT\+CHLD=([0-4])([0-9]*)")
_OUTGOING = (CallState.DIALING, CallState.RINGBACK)
Effect = tuple[Call, CallState]
"""A call and the state a command brings it to; idle: it ends."""


@dataclass(frozen=True, slots=True)
class HostLine:
    """What a line asks: for the list, for something about calls (without blanks), for silence, for digits."""

    lists: str = ""
    on_calls: str = ""
    quiet: bool | None = None
    numeric: bool | None = None


def read_host_line(line: str) -> HostLine:
    """Read one command line without its CR; blanks count for nothing, and case neither (V.250 5.2.1)."""
    body = line[2:].replace(" ", "").upper()
    quiet = numeric = None
    lists = on_calls = ""
    while body and not on_calls:
        if body[0] == "D":
            on_calls = "AT" + body
        elif body[0] in "+^*$":
            part, _, body = body.partition(";")
            lists = lists or (f"AT{part}" if part in {"+CLCC", "^SLCC"} else "")
            on_calls = f"AT{part}" if _ON_CALLS.fullmatch(part) else ""
        elif found := _BASIC.match(body):
            word, body = found[0], body[found.end() :]
            if word[0] == "Q":
                quiet = word == "Q1"
            elif word[0] == "V":
                numeric = word in {"V", "V0"}
            elif word in {"A", "H", "H0"}:
                on_calls = "AT" + word
        else:
            body = body[1:] if body[0] == ";" else ""
    return HostLine(lists, on_calls, quiet, numeric)


def dialled_number(text: str) -> str:
    """The number in a dial command, or empty where there is none in it."""
    found = _DIALLED.match(text)
    if found is None or _MEMORY.match(found[1]):
        return ""
    digits = re.sub(r"[^0-9*#+A-D]", "", found[1].partition(";")[0].upper())
    return digits if re.search(r"[0-9*#]", digits) else ""


def dials(text: str) -> bool:
    """Whether a dial command names anybody: letters alone are a mistake that a modem may answer with OK."""
    found = _DIALLED.match(text)
    return found is not None and bool(_MEMORY.match(found[1]) or dialled_number(text))


def effects_of(text: str, calls: Sequence[Call], *, rejects: bool) -> list[Effect]:
    """What a command does to which calls, if the device does it (TS 22.030 6.5.5).

    `rejects`: hanging up refuses a call that rings, as a mobile phone does and a modem on a shared line not.
    """
    if text == "ATA":
        return [(call, CallState.CONNECTED) for call in _in(calls, CallState.RINGING)[:1]]
    if text in {"ATH", "ATH0", "AT+CHUP"}:
        ringing = _in(calls, CallState.RINGING) if rejects or text == "AT+CHUP" else []
        ended = _in(calls, CallState.CONNECTED) or _in(calls, *_OUTGOING)[:1] or ringing[:1]
        return [(call, CallState.IDLE) for call in ended]
    found = _SUPPLEMENT.fullmatch(text)
    return _supplement(found[1], found[2], calls) if found is not None else []


def _in(calls: Sequence[Call], *states: CallState) -> list[Call]:
    return [call for call in calls if call.state in states]


def _supplement(operation: str, index: str, calls: Sequence[Call]) -> list[Effect]:
    active, held = _in(calls, CallState.CONNECTED), _in(calls, CallState.HELD)
    waiting = _in(calls, CallState.WAITING)
    if index:
        return _about_one(operation, int(index), calls)
    if operation == "0":
        return _to(CallState.IDLE, waiting or held)
    if operation == "1":
        return _to(CallState.IDLE, active) + _to(CallState.CONNECTED, waiting or held)
    if operation == "2":
        return _to(CallState.HELD, active) + _to(CallState.CONNECTED, waiting or held)
    if operation == "3":
        return _to(CallState.CONNECTED, held)
    return _to(CallState.IDLE, active + held) if active and held else []


def _about_one(operation: str, index: int, calls: Sequence[Call]) -> list[Effect]:
    """Calls are numbered as they come; one that no line gave a number counts by its place."""
    numbered = [call for call in calls if index in {call.index, call.said}]
    counted = [call for place, call in enumerate(calls, start=1) if place == index and call.index is None]
    one = (numbered or counted)[:1]
    if operation == "1":
        return _to(CallState.IDLE, one)
    others = [call for call in _in(calls, CallState.CONNECTED) if call not in one]
    return _to(CallState.HELD, others) + _to(CallState.CONNECTED, one) if operation == "2" else []


def _to(state: CallState, calls: Sequence[Call]) -> list[Effect]:
    return [(call, state) for call in calls]
