"""Every command against every state: which text goes out, or why none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.at.calls import CallTable
from devices.at.hostline import dialled_number
from devices.at.planning import Plan, plan
from devices.at.profiles import GSM, HAYES, HFP, Profile, missing
from devices.at.values import ListedCall
from devices.line_calls import Refusal
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
from state.words import CallState

ACTIVE, HELD, DIALING = CallState.CONNECTED, CallState.HELD, CallState.DIALING
RINGBACK, RINGING, WAITING = CallState.RINGBACK, CallState.RINGING, CallState.WAITING
GONE = CallState.IDLE
FIRST, SECOND, NOBODY = CallId("desk-1"), CallId("desk-2"), CallId("desk-9")


def table(*states: CallState) -> CallTable:
    made = CallTable(LineId("desk"))
    rows = [
        ListedCall(place, state not in {DIALING, RINGBACK}, state, voice=True, in_conference=False)
        for place, state in enumerate(states, start=1)
    ]
    made.adopt(rows)
    return made


def outcome(command: LineCommand, states: tuple[CallState, ...], profile: Profile = GSM) -> str:
    """The text that goes out, or the reason in brackets."""
    planned = plan(command, table(*states), profile)
    return planned.text if isinstance(planned, Plan) else f"[{planned.reason}]"


GSM_CASES: list[tuple[LineCommand, tuple[CallState, ...], str]] = [
    (Answer(), (RINGING,), "ATA"),
    (Answer(FIRST), (RINGING,), "ATA"),
    (Answer(), (ACTIVE, WAITING), "AT+CHLD=2"),
    (Answer(), (HELD, WAITING), "AT+CHLD=2"),
    (Answer(), (), "[no_such_call]"),
    (Answer(), (ACTIVE,), "[no_such_call]"),
    (Answer(FIRST), (ACTIVE,), "[invalid_state]"),
    (Answer(NOBODY), (RINGING,), "[no_such_call]"),
    (Reject(), (RINGING,), "AT+CHUP"),
    (Reject(), (ACTIVE, WAITING), "AT+CHLD=0"),
    (Reject(SECOND), (ACTIVE, WAITING), "AT+CHLD=0"),
    (Reject(FIRST), (ACTIVE, WAITING), "[invalid_state]"),
    (Reject(), (DIALING,), "[no_such_call]"),
    (HangUp(), (ACTIVE,), "AT+CHUP"),
    (HangUp(), (DIALING,), "AT+CHUP"),
    (HangUp(), (RINGBACK,), "AT+CHUP"),
    (HangUp(), (HELD, RINGBACK), "AT+CHUP"),
    (HangUp(), (HELD, ACTIVE), "AT+CHLD=12"),
    (HangUp(), (ACTIVE, WAITING), "AT+CHLD=11"),
    (HangUp(), (HELD,), "AT+CHLD=0"),
    (HangUp(FIRST), (HELD, ACTIVE), "AT+CHLD=0"),
    (HangUp(FIRST), (HELD, WAITING), "AT+CHLD=11"),
    (HangUp(), (RINGING,), "[no_such_call]"),
    (HangUp(FIRST), (RINGING,), "[invalid_state]"),
    (Hold(), (ACTIVE,), "AT+CHLD=2"),
    (Hold(), (ACTIVE, HELD), "AT+CHLD=2"),
    (Hold(), (ACTIVE, WAITING), "[invalid_state]"),
    (Hold(), (HELD,), "[no_such_call]"),
    (Retrieve(), (HELD,), "AT+CHLD=2"),
    (Retrieve(), (ACTIVE, HELD), "AT+CHLD=2"),
    (Retrieve(), (HELD, WAITING), "[invalid_state]"),
    (Retrieve(FIRST), (ACTIVE,), "[invalid_state]"),
    (SendDigits("1"), (ACTIVE,), "AT+VTS=1"),
    (SendDigits("1*#D"), (ACTIVE,), "AT+VTS=1;+VTS=*;+VTS=#;+VTS=D"),
    (SendDigits(""), (ACTIVE,), "[invalid_params]"),
    (SendDigits("1;+CHUP"), (ACTIVE,), "[invalid_params]"),
    (SendDigits("1"), (HELD,), "[no_such_call]"),
    (SetMute(True), (), "AT+CMUT=1"),
    (SetMute(False), (ACTIVE,), "AT+CMUT=0"),
    (Dial("110"), (), "ATD110;"),
    (Dial("+86 (10) 1234-5678"), (), "ATD+861012345678;"),
    (Dial("*21#"), (ACTIVE,), "ATD*21#;"),
    (Dial("110"), (HELD,), "ATD110;"),
    (Dial("110"), (RINGING,), "[invalid_state]"),
    (Dial("110"), (ACTIVE, WAITING), "[invalid_state]"),
    (Dial("110"), (DIALING,), "[invalid_state]"),
    (Dial("1" * 41), (), "[invalid_number]"),
    (Dial("一一零"), (), "[invalid_number]"),
    (Dial("110\rATZ"), (), "[invalid_number]"),
    (Dial("110;"), (), "[invalid_number]"),
    (Dial("++1"), (), "[invalid_number]"),
]


@pytest.mark.parametrize(("command", "states", "text"), GSM_CASES)
def test_27007(command: LineCommand, states: tuple[CallState, ...], text: str) -> None:
    assert outcome(command, states) == text


@pytest.mark.parametrize(
    ("command", "states", "text"),
    [
        (HangUp(), (HELD, ACTIVE), "AT+CHUP"),
        (HangUp(), (HELD,), "AT+CHLD=0"),
        (HangUp(FIRST), (HELD, WAITING), "[invalid_state]"),
        (SetMute(True), (ACTIVE,), "[not_supported]"),
        (SendDigits("1"), (ACTIVE,), "AT+VTS=1"),
    ],
)
def test_hands_free(command: LineCommand, states: tuple[CallState, ...], text: str) -> None:
    assert outcome(command, states, HFP) == text


@pytest.mark.parametrize(
    ("command", "states", "text"),
    [
        (Answer(), (RINGING,), "ATA"),
        (Answer(), (ACTIVE, WAITING), "[not_supported]"),
        (HangUp(), (ACTIVE,), "ATH"),
        (Dial("110"), (), "ATDT110"),
        (Reject(), (RINGING,), "[not_supported]"),
        (Hold(), (ACTIVE,), "[not_supported]"),
        (Retrieve(), (HELD,), "[not_supported]"),
        (SendDigits("1"), (ACTIVE,), "[not_supported]"),
        (SetMute(True), (ACTIVE,), "[not_supported]"),
    ],
)
def test_modem(command: LineCommand, states: tuple[CallState, ...], text: str) -> None:
    assert outcome(command, states, HAYES) == text


@pytest.mark.parametrize(
    ("command", "states", "proofs"),
    [
        (Answer(), (RINGING,), [ACTIVE]),
        (Reject(), (RINGING,), [GONE]),
        (Hold(), (ACTIVE,), [HELD]),
        (HangUp(), (ACTIVE,), [GONE]),
        (SendDigits("1"), (ACTIVE,), [ACTIVE]),
        (Swap(), (ACTIVE, HELD), [HELD, ACTIVE]),
        (Swap(FIRST), (HELD, ACTIVE), [ACTIVE, HELD]),
        (Join(SECOND), (ACTIVE, HELD), [ACTIVE, ACTIVE]),
        (CompleteTransfer(), (HELD, ACTIVE), [GONE, GONE]),
        (SetMute(True), (ACTIVE,), []),
    ],
)
def test_what_proves_a_command(
    command: LineCommand, states: tuple[CallState, ...], proofs: list[CallState]
) -> None:
    planned = plan(command, table(*states), GSM)
    assert isinstance(planned, Plan)
    assert [state for _, state in planned.proofs] == proofs
    assert len(planned.ended) == proofs.count(GONE)
    named = getattr(command, "call", None)
    assert named is None or (planned.call is not None and planned.call.id == named)


@pytest.mark.parametrize(
    ("command", "states", "text"),
    [
        (Swap(), (ACTIVE, HELD), "AT+CHLD=2"),
        (Join(), (HELD, ACTIVE), "AT+CHLD=3"),
        (CompleteTransfer(SECOND), (HELD, ACTIVE), "AT+CHLD=4"),
        (Swap(), (ACTIVE,), "[invalid_state]"),
        (Swap(), (HELD,), "[invalid_state]"),
        (Swap(), (), "[invalid_state]"),
        (Swap(NOBODY), (ACTIVE, HELD), "[no_such_call]"),
        (Join(CallId("desk-3")), (ACTIVE, HELD, HELD), "[invalid_state]"),
        (Swap(), (ACTIVE, HELD, WAITING), "[invalid_state]"),
        (CompleteTransfer(), (ACTIVE, RINGBACK), "[invalid_state]"),
        (Transfer("0301"), (ACTIVE,), "[not_supported]"),
    ],
)
def test_two_calls(command: LineCommand, states: tuple[CallState, ...], text: str) -> None:
    assert outcome(command, states) == text


@pytest.mark.parametrize(
    ("reply", "without"),
    [
        ("+CHLD: (0,1,2,3)", {"complete_transfer"}),
        ("+CHLD: 0,1,1x,2,2x,3,4", set()),
        ("+CHLD: (0-4)", set()),
        ('+CHLD: ("0","1")', {"waiting", "hold", "retrieve", "swap", "join", "complete_transfer"}),
        ("+CHLD: ", set()),
        ("+CHLD: ()", set()),
    ],
)
def test_what_a_device_names_is_what_it_offers(reply: str, without: set[str]) -> None:
    assert missing(reply) == without
    assert GSM.without(missing(reply)).capabilities == GSM.capabilities - without


def test_refusal_names_the_call_it_is_about() -> None:
    assert plan(Hold(FIRST), table(RINGING), GSM) == Refusal("invalid_state", "the call is ringing", FIRST)
    assert plan(Hold(), table(RINGING), GSM) == Refusal("no_such_call", "no call is connected")


def test_refusal_never_repeats_a_number() -> None:
    for command in (Dial("1234567x"), SendDigits("1234567x")):
        refused = plan(command, table(ACTIVE), GSM)
        assert isinstance(refused, Refusal)
        assert "1234567" not in refused.detail


def test_a_command_taken_out_of_a_profile_is_not_supported_and_not_offered() -> None:
    poor = replace(GSM, hold="", mute="")
    assert outcome(Hold(), (ACTIVE,), poor) == "[not_supported]"
    assert outcome(SetMute(True), (), poor) == "[not_supported]"
    assert GSM.capabilities - poor.capabilities == {"hold", "mute"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ATD03012345;", "03012345"),
        ("ATDT0301", "0301"),
        ("ATDP0301", "0301"),
        ("atd+4930;", "+4930"),
        ("ATDT no such number", ""),
        ("ATDT 9, 1 (800) 555-0100W1", "9180055501001"),
        ('ATD>"Anna";', ""),
        ("ATDL", ""),
        ("ATA", ""),
        ("ATD", ""),
    ],
)
def test_number_in_a_dial_command(text: str, number: str) -> None:
    assert dialled_number(text) == number
