"""Lines that only ring: nothing but RINGs, finals and time."""

from __future__ import annotations

import pytest

from devices.at.profiles import HAYES
from devices.at.values import hook_state
from state.commands import Answer, Dial, HangUp, Hold, LineCommand, Reject, Retrieve, SendDigits, SetMute
from state.events import LineInService
from state.ids import CallId
from tests.devices.at.rig import Desk, names

OK = b"\r\nOK\r\n"
RING = b"\r\nRING\r\n"
CALLER = b"\r\nDATE=1121\r\n\r\nTIME=1857\r\n\r\nNAME=Anna\r\n\r\nNMBR=0301\r\n"
DONE = ("CommandCompleted", "desk-1")


def hayes() -> Desk:
    desk = Desk(HAYES).start()
    desk.wrote()
    return desk


def test_modem_cannot_be_asked_for_calls() -> None:
    desk = Desk(HAYES).start()
    service = desk.events[0]
    assert isinstance(service, LineInService)
    assert service.calls is None
    assert service.capabilities == {"answer", "hang_up", "dial"}


@pytest.mark.parametrize(
    ("reply", "off_hook"),
    [("0", False), ("1", True), ("+VLS: 0", False), ('"13",...', True), ("", None), ("spandsp", None)],
)
def test_modem_that_says_whether_it_is_off_hook(reply: str, off_hook: bool | None) -> None:
    assert hook_state(reply) is off_hook


@pytest.mark.parametrize(("reply", "calls"), [(b"\r\n0\r\n", ()), (b"\r\n1\r\n", None), (b"", None)])
def test_a_line_that_is_on_hook_has_no_call_any_more(reply: bytes, calls: tuple[()] | None) -> None:
    """After a restart there is no list; off-hook is some call, but nobody says which."""
    desk = Desk(HAYES)
    desk._took(desk.engine.start(0.0))
    for _ in HAYES.init:
        desk.hear(OK)
    assert desk.written[-1] == b"AT+VLS?\r"
    desk.hear(reply + OK)
    desk.hear(OK)
    (service,) = desk.events
    assert isinstance(service, LineInService)
    assert service.calls == calls


def test_caller_id_before_the_ring() -> None:
    desk = hayes()
    assert desk.hear(CALLER + RING) == [("CallDelivered", "desk-1", "ringing", "inbound", "0301", "Anna")]


def test_caller_id_after_the_first_ring() -> None:
    desk = hayes()
    assert desk.hear(RING) == [("CallDelivered", "desk-1", "ringing", "inbound", "", "")]
    assert desk.hear(CALLER) == [
        ("CallUpdated", "desk-1", "", "Anna"),
        ("CallUpdated", "desk-1", "0301", "Anna"),
    ]
    assert desk.hear(RING, after_s=5.0) == []


def test_rings_that_stop_are_a_caller_who_gave_up() -> None:
    desk = hayes()
    desk.hear(RING)
    desk.hear(RING, after_s=6.0)
    rang_at = desk.at
    assert desk.wait(9.5) == []
    assert desk.wait(0.2) == [("CallFailed", "desk-1", "call_cancelled", "remote")]
    assert desk.events[-1].at == pytest.approx(rang_at + 1.6 * 6.0)


def test_nothing_is_written_while_it_rings_or_talks() -> None:
    desk = hayes()
    desk.hear(RING)
    for _ in range(20):
        desk.hear(RING, after_s=4.0)
    desk.ask(Answer())
    desk.hear(b"\r\nVCON\r\n")
    desk.wait(120.0)
    assert desk.wrote() == b"ATA\r"


def test_idle_modem_is_asked_if_it_is_there() -> None:
    desk = hayes()
    desk.wait(HAYES.idle_s)
    assert desk.wrote() == b"ATI\r"
    assert desk.hear(b"\r\nspandsp\r\n" + OK) == []


@pytest.mark.parametrize("final", [b"OK", b"CONNECT", b"CONNECT 38400", b"VCON"])
def test_answered(final: bytes) -> None:
    desk = hayes()
    desk.hear(RING)
    desk.ask(Answer())
    assert desk.wrote() == b"ATA\r"
    assert desk.hear(b"\r\n" + final + b"\r\n") == [("CallEstablished", "desk-1"), DONE]
    assert desk.hear(b"\r\nNO CARRIER\r\n") == [("CallCleared", "desk-1", "normal_clearing", "remote")]


def test_answered_and_hung_up_by_the_agent() -> None:
    desk = hayes()
    desk.hear(RING)
    desk.ask(Answer())
    desk.hear(b"\r\nVCON\r\n")
    desk.ask(HangUp())
    assert desk.wrote() == b"ATA\rATH\r"
    assert desk.hear(OK) == [("CallCleared", "desk-1", "normal_clearing", "local"), DONE]


def test_answered_too_late() -> None:
    desk = hayes()
    desk.hear(RING)
    desk.ask(Answer())
    assert desk.hear(b"\r\nNO CARRIER\r\n") == [
        ("CallFailed", "desk-1", "call_cancelled", "remote"),
        ("EffectFailed", "no_such_call", "desk-1", "NO CARRIER"),
    ]


def test_answer_refused_leaves_the_call_to_its_rings() -> None:
    desk = hayes()
    desk.hear(RING)
    desk.ask(Answer())
    assert desk.hear(b"\r\nERROR\r\n") == [("EffectFailed", "device_error", "desk-1", "ERROR")]
    assert desk.wait(9.0) == [("CallFailed", "desk-1", "call_cancelled", "remote")]


@pytest.mark.parametrize(
    ("final", "rows"),
    [
        (b"BUSY", [("CallFailed", "desk-1", "busy", "remote"), DONE]),
        (b"NO ANSWER", [("CallFailed", "desk-1", "call_not_answered", "remote"), DONE]),
        (b"NO DIALTONE", [("CallFailed", "desk-1", "resources_not_available", "network"), DONE]),
        (b"NO CARRIER", [("CallFailed", "desk-1", "unknown", "unknown"), DONE]),
        (b"VCON", [("CallEstablished", "desk-1"), DONE]),
        (b"OK", [DONE]),
        (
            b"ERROR",
            [
                ("CallFailed", "desk-1", "unknown", "unknown"),
                ("EffectFailed", "device_error", "None", "ERROR"),
            ],
        ),
    ],
)
def test_dialled(final: bytes, rows: list[tuple[str, ...]]) -> None:
    desk = hayes()
    assert desk.ask(Dial("0301")) == [("CallOriginated", "desk-1", "0301")]
    assert desk.wrote() == b"ATDT0301\r"
    got = desk.hear(b"\r\n" + final + b"\r\n")
    assert [row for row in got if row[0] != "CommandCompleted"] == [
        row for row in rows if row[0] != "CommandCompleted"
    ]
    assert ("CommandCompleted" in {row[0] for row in got}) is (DONE in rows)


def test_dialling_is_broken_off_by_one_character() -> None:
    desk = hayes()
    desk.ask(Dial("0301"))
    desk.wrote()
    assert desk.ask(HangUp()) == []
    assert desk.wrote() == b"\r"
    rows = desk.hear(b"\r\nNO CARRIER\r\n")
    assert rows[0] == ("CallFailed", "desk-1", "call_cancelled", "local")
    assert [row[0] for row in rows[1:]] == ["CommandCompleted", "CommandCompleted"]


@pytest.mark.parametrize("answer", [b"", OK], ids=["nothing", "OK, and stays on the line"])
def test_broken_off_dialling_is_hung_up_for_sure(answer: bytes) -> None:
    """iaxmodem does the one while it rings at the far end, the other once that was picked up."""
    desk = hayes()
    desk.ask(Dial("0301"))
    desk.ask(HangUp(CallId("desk-1")))
    assert desk.hear(answer) == []
    assert desk.wait(2.4) == []
    assert desk.wrote() == b"ATDT0301\r\rATH\r"
    rows = desk.hear(OK)
    assert rows[0] == ("CallFailed", "desk-1", "call_cancelled", "local")
    assert [row[0] for row in rows[1:]] == ["CommandCompleted", "CommandCompleted"]


def test_modem_that_does_not_even_hang_up_is_given_up() -> None:
    desk = hayes()
    desk.ask(Dial("0301"))
    desk.ask(HangUp(CallId("desk-1")))
    rows = desk.wait(8.0)
    assert rows[0] == ("CallFailed", "desk-1", "call_cancelled", "local")
    assert [row[:2] for row in rows[1:3]] == [("EffectFailed", "timeout"), ("EffectFailed", "timeout")]


def test_dial_command_without_any_final() -> None:
    desk = hayes()
    desk.ask(Dial("0301"))
    rows = desk.wait(HAYES.timeouts.call_s + 0.1)
    assert rows == [
        ("CallFailed", "desk-1", "timeout", "unknown"),
        ("EffectFailed", "timeout", "None", ""),
    ]


@pytest.mark.parametrize(
    "command",
    [Reject(), Hold(), Retrieve(), SendDigits("1"), SetMute(True)],
    ids=lambda each: type(each).__name__,
)
def test_what_a_modem_cannot_do_is_said(command: LineCommand) -> None:
    desk = hayes()
    desk.hear(RING)
    assert desk.ask(command)[0][:2] == ("EffectFailed", "not_supported")
    assert desk.wrote() == b""


def test_caller_id_is_kept_although_it_came_while_starting() -> None:
    desk = Desk(HAYES)
    desk._took(desk.engine.start(0.0))
    desk.hear(CALLER + RING)
    desk.start()
    assert names(desk.events) == ["LineInService"]
    assert desk.hear(RING) == [("CallDelivered", "desk-1", "ringing", "inbound", "0301", "Anna")]


def test_ring_during_a_talk_is_not_a_second_call_without_a_list() -> None:
    desk = hayes()
    desk.hear(RING)
    desk.ask(Answer())
    desk.hear(b"\r\nVCON\r\n")
    assert desk.hear(RING) == []
