"""The busy light's tables: every cell filled, and what each means to whoever walks up to the desk."""

from __future__ import annotations

from itertools import product

import pytest

from state.busy import (
    AGENT_SIGNS,
    CALL_SIGNS,
    DARK,
    MOMENTS,
    BusySign,
    Colour,
    Moment,
    busy_sign,
)
from state.commands import Lamps
from state.ids import CallId, LineId, RecordId
from state.snapshot import AgentView, CallView, FocusView, MuteView, Snapshot
from state.words import AgentState, CallState, Direction, MuteState

NO_CALL = {CallState.IDLE, CallState.FAILED}
BLUE_FLASH = BusySign(Colour.BLUE, flash=True)


def call(state: CallState) -> CallView:
    return CallView(
        call=CallId("c"),
        line=LineId("l"),
        record=RecordId("r"),
        state=state,
        direction=Direction.INBOUND,
        number="",
        name="",
        since=0.0,
        established_at=None,
        silent="",
        silence_cause=None,
        silence_evidence="",
        closing="",
        customer_spoke=False,
        adopted=False,
        pending="",
    )


def seat(agent: AgentState, *calls: CallState, mute: MuteState = MuteState.LIVE) -> Snapshot:
    return Snapshot(
        at=0.0,
        agent=AgentView("1007", agent, "", "", 0.0),
        calls=tuple(call(state) for state in calls),
        lines=(),
        devices=(),
        mute=MuteView(mute.value, "headset", False, "certain"),
        focus=FocusView(None, None, None),
        cue=None,
        lamps=Lamps(),
        display=(),
        promises=0,
    )


def test_every_cell_is_filled() -> None:
    assert set(MOMENTS) == set(CallState) - NO_CALL
    assert set(CALL_SIGNS) == set(product(Moment, MuteState))
    assert set(AGENT_SIGNS) == set(AgentState)


@pytest.mark.parametrize(
    ("agent", "sign"),
    [
        (AgentState.LOGGED_OUT, DARK),
        (AgentState.NOT_READY, BusySign(Colour.ORANGE)),
        (AgentState.READY, BusySign(Colour.GREEN)),
        (AgentState.BUSY, BusySign(Colour.RED)),
        (AgentState.AFTER_CALL_WORK, BusySign(Colour.ORANGE)),
    ],
)
@pytest.mark.parametrize("calls", [(), (CallState.IDLE,), (CallState.FAILED,)])
def test_without_a_call_it_shows_the_agent(
    agent: AgentState, sign: BusySign, calls: tuple[CallState, ...]
) -> None:
    for mute in MuteState:
        assert busy_sign(seat(agent, *calls, mute=mute)) == sign


@pytest.mark.parametrize("agent", AgentState)
@pytest.mark.parametrize("mute", MuteState)
@pytest.mark.parametrize("ringing", [CallState.RINGING, CallState.WAITING])
def test_a_call_that_rings_flashes_blue_whatever_the_agent(
    agent: AgentState, mute: MuteState, ringing: CallState
) -> None:
    assert busy_sign(seat(agent, ringing, mute=mute)) == BLUE_FLASH


@pytest.mark.parametrize("agent", AgentState)
@pytest.mark.parametrize(
    "state", [CallState.DIALING, CallState.RINGBACK, CallState.CONNECTED, CallState.HELD]
)
@pytest.mark.parametrize(
    ("mute", "colour"),
    [
        (MuteState.LIVE, Colour.RED),
        (MuteState.UNKNOWN, Colour.RED),
        (MuteState.MUTED, Colour.YELLOW),
        (MuteState.LOCKED, Colour.YELLOW),
    ],
)
def test_a_call_is_red_and_yellow_only_where_nobody_hears(
    agent: AgentState, state: CallState, mute: MuteState, colour: Colour
) -> None:
    assert busy_sign(seat(agent, state, mute=mute)) == BusySign(colour)


@pytest.mark.parametrize("second", [CallState.RINGING, CallState.WAITING, CallState.HELD, CallState.FAILED])
def test_a_second_call_does_not_hide_the_first(second: CallState) -> None:
    for calls in ((CallState.CONNECTED, second), (second, CallState.CONNECTED)):
        assert busy_sign(seat(AgentState.BUSY, *calls)) == BusySign(Colour.RED)


def test_a_call_that_failed_hides_none_that_rings() -> None:
    assert busy_sign(seat(AgentState.READY, CallState.FAILED, CallState.RINGING)) == BLUE_FLASH


def test_only_a_ringing_call_flashes() -> None:
    steady = [*AGENT_SIGNS.values(), *(sign for (at, _), sign in CALL_SIGNS.items() if at is Moment.TALKING)]
    assert not any(sign.flash for sign in steady)
    assert all(sign.flash for (at, _), sign in CALL_SIGNS.items() if at is Moment.RINGING)


def test_free_and_not_free_never_look_alike() -> None:
    """Green is the only invitation to walk up and talk."""
    shown = {
        (agent, call_state, mute): busy_sign(seat(agent, call_state, mute=mute))
        for agent, call_state, mute in product(AgentState, CallState, MuteState)
    }
    for (agent, call_state, _), sign in shown.items():
        assert (sign.colour is Colour.GREEN) is (agent is AgentState.READY and call_state in NO_CALL)
