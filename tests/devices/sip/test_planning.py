"""From a command to deeds: every command in every state it can be given in, without a baresip."""

from __future__ import annotations

import pytest

from devices.line_calls import Refusal
from devices.sip.calls import Call, CallTable
from devices.sip.planning import ABLE, Plan, capabilities, plan
from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    Join,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    SetMute,
    Swap,
    Transfer,
)
from state.ids import CallId, LineId
from state.words import CallState, Direction

EVERYTHING = capabilities((2, 0, 0))
IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def table(*states: CallState) -> CallTable:
    """Calls sip-1, sip-2, .. in these states."""
    made = CallTable(LineId("sip"))
    for number, state in enumerate(states):
        way = OUT if state in {CallState.DIALING, CallState.RINGBACK} else IN
        call = made.open(way, f"sip:{number}@x", f"key{number}")
        call.state = state
    return made


def deeds(command: LineCommand, *states: CallState, able: frozenset[str] = ABLE) -> list[str]:
    """What is done, as `name call`; a refusal as its reason."""
    made = plan(command, table(*states), able)
    if isinstance(made, Refusal):
        return [made.reason]
    return [
        f"{deed.name} {'-' if deed.call is None else deed.call.id.removeprefix('sip-')}"
        for deed in made.deeds
    ]


RINGING, WAITING, TALKING = CallState.RINGING, CallState.WAITING, CallState.CONNECTED
HELD, DIALING, RINGBACK = CallState.HELD, CallState.DIALING, CallState.RINGBACK
NONE, WRONG = ["no_such_call"], ["invalid_state"]


@pytest.mark.parametrize(
    ("command", "states", "expected"),
    [
        (Answer(), (RINGING,), ["accept 1"]),
        (Answer(), (TALKING, WAITING), ["hold 1", "accept 2"]),
        (Answer(), (HELD, WAITING), ["accept 2"]),
        (Answer(), (TALKING, HELD, WAITING), ["hold 1", "accept 3"]),
        (Answer(), (TALKING,), NONE),
        (Answer(CallId("sip-1")), (TALKING,), WRONG),
        (Answer(CallId("sip-9")), (RINGING,), NONE),
        (Reject(), (RINGING, WAITING), ["hangup 2"]),
        (Reject(), (RINGING,), ["hangup 1"]),
        (Reject(), (TALKING,), NONE),
        (HangUp(), (HELD, TALKING), ["hangup 2"]),
        (HangUp(), (DIALING,), ["hangup 1"]),
        (HangUp(), (RINGBACK,), ["hangup 1"]),
        (HangUp(), (HELD,), ["hangup 1"]),
        (HangUp(), (RINGING,), NONE),
        (Hold(), (TALKING,), ["hold 1"]),
        (Hold(), (HELD,), NONE),
        (Retrieve(), (HELD,), ["resume 1"]),
        (Retrieve(), (HELD, TALKING), ["hold 2", "resume 1"]),
        (Retrieve(CallId("sip-1")), (TALKING,), WRONG),
        (Swap(), (TALKING, HELD), ["hold 1", "resume 2"]),
        (Swap(CallId("sip-3")), (TALKING, HELD, HELD), ["hold 1", "resume 3"]),
        (Swap(), (TALKING,), WRONG),
        (Swap(), (), NONE),
        (SendDigits("1*#D"), (TALKING,), ["sndcode 1"]),
        (SendDigits("1"), (HELD,), NONE),
        (SendDigits("1 2"), (TALKING,), ["invalid_params"]),
        (SendDigits(""), (TALKING,), ["invalid_params"]),
        (Transfer("10086"), (TALKING,), ["transfer 1"]),
        (Transfer("sip:a@b"), (HELD,), ["transfer 1"]),
        (Transfer("sip:a@b c"), (TALKING,), ["invalid_number"]),
        (Transfer("1"), (RINGING,), NONE),
        (Dial("10086"), (), ["dial -"]),
        (Dial("10086"), (TALKING,), ["hold 1", "dial -"]),
        (Dial("10086"), (RINGING,), ["dial -"]),
        (Dial("10086"), (RINGBACK,), WRONG),
        (Dial("/quit"), (), ["invalid_number"]),
        (CompleteTransfer(), (TALKING, HELD), ["not_supported"]),
        (Join(), (TALKING, HELD), ["not_supported"]),
    ],
)
def test_deeds(command: LineCommand, states: tuple[CallState, ...], expected: list[str]) -> None:
    assert deeds(command, *states) == expected


@pytest.mark.parametrize(
    ("command", "states", "expected"),
    [
        (CompleteTransfer(), (HELD, TALKING), ["atransferexec 2"]),
        (CompleteTransfer(), (TALKING,), WRONG),
        (CompleteTransfer(), (), NONE),
        (Dial("1"), (TALKING,), ["atransferstart 1", "dial -"]),
        (Dial("1"), (HELD,), ["dial -"]),
        (Join(), (TALKING, HELD), ["not_supported"]),
    ],
)
def test_deeds_of_a_version_with_attended_transfer(
    command: LineCommand, states: tuple[CallState, ...], expected: list[str]
) -> None:
    assert deeds(command, *states, able=EVERYTHING) == expected


@pytest.mark.parametrize("command", [Answer(), HangUp(), Dial("1"), SetMute(True), Transfer("1"), Swap()])
def test_nothing_is_done_that_is_not_offered(command: LineCommand) -> None:
    assert deeds(command, RINGING, TALKING, HELD, able=frozenset()) == ["not_supported"]


def test_a_plan_says_what_proves_it() -> None:
    calls = table(TALKING, HELD)
    one, two = calls.calls
    swapped = plan(Swap(), calls, ABLE)
    assert isinstance(swapped, Plan)
    assert swapped.proof == ((one, HELD), (two, TALKING))
    ended = plan(HangUp(), calls, ABLE)
    assert isinstance(ended, Plan)
    assert ended.proof == ((one, None),)


def test_only_the_new_versions_complete_a_transfer() -> None:
    assert capabilities(()) == capabilities((1, 1, 0)) == ABLE
    assert capabilities((2, 0, 0)) - ABLE == capabilities((4, 10, 0)) - ABLE == {"complete_transfer"}


def test_calls_are_found_by_name_direction_and_who_was_dialled() -> None:
    calls = CallTable(LineId("sip"))
    calls.dial("10086", None, 0.0)
    calls.dial("sip:bob@x", None, 0.0)
    first, second = calls.calls
    assert calls.by_key("k2", "sip:bob@x", incoming=False) is second
    assert calls.by_key("k2", "sip:bob@x", incoming=True) is None
    assert calls.by_key("k1", "sip:rewritten@y", incoming=False) is first, "the only one without a name"
    assert calls.by_key("", "sip:bob@x", incoming=False) is None
    assert [call.key for call in calls.calls] == ["k1", "k2"]


def test_a_call_that_waited_rings_when_the_other_ends() -> None:
    calls = CallTable(LineId("sip"))
    for number in range(3):
        call: Call = calls.open(IN, f"sip:{number}@x", f"k{number}")
        calls.enter(call, 0.0)
    one, two, three = calls.calls
    assert [call.state for call in calls.calls] == [RINGING, WAITING, WAITING]
    calls.end(one, 1.0, "Connection reset by peer")
    calls.offer_again(1.0)
    assert (two.state, three.state) == (RINGING, WAITING)
