"""The vocabulary holds together: each event has its handler, each value is frozen, each name its place."""

from __future__ import annotations

import dataclasses
import inspect
from typing import get_args

import pytest

from state import commands, cues, effects, events, rows, snapshot, words
from state.commands import Command, DeviceCommand, LineCommand, SeatCommand
from state.cues import CueId
from state.errors import (
    Blame,
    ConfigError,
    ProtocolError,
    ProtocolReason,
    SeatError,
    TransportError,
    TransportReason,
    UpdateError,
)
from state.events import AudioEvent, CallEvent, Event
from state.handlers import HANDLERS, handle
from state.handlers.registry import Handlers
from state.handlers.requests import _COMMANDS
from state.seat import Seat
from state.settings import ClosingSettings, SeatSettings, SilentCallSettings
from state.words import SilenceCause, SilentCallMode
from tests.state.driver import Desk

MODULES = (commands, cues, effects, events, rows, snapshot)
VALUES = [
    kind
    for module in MODULES
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind)
]
ABSTRACT = {Event, CallEvent, AudioEvent}
TOLD = [kind for kind in VALUES if issubclass(kind, Event) and kind not in ABSTRACT]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_value_is_frozen_and_slotted(kind: type) -> None:
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    assert kind.__doc__
    assert "(" not in kind.__doc__.split("\n", maxsplit=1)[0][: len(kind.__name__) + 1], (
        "a docstring is missing"
    )


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_every_event_has_its_handler(kind: type[Event]) -> None:
    assert kind in HANDLERS


def test_every_handler_has_its_event() -> None:
    assert set(HANDLERS) == set(TOLD)


def test_two_handlers_of_one_event_are_an_error() -> None:
    on = Handlers()

    @on(events.CallHeld)
    def first(seat: Seat, event: events.CallHeld) -> None:
        """The first one."""

    assert on.table == {events.CallHeld: first}
    with pytest.raises(ValueError, match="CallHeld"):
        on(events.CallHeld)(first)


def test_an_event_nobody_handles_is_a_fault_of_ours() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Unheard(Event):
        """Nobody's."""

    with pytest.raises(KeyError):
        handle(Seat(SeatSettings(), "call back"), Unheard(5.0, "test"))


def test_every_command_of_an_app_is_decided() -> None:
    assert set(_COMMANDS) == set(get_args(Command))


def test_commands_are_of_one_kind_each() -> None:
    line, device, seat = (set(get_args(kind)) for kind in (LineCommand, DeviceCommand, SeatCommand))
    assert not line & device
    assert not line & seat
    assert not device & seat


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_events_begin_with_their_time_and_source(kind: type[Event]) -> None:
    assert [field.name for field in dataclasses.fields(kind)][:2] == ["at", "source"]


def test_durations_and_levels_carry_their_unit() -> None:
    """A bare number whose name says no unit would be read as one it is not."""
    units = ("_s", "_ms", "_dbfs", "_at", "_since", "_percent")
    plain = {"at", "since", "until", "confidence"}
    plain |= {"value", "repeat", "count", "hold_count", "silent_stage", "promises"}
    for kind in (*VALUES, SeatSettings, SilentCallSettings, ClosingSettings):
        for field in dataclasses.fields(kind):
            if str(field.type).split(" |")[0] in ("float", "int"):
                assert field.name in plain or field.name.endswith(units), f"{kind.__name__}.{field.name}"


def test_every_remedy_is_named_after_its_cause() -> None:
    causes = {cue.value.removeprefix("cause.") for cue in CueId if cue.value.startswith("cause.")}
    assert {cause.value for cause in SilenceCause} - causes == {"customer_silent"}


def test_words_are_lower_case_and_told_apart() -> None:
    for _, kind in inspect.getmembers(words, inspect.isclass):
        if issubclass(kind, words.StrEnum) and kind is not words.StrEnum:
            values = [member.value for member in kind]
            assert len(values) == len(set(values))
            assert all(value == value.lower() and " " not in value for value in values), kind


# the defaults of the procedures ------------------------------------------------------------------


def test_the_waits_are_those_of_the_procedure() -> None:
    given = SilentCallSettings()
    assert (given.wait_1_s, given.wait_2_s, given.wait_3_s) == (5.0, 5.0, 2.0)
    assert (given.opening_cue_s, given.repeat_cue_s, given.unknown_cue_s) == (2.0, 5.0, 5.0)
    assert (given.utterance_s, given.utterance_gap_s, given.hang_up_warning_s) == (1.0, 0.8, 3.0)
    assert given.mode is SilentCallMode.ASSIST
    assert not given.auto_hangup


def test_the_rest_of_the_seat() -> None:
    given = SeatSettings()
    assert ClosingSettings().customer_hang_up_s == 10.0
    assert (given.watermark_fault_s, given.late_timer_s) == (1.0, 1.0)
    assert given.emergency_numbers == ("110", "119", "120")
    assert given.language == "zh-CN"


# errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("x"),
        ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, "x"),
        TransportError(TransportReason.GONE, "x"),
        UpdateError("x"),
    ],
)
def test_every_error_is_the_seats_and_says_something(error: SeatError) -> None:
    assert isinstance(error, SeatError)
    assert str(error) == "x"


def test_errors_carry_whose_fault_and_why() -> None:
    protocol = ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, "a line of 10 MB")
    assert (protocol.by, protocol.reason) == (Blame.DEVICE, ProtocolReason.MALFORMED)
    assert TransportError(TransportReason.DENIED, "no").reason is TransportReason.DENIED


def test_a_seat_at_rest_tells_nothing() -> None:
    desk = Desk()
    before = len(desk.log)
    desk.runs(3600.0)
    assert len(desk.log) == before
