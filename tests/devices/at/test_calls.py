"""Differences between call lists, one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from devices.at.calls import CallTable, RingTimer
from devices.at.values import Caller, ListedCall
from state.ids import CallId, LineId
from state.words import By, CallState, Cause, Direction
from tests.devices.at.rig import told

ACTIVE, HELD, DIALING = CallState.CONNECTED, CallState.HELD, CallState.DIALING
RINGBACK, RINGING, WAITING = CallState.RINGBACK, CallState.RINGING, CallState.WAITING
Row = tuple[str, ...]


def listed(
    index: int, state: CallState, number: str = "", *, out: bool = False, voice: bool = True
) -> ListedCall:
    return ListedCall(index, not out, state, voice, in_conference=False, number=number)


class Lists:
    """Feeds list after list and returns what each said."""

    def __init__(self) -> None:
        self.table = CallTable(LineId("desk"))
        self.serial = 0

    def say(self, *rows: ListedCall) -> list[Row]:
        self.serial += 1
        return told(self.table.diff(rows, float(self.serial), self.serial))

    def note(self, cause: Cause) -> None:
        self.serial += 1
        self.table.suggest(cause, self.serial)


def delivered(n: int, state: str, direction: str = "inbound", number: str = "") -> Row:
    return ("CallDelivered", f"desk-{n}", state, direction, number, "")


NEW: list[tuple[CallState, bool, list[Row]]] = [
    (RINGING, False, [delivered(1, "ringing")]),
    (WAITING, False, [delivered(1, "waiting")]),
    (ACTIVE, False, [delivered(1, "ringing"), ("CallEstablished", "desk-1")]),
    (HELD, False, [delivered(1, "ringing"), ("CallEstablished", "desk-1"), ("CallHeld", "desk-1")]),
    (DIALING, True, [("CallOriginated", "desk-1", "")]),
    (RINGBACK, True, [("CallOriginated", "desk-1", ""), delivered(1, "ringback", "outbound")]),
    (ACTIVE, True, [("CallOriginated", "desk-1", ""), ("CallEstablished", "desk-1")]),
]


@pytest.mark.parametrize(("state", "out", "rows"), NEW)
def test_new_call_in_any_state_has_whole_events(state: CallState, out: bool, rows: list[Row]) -> None:
    assert Lists().say(listed(1, state, out=out)) == rows


MOVES: list[tuple[CallState, CallState, bool, list[Row]]] = [
    (RINGING, RINGING, False, []),
    (RINGING, ACTIVE, False, [("CallEstablished", "desk-1")]),
    (RINGING, WAITING, False, [delivered(1, "waiting")]),
    (WAITING, RINGING, False, [delivered(1, "ringing")]),
    (WAITING, HELD, False, [("CallEstablished", "desk-1"), ("CallHeld", "desk-1")]),
    (ACTIVE, HELD, False, [("CallHeld", "desk-1")]),
    (HELD, ACTIVE, False, [("CallRetrieved", "desk-1")]),
    (DIALING, RINGBACK, True, [delivered(1, "ringback", "outbound")]),
    (DIALING, ACTIVE, True, [("CallEstablished", "desk-1")]),
    (RINGBACK, DIALING, True, []),
    (RINGBACK, ACTIVE, True, [("CallEstablished", "desk-1")]),
]


@pytest.mark.parametrize(("before", "after", "out", "rows"), MOVES)
def test_changes_of_a_known_call(before: CallState, after: CallState, out: bool, rows: list[Row]) -> None:
    lists = Lists()
    lists.say(listed(1, before, out=out))
    assert lists.say(listed(1, after, out=out)) == rows
    assert lists.say(listed(1, after, out=out)) == []


ENDS: list[tuple[CallState, bool, bool, Cause | None, Row]] = [
    (RINGING, False, False, None, ("CallFailed", "desk-1", "call_cancelled", "remote")),
    (RINGING, False, True, None, ("CallFailed", "desk-1", "rejected", "local")),
    (RINGING, False, False, Cause.BUSY, ("CallFailed", "desk-1", "call_cancelled", "remote")),
    (WAITING, False, True, None, ("CallFailed", "desk-1", "rejected", "local")),
    (ACTIVE, False, False, None, ("CallCleared", "desk-1", "normal_clearing", "unknown")),
    (ACTIVE, False, False, Cause.UNKNOWN, ("CallCleared", "desk-1", "normal_clearing", "remote")),
    (ACTIVE, False, True, Cause.UNKNOWN, ("CallCleared", "desk-1", "normal_clearing", "local")),
    (HELD, False, True, None, ("CallCleared", "desk-1", "normal_clearing", "local")),
    (
        ACTIVE,
        True,
        False,
        Cause.NETWORK_CONGESTION,
        ("CallCleared", "desk-1", "network_congestion", "remote"),
    ),
    (DIALING, True, False, None, ("CallFailed", "desk-1", "unknown", "unknown")),
    (DIALING, True, True, None, ("CallFailed", "desk-1", "call_cancelled", "local")),
    (RINGBACK, True, False, Cause.BUSY, ("CallFailed", "desk-1", "busy", "remote")),
    (RINGBACK, True, False, Cause.CALL_NOT_ANSWERED, ("CallFailed", "desk-1", "call_not_answered", "remote")),
    (
        DIALING,
        True,
        False,
        Cause.NETWORK_CONGESTION,
        ("CallFailed", "desk-1", "network_congestion", "network"),
    ),
    (DIALING, True, False, Cause.REJECTED, ("CallFailed", "desk-1", "rejected", "remote")),
]


@pytest.mark.parametrize(("state", "out", "here", "evidence", "row"), ENDS)
def test_how_a_call_ended(state: CallState, out: bool, here: bool, evidence: Cause | None, row: Row) -> None:
    lists = Lists()
    lists.say(listed(1, state, out=out))
    lists.table.calls[0].ended_here = here
    if evidence is not None:
        lists.note(evidence)
    assert lists.say() == [row]
    assert lists.table.calls == []


def test_ends_come_first_then_holds_then_the_rest() -> None:
    lists = Lists()
    lists.say(listed(1, HELD), listed(2, ACTIVE), listed(3, WAITING))
    assert [row[:2] for row in lists.say(listed(1, ACTIVE), listed(2, HELD))] == [
        ("CallFailed", "desk-3"),
        ("CallHeld", "desk-2"),
        ("CallRetrieved", "desk-1"),
    ]


def test_data_session_is_no_call() -> None:
    assert Lists().say(listed(1, ACTIVE, voice=False)) == []


def test_row_sent_twice_is_one_call() -> None:
    lists = Lists()
    assert len(lists.say(listed(1, RINGING), listed(1, RINGING))) == 1


def test_index_used_again_for_another_caller_is_another_call() -> None:
    lists = Lists()
    lists.say(listed(1, RINGING, "111"))
    assert lists.say(listed(1, RINGING, "222")) == [
        ("CallFailed", "desk-1", "call_cancelled", "remote"),
        delivered(2, "ringing", number="222"),
    ]


def test_index_used_again_after_a_talk_is_another_call() -> None:
    lists = Lists()
    lists.say(listed(1, ACTIVE, "111"))
    assert [row[:2] for row in lists.say(listed(1, RINGING, "111"))] == [
        ("CallCleared", "desk-1"),
        ("CallDelivered", "desk-2"),
    ]


def test_index_used_again_in_the_other_direction_is_another_call() -> None:
    lists = Lists()
    lists.say(listed(1, RINGING))
    assert [row[0] for row in lists.say(listed(1, DIALING, out=True))] == ["CallFailed", "CallOriginated"]


def test_network_may_rewrite_a_dialled_number() -> None:
    lists = Lists()
    lists.say(listed(1, DIALING, "110", out=True))
    assert lists.say(listed(1, ACTIVE, "+4930110", out=True))[-1] == ("CallEstablished", "desk-1")
    assert len(lists.table.calls) == 1


def test_number_that_comes_late() -> None:
    lists = Lists()
    lists.say(listed(1, RINGING))
    assert lists.say(listed(1, RINGING, "03012345")) == [("CallUpdated", "desk-1", "03012345", "")]
    assert lists.say(listed(1, RINGING)) == []


def test_dialled_number_stands_in_where_the_list_has_none() -> None:
    lists = Lists()
    lists.table.will_dial("112")
    assert lists.say(listed(1, DIALING, out=True)) == [("CallOriginated", "desk-1", "112")]


# before any list -------------------------------------------------------------------------------


def test_call_known_from_a_ring_is_found_in_the_list() -> None:
    lists = Lists()
    assert told(lists.table.offer(RINGING, 0.5, 0)) == [delivered(1, "ringing")]
    assert lists.say(listed(3, RINGING, "111")) == [("CallUpdated", "desk-1", "111", "")]
    assert lists.table.calls[0].index == 3


def test_list_asked_before_the_ring_does_not_end_it() -> None:
    lists = Lists()
    lists.table.offer(RINGING, 0.5, 5)
    assert told(lists.table.diff((), 1.0, asked=4)) == []
    assert told(lists.table.diff((), 2.0, asked=6)) == [("CallFailed", "desk-1", "call_cancelled", "remote")]


def test_caller_id_before_the_ring_is_kept_for_it() -> None:
    lists = Lists()
    lists.table.caller(Caller(number="0207123123"), 10.0)
    lists.table.caller(Caller(name="Anna"), 10.1)
    assert told(lists.table.offer(RINGING, 11.0, 1)) == [
        ("CallDelivered", "desk-1", "ringing", "inbound", "0207123123", "Anna")
    ]


def test_caller_id_without_a_ring_is_forgotten() -> None:
    lists = Lists()
    lists.table.caller(Caller(number="0207123123"), 10.0)
    assert told(lists.table.offer(RINGING, 17.0, 1)) == [delivered(1, "ringing")]


def test_new_caller_block_forgets_the_last_one() -> None:
    lists = Lists()
    lists.table.caller(Caller(name="Anna"), 10.0)
    lists.table.new_caller_block()
    lists.table.caller(Caller(number="1"), 10.5)
    assert told(lists.table.offer(RINGING, 11.0, 1))[0][-2:] == ("1", "")


def test_caller_id_after_the_ring_updates_once() -> None:
    lists = Lists()
    lists.table.offer(RINGING, 0.0, 1)
    assert told(lists.table.caller(Caller(number="1"), 0.1)) == [("CallUpdated", "desk-1", "1", "")]
    assert lists.table.caller(Caller(number="1"), 2.1) == []
    assert told(lists.table.caller(Caller(name="B"), 2.2)) == [("CallUpdated", "desk-1", "1", "B")]


def test_caller_id_of_the_second_of_two_goes_to_the_one_that_lacks_it() -> None:
    lists = Lists()
    lists.say(listed(1, RINGING, "111"), listed(2, WAITING))
    assert told(lists.table.caller(Caller(number="222"), 3.0)) == [("CallUpdated", "desk-2", "222", "")]


def test_a_second_caller_is_not_taken_for_the_first_that_still_rings() -> None:
    lists = Lists()
    lists.say(listed(1, RINGING, "111"))
    assert lists.table.caller(Caller(number="222"), 2.0, waiting=True) == []
    assert [call.number for call in lists.table.calls] == ["111"]
    assert told(lists.table.offer(WAITING, 2.5, 9))[0][-2] == "222"


def test_a_repeated_caller_id_is_not_for_the_call_that_lacks_one() -> None:
    lists = Lists()
    lists.say(listed(1, RINGING, "111"), listed(2, WAITING))
    assert lists.table.caller(Caller(number="111"), 3.0) == []
    assert told(lists.table.caller(Caller(name="Anna"), 3.0)) == [("CallUpdated", "desk-2", "", "Anna")]
    assert lists.table.caller(Caller(name="Anna"), 5.0) == []


def test_caller_id_of_a_talk_is_for_the_next_call() -> None:
    lists = Lists()
    lists.say(listed(1, ACTIVE, "111"))
    assert lists.table.caller(Caller(number="222"), 2.0) == []
    assert told(lists.table.offer(WAITING, 2.5, 9))[0][-2] == "222"


def test_dialled_call_before_any_list() -> None:
    lists = Lists()
    call, events = lists.table.dial("110", 0.0, 0)
    assert told(events) == [("CallOriginated", "desk-1", "110")]
    assert lists.say(listed(1, RINGBACK, "110", out=True)) == [delivered(1, "ringback", "outbound", "110")]
    assert call.index == 1


# adoption --------------------------------------------------------------------------------------


def test_adopted_calls_have_ids_and_no_events_and_go_on() -> None:
    lists = Lists()
    lists.table.adopt(
        [listed(1, HELD, "1"), listed(2, ACTIVE, "2", out=True), listed(4, RINGING, voice=False)]
    )
    assert [(seen.call, seen.state, seen.direction, seen.number) for seen in lists.table.seen()] == [
        (CallId("desk-1"), HELD, Direction.INBOUND, "1"),
        (CallId("desk-2"), ACTIVE, Direction.OUTBOUND, "2"),
    ]
    assert lists.say(listed(1, ACTIVE, "1")) == [
        ("CallCleared", "desk-2", "normal_clearing", "unknown"),
        ("CallRetrieved", "desk-1"),
    ]


def test_adopting_again_keeps_the_ids_of_the_same_calls_only() -> None:
    lists = Lists()
    lists.say(listed(1, ACTIVE, "1"), listed(2, HELD, "2"))
    lists.table.adopt([listed(2, ACTIVE, "2"), listed(1, RINGING, "3")])
    assert [seen.call for seen in lists.table.seen()] == ["desk-2", "desk-3"]


def test_evidence_without_a_call_is_nobodys() -> None:
    lists = Lists()
    lists.note(Cause.BUSY)
    lists.say(listed(1, DIALING, out=True))
    assert lists.say() == [("CallFailed", "desk-1", "unknown", "unknown")]


def test_evidence_is_forgotten_when_a_later_list_still_shows_the_call() -> None:
    lists = Lists()
    lists.say(listed(1, ACTIVE))
    lists.note(Cause.UNKNOWN)
    lists.say(listed(1, ACTIVE))
    assert lists.say() == [("CallCleared", "desk-1", "normal_clearing", "unknown")]


def test_explicit_cause_wins() -> None:
    lists = Lists()
    call, _ = lists.table.dial("1", 0.0, 1)
    lists.table.suggest(Cause.BUSY, 2)
    assert told([lists.table.end(call, 1.0, Cause.TIMEOUT, By.LOCAL)]) == [
        ("CallFailed", "desk-1", "timeout", "local")
    ]


@pytest.mark.parametrize(
    ("states", "wanted", "number"),
    [
        ((RINGING, WAITING), (WAITING, RINGING), "2"),
        ((RINGING, WAITING), (RINGING, WAITING), "1"),
        ((ACTIVE, HELD), (HELD,), "2"),
        ((ACTIVE, HELD), (DIALING,), None),
    ],
)
def test_first_call_by_order_of_states(
    states: Sequence[CallState], wanted: Sequence[CallState], number: str | None
) -> None:
    lists = Lists()
    lists.say(*(listed(place, state, str(place)) for place, state in enumerate(states, start=1)))
    call = lists.table.first(*wanted)
    assert (call.number if call is not None else None) == number


# rings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rings", "deadline"),
    [
        ([], None),
        ([1.0], 9.0),
        ([1.0, 3.0], 11.0),
        ([1.0, 6.0], 14.0),
        ([1.0, 7.0], 16.6),
        ([1.0, 1.2, 7.0], 16.6),
        ([1.0, 7.0, 9.0], 17.0),
    ],
)
def test_ring_timeout_is_eight_seconds_or_the_learned_cadence(
    rings: list[float], deadline: float | None
) -> None:
    timer = RingTimer(8.0, 1.6)
    for at in rings:
        timer.rang(at)
    assert timer.deadline() == (None if deadline is None else pytest.approx(deadline))
    timer.stop()
    assert timer.deadline() is None
