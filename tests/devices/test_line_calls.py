"""Look-ups over the calls of any line, and one word for every command."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from devices.line_calls import OFFERED, OUTGOING, UNSETTLED, LineCalls
from state.abilities import ABILITY
from state.commands import LineCommand
from state.events import CallSeen
from state.ids import CallId, LineId
from state.words import CallState, Direction


@dataclass
class Call:
    id: CallId
    direction: Direction
    state: CallState
    number: str = ""


def calls(*states: CallState) -> LineCalls[Call]:
    table: LineCalls[Call] = LineCalls(LineId("line"))
    table.calls += [Call(CallId(f"c{n}"), Direction.INBOUND, state) for n, state in enumerate(states)]
    return table


def test_look_ups() -> None:
    table = calls(CallState.HELD, CallState.CONNECTED, CallState.HELD)
    assert table.find(CallId("c1")) is table.calls[1]
    assert table.find(CallId("c9")) is None
    assert table.first(CallState.CONNECTED, CallState.HELD) is table.calls[1]
    assert table.first(CallState.HELD) is table.calls[0]
    assert table.first(CallState.DIALING) is None
    assert table.any_in({CallState.HELD})
    assert not table.any_in(OFFERED)
    assert table.seen()[1] == CallSeen(CallId("c1"), CallState.CONNECTED, Direction.INBOUND, "")


def test_unsettled_is_what_is_neither_up_nor_over() -> None:
    over = {CallState.IDLE, CallState.FAILED, CallState.CONNECTED, CallState.HELD}
    assert set(CallState) - over == UNSETTLED
    assert OFFERED | set(OUTGOING) == UNSETTLED


def test_every_command_has_its_ability() -> None:
    assert set(ABILITY) == set(typing.get_args(LineCommand))
    assert len(set(ABILITY.values())) == len(ABILITY)
