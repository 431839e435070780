"""The walk over every decision table: no cell undecided, nothing misnamed, and a spoilt table is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import pytest

from state.agent import Agent
from state.call import Call
from state.chart import Because, Move, Refusal, Refuse, Row, Stay, Table
from state.closing import Closing
from state.line import Line
from state.machine import Region
from state.mute import Mute
from state.silent_call import SilentCall
from state.tables import (
    AGENT,
    CALL,
    CLOSING,
    LINE,
    MUTE,
    SILENT,
    TABLES,
    AgentOn,
    CallOn,
    ClosingOn,
    LineOn,
    MuteOn,
    SilentOn,
)
from state.words import AgentState, CallState, ClosingState, LineState, MuteState, SilentState
from tests.state.chart_check import faults, place, reasons

REGIONS: dict[str, type[Region[StrEnum]]] = {
    region.table.name: region for region in (Agent, Call, Closing, Line, Mute, SilentCall)
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_cell_is_decided_once_by_things_that_exist(table: Table) -> None:
    assert faults(table, REGIONS[table.name]) == []


def test_every_table_has_its_region() -> None:
    assert {table.name for table in TABLES} == set(REGIONS)
    assert all(REGIONS[table.name].table is table for table in TABLES)


def test_cells_are_the_whole_product_of_states_and_events() -> None:
    for table in TABLES:
        cells = [(state, event) for state, event, _ in table.cells()]
        assert len(cells) == len(set(cells)) == len(table.states) * len(table.events)
        assert sum(len(rows) for _, _, rows in table.cells()) == len(table.rows)


def test_every_reason_and_every_refusal_is_used_somewhere() -> None:
    used = {reason for table in TABLES for reason in reasons(table)}
    assert used == {*Because, *Refusal}


def test_an_action_with_effects_stands_in_no_refusal() -> None:
    assert not [place(row) for table in TABLES for row in table.rows if isinstance(row, Refuse) and row.when]


def test_only_requests_are_refused() -> None:
    """A device, a line or the passing of time is never in the wrong: what they tell is so."""
    asked = {AgentOn.SIGN_IN, AgentOn.SET_READY, AgentOn.SET_NOT_READY}
    for table in TABLES:
        for row in table.rows:
            if isinstance(row, Refuse):
                assert row.on in asked or row.on.value.startswith("asked_"), place(row)


# spoilt tables ---------------------------------------------------------------------------------


def without(table: Table, state: StrEnum, on: StrEnum, when: str = "") -> Table:
    """The table with one row dropped."""
    kept = tuple(row for row in table.rows if (row.state, row.on, row.when) != (state, on, when))
    assert len(kept) == len(table.rows) - 1
    return replace(table, rows=kept)


def changed(table: Table, state: StrEnum, on: StrEnum, change: Callable[[Row], Row], when: str = "") -> Table:
    """The table with one row changed."""
    rows = tuple(
        change(row) if (row.state, row.on, row.when) == (state, on, when) else row for row in table.rows
    )
    assert rows != table.rows
    return replace(table, rows=rows)


def to(state: StrEnum) -> Callable[[Row], Row]:
    """The row with another destination."""

    def change(row: Row) -> Row:
        assert isinstance(row, Move)
        return replace(row, to=state)

    return change


def does(*actions: str) -> Callable[[Row], Row]:
    """The row with other actions."""

    def change(row: Row) -> Row:
        assert isinstance(row, Move | Stay)
        return replace(row, do=actions)

    return change


def when(guard: str) -> Callable[[Row], Row]:
    """The row with another guard."""
    return lambda row: replace(row, when=guard)


_S, _ON = SilentState, SilentOn
SPOILT = {
    "a dropped row": (
        without(SILENT, _S.WAIT_1, _ON.FAR_SPOKE),
        "wait_1 on far_spoke: a hole",
    ),
    "a dropped last word": (
        without(SILENT, _S.STAGE_2, _ON.NEAR_UTTERANCE),
        "stage_2 on near_utterance: only guarded rows",
    ),
    "a dropped refusal": (
        without(CALL, CallState.RINGING, CallOn.ASKED_HOLD),
        "ringing on asked_hold: a hole",
    ),
    "a state nothing leads to": (
        changed(SILENT, _S.WAIT_2, _ON.DUE, to(_S.MAY_HANG_UP)),
        "stage_3: unreachable",
    ),
    "a move to itself": (
        changed(SILENT, _S.WAIT_1, _ON.DUE, to(_S.WAIT_1)),
        "wait_1 on due: moves to itself",
    ),
    "a guard that became everybody's": (
        changed(SILENT, _S.STAGE_2, _ON.NEAR_UTTERANCE, when(""), when="after_cue"),
        "stage_2 on near_utterance: decided 2 times when nothing else does",
    ),
    "a misnamed guard": (
        changed(AGENT, AgentState.BUSY, AgentOn.CALLS_ENDED, when("has_works"), when="has_work"),
        "busy on calls_ended when has_works: no guard has_works",
    ),
    "a misnamed action": (
        changed(CALL, CallState.RINGING, CallOn.ASKED_ANSWER, does("send_anser")),
        "ringing on asked_answer: no action send_anser",
    ),
    "a state of another table": (
        changed(MUTE, MuteState.LIVE, MuteOn.ASKED_MUTE, to(LineState.IN_SERVICE)),
        "live on asked_mute: unknown state in_service",
    ),
    "an event of another table": (
        replace(LINE, rows=(*LINE.rows, Stay(LineState.IN_SERVICE, MuteOn.CALL_ENDED, Because.STALE))),
        "in_service on call_ended: unknown event call_ended",
    ),
    "a row behind the last word": (
        replace(
            LINE, rows=(*LINE.rows, Stay(LineState.IN_SERVICE, LineOn.LOST, Because.STALE, when="serve"))
        ),
        "in_service on lost: rows behind the unguarded one",
    ),
    "a duplicate": (
        replace(CLOSING, rows=(*CLOSING.rows, CLOSING.rows[0])),
        "not_started on talked: decided 2 times when nothing else does",
    ),
    "a state that cannot be left": (
        changed(LINE, LineState.IN_SERVICE, LineOn.LOST, lambda row: Stay(row.state, row.on, Because.ON)),
        "in_service: never left",
    ),
    "a foreign beginning": (
        replace(LINE, initial=MuteState.LIVE),
        "unknown initial state live",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_the_checker_notices(name: str) -> None:
    table, fault = SPOILT[name]
    assert fault in faults(table, REGIONS[table.name])


def test_the_checker_names_nothing_else_for_a_dropped_row() -> None:
    table, fault = SPOILT["a dropped row"]
    assert faults(table, SilentCall) == [fault]


# a second opinion ------------------------------------------------------------------------------
#
# One letter per cell, in the order of the enum's events. A letter is the state that follows, `.` a stay, `x`
# a refusal; guarded cells have their letters in the order of their rows, joined by `|`.

CALL_LETTERS = dict(zip("idbrwchf", CallState, strict=True))
CALL_GRID = """
    orig ringb deliv wait  estab held  retr  clear fail  ans rej hang hold retr digits swap join trans compl
 i  d    b     r     w     c     h     .     .     f     x   x   x    x    x    x   x    x    x    x
 d  .    b     .     .     c     h     .     i     f     x   x   .    x    x    x   x    x    x    x
 b  .    .     .     .     c     h     .     i     f     x   x   .    x    x    .   x    x    x    x
 r  .    .     .     w     c     h     .     i     f     .   .   .    x    x    x   x    x    x    x
 w  .    .     r     .     c     h     .     i     f     .   .   .    x    x    x   x    x    x    x
 c  .    .     .     .     .     h     .     i     f     x   x   .    .    x    .   .    x    .    .
 h  .    .     .     .     c     .     c     i     f     x   x   .    x    .    x   x    .    .    .
 f  .    .     .     .     .     .     .     i     .     x   x   x    x    x    x   x    x    x    x
"""
AGENT_LETTERS = dict(zip("onrba", AgentState, strict=True))
AGENT_GRID = """
    sign_in sign_out ready not_ready began ended   work_done
 o  n       .        x     x         .     .       .
 n  x       o        r     .         b     .       .
 r  x       o        .     n         b     .       .
 b  x       .        .     .         .     a|o|n|r .
 a  x       o        r     n         b     .       o|n|r
"""
MUTE_LETTERS = dict(zip("ulmk", MuteState, strict=True))
MUTE_GRID = """
    ask_mute ask_live rep_muted rep_live rep_locked ended lost
 u  m        l        m         l        k          .     .
 l  m        .        m         .        k          .     u
 m  .        l        .         l        k          l     u
 k  .        x        .         l        .          .     u
"""
SILENT_LETTERS = dict(zip("iou1a2b3hc", (
    _S.INACTIVE, _S.OPENING, _S.OPENING_CUED, _S.WAIT_1, _S.STAGE_2, _S.WAIT_2, _S.STAGE_3, _S.WAIT_3,
    _S.MAY_HANG_UP, _S.CONVERSATION,
), strict=True))  # fmt: skip
SILENT_GRID = """
    conn utter blip far due done fail hang  lost back end
 i  o|.  .     .    .   .   .    .    .     .    .    .
 o  .    1     .    c   u   .    .    .|.|. .    .    i
 u  .    1     .    c   .   .    .    .|.|. .    .    i
 1  .    .     .    c   a   .    .    .|.|. .    .    i
 a  .    2|.   .    c   .   2    .    .|.|. .    .    i
 2  .    .     .    c   b   .    .    .|.|. .    .    i
 b  .    3|.   .    c   .   3    .    .|.|. .    .    i
 3  .    .     .    c   h   .    .    .|.|. .    .    i
 h  .    .     .    c   .   .    .    .     .    .    i
 c  .    .     .    .   .   .    .    .     .    .    i
"""
CLOSING_LETTERS = dict(zip("ntch", ClosingState, strict=True))
CLOSING_GRID = """
    talked said spoke quiet hanging ended
 n  t      c    .     .     .       .
 t  .      c    .     .     .|.     n
 c  .      .    .     h     .       n
 h  .      .    c     .     .       n
"""
LINE_LETTERS = dict(zip("oi", LineState, strict=True))
LINE_GRID = """
    answers lost
 o  i       .
 i  .       o
"""
GRIDS = {
    "call": (CALL, CALL_GRID, CALL_LETTERS),
    "agent": (AGENT, AGENT_GRID, AGENT_LETTERS),
    "mute": (MUTE, MUTE_GRID, MUTE_LETTERS),
    "silent_call": (SILENT, SILENT_GRID, SILENT_LETTERS),
    "closing": (CLOSING, CLOSING_GRID, CLOSING_LETTERS),
    "line": (LINE, LINE_GRID, LINE_LETTERS),
}


def letters_of(rows: tuple[Row, ...], letters: dict[str, StrEnum]) -> str:
    """A cell as the grid writes it."""
    by_state = {state: letter for letter, state in letters.items()}
    marks = {Stay: ".", Refuse: "x"}
    return "|".join(by_state[row.to] if isinstance(row, Move) else marks[type(row)] for row in rows)


@pytest.mark.parametrize("name", GRIDS)
def test_the_table_says_what_its_grid_says(name: str) -> None:
    table, grid, letters = GRIDS[name]
    lines = [line.split() for line in grid.strip().splitlines()][1:]
    expected = {
        (letters[line[0]], event): cell
        for line in lines
        for event, cell in zip(table.events, line[1:], strict=True)
    }
    found = {(state, event): letters_of(rows, letters) for state, event, rows in table.cells()}
    assert found == expected


# what must hold whatever else a table says -------------------------------------------------------


def decided(table: Table, state: StrEnum, on: StrEnum) -> tuple[Row, ...]:
    """The rows of one cell."""
    return next(rows for s, e, rows in table.cells() if s is state and e is on)


RUNNING = tuple(state for state in SilentState if state not in (_S.INACTIVE, _S.CONVERSATION))


@pytest.mark.parametrize("state", RUNNING)
def test_the_customers_voice_always_ends_the_silent_call(state: SilentState) -> None:
    (row,) = decided(SILENT, state, _ON.FAR_SPOKE)
    assert isinstance(row, Move)
    assert row.to is _S.CONVERSATION
    assert "disarm" in row.do


def test_no_way_leads_back_from_conversation_into_the_script() -> None:
    leads_to = {row.to for row in SILENT.rows if isinstance(row, Move) and row.state is _S.CONVERSATION}
    assert leads_to == {_S.INACTIVE}


def test_hanging_up_is_allowed_only_behind_three_utterances_and_waits() -> None:
    """Every way from the connection to `may_hang_up` passes three heard utterances and three waits."""
    ways = _ways(_S.OPENING, _S.MAY_HANG_UP)
    assert ways
    for way in ways:
        assert sum("hear_stage" in row.do for row in way) == 3
        assert [row.state for row in way if row.on is _ON.DUE and row.state.value.startswith("wait")] == [
            _S.WAIT_1,
            _S.WAIT_2,
            _S.WAIT_3,
        ]


def _ways(state: StrEnum, end: StrEnum, seen: tuple[Move, ...] = ()) -> list[tuple[Move, ...]]:
    if state is end:
        return [seen]
    on = [
        row
        for row in SILENT.rows
        if isinstance(row, Move) and row.state is state and row.to not in {move.state for move in seen}
    ]
    return [way for row in on for way in _ways(row.to, end, (*seen, row))]


@pytest.mark.parametrize("state", [s for s in RUNNING if s is not _S.MAY_HANG_UP])
def test_an_early_hang_up_is_let_through_on_a_fault_then_on_a_second_request_else_held(
    state: SilentState,
) -> None:
    fault, second, first = decided(SILENT, state, _ON.ASKED_HANG_UP)
    assert (fault.when, second.when, first.when) == ("at_fault", "warned", "")
    assert isinstance(second, Stay)
    assert second.do == ("breach_early",)
    assert isinstance(first, Stay)
    assert first.because is Because.HELD


def test_every_end_of_a_call_closes_its_record() -> None:
    ends = [
        row
        for row in CALL.rows
        if isinstance(row, Move)
        and row.to in (CallState.IDLE, CallState.FAILED)
        and row.state is not CallState.FAILED
    ]
    assert len(ends) == 13
    assert all("close" in row.do for row in ends)


def test_a_locked_microphone_is_never_set_live_by_asking() -> None:
    rows = decided(MUTE, MuteState.LOCKED, MuteOn.ASKED_LIVE)
    assert [type(row) for row in rows] == [Refuse]


def test_an_unknown_microphone_becomes_live_only_by_word() -> None:
    live = {
        row.on
        for row in MUTE.rows
        if isinstance(row, Move) and row.to is MuteState.LIVE and row.state is MuteState.UNKNOWN
    }
    assert live == {MuteOn.ASKED_LIVE, MuteOn.REPORTED_LIVE}


def test_nobody_signs_in_over_somebody() -> None:
    for state in AgentState:
        (row,) = decided(AGENT, state, AgentOn.SIGN_IN)
        assert isinstance(row, Move if state is AgentState.LOGGED_OUT else Refuse)


def test_closing_words_begin_the_wait_from_anywhere_before_it() -> None:
    for state in (ClosingState.NOT_STARTED, ClosingState.TALKING):
        (row,) = decided(CLOSING, state, ClosingOn.CLOSING_SAID)
        assert isinstance(row, Move)
        assert row.do == ("arm_quiet",)
