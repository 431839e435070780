from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.analysis.measures.figures import Stretches, Taking
from audio.analysis.measures.turns import DEAD_AIR_S, INTERRUPTION_S, TURN_GAP_S
from state.events import CallHeld, CallRetrieved, Event, PromptFinished, PromptStarted
from state.ids import CallId, PromptId
from state.words import Audience
from tests.audio.measures.kit import LINE, Spans, measured

CALL = CallId("c1")
NONE = Taking(0, 0)


def held(began: float, ended: float) -> tuple[Event, ...]:
    return CallHeld(began, "l1", LINE, CALL), CallRetrieved(ended, "l1", LINE, CALL)


def prompt(began: float, ended: float, audience: Audience = Audience.LINE) -> tuple[Event, ...]:
    return (
        PromptStarted(began, "audio", PromptId("p1"), audience, LINE),
        PromptFinished(ended + 0.1, "audio", PromptId("p1"), audience, ended, line=LINE),
    )


def test_a_call_without_a_word() -> None:
    call = measured()
    assert call.near.talk == call.far.talk == Stretches(0, 0.0, 0.0)
    assert call.near.talk.mean_s is None
    assert call.greeting_s is None
    assert (call.overlap.count, call.dead_air.count, call.response.count) == (0, 0, 0)


def test_spurts_are_counted_as_they_were() -> None:
    call = measured(near=[(1.0, 3.0), (5.0, 6.0), (10.0, 16.0)])
    assert call.near.talk.count == 3
    assert call.near.talk.total_s == pytest.approx(9.0)
    assert call.near.talk.mean_s == pytest.approx(3.0)
    assert call.near.talk.longest_s == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("pause_s", "longest_s"), [(TURN_GAP_S - 0.01, 10.0 - 0.01), (TURN_GAP_S + 0.01, 5.2)]
)
def test_a_monologue_has_pauses_in_it(pause_s: float, longest_s: float) -> None:
    call = measured(near=[(1.0, 5.0), (5.0 + pause_s, 10.2 + pause_s)])
    assert call.near.longest_monologue_s == pytest.approx(4.0 + pause_s + 5.2 if longest_s > 6 else longest_s)
    assert call.near.talk.count == 2


def test_a_back_channel_does_not_end_a_monologue() -> None:
    call = measured(near=[(1.0, 10.0), (10.5, 20.0)], far=[(10.1, 10.4)])
    assert call.near.longest_monologue_s == pytest.approx(19.0)


def test_time_to_greeting_is_from_the_answer_to_the_first_near_speech() -> None:
    assert measured(near=[(1.3, 3.0), (8.0, 9.0)], far=[(0.5, 1.0)]).greeting_s == pytest.approx(1.3)
    assert measured(far=[(0.5, 1.0)]).greeting_s is None


def test_overlap_is_the_time_both_speak() -> None:
    call = measured(near=[(1.0, 5.0), (8.0, 12.0)], far=[(4.5, 6.0), (9.0, 9.4)])
    assert call.overlap.count == 2
    assert call.overlap.total_s == pytest.approx(0.9)
    assert call.overlap.longest_s == pytest.approx(0.5)


INTO_EACH_OTHER = {
    "near cuts in and keeps the floor": ([(4.0, 9.0)], [(1.0, 5.5)], Taking(1, 0), NONE),
    "far cuts in and keeps the floor": ([(1.0, 5.5)], [(4.0, 9.0)], NONE, Taking(1, 0)),
    "near says mm": ([(4.0, 4.4)], [(1.0, 9.0)], Taking(0, 1), NONE),
    "far says mm twice": ([(1.0, 12.0)], [(4.0, 4.4), (8.0, 8.3)], NONE, Taking(0, 2)),
    "near begins a little early": ([(4.9, 9.0)], [(1.0, 5.2)], NONE, NONE),
    "near tries long and gives up": ([(4.0, 6.0)], [(1.0, 9.0)], NONE, NONE),
    "both begin at once": ([(4.1, 9.0)], [(4.0, 5.6)], NONE, NONE),
    "both end at once": ([(4.0, 9.1)], [(1.0, 9.0)], NONE, NONE),
    "mm right before the end": ([(8.5, 8.9)], [(1.0, 9.0)], NONE, NONE),
    "one after the other": ([(6.0, 9.0)], [(1.0, 5.0)], NONE, NONE),
    "mm into a pause for breath": ([(5.1, 5.5)], [(1.0, 5.0), (5.7, 9.0)], Taking(0, 1), NONE),
    "a pause for breath is no end": ([(4.0, 9.0)], [(1.0, 4.3), (4.9, 5.6)], Taking(1, 0), NONE),
}


@pytest.mark.parametrize("case", sorted(INTO_EACH_OTHER))
def test_who_talked_into_whose_turn(case: str) -> None:
    near, far, of_near, of_far = INTO_EACH_OTHER[case]
    call = measured(near=near, far=far)
    assert (call.near.taking, call.far.taking) == (of_near, of_far)


@pytest.mark.parametrize(("overlap_s", "count"), [(INTERRUPTION_S - 0.01, 0), (INTERRUPTION_S + 0.01, 1)])
def test_an_interruption_is_long(overlap_s: float, count: int) -> None:
    call = measured(near=[(4.0, 9.0)], far=[(1.0, 4.0 + overlap_s)])
    assert call.near.taking.interruptions == count


@pytest.mark.parametrize(("silence_s", "count"), [(DEAD_AIR_S - 0.01, 0), (DEAD_AIR_S + 0.01, 1)])
def test_dead_air_is_long(silence_s: float, count: int) -> None:
    call = measured(near=[(5.0 + silence_s, 9.0)], far=[(1.0, 5.0)], until=9.0)
    assert call.dead_air.count == count


def test_dead_air_adds_up() -> None:
    call = measured(near=[(10.0, 12.0)], far=[(1.0, 2.0), (17.0, 18.0)], until=18.5)
    assert call.dead_air.count == 2
    assert call.dead_air.total_s == pytest.approx(13.0)
    assert call.dead_air.longest_s == pytest.approx(8.0)


def test_a_silent_call_is_not_dead_air() -> None:
    assert measured(near=[(1.0, 3.0)], until=30.0).dead_air.count == 0


def test_silence_that_goes_on_is_dead_air_already() -> None:
    assert measured(far=[(1.0, 2.0)], until=12.0).dead_air.longest_s == pytest.approx(10.0)


def test_a_wait_is_not_dead_air_and_what_is_said_in_it_is_not_said_in_the_call() -> None:
    call = measured(near=[(3.0, 4.0), (20.0, 22.0)], far=[(1.0, 2.0)], others=held(5.0, 30.0), until=32.0)
    assert call.dead_air.count == 0
    assert call.near.talk.total_s == pytest.approx(1.0)


def test_a_wait_cuts_what_is_being_said() -> None:
    call = measured(near=[(3.0, 12.0)], far=[(1.0, 2.0)], others=held(5.0, 10.0))
    assert call.near.talk == Stretches(2, 4.0, 2.0)


def test_dead_air_begins_again_after_a_wait() -> None:
    call = measured(near=[(14.0, 15.0)], far=[(1.0, 2.0)], others=held(3.0, 10.0), until=15.0)
    assert call.dead_air == Stretches(1, 4.0, 4.0)


def test_a_prompt_to_the_line_is_not_dead_air() -> None:
    quiet = measured(far=[(1.0, 2.0)], others=prompt(3.0, 9.0), until=10.0)
    assert quiet.dead_air.count == 0
    cued = measured(far=[(1.0, 2.0)], others=prompt(3.0, 9.0, Audience.AGENT), until=10.0)
    assert cued.dead_air.count == 1


def test_response_is_from_the_end_of_far_to_the_begin_of_near() -> None:
    call = measured(near=[(2.5, 4.0), (9.0, 10.0)], far=[(1.0, 2.0), (5.0, 7.0)])
    assert call.response.count == 2
    assert call.response.total_s == pytest.approx(2.5)
    assert call.response.longest_s == pytest.approx(2.0)
    assert call.response.mean_s == pytest.approx(1.25)


def test_going_on_is_no_response() -> None:
    assert measured(near=[(3.0, 4.0), (6.0, 7.0)], far=[(1.0, 2.0)]).response.count == 1


def test_what_was_said_before_a_wait_is_not_answered_after_it() -> None:
    call = measured(near=[(20.0, 22.0)], far=[(1.0, 2.0)], others=held(4.0, 18.0))
    assert call.response.count == 0


def spans() -> st.SearchStrategy[list[tuple[float, float]]]:
    """Speech as a detector finds it: in steps of 20 ms, with pauses over its hang-over."""

    def laid_out(lengths: list[tuple[int, int]]) -> list[tuple[float, float]]:
        found, at = [], 25
        for pause, length in lengths:
            found.append(((at + pause) * 0.02, (at + pause + length) * 0.02))
            at += pause + length
        return found

    return st.lists(st.tuples(st.integers(16, 300), st.integers(5, 200)), max_size=8).map(laid_out)


def covered(pieces: Spans, at: float) -> bool:
    return any(began <= at < ended for began, ended in pieces)


@given(spans(), spans())
def test_sums_are_those_of_counting_every_frame(near: Spans, far: Spans) -> None:
    until = max((0.0, *(ended for _, ended in (*near, *far)))) + 0.5
    call = measured(near, far, until)
    moments = [(number + 0.5) * 0.02 for number in range(round(until / 0.02))]
    both = sum(covered(near, at) and covered(far, at) for at in moments) * 0.02
    assert call.overlap.total_s == pytest.approx(both, abs=1e-6)
    assert call.near.talk.total_s == pytest.approx(sum(e - b for b, e in near), abs=1e-6)
    assert call.far.talk.total_s == pytest.approx(sum(e - b for b, e in far), abs=1e-6)
    assert call.near.talk.count == len(near)
    assert call.near.longest_monologue_s <= (near[-1][1] - near[0][0] if near else 0.0) + 1e-6


@given(spans(), spans(), st.booleans())
def test_no_block_size_changes_anything(near: Spans, far: Spans, waits: bool) -> None:
    until = max((0.0, *(ended for _, ended in (*near, *far)))) + 0.5
    others = held(until / 3, until / 2) if waits else ()
    plain = measured(near, far, until, others, block_s=0.02)
    for block_s in (0.01, 0.37, 2.0, 100.0):
        assert measured(near, far, until, others, block_s=block_s) == plain


@given(spans(), spans())
def test_the_sides_are_treated_alike(near: Spans, far: Spans) -> None:
    one, other = measured(near, far), measured(far, near)
    assert (one.near, one.far, one.overlap) == (other.far, other.near, other.overlap)
