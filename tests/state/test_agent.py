"""The agent's states: signed in, ready, busy, after-call work; what calls do to them, what may be asked."""

from __future__ import annotations

import pytest

from state.commands import Command, SetNotReady, SetReady, SignIn, SignOut
from state.settings import SeatSettings
from state.words import AgentState, CallState
from tests.state.driver import L1, L2, Desk


def seat(state: AgentState, *, work_s: float = 30.0) -> Desk:
    """A seat whose agent is in that state."""
    desk = Desk(SeatSettings(after_call_work_s=work_s), agent=None)
    if state is AgentState.LOGGED_OUT:
        return desk
    desk.asks(SignIn("8001"))
    if state is AgentState.NOT_READY:
        return desk
    desk.asks(SetReady())
    if state in (AgentState.BUSY, AgentState.AFTER_CALL_WORK):
        call = desk.talks()
        if state is AgentState.AFTER_CALL_WORK:
            desk.clears(call)
    return desk


def state_of(desk: Desk) -> AgentState:
    """The agent's state as the world sees it."""
    return desk.now.agent.state


@pytest.mark.parametrize("state", AgentState)
def test_the_seats_of_this_file_are_what_they_say(state: AgentState) -> None:
    assert state_of(seat(state)) is state


ASKED: list[tuple[AgentState, Command, str, AgentState]] = [
    (AgentState.LOGGED_OUT, SignIn("8002"), "", AgentState.NOT_READY),
    (AgentState.LOGGED_OUT, SignOut(), "", AgentState.LOGGED_OUT),
    (AgentState.LOGGED_OUT, SetReady(), "not_signed_in", AgentState.LOGGED_OUT),
    (AgentState.LOGGED_OUT, SetNotReady("lunch"), "not_signed_in", AgentState.LOGGED_OUT),
    (AgentState.NOT_READY, SignIn("8002"), "invalid_state", AgentState.NOT_READY),
    (AgentState.NOT_READY, SignOut(), "", AgentState.LOGGED_OUT),
    (AgentState.NOT_READY, SetReady(), "", AgentState.READY),
    (AgentState.NOT_READY, SetNotReady("lunch"), "", AgentState.NOT_READY),
    (AgentState.READY, SignIn("8002"), "invalid_state", AgentState.READY),
    (AgentState.READY, SignOut(), "", AgentState.LOGGED_OUT),
    (AgentState.READY, SetReady(), "", AgentState.READY),
    (AgentState.READY, SetNotReady("lunch"), "", AgentState.NOT_READY),
    (AgentState.BUSY, SignIn("8002"), "invalid_state", AgentState.BUSY),
    (AgentState.BUSY, SignOut(), "", AgentState.BUSY),
    (AgentState.BUSY, SetReady(), "", AgentState.BUSY),
    (AgentState.BUSY, SetNotReady("lunch"), "", AgentState.BUSY),
    (AgentState.AFTER_CALL_WORK, SignIn("8002"), "invalid_state", AgentState.AFTER_CALL_WORK),
    (AgentState.AFTER_CALL_WORK, SignOut(), "", AgentState.LOGGED_OUT),
    (AgentState.AFTER_CALL_WORK, SetReady(), "", AgentState.READY),
    (AgentState.AFTER_CALL_WORK, SetNotReady("lunch"), "", AgentState.NOT_READY),
]


@pytest.mark.parametrize(
    ("state", "command", "kind", "after"), ASKED, ids=[f"{s}-{type(c).__name__}" for s, c, _, _ in ASKED]
)
def test_every_request_in_every_state(
    state: AgentState, command: Command, kind: str, after: AgentState
) -> None:
    desk = seat(state)
    reply = desk.asks(command)
    assert reply is not None
    assert reply.kind == kind
    assert bool(reply.message) == bool(kind)
    assert reply.data["state"] == after
    assert state_of(desk) is after


def test_every_pair_is_asked() -> None:
    assert {(state, type(command)) for state, command, _, _ in ASKED} == {
        (state, command) for state in AgentState for command in (SignIn, SignOut, SetReady, SetNotReady)
    }


def test_every_change_is_recorded_and_told() -> None:
    desk = Desk()
    call = desk.talks()
    desk.clears(call)
    desk.runs(31.0)
    desk.asks(SetNotReady("lunch"))
    desk.asks(SignOut())
    states = [row.state for row in desk.agent_rows()]
    assert states == ["not_ready", "ready", "busy", "after_call_work", "ready", "not_ready", "logged_out"]
    assert [row.agent for row in desk.agent_rows()] == ["8001"] * 7
    assert desk.agent_rows()[-2].reason == "lunch"
    for state in set(states):
        assert len(desk.told(f"agent.{state}")) == states.count(state)


def test_rows_carry_the_wall_clock() -> None:
    desk = Desk(agent=None)
    desk.runs_to(12.0)
    desk.asks(SignIn("8001"))
    (row,) = desk.agent_rows()
    assert (row.at.at, row.at.wall_s, row.at.synced) == (12.0, 1_790_000_012.0, True)


# what a call does --------------------------------------------------------------------------------


def test_ringing_alone_makes_nobody_busy() -> None:
    desk = Desk()
    call = desk.rings()
    assert state_of(desk) is AgentState.READY
    desk.clears(call)
    assert state_of(desk) is AgentState.READY


def test_dialling_makes_busy() -> None:
    desk = Desk()
    desk.calls_out()
    assert state_of(desk) is AgentState.BUSY


def test_after_call_work_ends_by_itself() -> None:
    desk = seat(AgentState.AFTER_CALL_WORK, work_s=20.0)
    desk.runs_to(19.9)
    assert state_of(desk) is AgentState.AFTER_CALL_WORK
    desk.runs_to(20.1)
    assert state_of(desk) is AgentState.READY


def test_without_after_call_work_straight_back() -> None:
    desk = seat(AgentState.BUSY, work_s=0.0)
    desk.clears("l1-1")
    assert state_of(desk) is AgentState.READY


@pytest.mark.parametrize("work_s", [0.0, 10.0])
def test_not_ready_before_means_not_ready_after(work_s: float) -> None:
    desk = seat(AgentState.NOT_READY, work_s=work_s)
    desk.asks(SetNotReady("training"))
    call = desk.talks()
    assert state_of(desk) is AgentState.BUSY
    desk.clears(call)
    desk.runs(work_s + 0.1)
    assert state_of(desk) is AgentState.NOT_READY
    assert desk.now.agent.reason == "training"


PENDING = [
    (SetNotReady("lunch"), AgentState.NOT_READY),
    (SetReady(), AgentState.READY),
    (SignOut(), AgentState.LOGGED_OUT),
]


@pytest.mark.parametrize("work_s", [0.0, 10.0])
@pytest.mark.parametrize(("command", "after"), PENDING)
def test_what_is_asked_during_a_call_is_kept_until_it_is_over(
    command: Command, after: AgentState, work_s: float
) -> None:
    desk = seat(AgentState.BUSY, work_s=work_s)
    reply = desk.asks(command)
    assert reply is not None
    assert reply.data["pending"] == after
    assert desk.now.agent.pending == after
    desk.clears("l1-1")
    desk.runs(work_s + 0.1)
    assert state_of(desk) is after
    assert desk.now.agent.pending == ""


@pytest.mark.parametrize(("last", "after"), PENDING)
@pytest.mark.parametrize(("first", "_"), PENDING)
def test_the_last_word_during_a_call_counts(
    first: Command, _: AgentState, last: Command, after: AgentState
) -> None:
    desk = seat(AgentState.BUSY, work_s=0.0)
    desk.asks(first)
    desk.asks(last)
    desk.clears("l1-1")
    assert state_of(desk) is after


def test_a_sign_out_asked_for_long_ago_is_not_carried_into_the_next_sign_in() -> None:
    desk = seat(AgentState.BUSY, work_s=0.0)
    desk.asks(SignOut())
    desk.clears("l1-1")
    assert state_of(desk) is AgentState.LOGGED_OUT
    desk.asks(SignIn("8002"))
    desk.asks(SetReady())
    call = desk.talks()
    desk.clears(call)
    assert state_of(desk) is AgentState.READY
    assert desk.now.agent.agent == "8002"


def test_a_call_during_after_call_work_is_busy_again_and_work_begins_anew() -> None:
    desk = seat(AgentState.AFTER_CALL_WORK, work_s=20.0)
    desk.runs_to(10.0)
    call = desk.talks()
    assert state_of(desk) is AgentState.BUSY
    desk.runs_to(25.0)
    assert state_of(desk) is AgentState.BUSY
    desk.clears(call)
    desk.runs_to(44.9)
    assert state_of(desk) is AgentState.AFTER_CALL_WORK
    desk.runs_to(45.1)
    assert state_of(desk) is AgentState.READY


def test_busy_until_the_last_of_several_calls() -> None:
    desk = Desk(SeatSettings(after_call_work_s=0.0), lines=(L1, L2))
    one = desk.talks(L1)
    two = desk.talks(L2)
    desk.clears(one, L1)
    assert state_of(desk) is AgentState.BUSY
    desk.holds(two, L2)
    assert state_of(desk) is AgentState.BUSY
    desk.clears(two, L2)
    assert state_of(desk) is AgentState.READY


def test_calls_without_anybody_signed_in_are_recorded_for_nobody() -> None:
    desk = Desk(agent=None)
    call = desk.talks()
    assert state_of(desk) is AgentState.LOGGED_OUT
    desk.clears(call)
    assert desk.row(call).agent is None
    assert desk.agent_rows() == []


def test_somebody_who_signs_in_during_a_call_is_busy_at_its_next_move() -> None:
    desk = Desk(agent=None)
    call = desk.talks()
    desk.asks(SignIn("8001"))
    desk.holds(call)
    assert state_of(desk) is AgentState.BUSY


def test_the_row_of_a_call_names_who_was_there() -> None:
    desk = Desk()
    call = desk.talks()
    desk.clears(call)
    assert desk.row(call).agent == "8001"


def test_the_display_says_who_sits_here() -> None:
    assert "8001" in " ".join(Desk().now.display)


def test_pending_states_are_seen_on_the_display_of_a_device() -> None:
    desk = Desk()
    desk.plugs_in("console", frozenset({"display"}))
    desk.asks(SetNotReady("lunch"))
    assert len(desk.displays("console")) == 2
    assert desk.displays("console")[-1] == desk.now.display


def test_a_ringing_second_call_does_not_begin_work_again() -> None:
    desk = seat(AgentState.AFTER_CALL_WORK, work_s=20.0)
    desk.runs_to(5.0)
    call = desk.rings(state=CallState.RINGING)
    desk.runs_to(8.0)
    desk.clears(call)
    desk.runs_to(20.1)
    assert state_of(desk) is AgentState.READY
