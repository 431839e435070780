"""Measures of a call: the newest are shown and told, and end in its record, also when they come late."""

from __future__ import annotations

from state.events import SpeechMeasured
from state.ids import CallId
from state.rows import SpeechFigure
from state.words import Basis
from tests.state.driver import L1, L2, Desk


def talked(seconds: float) -> tuple[SpeechFigure, ...]:
    return (
        SpeechFigure("near.talk_s", seconds, Basis.SENSED),
        SpeechFigure("near.syllables", 4.0 * seconds, Basis.PROPOSED),
    )


def measures(desk: Desk, call: CallId, seconds: float, line: str = L1) -> None:
    desk.tell(SpeechMeasured(desk.at, "audio", line, call, talked(seconds)))


def test_the_newest_figures_of_a_call_are_shown_and_told() -> None:
    desk = Desk()
    call = desk.talks()
    assert desk.view(call).speech == ()
    desk.runs_to(10.0)
    measures(desk, call, 4.0)
    desk.runs_to(20.0)
    measures(desk, call, 9.0)
    assert desk.view(call).speech == talked(9.0)
    told = {"call": call, "line": L1}
    assert desk.told("speech.measured") == [
        (10.0, {**told, "figures": talked(4.0)}),
        (20.0, {**told, "figures": talked(9.0)}),
    ]


def test_while_the_call_is_up_its_record_is_not_written_for_them() -> None:
    desk = Desk()
    call = desk.talks()
    before = len(desk.rows(call))
    measures(desk, call, 4.0)
    assert len(desk.rows(call)) == before


def test_they_are_in_the_record_of_the_call() -> None:
    desk = Desk()
    call = desk.talks()
    measures(desk, call, 4.0)
    desk.clears(call)
    assert desk.row(call).speech == talked(4.0)


def test_those_that_come_when_the_call_is_over_are_written_too() -> None:
    desk = Desk()
    call = desk.talks()
    measures(desk, call, 4.0)
    desk.clears(call)
    rest = desk.row(call)
    measures(desk, call, 5.5)
    assert desk.row(call).speech == talked(5.5)
    assert (desk.row(call).record, desk.row(call).cleared) == (rest.record, rest.cleared)
    assert len(desk.told("speech.measured")) == 2


def test_the_last_ones_of_a_call_on_hold_are_its_own_not_those_of_the_other() -> None:
    desk = Desk()
    held = desk.talks()
    desk.holds(held)
    second = desk.talks()
    measures(desk, held, 6.0)
    assert desk.view(held).speech == talked(6.0)
    assert desk.view(second).speech == ()


def test_two_lines_keep_theirs_apart() -> None:
    desk = Desk(lines=(L1, L2))
    first, second = desk.talks(L1), desk.talks(L2)
    measures(desk, second, 3.0, L2)
    assert (desk.view(first).speech, desk.view(second).speech) == ((), talked(3.0))


def test_of_a_call_nobody_knows_nothing_is_kept_or_told() -> None:
    desk = Desk()
    call = desk.talks()
    measures(desk, CallId("never"), 4.0)
    desk.clears(call)
    measures(desk, call, 4.0, L2)
    assert desk.told("speech.measured") == []
    assert desk.row(call).speech == ()
