"""A line that is lost and comes back, and commands that are refused: calls live on, nothing is told twice."""

from __future__ import annotations

import pytest

from devices.at.profiles import GSM
from state.commands import Answer, Dial, HangUp, Hold, Retrieve, SendDigits
from state.events import EffectFailed, LineInService, LineOutOfService
from state.ids import CallId
from state.words import CallState, Direction
from tests.devices.at.rig import Rig, names, told

FIRST, SECOND = CallId("desk-1"), CallId("desk-2")
DONE = ("CommandCompleted", "desk-1")


def test_nothing_is_asked_of_a_line_that_is_not_up() -> None:
    rig = Rig()
    assert told(rig.do(Answer())) == [("EffectFailed", "line_out_of_service", "None", "")]


def test_wedged_phone_is_lost_after_three_silences_and_told_once() -> None:
    rig = Rig().start()
    rig.phone.wedge()
    rig.run(120.0)
    lost = [event for event in rig.events if isinstance(event, LineOutOfService)]
    assert [event.reason for event in lost] == ["timeout"]


def test_command_in_hand_when_the_phone_wedges_times_out() -> None:
    rig = Rig().start()
    rig.ring("03012345")
    rig.phone.wedge()
    events = rig.do(Answer(FIRST), run_s=60.0)
    failed = [event for event in events if isinstance(event, EffectFailed)]
    assert [event.reason for event in failed] == ["timeout"]
    assert names(events)[-1] == "LineOutOfService"


def test_phone_that_comes_back_is_found_without_help() -> None:
    rig = Rig().start()
    rig.ring("03012345")
    rig.do(Answer())
    rig.phone.wedge()
    rig.run(60.0)
    rig.phone.wedge(wedged=False)
    mark = len(rig.events)
    rig.run(20.0)
    back = rig.events[mark]
    assert isinstance(back, LineInService)
    assert back.calls is not None
    assert [(seen.call, seen.state, seen.number) for seen in back.calls] == [
        (FIRST, CallState.CONNECTED, "03012345")
    ]


def test_call_still_up_after_the_daemon_restarted_is_adopted() -> None:
    rig = Rig().start()
    rig.ring("03011111")
    rig.do(Answer())
    rig.ring("03022222")
    rig.phone.host_gone()
    again = Rig(rig.phone)
    again.at = rig.at
    again.start()
    service = again.events[0]
    assert isinstance(service, LineInService)
    assert service.calls is not None
    assert [(seen.call, seen.state, seen.direction) for seen in service.calls] == [
        (FIRST, CallState.CONNECTED, Direction.INBOUND),
        (SECOND, CallState.WAITING, Direction.INBOUND),
    ]
    assert names(again.do(Answer(SECOND))) == ["CallHeld", "CallEstablished", "CommandCompleted"]
    assert told(again.do(HangUp(FIRST))) == [("CallCleared", "desk-1", "normal_clearing", "local"), DONE]


def test_port_gone_and_back_keeps_the_ids_of_calls_that_live_on() -> None:
    rig = Rig().start()
    rig.ring("03011111")
    rig.far(rig.phone.far_hang_up)
    rig.ring("03022222")
    rig.do(Answer(SECOND))
    rig.events += rig.engine.stop(rig.at, "gone").events
    rig.phone.host_gone()
    assert told(rig.events)[-1] == ("LineOutOfService", "gone")
    rig.run(10.0)
    rig.start()
    service = [event for event in rig.events if isinstance(event, LineInService)][-1]
    assert service.calls is not None
    assert [seen.call for seen in service.calls] == [SECOND]


def test_call_that_ended_while_the_port_was_gone_is_not_in_the_list() -> None:
    rig = Rig().start()
    rig.ring("03011111")
    rig.do(Answer())
    rig.engine.stop(rig.at, "gone")
    rig.phone.far_hang_up(rig.at)
    rig.phone.host_gone()
    rig.start()
    service = [event for event in rig.events if isinstance(event, LineInService)][-1]
    assert service.calls == ()
    assert rig.calls() == []


def test_stop_twice_says_it_once() -> None:
    rig = Rig().start()
    assert names(rig.engine.stop(rig.at, "gone").events) == ["LineOutOfService"]
    assert rig.engine.stop(rig.at, "gone").events == ()
    assert rig.engine.next_deadline() is None


def test_missed_end_is_found_by_the_idle_list() -> None:
    rig = Rig().start()
    rig.ring("03011111")
    rig.do(Answer())
    rig.phone.far_hang_up(rig.at)
    rig.phone.host_gone()
    mark = len(rig.events)
    rig.run(GSM.idle_s + 1.0)
    assert told(rig.events[mark:]) == [("CallCleared", "desk-1", "normal_clearing", "unknown")]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Answer(), "no_such_call"),
        (Answer(CallId("desk-9")), "no_such_call"),
        (Hold(), "no_such_call"),
        (HangUp(), "no_such_call"),
        (Dial("12;+CHUP"), "invalid_number"),
        (Dial(""), "invalid_number"),
        (Dial("1\rATH"), "invalid_number"),
    ],
)
def test_refused_without_a_byte(command: Answer | Hold | HangUp | Dial, reason: str) -> None:
    rig = Rig().start()
    before = len(rig.written)
    events = rig.do(command)
    assert [event.reason for event in events if isinstance(event, EffectFailed)] == [reason]
    assert len(rig.written) == before


@pytest.mark.parametrize("command", [Hold(FIRST), Retrieve(FIRST), HangUp(FIRST), SendDigits("1", FIRST)])
def test_wrong_state_is_said(command: Hold | Retrieve | HangUp | SendDigits) -> None:
    rig = Rig().start()
    rig.ring("03012345")
    events = rig.do(command)
    assert [event.reason for event in events if isinstance(event, EffectFailed)] == ["invalid_state"]


def test_hold_and_retrieve_wait_until_the_waiting_call_is_decided() -> None:
    rig = Rig().start()
    rig.ring("03011111")
    rig.do(Answer())
    rig.ring("03022222")
    failed = rig.do(Hold(FIRST))
    assert told(failed) == [
        ("EffectFailed", "invalid_state", "desk-1", "another call is waiting"),
    ]


def test_digits_that_are_none_are_refused_without_being_repeated() -> None:
    rig = Rig().start()
    rig.ring("03012345")
    rig.do(Answer())
    failed = rig.do(SendDigits("12x", FIRST))
    assert told(failed) == [("EffectFailed", "invalid_params", "desk-1", "digits are 0-9, *, #, A-D")]
