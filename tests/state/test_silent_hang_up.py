"""Hanging up during a silent call: held once with a warning, then a breach; never in the way of a fault."""

from __future__ import annotations

import pytest

from state.commands import HangUp
from state.events import EffectFailed, LineOutOfService, SignalChanged
from state.ids import CallId
from state.words import Basis, By, Channel, SignalCondition
from tests.state.driver import L1, Desk, silent

SCRIPT = ((1.0, 3.0), (8.5, 10.5), (16.0, 19.0))


def silent_call(desk: Desk, at: float) -> CallId:
    """A silent call whose agent says what is due, at `at`."""
    call = desk.talks()
    for begin, end in SCRIPT:
        desk.agent_speaks(begin, end)
    desk.runs_to(at)
    return call


EARLY = (0.5, 2.5, 5.0, 8.2, 12.0, 15.6, 20.0)


@pytest.mark.parametrize("at", EARLY)
def test_the_first_request_is_held_with_a_warning_and_the_lamps_again(at: float) -> None:
    desk = Desk()
    call = silent_call(desk, at)
    before = len(desk.commands())
    desk.hooks(off=False)
    assert len(desk.commands()) == before
    assert [data for _, data in desk.told("call.hang_up_held")] == [{"call": call}]
    assert desk.cue_names()[-1] == "silent.hang_up_too_early"
    assert desk.reasserted()[-1] == desk.at
    assert desk.lamps().off_hook
    assert desk.now.cue is not None
    assert desk.now.cue.id == "silent.hang_up_too_early"


@pytest.mark.parametrize("at", EARLY)
def test_the_second_request_goes_through_and_is_a_breach(at: float) -> None:
    desk = Desk()
    call = silent_call(desk, at)
    desk.hooks(off=False)
    desk.runs(0.5)
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    assert not desk.lamps().off_hook
    desk.clears(call)
    (breach,) = [b for b in desk.row(call).breaches if b.rule == "silent_call_ended_early"]
    assert breach.basis is Basis.SENSED
    assert breach.evidence
    assert desk.row(call).silent_outcome == "silent_incomplete"


def test_the_warning_is_shown_for_three_seconds() -> None:
    desk = Desk()
    silent_call(desk, 4.0)
    desk.hooks(off=False)
    desk.runs(2.9)
    assert desk.now.cue is not None
    desk.runs(0.2)
    assert desk.now.cue is None


def test_the_warning_says_what_is_missing() -> None:
    desk = Desk()
    silent_call(desk, 12.0)
    desk.hooks(off=False)
    cue = desk.now.cue
    assert cue is not None
    assert "1" in cue.text + cue.why


def test_an_app_is_told_that_it_was_held() -> None:
    desk = Desk()
    call = silent_call(desk, 4.0)
    reply = desk.asks(HangUp())
    assert reply is not None
    assert reply.kind == "hang_up_held"
    assert reply.message
    assert desk.asks(HangUp()) is None
    waiting = desk.last_request
    desk.clears(call)
    accepted = desk.reply(waiting)
    assert accepted is not None
    assert accepted.kind == ""


def test_a_key_and_an_app_count_together() -> None:
    desk = Desk()
    call = silent_call(desk, 4.0)
    desk.hooks(off=False)
    assert desk.asks(HangUp(call)) is None
    assert desk.commands()[-1] == HangUp(call)


def test_a_request_after_all_three_goes_through_without_breach() -> None:
    desk = Desk()
    call = silent_call(desk, 21.5)
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    desk.clears(call)
    assert desk.row(call).breaches == ()
    assert desk.row(call).silent_outcome == "silent_call"


@pytest.mark.parametrize("at", [1.0, 5.0, 12.0])
def test_never_in_the_way_after_customer_speech(at: float) -> None:
    desk = Desk()
    call = desk.talks()
    desk.customer_speaks(at, at + 0.3)
    desk.runs_to(at + 0.2)
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    assert desk.told("call.hang_up_held") == []


def fault(desk: Desk, name: str) -> None:
    """Something at the desk or on the line goes wrong."""
    zero = SignalCondition.DIGITAL_ZERO
    match name:
        case "muted":
            desk.mutes()
        case "unplugged":
            desk.unplugs()
        case "locked":
            desk.reports_mute(muted=True, locked=True)
        case "microphone":
            desk.tell(SignalChanged(desk.at, "audio", L1, Channel.NEAR, zero, desk.at, "only zeros"))
        case "line":
            desk.tell(SignalChanged(desk.at, "audio", L1, Channel.FAR, zero, desk.at, "only zeros"))
        case "stalled":
            desk.deaf |= {(L1, Channel.NEAR), (L1, Channel.FAR)}
            desk.runs(1.5)


FAULTS = ("muted", "unplugged", "locked", "microphone", "line", "stalled")


@pytest.mark.parametrize("name", FAULTS)
def test_never_in_the_way_on_a_fault(name: str) -> None:
    desk = Desk()
    call = silent_call(desk, 4.0)
    fault(desk, name)
    desk.asks(HangUp())
    assert desk.commands()[-1] == HangUp(call)
    assert desk.told("call.hang_up_held") == []
    desk.clears(call)
    assert [b.rule for b in desk.row(call).breaches] == []
    assert desk.row(call).silent_outcome == ("line_fault" if name == "line" else "desk_fault")


def test_a_fault_that_is_over_does_not_excuse() -> None:
    desk = Desk()
    silent_call(desk, 4.0)
    desk.mutes()
    desk.runs(1.0)
    desk.mutes(muted=False)
    desk.runs(0.5)
    reply = desk.asks(HangUp())
    assert reply is not None
    assert reply.kind == "hang_up_held"


def test_a_ringing_and_a_dialled_call_may_be_ended_at_once() -> None:
    desk = Desk()
    call = desk.rings()
    desk.asks(HangUp(call))
    desk.clears(call)
    assert desk.told("call.hang_up_held") == []


def test_a_line_that_is_out_of_service_cannot_hang_up() -> None:
    desk = Desk()
    silent_call(desk, 4.0)
    desk.tell(LineOutOfService(desk.at, L1, L1, "gone"))
    reply = desk.asks(HangUp())
    assert reply is not None
    assert reply.kind == "line_out_of_service"


def test_going_on_hook_twice_while_the_line_is_ending_the_call_is_one_breach() -> None:
    desk = Desk()
    call = silent_call(desk, 4.0)
    for _ in range(3):
        desk.hooks(off=False)
        desk.runs(0.1)
    desk.clears(call)
    assert len(desk.row(call).breaches) == 1


# hanging up by itself ----------------------------------------------------------------------------


def test_a_hang_up_that_failed_is_no_breach_and_one_that_goes_through_after_it_is_one() -> None:
    desk = Desk()
    call = silent_call(desk, 5.0)
    for _ in range(2):
        desk.hooks(off=False)
        desk.runs(0.5)
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", call))
    desk.asks(HangUp())
    assert desk.commands()[-2:] == [HangUp(call), HangUp(call)]
    desk.clears(call)
    assert [b.rule for b in desk.row(call).breaches] == ["silent_call_ended_early"]


def test_after_a_hang_up_that_failed_the_customer_ends_the_call_and_nothing_is_charged() -> None:
    desk = Desk()
    call = silent_call(desk, 5.0)
    for _ in range(2):
        desk.hooks(off=False)
        desk.runs(0.5)
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", call))
    desk.clears(call, by=By.REMOTE)
    assert (desk.row(call).by, desk.row(call).breaches) == (By.REMOTE, ())


def test_by_default_the_box_never_hangs_up() -> None:
    desk = Desk()
    silent_call(desk, 60.0)
    assert HangUp not in {type(command) for command in desk.commands()}


def test_auto_hangup_ends_the_call_when_the_last_wait_is_over() -> None:
    desk = Desk(silent(auto_hangup=True))
    call = silent_call(desk, 20.9)
    assert HangUp(call) not in desk.commands()
    desk.runs_to(21.1)
    assert desk.commands()[-1] == HangUp(call)
    desk.clears(call)
    row = desk.row(call)
    assert row.silent_outcome == "silent_call"
    assert row.by == "local"
    assert row.breaches == ()


def test_auto_hangup_asks_once() -> None:
    desk = Desk(silent(auto_hangup=True))
    call = silent_call(desk, 40.0)
    assert desk.commands().count(HangUp(call)) == 1


def test_an_emergency_call_is_never_held_back() -> None:
    desk = Desk()
    call = desk.calls_out(number="120")
    desk.runs(8.0)
    assert desk.cues(call) == []
    reply = desk.asks(HangUp(call))
    assert reply is None or reply.kind == ""
    assert HangUp(call) in desk.commands()
    assert desk.row(call).breaches == ()
