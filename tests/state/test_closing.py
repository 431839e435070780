"""The closing: the customer hangs up first; the agent may after a wait, and else it is a breach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.commands import BeginClosing, HangUp
from state.events import EffectFailed
from state.ids import CallId
from state.settings import ClosingSettings, SeatSettings
from state.words import Basis, By, ClosingState
from tests.state.driver import L1, Desk, near_to


def conversation(desk: Desk, until: float = 6.0) -> CallId:
    """A call in which both have spoken; the last sound is at 5.0."""
    call = desk.talks()
    desk.agent_speaks(0.5, 2.0)
    desk.customer_speaks(2.5, 4.0)
    desk.agent_speaks(4.2, 5.0)
    desk.runs_to(until)
    return call


def rules(desk: Desk, call: CallId) -> list[str]:
    """The rules a call broke."""
    return [breach.rule for breach in desk.row(call).breaches]


def test_the_agent_hanging_up_first_is_a_breach_that_is_sensed() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    desk.clears(call)
    (breach,) = desk.row(call).breaches
    assert (breach.rule, breach.basis, breach.at) == ("agent_hung_up_first", Basis.SENSED, 6.0)
    assert "10 s" in breach.evidence
    assert desk.row(call).closing == "agent_first"


def test_a_hang_up_that_failed_charges_nobody() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.hooks(off=False)
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", call))
    desk.clears(call, by=By.REMOTE)
    assert (desk.row(call).by, rules(desk, call), desk.row(call).closing) == (By.REMOTE, [], "")


@pytest.mark.parametrize("by", [By.REMOTE, By.UNKNOWN, By.NETWORK])
def test_the_customer_hanging_up_is_none_and_unknown_stays_unknown(by: By) -> None:
    desk = Desk()
    call = conversation(desk)
    desk.clears(call, by=by)
    assert rules(desk, call) == []
    assert desk.row(call).by is by


@pytest.mark.parametrize("by", [By.REMOTE, By.UNKNOWN])
def test_our_own_hang_up_is_certain_whatever_the_line_says(by: By) -> None:
    desk = Desk()
    call = conversation(desk)
    desk.asks(HangUp())
    desk.clears(call, by=by)
    assert desk.row(call).by is By.LOCAL


def test_both_silent_long_enough_allows_it_though_nobody_confirmed_the_words() -> None:
    desk = Desk()
    call = conversation(desk, until=15.5)
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == []
    assert desk.row(call).closing == "agent_after_wait"


def test_just_before_is_too_early() -> None:
    desk = Desk()
    call = conversation(desk, until=14.5)
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == ["agent_hung_up_first"]


def test_after_the_closing_words_the_agent_is_told_when_it_may() -> None:
    desk = Desk()
    call = conversation(desk)
    reply = desk.asks(BeginClosing())
    assert reply is not None
    assert reply.kind == ""
    assert desk.view(call).closing == ClosingState.CLOSING
    desk.runs_to(20.0)
    assert near_to(desk.cue_times("closing.may_hang_up"), 15.0)
    assert desk.view(call).closing == ClosingState.MAY_HANG_UP
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == []
    assert desk.row(call).closing == "agent_after_wait"


def test_the_wait_begins_again_whoever_speaks() -> None:
    desk = Desk()
    conversation(desk)
    desk.asks(BeginClosing())
    desk.customer_speaks(9.0, 10.0)
    desk.agent_speaks(12.0, 13.0)
    desk.runs_to(30.0)
    assert near_to(desk.cue_times("closing.may_hang_up"), 23.0)


def test_speech_after_the_permission_takes_it_back_and_is_seen() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.asks(BeginClosing())
    desk.runs_to(16.0)
    assert desk.view(call).closing == ClosingState.MAY_HANG_UP
    desk.customer_speaks(17.0, 18.0)
    desk.runs_to(17.2)
    assert desk.view(call).closing == ClosingState.CLOSING
    desk.runs_to(40.0)
    assert near_to(desk.cue_times("closing.may_hang_up"), 15.0, 28.0)


def test_hanging_up_within_the_wait_is_a_breach_though_the_words_were_said() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.asks(BeginClosing())
    desk.runs_to(8.0)
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == ["agent_hung_up_first"]


@pytest.mark.parametrize("basis", [Basis.KEY, Basis.APP])
def test_the_record_says_who_confirmed_the_words(basis: Basis) -> None:
    desk = Desk()
    call = conversation(desk)
    desk.asks(BeginClosing(), basis)
    desk.clears(call, by=By.REMOTE)
    assert desk.row(call).closing == f"confirmed by {basis}"


def test_the_wait_is_the_centres() -> None:
    desk = Desk(replace(SeatSettings(), closing=ClosingSettings(customer_hang_up_s=4.0)))
    conversation(desk)
    desk.asks(BeginClosing())
    desk.runs_to(12.0)
    assert near_to(desk.cue_times("closing.may_hang_up"), 9.0)


def test_without_a_connected_call_there_is_nothing_to_close() -> None:
    desk = Desk()
    desk.rings()
    reply = desk.asks(BeginClosing())
    assert reply is not None
    assert reply.kind == "no_such_call"


def test_what_nobody_listened_to_is_no_breach() -> None:
    """Without ears there is no evidence that the customer was still on."""
    desk = Desk()
    call = conversation(desk)
    desk.stops_listening()
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == []


# a hold between ----------------------------------------------------------------------------------


def test_a_hold_does_not_forget_that_the_customer_spoke() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.holds(call)
    desk.runs_to(10.0)
    desk.retrieves(call)
    desk.runs_to(11.0)
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == ["agent_hung_up_first"]


def test_the_silence_of_a_hold_is_no_wait() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.holds(call)
    desk.runs_to(60.0)
    desk.retrieves(call)
    desk.runs_to(61.0)
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == ["agent_hung_up_first"]


def test_after_a_hold_the_wait_counts_from_the_return() -> None:
    desk = Desk()
    call = conversation(desk)
    desk.holds(call)
    desk.runs_to(30.0)
    desk.retrieves(call)
    desk.asks(BeginClosing())
    desk.runs_to(45.0)
    assert near_to(desk.cue_times("closing.may_hang_up"), 40.0)


def test_a_silent_call_put_on_hold_is_no_conversation_when_it_comes_back() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.0)
    desk.runs_to(4.0)
    desk.holds(call)
    desk.runs_to(10.0)
    desk.retrieves(call)
    assert not desk.view(call).customer_spoke
    desk.runs_to(40.0)
    assert desk.cues() == []
    desk.hooks(off=False)
    desk.clears(call)
    assert rules(desk, call) == []
    assert desk.row(call).silent_outcome == "silent_incomplete"


def test_the_customer_heard_only_after_the_hold_makes_it_a_conversation() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.0)
    desk.runs_to(4.0)
    desk.holds(call)
    desk.runs_to(10.0)
    desk.retrieves(call)
    desk.customer_speaks(11.0, 12.0)
    desk.runs_to(13.0)
    desk.clears(call)
    assert desk.row(call).silent_outcome == "conversation"
    assert desk.row(call).first_far_s == pytest.approx(11.0)
