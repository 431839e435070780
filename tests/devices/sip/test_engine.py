"""The engine by itself: what it asks and when, one command at a time, and what it makes of silence."""

from __future__ import annotations

import pytest

from devices.sip.engine import IDLE_S, RETRY_S, TALKING_S, UNSETTLED_S, SipEngine
from devices.sip.flight import MISSES_LOST, Ask, Kind, OneInFlight
from devices.sip.performer import PROOF_S
from state.commands import Answer, Dial, HangUp, Hold, SendDigits, SetMute
from state.events import CommandCompleted, LineInService
from state.ids import CallId
from tests.devices.sip.model import FakeBaresip
from tests.devices.sip.rig import LINE, Rig, told

BOB = "sip:bob@pbx.example"
DONE = "CommandCompleted"


def asked(rig: Rig) -> list[str]:
    """The commands heard since the last time."""
    heard, rig.baresip.heard = rig.baresip.heard, []
    return [str(each["command"]) for each in heard]


# flight ------------------------------------------------------------------------------------------


def test_one_command_at_a_time_with_a_token_of_its_own() -> None:
    flight = OneInFlight()
    first = flight.send(Ask(Kind.LIST, "listcalls"), 0.0)
    assert first.data == b'39:{"command": "listcalls", "token": "c1"},'
    assert not flight.free
    assert flight.answered("c9") is None
    assert flight.answered("c1") == Ask(Kind.LIST, "listcalls")
    assert flight.answered("c1") is None, "an answer said twice is nobody's"
    assert b'"c2"' in flight.send(Ask(Kind.LIST, "listcalls"), 0.0).data


def test_silence_is_counted_until_somebody_answers() -> None:
    flight = OneInFlight()
    for number in range(MISSES_LOST):
        assert not flight.lost
        flight.send(Ask(Kind.ABOUT, "about", timeout_s=1.0), number * 10.0)
        assert flight.deadline() == number * 10.0 + 1.0
        assert flight.expire(number * 10.0 + 0.5) is None
        assert flight.expire(number * 10.0 + 1.0) is not None
    assert flight.lost
    flight.clear()
    assert (flight.lost, flight.free, flight.deadline()) == (False, True, None)


# what is asked -----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_a_start_asks_for_version_and_calls_and_no_more(version: str) -> None:
    rig = Rig(FakeBaresip(version)).start()
    assert asked(rig) == ["about", "listcalls"]
    assert isinstance(rig.events[0], LineInService)
    assert rig.engine.next_deadline() == IDLE_S


def test_a_row_of_nobody_known_costs_one_report() -> None:
    rig = Rig()
    rig.baresip.ring(BOB)
    rig.baresip.said.clear()
    rig.start()
    assert asked(rig) == ["about", "listcalls", "line", "callstat", "listcalls"]


def test_a_silent_line_is_asked_seldom_and_a_ringing_one_often() -> None:
    rig = Rig().start()
    asked(rig)
    rig.run(IDLE_S * 3)
    assert asked(rig) == ["listcalls"] * 3
    rig.far(lambda: rig.baresip.ring(BOB), 0.0)
    asked(rig)
    rig.run(UNSETTLED_S * 4)
    assert asked(rig) == ["listcalls"] * 4
    rig.ask(Answer(), 0.0)
    asked(rig)
    rig.run(TALKING_S * 2)
    assert asked(rig) == ["listcalls"] * 2


def test_reports_on_sound_are_no_reason_to_ask() -> None:
    rig = Rig().talking(BOB)
    asked(rig)
    leg = rig.baresip.legs[0]
    for kind in ("CALL_RTCP", "VU_TX_REPORT", "CALL_DTMF_END"):
        rig.far(lambda kind=kind: rig.baresip.event(kind, leg), 0.0)
    assert asked(rig) == []


def test_a_call_is_selected_before_every_deed() -> None:
    rig = Rig().talking(BOB)
    asked(rig)
    rig.ask(Hold(), 0.0)
    assert asked(rig)[:2] == ["callfind", "hold"]
    rig.ask(HangUp(), 0.0)
    assert asked(rig)[:2] == ["callfind", "hangup"]


def test_commands_are_carried_out_in_order() -> None:
    rig = Rig().talking(BOB)
    mark = len(rig.events)
    held: list[bytes] = []
    step = rig.engine.request(Hold(), rig.at)
    held += [write.data for write in step.writes]
    for command in (SendDigits("1"), HangUp()):
        assert rig.engine.request(command, rig.at).writes == (), "one is unanswered"
    for data in held:
        rig.baresip.feed(data)
    rig.flow()
    rig.run(1.0)
    assert [row[0] for row in told(rig.events[mark:])] == [
        "CallHeld",
        DONE,
        "EffectFailed",  # a held call takes no digits
        "CallCleared",
        DONE,
    ]


# silence -----------------------------------------------------------------------------------------


def test_a_command_without_an_answer_fails_once_and_the_line_stays_if_the_next_is_answered() -> None:
    rig = Rig().talking(BOB)
    rig.baresip.before["callfind"] = lambda: setattr(rig.baresip, "deaf", True)
    rig.baresip.deaf = True
    rig.take(rig.engine.request(Hold(), rig.at))
    rig.run(5.0)
    rig.baresip.deaf = False
    rig.run(10.0)
    assert [row[:2] for row in told(rig.events) if row[0] in {"EffectFailed", "LineOutOfService"}] == [
        ("EffectFailed", "timeout")
    ]


def test_a_lost_line_is_tried_again_and_refuses_meanwhile() -> None:
    rig = Rig().start()
    rig.baresip.deaf = True
    rig.run(IDLE_S + 20.0)
    assert told(rig.events)[-1] == ("LineOutOfService", "timeout")
    assert rig.ask(Dial("10086"), 0.0) == [("EffectFailed", "line_out_of_service", "None", "")]
    rig.run(RETRY_S * 10)
    assert [row[0] for row in told(rig.events)].count("LineOutOfService") == 1, "told once"
    rig.baresip.deaf = False
    rig.run(RETRY_S * 5)
    assert told(rig.events)[-1][0] == "LineInService"


def test_an_answer_that_changes_nothing_is_given_up() -> None:
    rig = Rig().talking(BOB)
    rig.baresip.broken["hold"] = ""
    assert rig.ask(Hold(), PROOF_S - 0.5) == []
    failed, *_ = rig.ask(SetMute(False), 2.0)
    assert failed[:3] == ("EffectFailed", "device_error", "sip-1")
    assert "did not change" in failed[3]
    assert rig.events[-1] == CommandCompleted(rig.events[-1].at, "sip", "CallCommand", "sip", None)


def test_stop_and_start_keep_the_names_of_calls_that_are_still_up() -> None:
    rig = Rig(FakeBaresip("1.1.0")).talking(BOB)
    rig.take(rig.engine.stop(rig.at, "gone"))
    assert rig.engine.stop(rig.at, "gone").events == ()
    rig.baresip.said.clear()
    rig.start()
    assert [each.call for each in rig.serving.calls or ()] == [CallId("sip-1")]
    assert rig.ask(HangUp())[0] == ("CallCleared", "sip-1", "normal_clearing", "local")


def test_nothing_is_due_before_a_start_and_after_a_stop() -> None:
    engine = SipEngine(LINE)
    assert engine.next_deadline() is None
    assert engine.feed(b"7:garbage,", 0.0).writes == ()
    rig = Rig().start()
    rig.engine.stop(rig.at, "gone")
    assert rig.engine.next_deadline() is None
    assert rig.engine.advance(1e6).events == ()
