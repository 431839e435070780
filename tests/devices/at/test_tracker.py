"""Calls by what was said alone: indicators, finals and results, cell by cell."""

from __future__ import annotations

import pytest

from devices.at.calls import CallTable, RingTimer
from devices.at.grammar import Final, Meaning, Notice, read_final
from devices.at.tracker import Tracker
from state.ids import LineId
from state.words import CallState, Direction
from tests.devices.at.rig import names, told

ACTIVE, HELD, DIALING = CallState.CONNECTED, CallState.HELD, CallState.DIALING
RINGBACK, RINGING, WAITING = CallState.RINGBACK, CallState.RINGING, CallState.WAITING
OUTGOING = {DIALING, RINGBACK}


class Told:
    """A table with calls in given states, and its tracker."""

    def __init__(self, *states: CallState, by_finals_only: bool = True) -> None:
        self.table = CallTable(LineId("desk"))
        self.rings = RingTimer(8.0, 1.6)
        self.tracker = Tracker(self.table, self.rings, by_finals_only=by_finals_only)
        for state in states:
            way = Direction.OUTBOUND if state in OUTGOING else Direction.INBOUND
            call = self.table.open(way, state, serial=0)
            call.established = state in {ACTIVE, HELD}

    def final(self, command: str, text: str) -> list[str]:
        final = read_final(text)
        assert final is not None
        return names(self.tracker.done(command, final, 1.0, 1))

    def result(self, text: str) -> list[str]:
        final = read_final(text)
        assert isinstance(final, Final)
        return names(self.tracker.result(final, 1.0))

    def indicator(self, name: str, value: int) -> list[str]:
        notice = Notice(Meaning.INDICATOR, index=1, value=value)
        return names(self.tracker.notice(notice, name, 1.0, 1))


@pytest.mark.parametrize(
    ("states", "name", "value", "events"),
    [
        ((RINGING,), "call", 1, ["CallEstablished"]),
        ((RINGBACK,), "call", 1, ["CallEstablished"]),
        ((DIALING,), "call", 1, ["CallEstablished"]),
        ((ACTIVE,), "call", 1, []),
        ((ACTIVE,), "call", 0, ["CallCleared"]),
        ((HELD,), "call", 0, ["CallCleared"]),
        ((RINGING,), "call", 0, []),
        ((RINGING,), "callsetup", 0, ["CallFailed"]),
        ((DIALING,), "callsetup", 0, ["CallFailed"]),
        ((ACTIVE,), "callsetup", 0, []),
        ((RINGING,), "callsetup", 1, []),
        ((RINGING,), "callheld", 0, []),
        ((RINGING,), "", 0, []),
        ((ACTIVE, WAITING), "callsetup", 0, ["CallFailed"]),
        ((ACTIVE, HELD), "call", 0, ["CallCleared", "CallCleared"]),
        ((ACTIVE, WAITING), "call", 0, ["CallCleared"]),
        ((), "callsetup", 1, []),
        ((), "callsetup", 2, ["CallOriginated"]),
        ((), "callsetup", 3, ["CallOriginated", "CallDelivered"]),
        ((DIALING,), "callsetup", 2, []),
        ((DIALING,), "callsetup", 3, ["CallDelivered"]),
        ((ACTIVE,), "callheld", 2, ["CallHeld"]),
        ((HELD,), "callheld", 0, ["CallRetrieved"]),
        ((ACTIVE, HELD), "callheld", 1, ["CallHeld", "CallRetrieved"]),
        ((ACTIVE, HELD), "callheld", 0, ["CallCleared"]),
        ((ACTIVE, HELD), "callheld", 2, ["CallCleared"]),
        ((ACTIVE, WAITING), "callheld", 1, ["CallHeld", "CallEstablished"]),
        ((HELD, DIALING), "callheld", 1, ["CallEstablished"]),
        ((ACTIVE,), "callheld", 1, []),
        ((), "callheld", 1, []),
        ((), "call", 0, []),
    ],
)
def test_indicators(states: tuple[CallState, ...], name: str, value: int, events: list[str]) -> None:
    assert Told(*states).indicator(name, value) == events


@pytest.mark.parametrize(
    ("states", "text", "events"),
    [
        ((), "NO CARRIER", []),
        ((RINGING,), "NO CARRIER", ["CallFailed"]),
        ((ACTIVE,), "NO CARRIER", ["CallCleared"]),
        ((DIALING,), "BUSY", ["CallFailed"]),
        ((RINGBACK,), "NO ANSWER", ["CallFailed"]),
        ((RINGBACK,), "CONNECT", ["CallEstablished"]),
        ((RINGING,), "CONNECT 38400", ["CallEstablished"]),
        ((ACTIVE,), "CONNECT", []),
        ((ACTIVE, HELD), "NO CARRIER", []),
    ],
)
def test_results_of_nobodys_command(states: tuple[CallState, ...], text: str, events: list[str]) -> None:
    assert Told(*states).result(text) == events


@pytest.mark.parametrize(
    ("states", "command", "text", "events"),
    [
        ((RINGING,), "ATA", "OK", ["CallEstablished"]),
        ((RINGING,), "ATA", "CONNECT", ["CallEstablished"]),
        ((RINGING,), "ATA", "NO CARRIER", ["CallFailed"]),
        ((RINGING,), "ATA", "ERROR", []),
        ((), "ATA", "OK", []),
        ((ACTIVE,), "ATH", "OK", ["CallCleared"]),
        ((ACTIVE,), "ATH0", "OK", ["CallCleared"]),
        ((ACTIVE,), "ATH", "ERROR", []),
        ((RINGING,), "ATH", "OK", []),
        ((RINGING,), "AT+CHUP", "OK", ["CallFailed"]),
        ((DIALING,), "AT+CHUP", "OK", ["CallFailed"]),
        ((HELD,), "AT+CHUP", "OK", []),
        ((), "ATH", "OK", []),
        ((), "ATDT1", "BUSY", ["CallOriginated", "CallFailed"]),
        ((), "ATDT1", "VCON", ["CallOriginated", "CallEstablished"]),
        ((), "ATDT1", "OK", ["CallOriginated"]),
        ((), "ATDT WORDS", "OK", []),
        ((), "ATDT WORDS", "NO CARRIER", ["CallOriginated", "CallFailed"]),
        ((ACTIVE, HELD), "AT+CHLD=2", "OK", ["CallHeld", "CallRetrieved"]),
        ((ACTIVE, WAITING), "AT+CHLD=1", "OK", ["CallCleared", "CallEstablished"]),
        ((ACTIVE, WAITING), "AT+CHLD=0", "OK", ["CallFailed"]),
        ((ACTIVE, HELD), "AT+CHLD=12", "OK", ["CallCleared"]),
        ((ACTIVE, HELD), "AT+CHLD=22", "OK", ["CallHeld", "CallRetrieved"]),
        ((ACTIVE, HELD), "AT+CHLD=3", "OK", ["CallRetrieved"]),
        ((ACTIVE, HELD), "AT+CHLD=4", "OK", ["CallCleared", "CallCleared"]),
        ((ACTIVE, HELD), "AT+CHLD=4", "ERROR", []),
        ((), "ATDT1", "ERROR", []),
        ((DIALING,), "ATDT1", "ERROR", ["CallFailed"]),
        ((DIALING,), "ATDT1", "BUSY", ["CallFailed"]),
        ((DIALING,), "ATDT1", "CONNECT", ["CallEstablished"]),
        ((ACTIVE,), "AT+CLIP=1", "OK", []),
    ],
)
def test_finals_of_commands(
    states: tuple[CallState, ...], command: str, text: str, events: list[str]
) -> None:
    assert Told(*states).final(command, text) == events


def test_dialled_where_a_list_will_tell_the_rest() -> None:
    assert Told(by_finals_only=False).final("ATD1;", "OK") == ["CallOriginated"]


def test_broken_off_dialling_ends_the_call_whatever_the_final() -> None:
    for text in ("OK", "NO CARRIER", "CONNECT"):
        line = Told(DIALING)
        line.table.calls[0].ended_here = True
        assert line.final("ATDT1", text) == ["CallFailed"]


def test_rings_make_one_call_and_their_end_ends_it() -> None:
    line = Told()
    ring = Notice(Meaning.RING)
    assert names(line.tracker.notice(ring, "", 1.0, 1)) == ["CallDelivered"]
    assert line.tracker.notice(ring, "", 6.0, 2) == []
    assert line.rings.deadline() == 14.0
    assert told(line.tracker.rings_stopped(14.0)) == [("CallFailed", "desk-1", "call_cancelled", "remote")]
    assert line.rings.deadline() is None


def test_end_of_rings_does_not_touch_another_call() -> None:
    assert Told(WAITING, ACTIVE).tracker.rings_stopped(10.0) == []


def test_a_list_that_shows_the_ringing_call_is_as_good_as_a_ring() -> None:
    line = Told(RINGING)
    line.rings.rang(1.0)
    line.tracker.listed(7.0)
    assert line.rings.deadline() == 15.0


def test_one_waiting_call_is_told_once() -> None:
    line = Told(ACTIVE)
    waiting = Notice(Meaning.WAITING)
    assert names(line.tracker.notice(waiting, "", 1.0, 1)) == ["CallDelivered"]
    assert line.tracker.notice(waiting, "", 2.0, 2) == []


def test_ring_beside_any_call_is_no_new_call() -> None:
    for state in (ACTIVE, HELD, DIALING):
        assert Told(state).tracker.notice(Notice(Meaning.RING), "", 1.0, 1) == []


def test_waiting_call_that_is_alone_rings() -> None:
    assert told(Told(WAITING).tracker.notice(Notice(Meaning.RING), "", 1.0, 1)) == [
        ("CallDelivered", "desk-1", "ringing", "inbound", "", "")
    ]


@pytest.mark.parametrize(
    ("took_s", "events"), [(0.2, ["CallFailed"]), (3.0, ["CallEstablished", "CallCleared"])]
)
def test_modem_that_says_no_carrier_late_had_taken_the_line(took_s: float, events: list[str]) -> None:
    final = read_final("NO CARRIER")
    assert final is not None
    assert names(Told(RINGING).tracker.done("ATA", final, 9.0, 1, took_s)) == events


@pytest.mark.parametrize(("states", "events"), [((DIALING,), ["CallFailed"]), ((ACTIVE,), []), ((), [])])
def test_dialling_that_timed_out(states: tuple[CallState, ...], events: list[str]) -> None:
    assert names(Told(*states).tracker.timed_out(1.0)) == events
