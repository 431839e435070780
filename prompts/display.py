"""Display layouts: the seat's picture as a few short lines, for a device's display or a terminal.

May not hold words: terms come from the phrasebook. No customer data while not ready or signed out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from state.cues import CueId
from state.snapshot import AgentView, CallView, CueView, FocusView, MuteView
from state.words import AgentState, CallState, MuteState

ELLIPSIS = ".."
"""Ours: two plain dots; character displays lack the single ellipsis, and terminals differ in its width."""

HIDDEN = "***"

_ABSENT = frozenset((AgentState.LOGGED_OUT, AgentState.NOT_READY))
_OVER = frozenset((CallState.IDLE,))
_INCOMING = frozenset((CallState.RINGING, CallState.WAITING))
_CUSTOMER_CUES = frozenset((CueId.PROMISE_OPEN,))
"""Cues that show what was promised to a customer."""

_REPLACED = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": ""}

Terms = Mapping[str, str]


class Scene(NamedTuple):
    """What a display is drawn from: a part of the snapshot."""

    agent: AgentView
    calls: tuple[CallView, ...]
    mute: MuteView
    focus: FocusView
    cue: CueView | None
    promises: int


def lay_out(scene: Scene, width: int, rows: int, terms: Terms) -> tuple[str, ...]:
    """At most `rows` lines of at most `width` columns; where room is short the mute warning stays longest.

    In order of place: agent, calls, mute warning, cue. In order of weight: mute warning, cue, calls, agent.
    """
    private = scene.agent.state in _ABSENT
    mute = _mute_line(scene, terms)
    cue = wrap(_cue_text(scene, private), width, rows)
    calls = [_call_line(call, private, terms) for call in _calls_shown(scene)]
    room = rows - len(mute)
    cue = _shortened(cue, max(room, 0), width)
    room -= len(cue)
    calls = calls[: max(room, 0)]
    room -= len(calls)
    agent = [_agent_line(scene, terms)][: max(room, 0)]
    lines = [*agent, *calls, *mute, *cue][:rows]
    return tuple(cut(line, width) for line in lines)


def columns(text: str) -> int:
    """How many columns a text takes where East Asian wide characters take two."""
    return len(text) if text.isascii() else sum(_columns_of(char) for char in text)


def cut(text: str, width: int) -> str:
    """The text made safe to show (no control characters) and cut to `width` columns, cuts marked."""
    text = _printable(text)
    if columns(text) <= width:
        return text
    mark = ELLIPSIS[: max(width, 0)]
    return _head(text, width - len(mark)) + mark


def wrap(text: str, width: int, rows: int) -> list[str]:
    """The text broken into at most `rows` lines: between words where it can, anywhere in Chinese."""
    rest = _printable(text).strip()
    lines: list[str] = []
    while rest and len(lines) < rows:
        if len(lines) == rows - 1 or columns(rest) <= width:
            lines.append(cut(rest, width))
            break
        line = _broken(rest, width)
        if not line:
            break
        lines.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return lines


@lru_cache(maxsize=4096)
def _columns_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _printable(text: str) -> str:
    """A caller's name is foreign text: control characters become blanks, bidi marks and their like go."""
    if text.isprintable():
        return text
    return "".join(_REPLACED.get(unicodedata.category(char), char) for char in text)


def _head(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += _columns_of(char)
        if used > width:
            return text[:index]
    return text


def _broken(text: str, width: int) -> str:
    """The longest beginning that fits, not ending inside a word if that leaves at least half of the line."""
    head = _head(text, width)
    if head == text or text[len(head)].isspace() or not (head[-1:].isascii() and text[len(head)].isascii()):
        return head
    word = head.rfind(" ") + 1
    return head[:word] if columns(head[:word]) * 2 >= width else head


def _shortened(lines: list[str], rows: int, width: int) -> list[str]:
    if len(lines) <= rows:
        return lines
    kept = lines[:rows]
    return [*kept[:-1], cut(kept[-1] + " " * width, width).rstrip()] if kept else []


def _agent_line(scene: Scene, terms: Terms) -> str:
    agent = scene.agent
    parts = [agent.agent or "", terms[f"agent.{agent.state}"], agent.reason]
    if agent.state is not AgentState.LOGGED_OUT and scene.promises:
        parts.append(f"{terms['promises']} {scene.promises}")
    return " ".join(part for part in parts if part)


def _calls_shown(scene: Scene) -> list[CallView]:
    """The call being handled, then one that rings beside it."""
    focus = scene.focus
    calls = {call.call: call for call in scene.calls if call.state not in _OVER}
    order = [focus.guide, focus.headset, focus.ringing, *calls]
    first = next((calls[call] for call in order if call in calls), None)
    if first is None:
        return []
    others = [call for call in calls.values() if call is not first and call.state in _INCOMING]
    others.sort(key=lambda call: (call.call != focus.ringing, call.since))
    return [first, *others[:1]]


def _call_line(call: CallView, private: bool, terms: Terms) -> str:
    who = HIDDEN if private else f"{call.number} {call.name}"
    return " ".join(f"{terms[f'call.{call.state}']} {who}".split())


def _mute_line(scene: Scene, terms: Terms) -> list[str]:
    """Only while a call is up; a live microphone needs no line, an unknown one is never shown as live."""
    connected = any(call.state is CallState.CONNECTED for call in scene.calls)
    if not connected or scene.mute.value == MuteState.LIVE:
        return []
    return [terms[f"mute.{MuteState.LOCKED if scene.mute.locked else scene.mute.value}"]]


def _cue_text(scene: Scene, private: bool) -> str:
    if scene.cue is None or (private and scene.cue.id in _CUSTOMER_CUES):
        return ""
    return scene.cue.text
