"""Every event survives the journal, and no digit gets into it."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import types
import typing
from enum import Enum
from typing import Any

import pytest

from callseat.journal import decode_event, encode_event
from callseat.journal.codec import OWN_WORDS, outline
from callseat.masking import HIDDEN
from state import commands, events
from state.commands import Dial, Hold, NoteCall, SendDigits, SetLamps
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
from state.events import (
    CallDelivered,
    CallSeen,
    CallUpdated,
    CommandRequested,
    DigitKeyed,
    EffectFailed,
    Event,
    LevelMeasured,
    LineInService,
    OpenRecord,
    SeatRestored,
)
from state.ids import CallId, DeviceId, LineId, PromptId, RequestId
from state.rows import Breach, CallRow, Stamp
from state.words import Audience, Basis, CallState, Channel, Direction

NUMBER = "13800138000"
SECRET = "482915"

EVENTS = sorted(
    (value for value in vars(events).values() if isinstance(value, type) and issubclass(value, Event)),
    key=lambda kind: kind.__name__,
)
COMMANDS = [value for value in vars(commands).values() if dataclasses.is_dataclass(value)]


def sample(hint: Any, name: str = "") -> Any:
    """A value of this annotation that differs from any default."""
    hint = getattr(hint, "__supertype__", hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return sample(inner[0], name)
    if origin is tuple:
        return (
            (sample(inner[0], name),) if inner[1:] == (...,) else tuple(sample(each, name) for each in inner)
        )
    if origin is frozenset:
        return frozenset({sample(inner[0], name), "z"})
    if origin is dict:
        return {"key": sample(inner[1], name)}
    if dataclasses.is_dataclass(hint):
        return made(typing.cast("type", hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    return {str: f"{name} words", float: 12.5, int: 3, bool: True}[hint]


def made(kind: type) -> Any:
    hints = typing.get_type_hints(kind)
    return kind(**{field.name: sample(hints[field.name], field.name) for field in dataclasses.fields(kind)})


def through(event: Event) -> Event:
    return decode_event(json.loads(json.dumps(encode_event(event), allow_nan=False)))


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_comes_back(kind: type[Event]) -> None:
    event = made(kind)
    back = through(event)
    if kind is DigitKeyed:
        assert back == dataclasses.replace(event, digit=HIDDEN)
    else:
        assert back == event
        assert type(back) is kind


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_comes_back_inside_its_event(kind: type) -> None:
    if kind in (commands.Lamps, SetLamps, commands.SetDisplay):
        assert kind not in typing.get_args(commands.Command)
        return
    command = made(kind)
    back = through(CommandRequested(1.0, "app", command, Basis.KEY, RequestId("r1")))
    expected = dataclasses.replace(command, digits=HIDDEN) if kind is SendDigits else command
    assert back == CommandRequested(1.0, "app", expected, Basis.KEY, RequestId("r1"))


def test_nothing_optional_is_made_up() -> None:
    event = CommandRequested(1.0, "app", Hold())
    assert through(event) == event
    assert through(SeatRestored(1.0, "records")) == SeatRestored(1.0, "records")
    assert through(LineInService(1.0, "desk", LineId("desk"), calls=None)) == LineInService(
        1.0, "desk", LineId("desk"), calls=None
    )


@pytest.mark.parametrize("level", [-math.inf, -63.25, 0.0])
def test_the_level_of_digital_silence_comes_back(level: float) -> None:
    event = LevelMeasured(1.0, "audio", LineId("desk"), Channel.NEAR, level, -math.inf)
    assert through(event) == event


LINE, CALL = LineId("desk"), CallId("desk-1")
ROW = CallRow(
    "s-1", LINE, CALL, Direction.INBOUND, NUMBER, CallState.HELD, NUMBER,  # type: ignore[arg-type]  # a record id is any text here
    delivered=Stamp(1.0), breaches=(Breach("P1", 1.0, Basis.KEY, f"keyed {NUMBER}"),), note=f"ring {NUMBER}",
)  # fmt: skip
TELLING = [
    CallDelivered(1.0, "desk", LINE, CALL, CallState.RINGING, Direction.INBOUND, NUMBER, NUMBER),
    CallUpdated(1.0, "desk", LINE, CALL, "+86 138-0013-8000", "陈 13800138000"),
    LineInService(1.0, "desk", LINE, calls=(CallSeen(CALL, CallState.HELD, Direction.INBOUND, NUMBER),)),
    SeatRestored(1.0, "records", open_records=(OpenRecord(ROW),)),
    CommandRequested(1.0, "app", Dial(NUMBER)),
    CommandRequested(1.0, "app", SendDigits(SECRET)),
    CommandRequested(1.0, "app", NoteCall(note=f"call {NUMBER} back", promise_subject=f"to {NUMBER}")),
    DigitKeyed(1.0, "headset", DeviceId("headset"), "7"),
    EffectFailed(1.0, "desk", "CallCommand", "desk", "timeout", detail=f"ATD{NUMBER}; was not answered"),
]


@pytest.mark.parametrize("event", TELLING)
def test_no_number_and_no_keyed_digit_is_written(event: Event) -> None:
    text = json.dumps(encode_event(event), ensure_ascii=False)
    assert not re.search(r"\d[\d \-]{3,}\d", text), text
    assert SECRET not in text
    assert '"7"' not in text
    assert type(through(event)) is type(event)


def test_what_was_masked_stays_masked() -> None:
    once = through(TELLING[0])
    assert isinstance(once, CallDelivered)
    assert once.number == "*********00"
    assert "8" not in encode_event(once)["number"]


def test_our_own_words_are_never_masked() -> None:
    request = CommandRequested(1.0, "app:12345", Hold(CallId("desk-123456")), request=RequestId("99999"))
    assert through(request) == request
    fields = {field.name for kind in (*EVENTS, *COMMANDS, CallRow) for field in dataclasses.fields(kind)}
    assert fields >= OWN_WORDS
    assert not OWN_WORDS & {"number", "name", "digit", "digits", "note", "detail", "evidence"}


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"type": "CallVanished", "at": 1.0}, "'CallVanished' is no event this version knows"),
        ({"at": 1.0}, "None is no event this version knows"),
        (7, "7 is no event this version knows"),
        ({"type": "Hold"}, "Hold is not an event"),
        ({"type": "CallHeld", "at": 1.0}, "CallHeld: .* missing 3 required positional arguments"),
        ({"type": "CallHeld", "att": 1.0}, "CallHeld: 'att'"),
        ({"type": "CallHeld", "at": "soon"}, "CallHeld: Expected `float`, got `str`"),
    ],
)
def test_what_is_no_event_is_a_protocol_error(plain: object, message: str) -> None:
    from state.errors import ProtocolError

    with pytest.raises(ProtocolError, match=message):
        decode_event(plain)


OUTLINES: list[tuple[Effect, list[str]]] = [
    (CallCommand(LINE, Dial(NUMBER)), ["CallCommand", "desk", "Dial"]),
    (CallCommand(LINE, SendDigits(SECRET)), ["CallCommand", "desk", "SendDigits"]),
    (SendToDevice(DeviceId("h"), SetLamps(commands.Lamps())), ["SendToDevice", "h", "SetLamps"]),
    (
        PlayPrompt(PromptId("p1"), Audience.AGENT, "opening", f"hello {NUMBER}", "en"),
        ["PlayPrompt", "p1", "opening", "agent"],
    ),
    (PreparePrompt("opening", f"hello {NUMBER}", "en"), ["PreparePrompt", "opening"]),
    (StopPrompt(PromptId("p1"), "speech"), ["StopPrompt", "p1"]),
    (Publish("call.delivered", {"number": NUMBER}), ["Publish", "call.delivered"]),
    (Record(ROW), ["Record", "CallRow"]),
    (Reply(RequestId("r"), "refused", NUMBER), ["Reply", "r", "refused"]),
]


@pytest.mark.parametrize(("effect", "told"), OUTLINES)
def test_an_effect_is_told_by_name_and_target(effect: Effect, told: list[str]) -> None:
    assert outline(effect) == told


def test_every_effect_has_an_outline() -> None:
    assert {type(effect) for effect, _ in OUTLINES} == set(typing.get_args(Effect))
