"""Lines that come back, daemons that were killed: a call still up goes on, one that is gone is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.commands import HangUp
from state.events import (
    CallSeen,
    CivilTimeKnown,
    LineInService,
    LineOutOfService,
    OpenRecord,
    SeatRestored,
)
from state.ids import CallId, LineId, RecordId
from state.rows import Breach, CallRow, PromiseRow, Stamp
from state.words import AgentState, Basis, By, CallState, Cause, Direction
from tests.state.driver import ABILITIES, L1, L2, NUMBER, Desk

CALL = CallId("l1-1")
WALL = 1_790_000_000.0


def lost(desk: Desk, reason: str = "gone") -> None:
    """The line goes away now."""
    desk.tell(LineOutOfService(desk.at, L1, L1, reason))


def back(desk: Desk, *calls: CallSeen, line: str = L1) -> None:
    """The line answers again and lists its calls."""
    desk.tell(LineInService(desk.at, line, line, ABILITIES, calls))


def seen(
    call: str = CALL, state: CallState = CallState.CONNECTED, number: str = NUMBER, outbound: bool = False
) -> CallSeen:
    """A call as a line lists it."""
    return CallSeen(CallId(call), state, Direction.OUTBOUND if outbound else Direction.INBOUND, number)


# a line is lost and comes back -------------------------------------------------------------------


def test_a_call_still_up_goes_on_in_its_record() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(5.0)
    record = desk.row(call).record
    lost(desk)
    assert desk.view(call).state is CallState.CONNECTED
    assert not desk.now.lines[0].in_service
    assert desk.now.lines[0].reason == "gone"
    desk.runs_to(8.0)
    back(desk, seen())
    assert desk.view(call).state is CallState.CONNECTED
    desk.clears(call)
    row = desk.row(call)
    assert row.record == record
    assert row.cause is Cause.NORMAL_CLEARING


def test_a_call_that_is_gone_is_closed_as_lost() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(5.0)
    lost(desk)
    desk.runs_to(8.0)
    back(desk)
    row = desk.row(call)
    assert (row.cause, row.by) == (Cause.LINE_LOST, By.UNKNOWN)
    assert row.cleared == Stamp(8.0, WALL + 8.0, True)
    assert desk.now.calls == ()
    assert not desk.lamps().off_hook
    assert desk.now.agent.state is AgentState.AFTER_CALL_WORK


def test_a_call_that_was_put_on_hold_meanwhile_is_on_hold() -> None:
    desk = Desk()
    call = desk.talks()
    lost(desk)
    back(desk, seen(state=CallState.HELD))
    assert desk.view(call).state is CallState.HELD


def test_a_call_answered_elsewhere_meanwhile_is_connected() -> None:
    desk = Desk()
    call = desk.rings()
    lost(desk)
    back(desk, seen())
    assert desk.view(call).state is CallState.CONNECTED


def test_a_call_with_a_new_name_is_the_same_call() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(5.0)
    record = desk.row(call).record
    lost(desk)
    back(desk, seen("l1-77"))
    assert [view.call for view in desk.now.calls] == ["l1-77"]
    desk.clears(CallId("l1-77"))
    assert desk.row(CallId("l1-77")).record == record
    assert desk.now.calls == ()


def test_a_call_told_of_before_the_list_is_not_taken_for_the_lost_one() -> None:
    """The lost call is over; both records are closed, neither stands in for the other."""
    desk = Desk()
    old = desk.rings()
    lost(desk)
    new = desk.rings()
    back(desk, seen(new))
    assert [view.call for view in desk.now.calls] == [new]
    assert desk.row(old).cause is Cause.LINE_LOST
    desk.clears(new)
    assert desk.row(new).cleared is not None
    assert desk.row(new).record != desk.row(old).record


def test_nothing_of_a_renamed_call_is_left_when_it_ends() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(3.0)
    assert desk.now.cue is not None
    desk.deaf |= {(L1, channel) for channel in ("near", "far")}
    desk.runs_to(4.5)
    lost(desk)
    back(desk, seen("l1-77"))
    desk.clears(CallId("l1-77"))
    desk.stops_listening()
    given = len(desk.cues())
    desk.runs_to(60.0)
    assert desk.now.cue is None
    assert len(desk.cues()) == given
    assert call != "l1-77"


def test_the_silent_call_of_a_renamed_call_goes_on() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.0)
    desk.runs_to(4.0)
    lost(desk)
    back(desk, seen("l1-77"))
    desk.runs_to(8.0)
    assert len(desk.cue_times("silent.stage_2", CallId("l1-77"))) == 1


def test_two_calls_are_told_apart_by_number() -> None:
    desk = Desk()
    one = desk.talks(number="101")
    desk.holds(one)
    two = desk.rings("102", state=CallState.WAITING)
    lost(desk)
    back(desk, seen("x", CallState.CONNECTED, "102"), seen("y", CallState.HELD, "101"))
    views = {view.number: (view.call, view.state) for view in desk.now.calls}
    assert views == {"102": ("x", CallState.CONNECTED), "101": ("y", CallState.HELD)}
    assert two != one


def test_a_call_nobody_knew_is_opened() -> None:
    desk = Desk()
    lost(desk)
    back(desk, seen("l1-5", CallState.RINGING))
    (view,) = desk.now.calls
    assert (view.state, view.adopted, view.number) == (CallState.RINGING, False, NUMBER)
    assert desk.row(CallId("l1-5")).delivered is not None


def test_a_lost_line_forgets_what_it_was_asked() -> None:
    desk = Desk()
    call = desk.rings()
    desk.hooks(off=True)
    assert desk.view(call).pending == "answer"
    lost(desk)
    assert desk.view(call).pending == ""


def test_one_lines_loss_is_not_the_others() -> None:
    desk = Desk(lines=(L1, L2))
    other = desk.talks(L2)
    mine = desk.talks(L1)
    lost(desk)
    back(desk)
    assert [view.call for view in desk.now.calls] == [other]
    assert desk.row(mine).cause is Cause.LINE_LOST


def test_a_line_that_answers_twice_changes_nothing() -> None:
    desk = Desk()
    call = desk.talks()
    rows = len(desk.rows(call))
    back(desk, seen())
    assert desk.view(call).state is CallState.CONNECTED
    assert len(desk.rows(call)) == rows


# a restart -------------------------------------------------------------------------------------


def open_row(**changes: object) -> CallRow:
    """What an earlier run had written of a call that was up."""
    row = CallRow(
        record=RecordId("earlier-4"),
        line=L1,
        call=CallId("l1-9"),
        direction=Direction.INBOUND,
        number=NUMBER,
        state=CallState.CONNECTED,
        name="李先生",
        agent="8001",
        delivered=Stamp(900.0, WALL - 100.0, True),
        established=Stamp(905.0, WALL - 95.0, True),
        silent_stage=1,
        cause_s={"customer_silent": 4.0},
        cues=("opening@2.00",),
        first_near_s=2.5,
        near_spoken_s=3.0,
        hold_s=5.0,
        hold_count=1,
        muted_s=2.0,
        gap_s=1.0,
        breaches=(Breach("some_rule", 910.0, Basis.SENSED),),
        category="question",
        note="price",
    )
    return replace(row, **changes)


def restarted(*rows: CallRow, **changes: object) -> Desk:
    """A new run that finds open records before its line answers."""
    desk = Desk(lines=(), agent=None)
    records = tuple(OpenRecord(row, WALL - 30.0) for row in rows)
    given = {"agent": "8001", "agent_state": "busy", "open_records": records}
    desk.tell(SeatRestored(0.0, "records", **{**given, **changes}))
    return desk


def test_a_call_still_up_is_adopted_into_its_record() -> None:
    desk = restarted(open_row())
    desk.runs_to(10.0)
    back(desk, seen())
    (view,) = desk.now.calls
    assert (view.adopted, view.record, view.name, view.state) == (
        True,
        "earlier-4",
        "李先生",
        CallState.CONNECTED,
    )
    assert desk.lamps().off_hook
    desk.runs_to(20.0)
    desk.clears(CALL)
    row = desk.row(CALL)
    assert row.record == "earlier-4"
    assert row.gap_s == pytest.approx(1.0 + 10.0 + 30.0)
    assert row.established == Stamp(905.0, WALL - 95.0, True)
    assert (row.category, row.note, row.cues) == ("question", "price", ("opening@2.00",))
    assert (row.hold_s, row.hold_count, row.muted_s, row.near_spoken_s) == (5.0, 1, 2.0, 3.0)
    assert [breach.rule for breach in row.breaches] == ["some_rule"]


def test_an_adopted_call_runs_no_silent_call_and_may_be_ended_at_once() -> None:
    desk = restarted(open_row())
    back(desk, seen())
    desk.listens()
    desk.runs_to(30.0)
    assert desk.cues() == []
    assert desk.asks(HangUp()) is None
    assert desk.commands() == [HangUp(CALL)]


def test_a_call_that_is_gone_is_interrupted_and_keeps_its_facts() -> None:
    desk = restarted(open_row(silent_outcome="conversation", closing="confirmed by key"))
    desk.runs_to(10.0)
    back(desk)
    (row,) = desk.rows()
    assert (row.record, row.cause, row.by) == ("earlier-4", Cause.INTERRUPTED, By.UNKNOWN)
    assert row.cleared == Stamp(10.0, WALL + 10.0, True)
    assert (row.note, row.silent_outcome, row.closing) == ("price", "conversation", "confirmed by key")
    assert row.call == "l1-9"


def test_one_of_two_is_adopted_and_one_interrupted() -> None:
    desk = restarted(open_row(), open_row(record=RecordId("earlier-5"), number="10086"))
    back(desk, seen(number="10086"))
    assert {row.record: row.cause for row in desk.rows()} == {
        "earlier-5": None,
        "earlier-4": Cause.INTERRUPTED,
    }


@pytest.mark.parametrize(("listed", "open_number"), [("", NUMBER), (NUMBER, ""), ("", "")])
def test_a_withheld_number_is_no_reason_not_to_adopt(listed: str, open_number: str) -> None:
    desk = restarted(open_row(number=open_number))
    back(desk, seen(number=listed))
    assert desk.now.calls[0].record == "earlier-4"
    assert desk.now.calls[0].number == (listed or open_number)


def test_another_direction_is_another_call() -> None:
    desk = restarted(open_row())
    back(desk, seen(outbound=True))
    assert not desk.now.calls[0].adopted
    assert [row.cause for row in desk.rows() if row.record == "earlier-4"] == [Cause.INTERRUPTED]


def test_records_of_another_line_wait_for_it() -> None:
    desk = restarted(open_row(line=L2))
    back(desk)
    assert desk.rows() == []
    back(desk, line=L2)
    assert desk.row().cause is Cause.INTERRUPTED


def test_a_held_call_is_adopted_on_hold() -> None:
    desk = restarted(open_row())
    back(desk, seen(state=CallState.HELD))
    assert desk.now.calls[0].state is CallState.HELD
    assert desk.row(CALL).record == "earlier-4"


def test_new_records_never_take_an_earlier_name() -> None:
    desk = restarted(open_row())
    back(desk, seen("l1-50"))
    call = desk.rings("10086", state=CallState.WAITING)
    assert desk.row(CallId(call)).record != "earlier-4"


def test_a_gap_is_unknown_where_nobody_knows_when_the_run_ended() -> None:
    desk = Desk(lines=(), agent=None)
    desk.tell(SeatRestored(0.0, "records", open_records=(OpenRecord(open_row(), None),)))
    back(desk, seen())
    desk.clears(CALL)
    assert desk.row(CALL).gap_s == pytest.approx(1.0)


def test_a_clock_that_ran_backwards_makes_no_negative_gap() -> None:
    desk = Desk(lines=(), agent=None)
    desk.tell(CivilTimeKnown(0.0, "clock", WALL - 9999.0, 28800, synced=False))
    desk.tell(SeatRestored(0.0, "records", open_records=(OpenRecord(open_row(), WALL),)))
    back(desk, seen())
    desk.clears(CALL)
    assert desk.row(CALL).gap_s == pytest.approx(1.0)
    assert desk.row(CALL).cleared is not None
    assert not desk.row(CALL).cleared.synced


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("not_ready", AgentState.NOT_READY),
        ("ready", AgentState.READY),
        ("busy", AgentState.READY),
        ("after_call_work", AgentState.READY),
        ("logged_out", AgentState.LOGGED_OUT),
        ("", AgentState.LOGGED_OUT),
    ],
)
def test_the_agent_is_signed_in_again(was: str, becomes: AgentState) -> None:
    desk = restarted(agent_state=was, agent_reason="lunch")
    assert desk.now.agent.state is becomes
    assert desk.now.agent.reason == ("lunch" if was == "not_ready" else "")
    assert desk.now.agent.agent == (None if becomes is AgentState.LOGGED_OUT else "8001")


def test_open_promises_are_open_again_and_closed_ones_are_not() -> None:
    def promise(name: str, *, closed: bool) -> PromiseRow:
        made = Stamp(1.0, WALL, True)
        return PromiseRow(RecordId(name), None, made, "8001", NUMBER, "call back", "", Basis.KEY, closed)

    desk = restarted(open_promises=(promise("p1", closed=False), promise("p2", closed=True)))
    assert desk.now.promises == 1


def test_a_call_found_ringing_when_its_line_comes_up_is_told_as_delivered() -> None:
    desk = Desk()
    seen = CallSeen(CallId("l9-1"), CallState.RINGING, Direction.INBOUND, NUMBER)
    desk.tell(LineInService(desk.at, "l9", LineId("l9"), frozenset({"answer"}), (seen,)))
    (told,) = [data for _, data in desk.told("call.delivered") if data["call"] == "l9-1"]
    assert (told["state"], told["number"]) == ("ringing", NUMBER)
