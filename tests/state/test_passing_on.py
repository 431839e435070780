"""Two calls of one line exchanged, joined and passed on; a call sent to another number; emergency numbers."""

from __future__ import annotations

import pytest

from state.commands import (
    Command,
    CompleteTransfer,
    Dial,
    Hold,
    Join,
    Retrieve,
    SetNotReady,
    SetReady,
    SignOut,
    Swap,
    Transfer,
)
from state.events import ButtonPressed, EffectFailed, LineInService
from state.ids import CallId
from state.words import AgentState, Button, By, CallState, Cause
from tests.state.driver import ABILITIES, HS, L1, L2, Desk

ALL = ABILITIES | {"swap", "join", "transfer", "complete_transfer"}
PAIR = [Swap, Join, CompleteTransfer]


def desk_with_two(able: frozenset[str] = ALL) -> tuple[Desk, CallId, CallId]:
    """A line with a held and a connected call."""
    desk = Desk(lines=(L1, L2))
    desk.tell(LineInService(desk.at, L1, L1, able))
    held = desk.talks(L1, "101")
    desk.runs(1.0)
    desk.holds(held)
    talking = desk.talks(L1, "102")
    desk.runs(1.0)
    return desk, held, talking


def refusal(desk: Desk, command: Command) -> str:
    """Why a command was not taken."""
    reply = desk.asks(command)
    assert reply is not None
    return reply.kind


def state_of(desk: Desk, call: CallId) -> CallState:
    """As the snapshot has it."""
    return desk.view(call).state


@pytest.mark.parametrize("named", ["", "held", "talking"])
def test_swap_exchanges_the_two_calls_whichever_is_named(named: str) -> None:
    desk, held, talking = desk_with_two()
    desk.asks(Swap({"held": held, "talking": talking}.get(named)))
    assert desk.commands()[-1] == Swap(talking)
    assert desk.view(talking).pending == "swap"
    assert desk.lamps().off_hook
    assert not desk.lamps().hold
    desk.holds(talking)
    desk.retrieves(held)
    assert (state_of(desk, held), state_of(desk, talking)) == (CallState.CONNECTED, CallState.HELD)
    assert desk.view(talking).pending == ""


def test_the_hold_key_swaps_where_the_line_can() -> None:
    desk, _, talking = desk_with_two()
    desk.tell(ButtonPressed(desk.at, HS, HS, Button.FLASH))
    assert desk.commands()[-1] == Swap(talking)
    desk, held, _ = desk_with_two(ABILITIES)
    desk.tell(ButtonPressed(desk.at, HS, HS, Button.FLASH))
    assert desk.commands()[-1] == Retrieve(held)


def test_swap_of_two_lines_holds_one_and_takes_the_other_back() -> None:
    desk = Desk(lines=(L1, L2))
    held = desk.talks(L1)
    desk.holds(held)
    talking = desk.talks(L2)
    desk.asks(Swap())
    assert (desk.commands(L1)[-1], desk.commands(L2)[-1]) == (Retrieve(held), Hold(talking))


@pytest.mark.parametrize("command", [Join, CompleteTransfer])
def test_calls_of_two_lines_are_not_put_together(command: type[Join | CompleteTransfer]) -> None:
    desk = Desk(lines=(L1, L2))
    desk.holds(desk.talks(L1))
    desk.talks(L2)
    before = len(desk.commands(L1)), len(desk.commands(L2))
    assert refusal(desk, command()) == "invalid_state"
    assert (len(desk.commands(L1)), len(desk.commands(L2))) == before


def test_join_takes_the_held_call_into_the_talk() -> None:
    desk, held, talking = desk_with_two()
    desk.asks(Join())
    assert desk.commands()[-1] == Join(held)
    desk.retrieves(held)
    assert {state_of(desk, held), state_of(desk, talking)} == {CallState.CONNECTED}


def test_completing_a_transfer_ends_both_calls_as_passed_on() -> None:
    desk, held, talking = desk_with_two()
    desk.asks(CompleteTransfer())
    assert desk.commands()[-1] == CompleteTransfer(talking)
    assert desk.view(held).pending == desk.view(talking).pending == "transfer"
    desk.clears(talking, by=By.REMOTE)
    desk.clears(held, by=By.REMOTE)
    for call in (held, talking):
        assert (desk.row(call).cause, desk.row(call).by) == (Cause.TRANSFER, By.LOCAL)


def test_a_transfer_that_fails_leaves_both_calls_as_they_were() -> None:
    desk, held, talking = desk_with_two()
    desk.asks(CompleteTransfer())
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "device_error", talking))
    assert desk.view(held).pending == desk.view(talking).pending == ""
    desk.clears(held, by=By.REMOTE)
    assert desk.row(held).cause is Cause.NORMAL_CLEARING


@pytest.mark.parametrize("command", PAIR)
def test_without_a_second_call_there_is_nothing_to_exchange(
    command: type[Swap | Join | CompleteTransfer],
) -> None:
    desk = Desk()
    desk.tell(LineInService(desk.at, L1, L1, ALL))
    assert refusal(desk, command()) == "no_such_call"
    call = desk.talks()
    assert refusal(desk, command()) == "no_such_call"
    assert refusal(desk, command(call)) == "no_such_call"


@pytest.mark.parametrize("command", [*PAIR, lambda: Transfer("201")])
def test_what_a_line_cannot_do_is_refused(command: type[Swap | Join | CompleteTransfer]) -> None:
    desk, _, _ = desk_with_two(ABILITIES)
    before = len(desk.commands())
    assert refusal(desk, command()) == "not_supported"
    assert len(desk.commands()) == before


def test_a_call_is_sent_on_to_a_number() -> None:
    desk = Desk()
    desk.tell(LineInService(desk.at, L1, L1, ALL))
    call = desk.talks()
    assert refusal(desk, Transfer("2 0 1")) == "invalid_number"
    desk.asks(Transfer("201"))
    assert desk.commands()[-1] == Transfer("201", call)
    desk.clears(call, by=By.REMOTE)
    assert (desk.row(call).cause, desk.row(call).by) == (Cause.TRANSFER, By.LOCAL)


def test_a_transferred_call_breaks_no_rule() -> None:
    desk = Desk()
    desk.tell(LineInService(desk.at, L1, L1, ALL))
    call = desk.talks()
    desk.runs(1.0)
    desk.asks(Transfer("201"))
    desk.clears(call)
    assert desk.row(call).breaches == ()


def test_an_emergency_number_is_dialled_in_every_agent_state() -> None:
    """Of two lines, so that one of them is free in a call."""
    reached = set()

    def dials(desk: Desk) -> None:
        reached.add(desk.now.agent.state)
        before = len(desk.commands())
        desk.asks(Dial("110"))
        assert Dial("110", L1) in desk.commands()[before:]

    desk = Desk(lines=(L1, L2), agent=None)
    dials(desk)
    desk = Desk(lines=(L1, L2))
    dials(desk)
    desk.asks(SetNotReady("lunch"))
    dials(desk)
    desk.asks(SetReady())
    call = desk.talks(L2)
    dials(desk)
    desk.clears(call, L2)
    dials(desk)
    desk.asks(SignOut())
    dials(desk)
    assert reached == set(AgentState)
