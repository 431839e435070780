"""The engine on literal bytes: the traps of real devices, and lines that only ring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.at.engine import AtCounts
from devices.at.profiles import GSM, HFP, PROFILES, profile_named
from devices.at.watch import WatchingEngine
from state.commands import Answer
from state.errors import ConfigError
from state.events import LineInService
from state.ids import CallId
from tests.devices.at.rig import LINE, Desk, names, told

OK = b"\r\nOK\r\n"
RING = b"\r\nRING\r\n"
CALLER = b"\r\nDATE=1121\r\n\r\nTIME=1857\r\n\r\nNAME=Anna\r\n\r\nNMBR=0301\r\n"
DONE = ("CommandCompleted", "desk-1")


def gsm() -> Desk:
    desk = Desk().start()
    desk.wrote()
    return desk


ROW = b'\r\n+CLCC: 1,1,%d,0,0,"0301",129\r\n'
RINGS = ("CallDelivered", "desk-1", "ringing", "inbound", "0301", "")


def ringing_gsm() -> Desk:
    desk = gsm()
    assert desk.hear(RING) == []
    assert desk.hear(ROW % 4 + OK) == [RINGS]
    desk.wrote()
    return desk


# 27.007 ----------------------------------------------------------------------------------------


def test_ring_only_asks_for_the_list() -> None:
    desk = gsm()
    assert desk.hear(RING) == []
    assert desk.wrote() == b"AT+CLCC\r"
    assert desk.hear(ROW % 4 + OK) == [RINGS]


def test_list_that_does_not_show_the_call_yet_is_read_again_soon() -> None:
    desk = gsm()
    desk.hear(RING)
    desk.hear(OK)
    desk.wrote()
    desk.wait(GSM.first_ring_poll_s)
    assert desk.wrote() == b"AT+CLCC\r"


def test_ring_inside_the_reply_to_a_list_is_not_lost() -> None:
    """Asked before it rang, the list is asked again after it."""
    desk = gsm()
    desk.wait(GSM.idle_s)
    assert desk.wrote() == b"AT+CLCC\r"
    desk.hear(b'\r\n+CRING: VOICE\r\n\r\n+CLIP: "0301",129,,,,0\r\n' + OK)
    assert desk.wrote() == b"AT+CLCC\r"
    assert desk.hear(ROW % 4 + OK) == [RINGS]


def test_unsolicited_line_between_answer_and_its_ok() -> None:
    desk = ringing_gsm()
    desk.ask(Answer(CallId("desk-1")))
    assert desk.wrote() == b"ATA\r"
    desk.hear(b'\r\n*ECAV: 1,3,0,,,"0301",129\r\n')
    desk.hear(OK)
    assert desk.wrote() == b"AT+CLCC\r"
    assert desk.hear(ROW % 0 + OK) == [("CallEstablished", "desk-1"), DONE]


@pytest.mark.parametrize("line", [b"NO CARRIER", b"BUSY", b"CONNECT", b"NO ANSWER"])
def test_ambiguous_line_is_an_event_while_a_query_is_in_flight(line: bytes) -> None:
    desk = ringing_gsm()
    desk.wait(GSM.poll_s)
    assert desk.wrote() == b"AT+CLCC\r"
    desk.hear(b"\r\n" + line + b"\r\n")
    assert desk.hear(ROW % 4 + OK) == []
    assert desk.wrote() == b"AT+CLCC\r"


def test_no_carrier_is_the_final_of_an_answer() -> None:
    desk = ringing_gsm()
    desk.ask(Answer())
    desk.hear(b"\r\nNO CARRIER\r\n")
    desk.wait(0.1)
    assert desk.hear(OK) == [
        ("CallFailed", "desk-1", "call_cancelled", "remote"),
        ("EffectFailed", "no_such_call", "desk-1", "NO CARRIER"),
    ]


def test_second_final_of_one_command_is_dropped() -> None:
    """`+CME ERROR: 4` then OK for one command (bumble's HFP gateway)."""
    desk = ringing_gsm()
    desk.ask(Answer())
    desk.hear(b"\r\n+CME ERROR: 4\r\n\r\nOK\r\n")
    assert desk.engine.counts.stray_finals == 1
    desk.wait(0.1)
    assert desk.wrote() == b"ATA\rAT+CLCC\r"
    assert desk.hear(ROW % 4 + OK) == [("EffectFailed", "device_error", "desk-1", "+CME ERROR: 4")]


def test_late_final_after_a_timeout_belongs_to_nobody() -> None:
    desk = ringing_gsm()
    desk.ask(Answer())
    desk.wrote()
    rows = desk.wait(GSM.timeouts.call_s)
    assert rows == [("EffectFailed", "timeout", "desk-1", "")]
    desk.hear(OK)
    assert desk.engine.counts.stray_finals == 1
    desk.wait(0.3)
    assert desk.wrote() == b"AT+CLCC\r"
    desk.hear(OK)
    assert desk.hear(ROW % 0 + OK) == [("CallEstablished", "desk-1")]


def test_unsolicited_list_is_a_reason_to_ask() -> None:
    desk = gsm()
    assert desk.hear(ROW % 4) == []
    assert desk.wrote() == b"AT+CLCC\r"
    assert desk.hear(ROW % 4 + OK) == [RINGS]


def test_list_with_an_unreadable_row_ends_no_call() -> None:
    desk = ringing_gsm()
    desk.wait(GSM.poll_s)
    assert desk.hear(b"\r\n+CLCC: 1,1\r\n" + OK) == []
    desk.wait(GSM.poll_s)
    assert desk.hear(ROW % 4 + OK) == []


def test_list_that_fails_ends_no_call() -> None:
    desk = ringing_gsm()
    desk.wait(GSM.poll_s)
    assert desk.hear(b"\r\nERROR\r\n") == []
    assert len(desk.engine._table.calls) == 1


def test_phone_without_a_call_list_is_followed_by_its_rings() -> None:
    desk = Desk()
    desk._took(desk.engine.start(0.0))
    for _ in range(12):
        desk.hear(b"\r\nERROR\r\n" if desk.written[-1] == b"AT+CLCC\r" else OK, after_s=0.2)
    service = desk.events[0]
    assert isinstance(service, LineInService)
    assert service.calls is None
    assert "call_list" not in service.capabilities
    assert desk.hear(RING) == [("CallDelivered", "desk-1", "ringing", "inbound", "", "")]
    assert desk.hear(b"\r\nNO CARRIER\r\n") == [("CallFailed", "desk-1", "call_cancelled", "remote")]


def test_digits_from_the_far_end_are_counted_not_kept() -> None:
    desk = ringing_gsm()
    desk.ask(Answer())
    desk.hear(OK)
    desk.hear(ROW % 0 + OK)
    assert desk.hear(b"\r\n+RXDTMF: 7\r\n") == [("DigitsReceived", "desk-1", "1")]
    assert "7" not in repr(desk.events[-1]).replace("at=", "").split("source")[1]


def test_error_glued_to_the_next_line() -> None:
    desk = gsm()
    desk.wait(GSM.idle_s)
    desk.hear(b"\r\nERROR+CRING: VOICE\r\n")
    desk.wait(0.1)
    assert desk.wrote() == b"AT+CLCC\rAT+CLCC\r"


def test_silent_device_at_the_start_is_told_once_and_tried_again() -> None:
    desk = Desk()
    desk._took(desk.engine.start(0.0))
    desk.wait(60.0)
    assert told(desk.events) == [("LineOutOfService", "timeout")]
    assert desk.written.count(b"ATE0V1\r") >= 4
    desk.start()
    assert names(desk.events)[-1] == "LineInService"


def test_echo_of_everything_until_it_is_switched_off() -> None:
    desk = Desk()
    desk._took(desk.engine.start(0.0))
    desk.hear(b"ATE0V1\r\r\nOK\r\n")
    assert desk.written[-1] == b"AT+CMEE=1\r"
    desk.start()
    assert names(desk.events)[0] == "LineInService"


def test_numeric_result_of_the_command_that_switches_them_off() -> None:
    desk = Desk()
    desk._took(desk.engine.start(0.0))
    desk.hear(b"ATE0V1\r0\r")
    assert desk.written[-1] == b"AT+CMEE=1\r"
    desk.hear(OK)
    assert desk.hear(b"0\r") == []
    assert desk.written[-1] == b"AT+CRC=1\r"


@given(st.binary(max_size=600))
def test_any_bytes_at_all_leave_an_engine_that_works(data: bytes) -> None:
    desk = gsm()
    for byte in data:
        desk.engine.feed(bytes((byte,)), desk.at)
    desk.wait(0.5)
    desk.engine.feed(b'"\r\nOK\r\n\r\nOK\r\n\r\nOK\r\n', desk.at)
    desk.wait(10.0)
    assert desk.engine._lexer.pending <= 1024
    assert desk.engine.next_deadline() is not None


def test_what_went_wrong_is_counted_over_a_lost_port() -> None:
    desk = gsm()
    desk.hear(b"\r\nOK\r\n" + b"x" * 5000)
    assert desk.engine.counts == AtCounts(stray_finals=1, dropped_bytes=5000, rearmed=0)
    desk.engine.stop(desk.at, "gone")
    desk.start()
    desk.wait(GSM.idle_s + GSM.timeouts.ordinary_s)
    assert desk.engine.counts == AtCounts(stray_finals=1, dropped_bytes=5000, rearmed=1)


# HFP -------------------------------------------------------------------------------------------


def test_indicator_asks_for_the_list_a_little_later() -> None:
    desk = Desk(HFP).start()
    desk.wrote()
    desk.hear(b"\r\n+CIEV: 3,1\r\n")
    assert desk.wrote() == b""
    desk.wait(HFP.hint_delay_s)
    assert desk.wrote() == b"AT+CLCC\r"


def test_indicator_during_a_list_is_not_forgotten() -> None:
    desk = Desk(HFP).start()
    desk.hear(b"\r\n+CIEV: 3,1\r\n")
    desk.wait(HFP.hint_delay_s)
    desk.wrote()
    desk.hear(b"\r\n+CIEV: 3,0\r\n", after_s=0.01)
    desk.hear(OK, after_s=0.01)
    desk.wait(HFP.hint_delay_s)
    assert desk.wrote() == b"AT+CLCC\r"


# profiles and watching ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_profile_is_sound(name: str) -> None:
    profile = profile_named(name)
    assert profile.name == name
    assert profile.sync_command not in {"", "AT"}
    assert not [text for text in profile.init if text in {"AT", "ATZ"} or "\r" in text or "+COLP" in text]
    assert profile.timeouts.query_s < profile.timeouts.ordinary_s < profile.timeouts.call_s
    assert bool(profile.hold) == bool(profile.retrieve)
    assert {"answer", "hang_up", "dial"} <= profile.capabilities


def test_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no AT profile 'gsm'; there are 27007, hayes, hfp"):
        profile_named("gsm")


def test_watching_writes_nothing_ever() -> None:
    engine = WatchingEngine(LINE, GSM)
    steps = [
        engine.host_wrote(b"AT+CLIP=1\r", 0.0),
        engine.feed(OK + RING, 0.1),
        engine.host_wrote(b"ATA\r", 0.2),
        engine.advance(60.0),
        engine.feed(RING, 61.0),
    ]
    assert [write for step in steps for write in step.writes] == []


@pytest.mark.parametrize(
    ("operation", "ended"),
    [("0", {2}), ("1", {1}), ("11", {1}), ("12", {2}), ("2", set()), ("3", set())],
)
def test_watched_release_marks_whose_will_it_was(operation: str, ended: set[int]) -> None:
    engine = WatchingEngine(LINE, GSM)
    engine.host_wrote(b"AT+CLCC\r", 0.0)
    engine.feed(b"\r\n+CLCC: 1,1,0,0,0\r\n\r\n+CLCC: 2,1,5,0,0\r\n" + OK, 0.1)
    engine.host_wrote(f"AT+CHLD={operation}\r".encode(), 0.2)
    engine.feed(OK, 0.3)
    assert {call.index for call in engine._table.calls if call.ended_here} == ended
