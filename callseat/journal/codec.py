"""Events as plain, masked, tagged data and back: `type` is the class name.

May not let a keyed digit out, nor a whole telephone number: what is masked stays masked when read again.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

import msgspec

from callseat.masking import HIDDEN, mask_number, mask_text
from state import commands, events
from state.effects import (
    CallCommand,
    Effect,
    PlayPrompt,
    PreparePrompt,
    Publish,
    Record,
    Reply,
    SendToDevice,
    StopPrompt,
)
from state.errors import Blame, ProtocolError, ProtocolReason
from state.events import Event

TAG = "type"

DIGIT_FIELDS = frozenset({"digit", "digits"})
OWN_WORDS = frozenset({
    "agent", "agent_reason", "agent_state", "call", "capabilities", "cues", "device", "effect", "features",
    "line", "promise_due", "prompt", "record", "request", "source", "successor", "target",
})  # fmt: skip
"""Fields of our own naming, where a run of digits is no telephone number and replay needs every letter."""

Plain = dict[str, Any]


def encode_event(event: Event) -> Plain:
    """The event as it may stand in a file."""
    return dict(_encode(event))


def decode_event(plain: object) -> Event:
    """The event again; data that is no event of this version is a ProtocolError."""
    value = _decode(plain)
    if not isinstance(value, Event):
        raise ProtocolError(Blame.APP, ProtocolReason.UNKNOWN, f"{type(value).__name__} is not an event")
    return value


def outline(effect: Effect) -> list[str]:
    """An effect by name and target; what it says or writes is decided again by a replay."""
    match effect:
        case CallCommand():
            return ["CallCommand", effect.line, type(effect.command).__name__]
        case SendToDevice():
            return ["SendToDevice", effect.device, type(effect.command).__name__]
        case PreparePrompt(phrase=phrase):
            return ["PreparePrompt", phrase]
        case PlayPrompt():
            return ["PlayPrompt", effect.prompt, effect.phrase, effect.audience.value]
        case StopPrompt():
            return ["StopPrompt", effect.prompt]
        case Publish():
            return ["Publish", effect.topic]
        case Record():
            return ["Record", type(effect.row).__name__]
        case Reply():
            return ["Reply", effect.request, effect.kind]
        case _:
            typing.assert_never(effect)


def _encode(value: Any, field: str = "") -> Any:
    if dataclasses.is_dataclass(value):
        named = {
            each.name: _encode(getattr(value, each.name), each.name) for each in dataclasses.fields(value)
        }
        return {TAG: type(value).__name__} | named
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return _masked(value, field)
    if isinstance(value, frozenset):
        return sorted(_encode(each, field) for each in value)
    if isinstance(value, tuple):
        return [_encode(each, field) for each in value]
    if isinstance(value, dict):
        return {str(key): _encode(each, field) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _masked(text: str, field: str) -> str:
    if field in DIGIT_FIELDS:
        return HIDDEN
    if field == "number":
        return mask_number(text)
    return text if field in OWN_WORDS else mask_text(text)


def _decode(plain: object) -> object:
    if not isinstance(plain, dict) or plain.get(TAG) not in _classes():
        name = plain.get(TAG) if isinstance(plain, dict) else plain
        raise ProtocolError(Blame.APP, ProtocolReason.UNKNOWN, f"{name!r} is no event this version knows")
    kind = _classes()[plain[TAG]]
    try:
        return kind(**{name: _field(kind, name, value) for name, value in plain.items() if name != TAG})
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise ProtocolError(Blame.APP, ProtocolReason.MALFORMED, f"{plain[TAG]}: {error}") from None


def _field(kind: type, name: str, value: object) -> object:
    """A field by its annotation; one that may be several classes is found by its tag."""
    if isinstance(value, dict) and TAG in value:
        return _decode(value)
    # Not strict: JSON has no -inf, which is the level of digital silence; it is written as a text.
    return msgspec.convert(value, _hints(kind)[name], strict=False)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _classes() -> Mapping[str, type]:
    return {
        value.__name__: value
        for module in (events, commands)
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    }
