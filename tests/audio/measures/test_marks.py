from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audio.analysis.measures.marks import MOST_WAITING, Mark, MarkKind, Sorter
from state.words import Channel

BEGAN, ENDED, WAIT = MarkKind.SPEECH_BEGAN, MarkKind.SPEECH_ENDED, MarkKind.WAIT_BEGAN


def taken(marks: list[Mark], horizon: float) -> list[Mark]:
    sorter = Sorter()
    for mark in marks:
        sorter.push(mark)
    return list(sorter.until(horizon))


def test_marks_come_in_the_order_of_their_times() -> None:
    late, early = Mark(2.0, BEGAN, Channel.NEAR), Mark(1.0, BEGAN, Channel.FAR)
    assert taken([late, early], 5.0) == [early, late]


def test_a_mark_beyond_the_horizon_waits() -> None:
    sorter = Sorter()
    sorter.push(Mark(2.0, WAIT))
    assert list(sorter.until(1.9)) == []
    assert list(sorter.until(2.0)) == [Mark(2.0, WAIT)]
    assert list(sorter.until(9.0)) == []


def test_of_one_moment_ends_come_before_begins() -> None:
    marks = [Mark(1.0, BEGAN, Channel.FAR), Mark(1.0, WAIT), Mark(1.0, ENDED, Channel.NEAR)]
    assert [mark.kind for mark in taken(marks, 1.0)] == [ENDED, WAIT, BEGAN]


def test_both_sides_at_one_moment_come_in_one_order() -> None:
    near, far = Mark(1.0, BEGAN, Channel.NEAR), Mark(1.0, BEGAN, Channel.FAR)
    assert taken([near, far], 1.0) == taken([far, near], 1.0)


def test_what_nobody_releases_does_not_pile_up() -> None:
    sorter = Sorter()
    marks = [Mark(float(number), WAIT) for number in range(3 * MOST_WAITING)]
    kept = 0
    for mark in marks:
        sorter.push(mark)
        kept += 1 - len(list(sorter.until(-1.0)))
        assert kept <= MOST_WAITING
    assert list(sorter.until(1e9)) == marks[-MOST_WAITING:]


@given(st.lists(st.floats(0.0, 100.0), max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_forgotten(times: list[float], chance: st.DataObject) -> None:
    marks = [Mark(at, BEGAN, Channel.NEAR) for at in times]
    mixed = list(marks)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random
    assert taken(marks, 50.0) == taken(mixed, 50.0)
