"""The engine against the simulated phone, both real, back to back in virtual time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devices.at.profiles import GSM, HFP
from devices.simulated.phone import SimulatedPhone
from devices.simulated.phone_calls import Stat
from state.commands import Answer, Dial, HangUp, Hold, Reject, Retrieve, SendDigits, SetMute
from state.events import (
    CallDelivered,
    CommandCompleted,
    EffectFailed,
    LineInService,
    LineMuteReported,
)
from state.ids import CallId
from state.words import CallState
from tests.devices.at.rig import Rig, names, told

FIRST, SECOND = CallId("desk-1"), CallId("desk-2")
DONE = ("CommandCompleted", "desk-1")


def phone_variants() -> list[Callable[[], SimulatedPhone]]:
    glued = [SimulatedPhone]
    split = [lambda seed=seed: SimulatedPhone(split_seed=seed) for seed in range(6)]
    slow = [lambda: SimulatedPhone(latency_s=0.4, split_seed=3)]
    instant = [lambda: SimulatedPhone(latency_s=0.0, echo=False)]
    return [*glued, *split, *slow, *instant]


@pytest.fixture(params=phone_variants(), ids=lambda make: getattr(make, "__name__", "phone"))
def rig(request: pytest.FixtureRequest) -> Rig:
    """In service on every kind of phone: glued, split at six seeds, slow, and at once."""
    ready = Rig(request.param()).start(run_s=5.0)
    assert names(ready.events) == ["LineInService", "LineMuteReported"]
    return ready


def test_start_reports_line_and_capabilities() -> None:
    rig = Rig().start()
    first = rig.events[0]
    assert isinstance(first, LineInService)
    assert first.calls == ()
    assert first.capabilities == GSM.capabilities
    assert {"answer", "hold", "mute", "waiting", "call_list"} <= first.capabilities


@pytest.mark.parametrize("after_ms", range(0, 400, 10))
def test_a_call_that_begins_while_the_line_comes_up_is_told_at_once(after_ms: int) -> None:
    rig = Rig().start(run_s=after_ms / 1000)
    rang_at = rig.at
    rig.ring("13800138000", run_s=1.0)
    delivered = [event for event in rig.events if isinstance(event, CallDelivered)]
    listed = [event for event in rig.events if isinstance(event, LineInService) and event.calls]
    assert len(delivered) + len(listed) == 1
    assert (delivered or listed)[0].at < rang_at + 0.9


def test_start_never_resets_the_phone_and_never_sends_a_bare_at() -> None:
    rig = Rig().start()
    assert rig.written[0] == b"ATE0V1\r"
    assert not [data for data in rig.written if data in {b"AT\r", b"ATZ\r"}]
    assert all(data.endswith(b"\r") and b"\n" not in data for data in rig.written)


def test_incoming_answered_and_hung_up_by_the_agent(rig: Rig) -> None:
    assert told(rig.ring("+4930123456", run_s=5.0)) == [
        ("CallDelivered", "desk-1", "ringing", "inbound", "+4930123456", "")
    ]
    assert told(rig.do(Answer(FIRST), run_s=3.0)) == [("CallEstablished", "desk-1"), DONE]
    assert rig.phone.connected
    assert told(rig.do(HangUp(FIRST), run_s=3.0)) == [
        ("CallCleared", "desk-1", "normal_clearing", "local"),
        DONE,
    ]
    assert not rig.phone.calls


def test_many_rings_are_one_call(rig: Rig) -> None:
    assert names(rig.ring("03012345", run_s=60.0)) == ["CallDelivered"]


def test_name_comes_with_the_call_or_just_after(rig: Rig) -> None:
    events = rig.ring("03012345", name="Anna", run_s=3.0)
    assert rig.calls()[0].name == "Anna"
    assert names(events) in (["CallDelivered"], ["CallDelivered", "CallUpdated"])


def test_withheld_number_is_empty(rig: Rig) -> None:
    events = rig.ring("", run_s=3.0)
    assert told(events) == [("CallDelivered", "desk-1", "ringing", "inbound", "", "")]


def test_caller_gives_up(rig: Rig) -> None:
    rig.ring("03012345", run_s=5.0)
    assert told(rig.far(rig.phone.far_hang_up, run_s=3.0)) == [
        ("CallFailed", "desk-1", "call_cancelled", "remote")
    ]


def test_rejected_by_the_agent(rig: Rig) -> None:
    rig.ring("03012345", run_s=3.0)
    assert told(rig.do(Reject(FIRST), run_s=3.0)) == [("CallFailed", "desk-1", "rejected", "local"), DONE]


def test_customer_hangs_up_first(rig: Rig) -> None:
    rig.ring("03012345", run_s=3.0)
    rig.do(Answer(FIRST), run_s=3.0)
    assert told(rig.far(rig.phone.far_hang_up, run_s=3.0)) == [
        ("CallCleared", "desk-1", "normal_clearing", "remote")
    ]


def test_outgoing_ringback_answered(rig: Rig) -> None:
    events = rig.do(Dial("030 123-45"), run_s=6.0)
    assert told(events) == [
        ("CallOriginated", "desk-1", "03012345"),
        DONE,
        ("CallDelivered", "desk-1", "ringback", "outbound", "03012345", ""),
    ]
    assert told(rig.far(rig.phone.far_answer, run_s=3.0)) == [("CallEstablished", "desk-1")]


def test_outgoing_busy(rig: Rig) -> None:
    rig.do(Dial("155"), run_s=6.0)
    assert told(rig.far(rig.phone.far_busy, run_s=3.0)) == [("CallFailed", "desk-1", "busy", "remote")]


def test_outgoing_given_up_by_the_agent(rig: Rig) -> None:
    rig.do(Dial("+4930123456"), run_s=6.0)
    assert rig.phone.calls[0].number == "+4930123456"
    events = rig.do(HangUp(), run_s=3.0)
    assert told(events) == [("CallFailed", "desk-1", "call_cancelled", "local"), DONE]


def test_hold_and_retrieve(rig: Rig) -> None:
    rig.ring("03012345", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    assert told(rig.do(Hold(FIRST), run_s=3.0)) == [("CallHeld", "desk-1"), DONE]
    assert not rig.phone.connected
    assert told(rig.do(Retrieve(FIRST), run_s=3.0)) == [("CallRetrieved", "desk-1"), DONE]
    assert rig.phone.connected


def two_calls(rig: Rig) -> Rig:
    """The first call on hold, the second connected."""
    rig.ring("03011111", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    rig.ring("03022222", run_s=3.0)
    rig.do(Answer(SECOND), run_s=3.0)
    return rig


def test_waiting_call_is_accepted_by_holding_the_first(rig: Rig) -> None:
    rig.ring("03011111", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    waiting = rig.ring("03022222", run_s=3.0)
    assert told(waiting) == [("CallDelivered", "desk-2", "waiting", "inbound", "03022222", "")]
    assert told(rig.do(Answer(SECOND), run_s=3.0)) == [
        ("CallHeld", "desk-1"),
        ("CallEstablished", "desk-2"),
        ("CommandCompleted", "desk-2"),
    ]


def test_swap_says_held_before_retrieved_in_both_directions(rig: Rig) -> None:
    two_calls(rig)
    assert told(rig.do(Retrieve(FIRST), run_s=3.0)) == [
        ("CallHeld", "desk-2"),
        ("CallRetrieved", "desk-1"),
        DONE,
    ]
    assert told(rig.do(Retrieve(SECOND), run_s=3.0)) == [
        ("CallHeld", "desk-1"),
        ("CallRetrieved", "desk-2"),
        ("CommandCompleted", "desk-2"),
    ]


def test_hanging_up_the_active_one_keeps_the_held_one(rig: Rig) -> None:
    two_calls(rig)
    assert told(rig.do(HangUp(SECOND), run_s=3.0)) == [
        ("CallCleared", "desk-2", "normal_clearing", "local"),
        ("CommandCompleted", "desk-2"),
    ]
    assert [call.stat for call in rig.phone.calls] == [Stat.HELD]


def test_hanging_up_the_held_one_keeps_the_active_one(rig: Rig) -> None:
    two_calls(rig)
    rig.do(HangUp(FIRST), run_s=3.0)
    assert [call.number for call in rig.phone.calls] == ["03022222"]
    assert rig.phone.connected


def test_waiting_call_is_rejected_without_touching_the_active_one(rig: Rig) -> None:
    rig.ring("03011111", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    rig.ring("03022222", run_s=3.0)
    assert told(rig.do(Reject(), run_s=3.0)) == [
        ("CallFailed", "desk-2", "rejected", "local"),
        ("CommandCompleted", "desk-2"),
    ]
    assert rig.phone.connected


def test_waiting_call_becomes_ringing_when_the_active_one_ends(rig: Rig) -> None:
    rig.ring("03011111", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    rig.ring("03022222", run_s=3.0)
    events = rig.far(lambda at: rig.phone.far_hang_up(at, 1), run_s=6.0)
    assert told(events) == [
        ("CallCleared", "desk-1", "normal_clearing", "remote"),
        ("CallDelivered", "desk-2", "ringing", "inbound", "03022222", ""),
    ]


def test_waiting_caller_gives_up(rig: Rig) -> None:
    rig.ring("03011111", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    rig.ring("03022222", run_s=3.0)
    assert told(rig.far(lambda at: rig.phone.far_hang_up(at, 2), run_s=3.0)) == [
        ("CallFailed", "desk-2", "call_cancelled", "remote")
    ]


def test_second_outgoing_call_holds_the_first(rig: Rig) -> None:
    rig.ring("03011111", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    assert told(rig.do(Dial("03022222"), run_s=6.0))[:2] == [
        ("CallHeld", "desk-1"),
        ("CallOriginated", "desk-2", "03022222"),
    ]
    assert [call.state for call in rig.calls()] == [CallState.HELD, CallState.RINGBACK]


def test_one_call_after_another_has_its_own_id(rig: Rig) -> None:
    for number in range(1, 4):
        events = rig.ring(f"0301234{number}", run_s=3.0)
        assert told(events)[0][1] == f"desk-{number}"
        rig.far(rig.phone.far_hang_up, run_s=3.0)
    assert rig.calls() == []


def test_new_caller_under_the_old_index_between_two_lists() -> None:
    rig = Rig().start()
    rig.ring("03011111", run_s=0.2)
    rig.phone.far_hang_up(rig.at)
    rig.phone.host_gone()
    rig.phone.ring_in("03022222", rig.at)
    events = rig.far(rig.phone.advance, run_s=2.0)
    assert told(events) == [
        ("CallFailed", "desk-1", "call_cancelled", "remote"),
        ("CallDelivered", "desk-2", "ringing", "inbound", "03022222", ""),
    ]


def test_two_callers_ring_before_either_is_answered(rig: Rig) -> None:
    rig.ring("03011111", run_s=1.0)
    events = rig.ring("03022222", run_s=5.0)
    assert told(events) == [("CallDelivered", "desk-2", "waiting", "inbound", "03022222", "")]
    assert [(call.id, call.number) for call in rig.calls()] == [(FIRST, "03011111"), (SECOND, "03022222")]


def test_the_rings_of_the_first_caller_do_not_name_a_withheld_second(rig: Rig) -> None:
    rig.ring("03011111", run_s=1.0)
    events = rig.ring("", run_s=5.0)
    assert told(events) == [("CallDelivered", "desk-2", "waiting", "inbound", "", "")]
    assert [(call.id, call.number) for call in rig.calls()] == [(FIRST, "03011111"), (SECOND, "")]


def test_mute_is_set_and_read_back(rig: Rig) -> None:
    for muted in (True, False):
        events = rig.do(SetMute(muted), run_s=3.0)
        assert rig.phone.muted is muted
        assert [event.muted for event in events if isinstance(event, LineMuteReported)] == [muted]
        assert len([event for event in events if isinstance(event, CommandCompleted)]) == 1


def test_digits_go_out_in_one_line(rig: Rig) -> None:
    rig.ring("03012345", run_s=3.0)
    rig.do(Answer(), run_s=3.0)
    assert told(rig.do(SendDigits("12#", FIRST), run_s=3.0)) == [DONE]
    assert b"AT+VTS=1;+VTS=2;+VTS=#\r" in rig.written


def test_command_failing_with_cme_error_is_told_and_changes_nothing(rig: Rig) -> None:
    rig.ring("03012345", run_s=3.0)
    rig.phone.refuse("ATA", "+CME ERROR: 4")
    assert told(rig.do(Answer(FIRST), run_s=3.0)) == [
        ("EffectFailed", "device_error", "desk-1", "+CME ERROR: 4")
    ]
    assert told(rig.do(Answer(FIRST), run_s=3.0)) == [("CallEstablished", "desk-1"), DONE]


def test_failed_reject_does_not_blame_the_agent_later(rig: Rig) -> None:
    rig.ring("03012345", run_s=3.0)
    rig.phone.refuse("AT+CHUP", "ERROR")
    assert names(rig.do(Reject(FIRST), run_s=3.0)) == ["EffectFailed"]
    assert told(rig.far(rig.phone.far_hang_up, run_s=3.0)) == [
        ("CallFailed", "desk-1", "call_cancelled", "remote")
    ]


def test_ok_without_effect_is_not_success() -> None:
    """rilmodem/ofono#164: ATA before the modem is ready returns OK and nothing happens."""
    rig = Rig().start()
    rig.ring("03012345")
    rig.phone.refuse("ATA", "OK")
    events = rig.do(Answer(FIRST), run_s=5.0)
    assert told(events) == [
        ("EffectFailed", "device_error", "desk-1", "answered OK, but the call did not change")
    ]


def test_dial_that_never_shows_in_the_list_is_a_failed_call() -> None:
    rig = Rig().start()
    rig.phone.refuse("ATD", "OK")
    assert told(rig.do(Dial("12377"), run_s=5.0)) == [
        ("CallOriginated", "desk-1", "12377"),
        ("CallFailed", "desk-1", "unknown", "unknown"),
        DONE,
    ]


@pytest.mark.parametrize(
    ("final", "cause", "by"),
    [
        ("BUSY", "busy", "remote"),
        ("NO ANSWER", "call_not_answered", "remote"),
        ("NO DIALTONE", "resources_not_available", "network"),
        ("NO CARRIER", "unknown", "unknown"),
    ],
)
def test_network_says_no_to_a_dial_command(final: str, cause: str, by: str) -> None:
    rig = Rig().start()
    rig.phone.refuse("ATD", final)
    assert told(rig.do(Dial("155"), run_s=3.0)) == [
        ("CallOriginated", "desk-1", "155"),
        ("CallFailed", "desk-1", cause, by),
        DONE,
    ]


def test_dial_refused_by_the_device_is_no_call() -> None:
    rig = Rig().start()
    rig.phone.refuse("ATD", "+CME ERROR: 30")
    assert told(rig.do(Dial("155"), run_s=3.0)) == [
        ("EffectFailed", "device_error", "None", "+CME ERROR: 30")
    ]


def test_caller_gone_while_answering_is_no_such_call() -> None:
    rig = Rig().start()
    rig.ring("03012345")
    rig.phone.far_hang_up(rig.at)
    rig.phone.host_gone()
    events = rig.do(Answer(FIRST), run_s=3.0)
    assert told(events) == [
        ("CallFailed", "desk-1", "call_cancelled", "remote"),
        ("EffectFailed", "no_such_call", "desk-1", "+CME ERROR: 3"),
    ]


def test_commands_wait_for_each_other() -> None:
    rig = Rig().start()
    rig.ring("03012345")
    rig._host(rig.engine.request(Answer(FIRST), rig.at))
    rig._host(rig.engine.request(Hold(FIRST), rig.at))
    rig._host(rig.engine.request(Retrieve(FIRST), rig.at))
    mark = len(rig.events)
    rig.run(3.0)
    assert names(rig.events[mark:]) == [
        "CallEstablished",
        "CommandCompleted",
        "CallHeld",
        "CommandCompleted",
        "CallRetrieved",
        "CommandCompleted",
    ]


def test_too_many_commands_are_refused_at_once() -> None:
    rig = Rig().start()
    rig.ring("03012345")
    for _ in range(12):
        rig._host(rig.engine.request(SetMute(True), rig.at))
    refused = [event for event in rig.events if isinstance(event, EffectFailed)]
    assert {event.reason for event in refused} == {"invalid_state"}
    assert 1 <= len(refused) < 12
    rig.run(30.0)
    done = [event for event in rig.events if isinstance(event, CommandCompleted)]
    assert len(done) + len(refused) == 12


def test_ringing_phone_is_polled_and_a_talking_one_left_alone() -> None:
    rig = Rig().start()
    rig.ring("03011111", run_s=5.0)
    ringing = rig.written.count(b"AT+CLCC\r")
    rig.do(Answer(), run_s=2.0)
    settled = rig.written.count(b"AT+CLCC\r")
    rig.run(20.0)
    assert ringing >= 10
    assert rig.written.count(b"AT+CLCC\r") - settled <= 1


def test_hands_free_profile_talks_to_the_same_phone() -> None:
    rig = Rig(profile=HFP).start(run_s=5.0)
    service = rig.events[0]
    assert isinstance(service, LineInService)
    assert "mute" not in service.capabilities
    delivered = rig.ring("03011111", run_s=3.0)
    assert [type(event) for event in delivered] == [CallDelivered]
    assert told(rig.do(SetMute(True))) == [
        ("EffectFailed", "not_supported", "None", "the hfp profile cannot do this")
    ]
    assert names(rig.do(Answer(), run_s=3.0)) == ["CallEstablished", "CommandCompleted"]


def test_same_conversation_same_events_whatever_the_splits() -> None:
    def day(phone: SimulatedPhone) -> list[tuple[str, ...]]:
        rig = two_calls(Rig(phone).start())
        rig.do(Retrieve(FIRST), run_s=3.0)
        rig.far(lambda at: phone.far_hang_up(at, 2), run_s=3.0)
        rig.do(HangUp(FIRST), run_s=3.0)
        return told(rig.events)

    whole = day(SimulatedPhone())
    assert len(whole) > 12
    for seed in range(50):
        assert day(SimulatedPhone(split_seed=seed)) == whole
