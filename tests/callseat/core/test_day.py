"""A whole synthetic day: as large as promised, told in order, and every call of it in the record."""

from __future__ import annotations

from itertools import pairwise

from callseat.core import Core
from state.effects import Publish, Record
from state.rows import CallRow
from state.settings import SeatSettings
from tests.callseat.core.day import CALLS, HOURS, a_day
from tests.state.driver import BOOK


def test_the_day_is_large_enough_and_in_order() -> None:
    events = a_day(2.0)
    assert len(events) >= 20_000
    assert all(one.at <= two.at for one, two in pairwise(events))
    assert events[-1].at <= HOURS * 3600.0


def test_every_call_of_the_day_is_in_the_record() -> None:
    core, rows, told = Core(SeatSettings(), BOOK), {}, []
    for event in a_day(5.0):
        for effect in (*core.advance(event.at), *core.handle(event)):
            if isinstance(effect, Record) and isinstance(effect.row, CallRow):
                rows[effect.row.record] = effect.row
            if isinstance(effect, Publish):
                told.append(effect.topic)
    assert len(rows) == CALLS
    assert all(row.cleared is not None for row in rows.values())
    assert core.snapshot().calls == ()
    outcomes = {row.silent_outcome for row in rows.values()}
    assert {"conversation", "silent_call", ""} <= outcomes
    silent = [row for row in rows.values() if row.silent_outcome == "silent_call"]
    assert all(row.silent_stage == 3 and not row.breaches for row in silent)
    assert told.count("call.cleared") == CALLS
