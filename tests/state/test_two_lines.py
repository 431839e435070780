"""Two lines with two calls each: who owns headset, ringer and guide, and that no call disturbs another."""

from __future__ import annotations

import pytest

from state.commands import Answer, Dial, HangUp, Hold, Lamps, Reject, Retrieve, SendDigits
from state.events import ButtonPressed, DigitKeyed
from state.ids import CallId, DeviceId, LineId
from state.settings import SeatSettings
from state.words import Button, By, CallState, Cause
from tests.state.driver import HS, L1, L2, Desk, near_to


def press(desk: Desk, button: Button, *, long: bool = False) -> None:
    """A key of the headset."""
    desk.tell(ButtonPressed(desk.at, HS, HS, button, long))


def focus(desk: Desk) -> tuple[CallId | None, CallId | None, CallId | None]:
    """Who owns the headset, the ringer and the guide."""
    owners = desk.now.focus
    return owners.headset, owners.ringing, owners.guide


def full_house(desk: Desk) -> dict[str, CallId]:
    """Four calls: one talks, one waits on the same line, one is held, one rings on the other line."""
    held = desk.talks(L2, "201")
    desk.runs(1.0)
    desk.holds(held, L2)
    desk.stops_listening(L2)
    desk.runs(1.0)
    talking = desk.talks(L1, "101")
    desk.runs(1.0)
    waiting = desk.rings("102", L1, CallState.WAITING)
    desk.runs(1.0)
    ringing = desk.rings("202", L2)
    return {"talking": talking, "waiting": waiting, "held": held, "ringing": ringing}


def test_four_calls_have_their_owners() -> None:
    desk = Desk(lines=(L1, L2))
    calls = full_house(desk)
    assert len(desk.now.calls) == 4
    assert focus(desk) == (calls["talking"], calls["waiting"], calls["talking"])
    assert desk.lamps() == Lamps(off_hook=True, ring=True, microphone=True)


def test_the_oldest_offer_rings_first() -> None:
    desk = Desk(lines=(L1, L2))
    first = desk.rings("1", L1)
    desk.runs(1.0)
    second = desk.rings("2", L2)
    assert focus(desk)[1] == first
    desk.clears(first, L1)
    assert focus(desk)[1] == second


def test_the_headset_goes_to_the_connected_call_then_dialled_then_held() -> None:
    desk = Desk(lines=(L1, L2))
    held = desk.talks(L1)
    desk.holds(held, L1)
    assert focus(desk) == (held, None, None)
    assert desk.lamps().hold
    out = desk.calls_out(L2)
    assert focus(desk) == (out, None, out)
    assert not desk.lamps().hold
    desk.clears(out, L2)
    assert focus(desk) == (held, None, None)


def test_the_newest_of_two_connected_calls_owns_the_headset() -> None:
    desk = Desk(lines=(L1, L2))
    desk.talks(L1)
    desk.runs(1.0)
    two = desk.talks(L2)
    assert focus(desk)[0] == two


def test_each_silent_call_runs_for_itself() -> None:
    desk = Desk(lines=(L1, L2))
    one = desk.talks(L1)
    desk.runs_to(3.0)
    two = desk.talks(L2)
    desk.agent_speaks(3.5, 5.0, L1)
    desk.agent_speaks(4.0, 6.0, L2)
    desk.runs_to(12.0)
    assert near_to(desk.cue_times("silent.stage_2", one), 10.0)
    assert near_to(desk.cue_times("silent.stage_2", two), 11.0)
    desk.customer_speaks(12.0, 12.4, L2)
    desk.runs_to(20.0)
    assert desk.view(two).silent == "conversation"
    assert near_to(desk.cue_times("silent.stage_2", one), 10.0, 15.0, 20.0)
    assert len(desk.cue_times("silent.stage_2", two)) == 1


def test_one_calls_end_leaves_the_others_deadlines() -> None:
    desk = Desk(lines=(L1, L2))
    one = desk.talks(L1)
    two = desk.talks(L2)
    desk.agent_speaks(0.5, 2.0, L2)
    desk.runs_to(3.0)
    desk.clears(one, L1)
    desk.runs_to(8.0)
    assert near_to(desk.cue_times("silent.stage_2", two), 7.0)


def test_one_calls_cue_is_not_taken_back_by_anothers_end() -> None:
    desk = Desk(lines=(L1, L2))
    one = desk.talks(L1)
    desk.talks(L2)
    desk.runs_to(2.5)
    desk.clears(one, L1)
    assert desk.now.cue is not None
    assert desk.now.cue.call == "l2-2"


def test_each_call_has_its_own_record() -> None:
    desk = Desk(lines=(L1, L2))
    calls = full_house(desk)
    for name, call in calls.items():
        line = L2 if name in ("held", "ringing") else L1
        desk.clears(call, line, By.REMOTE)
    records = {desk.row(call).record for call in calls.values()}
    assert len(records) == 4
    assert desk.now.calls == ()
    assert {desk.row(call).number for call in calls.values()} == {"101", "102", "201", "202"}
    assert desk.row(calls["ringing"]).established is None
    assert desk.row(calls["held"]).hold_count == 1


# flash, swap, waiting ----------------------------------------------------------------------------


def test_flash_answers_the_waiting_call_first() -> None:
    desk = Desk()
    desk.talks()
    waiting = desk.rings("102", state=CallState.WAITING)
    press(desk, Button.FLASH)
    assert desk.commands()[-1] == Answer(waiting)


def test_flash_holds_and_flash_retrieves() -> None:
    desk = Desk()
    call = desk.talks()
    press(desk, Button.FLASH)
    assert desk.commands()[-1] == Hold(call)
    desk.holds(call)
    press(desk, Button.FLASH)
    assert desk.commands()[-1] == Retrieve(call)
    desk.retrieves(call)
    assert desk.view(call).state is CallState.CONNECTED


def test_a_line_that_swaps_on_hold_is_followed() -> None:
    """3GPP +CHLD=2: what was active is held, what was held is active."""
    desk = Desk()
    one = desk.talks(number="101")
    two = desk.rings("102", state=CallState.WAITING)
    press(desk, Button.FLASH)
    desk.holds(one)
    desk.connects(two)
    assert focus(desk) == (two, None, two)
    press(desk, Button.FLASH)
    assert desk.commands()[-1] == Retrieve(one)
    desk.holds(two)
    desk.retrieves(one)
    assert focus(desk) == (one, None, one)
    assert [desk.view(call).state for call in (one, two)] == [CallState.CONNECTED, CallState.HELD]


def test_flash_with_nothing_to_do_does_nothing() -> None:
    desk = Desk()
    press(desk, Button.FLASH)
    assert desk.commands() == []


def test_the_second_call_of_a_line_is_a_new_silent_call() -> None:
    """What was said to the first is not said to the second."""
    desk = Desk()
    one = desk.talks(number="101")
    desk.customer_speaks(0.5, 1.0)
    desk.agent_speaks(1.5, 3.0)
    desk.runs_to(3.4)
    two = desk.rings("102", state=CallState.WAITING)
    desk.holds(one)
    desk.connects(two)
    desk.runs_to(5.0)
    assert desk.view(two).silent == "opening"
    assert not desk.view(two).customer_spoke
    desk.runs_to(6.0)
    assert near_to(desk.cue_times("opening", two), 5.4)


def test_speech_that_ended_before_the_connection_is_no_opening_even_if_the_ears_never_closed() -> None:
    desk = Desk()
    one = desk.talks(number="101")
    desk.customer_speaks(0.2, 0.8)
    desk.agent_speaks(1.5, 3.0)
    desk.runs_to(3.4)
    two = desk.rings("102", state=CallState.WAITING)
    desk.holds(one)
    desk.tell_established(two)
    desk.runs_to(4.5)
    assert desk.view(two).silent == "opening"


@pytest.mark.parametrize("hold_s", [3.0, 60.0])
def test_hold_time_and_count_are_recorded(hold_s: float) -> None:
    desk = Desk()
    call = desk.talks()
    for _ in range(2):
        desk.runs(5.0)
        desk.holds(call)
        desk.runs(hold_s)
        desk.retrieves(call)
    desk.clears(call)
    assert (desk.row(call).hold_count, desk.row(call).hold_s) == (2, pytest.approx(2 * hold_s))


def test_a_call_that_ends_on_hold_counts_its_hold() -> None:
    desk = Desk()
    call = desk.talks()
    desk.holds(call)
    desk.runs(7.0)
    desk.clears(call)
    assert desk.row(call).hold_s == pytest.approx(7.0)


# the headset -----------------------------------------------------------------------------------


def test_going_off_hook_answers_and_on_hook_ends() -> None:
    desk = Desk()
    call = desk.rings()
    assert desk.lamps() == Lamps(ring=True)
    desk.hooks(off=True)
    assert desk.commands() == [Answer(call)]
    assert desk.lamps() == Lamps(off_hook=True)
    desk.connects(call)
    desk.customer_speaks(0.1, 0.4)
    desk.runs_to(1.0)
    assert desk.lamps() == Lamps(off_hook=True, microphone=True)
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    assert not desk.lamps().off_hook
    desk.clears(call)
    assert desk.lamps() == Lamps()


def test_a_headset_that_may_not_answer_only_gets_its_lamps_again() -> None:
    desk = Desk(SeatSettings(answer_on_hook=False))
    desk.rings()
    desk.runs_to(1.0)
    desk.hooks(off=True)
    assert desk.commands() == []
    assert desk.reasserted() == [1.0]
    assert desk.lamps() == Lamps(ring=True)


def test_on_hook_with_a_held_call_ends_nothing() -> None:
    desk = Desk()
    call = desk.talks()
    desk.holds(call)
    before = len(desk.commands())
    desk.hooks(off=False)
    assert len(desk.commands()) == before


def test_only_the_headset_that_answered_is_off_hook_and_all_ring() -> None:
    desk = Desk()
    desk.plugs_in("hs2")
    call = desk.rings()
    assert desk.lamps("hs").ring
    assert desk.lamps("hs2").ring
    desk.hooks(off=True, device="hs2")
    desk.connects(call)
    assert desk.lamps("hs2") == Lamps(off_hook=True, microphone=True)
    assert desk.lamps("hs") == Lamps()


def test_a_caller_who_gives_up_while_being_answered_leaves_no_owner() -> None:
    desk = Desk()
    desk.plugs_in("hs2")
    call = desk.rings()
    desk.hooks(off=True, device="hs2")
    desk.clears(call)
    second = desk.rings()
    desk.asks(Answer(second))
    desk.connects(second)
    assert desk.lamps("hs").off_hook
    assert desk.lamps("hs2").off_hook


def test_when_the_owner_is_pulled_out_another_headset_takes_over() -> None:
    desk = Desk()
    desk.plugs_in("hs2")
    call = desk.rings()
    desk.hooks(off=True, device="hs2")
    desk.connects(call)
    desk.unplugs("hs2")
    assert desk.lamps("hs").off_hook


def test_a_headset_that_comes_during_a_call_shows_it() -> None:
    desk = Desk(headset=False)
    call = desk.rings()
    desk.connects(call)
    desk.plugs_in()
    assert desk.lamps() == Lamps(off_hook=True, microphone=True)


# keys ------------------------------------------------------------------------------------------


def test_reject_refuses_the_ringing_call_only() -> None:
    desk = Desk()
    call = desk.rings()
    press(desk, Button.REJECT)
    assert desk.commands() == [Reject(call)]
    desk.clears(call)
    press(desk, Button.REJECT)
    assert desk.commands() == [Reject(call)]
    assert desk.row(call).by is By.LOCAL


def test_a_held_call_is_no_answer_to_whoever_dials() -> None:
    desk = Desk()
    call = desk.talks()
    assert desk.asks(Dial("10086")) is None
    dialling = desk.last_request
    desk.holds(call)
    assert desk.reply(dialling) is None
    dialled = desk.calls_out()
    reply = desk.reply(dialling)
    assert reply is not None
    assert (reply.kind, reply.data["call"]) == ("", dialled)


def test_redial_dials_the_last_number_when_free() -> None:
    desk = Desk()
    press(desk, Button.REDIAL)
    assert desk.commands() == []
    desk.asks(Dial("10086"))
    press(desk, Button.REDIAL)
    assert desk.commands() == [Dial("10086", L1), Dial("10086", L1)]
    call = desk.rings()
    press(desk, Button.REDIAL)
    assert len(desk.commands()) == 2
    desk.clears(call)
    desk.talks()
    before = len(desk.commands())
    press(desk, Button.REDIAL)
    assert len(desk.commands()) == before


def test_a_spare_key_repeats_and_held_it_cancels_the_cue() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(3.0)
    press(desk, Button.PROGRAMMABLE)
    assert len(desk.told("cue.repeated")) == 1
    press(desk, Button.PROGRAMMABLE, long=True)
    assert len(desk.told("cue.cancelled")) == 1
    assert desk.now.cue is None


def test_a_spare_key_may_confirm_the_closing_words() -> None:
    desk = Desk(SeatSettings(keys=(("programmable", "begin_closing"),)))
    call = desk.talks()
    desk.customer_speaks(0.5, 1.0)
    desk.runs_to(2.0)
    press(desk, Button.PROGRAMMABLE)
    assert desk.view(call).closing == "closing"
    desk.clears(call)
    assert desk.row(call).closing == "confirmed by key"


def test_a_key_without_a_meaning_is_told_and_does_nothing() -> None:
    desk = Desk()
    desk.talks()
    before = len(desk.commands())
    for button in (Button.VOLUME_UP, Button.LINE, Button.SPEED_DIAL, Button.DELETE):
        press(desk, button)
    assert len(desk.commands()) == before
    assert len(desk.told("device.button")) == 4


def test_keyed_digits_go_to_the_line_and_nowhere_else() -> None:
    desk = Desk()
    call = desk.talks()
    for digit in "9731":
        desk.tell(DigitKeyed(desk.at, HS, HS, digit))
    sent = [command for command in desk.commands() if isinstance(command, SendDigits)]
    assert sent == [SendDigits(digit, call) for digit in "9731"]


def test_digits_without_a_connected_call_go_nowhere() -> None:
    desk = Desk()
    desk.rings()
    desk.tell(DigitKeyed(desk.at, HS, HS, "5"))
    assert desk.commands() == []


@pytest.mark.parametrize("line", [L1, L2])
def test_every_topic_names_its_call(line: LineId) -> None:
    desk = Desk(lines=(L1, L2))
    call = desk.talks(line)
    desk.holds(call, line)
    desk.retrieves(call, line)
    desk.clears(call, line)
    for topic in ("delivered", "established", "held", "retrieved", "cleared"):
        ((_, data),) = desk.told(f"call.{topic}")
        assert (data["call"], data["line"]) == (call, line)
    assert desk.told("call.cleared")[0][1]["cause"] is Cause.NORMAL_CLEARING


def test_on_hook_at_another_headset_does_not_end_the_call() -> None:
    desk = Desk()
    desk.plugs_in(DeviceId("spare"))
    call = desk.rings()
    desk.hooks(off=True)
    desk.connects(call)
    desk.customer_speaks(desk.at + 1.0, desk.at + 2.0)
    desk.runs(3.0)
    desk.hooks(off=False, device=DeviceId("spare"))
    assert HangUp(call) not in desk.commands()
    desk.hooks(off=False)
    assert HangUp(call) in desk.commands()


def test_answering_on_the_other_line_holds_the_call_in_hand() -> None:
    desk = Desk(lines=(L1, L2))
    first = desk.talks(L1, "101")
    desk.rings(line=L2, number="202")
    desk.asks(Answer())
    assert desk.commands(L1)[-1] == Hold(first)


def test_a_line_that_swaps_by_itself_is_not_told_to_hold() -> None:
    desk = Desk(lines=(L1, L2))
    first = desk.talks(L1, "101")
    desk.rings(line=L1, number="202")
    desk.asks(Answer())
    assert Hold(first) not in desk.commands(L1)


def test_dialling_and_retrieving_on_the_other_line_hold_too() -> None:
    for ask in (Dial("10086", L2), None):
        desk = Desk(lines=(L1, L2))
        held = desk.talks(L2, "201")
        desk.runs(1.0)
        desk.holds(held, L2)
        talking = desk.talks(L1, "101")
        desk.asks(ask or Retrieve(held))
        assert desk.commands(L1)[-1] == Hold(talking)


def test_a_refused_answer_on_another_line_holds_nothing() -> None:
    desk = Desk(lines=(L1, L2))
    held = desk.talks(L2, "201")
    desk.runs(1.0)
    desk.holds(held, L2)
    talking = desk.talks(L1, "101")
    reply = desk.asks(Answer(held))
    assert reply is not None
    assert reply.kind == "invalid_state"
    assert Hold(talking) not in desk.commands(L1)
