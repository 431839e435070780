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
        ((ACTIVE, WAITING), "callsetup", 0, []),
        ((ACTIVE, HELD), "call", 0, []),
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
        ((), "ATDT1", "OK", ["CallOriginated", "CallDelivered"]),
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


def test_end_of_rings_does_not_touch_a_listed_or_connected_call() -> None:
    line = Told(RINGING, ACTIVE)
    line.table.calls[0].index = 1
    assert line.tracker.rings_stopped(10.0) == []


def test_one_waiting_call_is_told_once() -> None:
    line = Told(ACTIVE)
    waiting = Notice(Meaning.WAITING)
    assert names(line.tracker.notice(waiting, "", 1.0, 1)) == ["CallDelivered"]
    assert line.tracker.notice(waiting, "", 2.0, 2) == []


def test_ring_beside_any_call_is_no_new_call() -> None:
    for state in (ACTIVE, HELD, WAITING, DIALING):
        assert Told(state).tracker.notice(Notice(Meaning.RING), "", 1.0, 1) == []


@pytest.mark.parametrize(("states", "events"), [((DIALING,), ["CallFailed"]), ((ACTIVE,), []), ((), [])])
def test_dialling_that_timed_out(states: tuple[CallState, ...], events: list[str]) -> None:
    assert names(Told(*states).tracker.timed_out(1.0)) == events
