"""Marks: the names of everything that can be waited for or expected in a scenario.

May not know a running seat; a word that names nothing is told with the nearest one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from callseat.api.topics import CLIENT_DROPPED, LINE_COMMAND, SERVER_CLOSING, STATE_CHANGED, TOPICS
from callseat.config.values import nearest
from state import events
from state.commands import DeviceCommand, LineCommand
from state.cues import CueId
from state.effects import CallCommand, Effect, Publish, Record, SendToDevice
from state.events import AudioAnalysedUntil, Event, LevelMeasured

START = "start"
SPEECH = ("speaks", "spoke")

_FREQUENT = (AudioAnalysedUntil, LevelMeasured)
"""Fifty a second and one a second: nobody waits for one of them by name."""
_SOCKET_ONLY = (STATE_CHANGED, LINE_COMMAND, CLIENT_DROPPED, SERVER_CLOSING)
_LEVEL = "audio.level"
_BY_OTHER_NAMES = (Publish, Record, CallCommand, SendToDevice)
"""A publication goes by its topic, a command by its own name; rows are looked at in the records."""


def _kinds() -> frozenset[str]:
    """Every event that something can be; not the ones that only share fields."""
    every = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)]
    return frozenset(
        each.__name__
        for each in every
        if each not in _FREQUENT and not any(other is not each and issubclass(other, each) for other in every)
    )


def _effects() -> frozenset[str]:
    """Effects; a command to a line or a device goes by its own name."""
    kinds: tuple[type, ...] = (*get_args(LineCommand), *get_args(DeviceCommand), *get_args(Effect))
    return frozenset(each.__name__ for each in kinds if each not in _BY_OTHER_NAMES)


TOPIC_MARKS = frozenset(TOPICS) - {*_SOCKET_ONLY, _LEVEL}
EFFECT_MARKS = _effects()
EVENT_MARKS = _kinds()

PREFIXES: Mapping[str, tuple[frozenset[str], str]] = {
    "cue": (frozenset(each.value for each in CueId), "the agent (or the line, in auto mode) is told this"),
    "prompt": (frozenset(each.value for each in CueId), "the first sample of that cue's prompt left"),
    "effect": (EFFECT_MARKS, "the core decided this effect, or this command to a line or device"),
    "event": (EVENT_MARKS, "a device, a line or the listener said this"),
    "agent": (frozenset(SPEECH), "the agent's recording begins or ends, as it really sounds"),
    "customer": (frozenset(SPEECH), "the customer's recording begins or ends, as it really sounds"),
}
"""What may stand before the colon; a mark without one is `start` or a topic of the socket."""


def unknown_mark(mark: str, steps: frozenset[str]) -> str | None:
    """What is wrong with a mark, or None; `steps` are the names of this scenario's steps."""
    prefix, colon, name = mark.partition(":")
    if not colon:
        known = TOPIC_MARKS | {START}
        return None if mark in known else f"no mark {mark}{nearest(mark, known)}"
    words = steps if prefix == "step" else PREFIXES.get(prefix, (None, ""))[0]
    if words is None:
        return f"no mark {prefix}:{nearest(prefix, [*PREFIXES, 'step'])}"
    return None if name in words else f"no {prefix} {name}{nearest(name, words)}"
