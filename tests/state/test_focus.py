"""Who owns headset, ringer and guide among any calls, and the lamps that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.call import ENGAGED, OFFERED, Call
from state.commands import Lamps
from state.desk import Desk
from state.focus import Focus, focus_of, lamps_of
from state.ids import CallId, LineId
from state.settings import SeatSettings
from state.words import CallState, Direction

_DESK = Desk(SeatSettings())


@dataclass(frozen=True)
class Given:
    """A call as these tests need it."""

    state: CallState
    since: float = 0.0
    pending: str = ""


def call(given_: Given, number: int = 1) -> Call:
    """A call in that state."""
    made = Call(_DESK, LineId("l1"), CallId(f"l1-{number}"), Direction.INBOUND)
    made.state, made.since, made.pending = given_.state, given_.since, given_.pending
    return made


def owners(*calls: Given) -> tuple[Focus, list[Call]]:
    """The focus among calls, and the calls."""
    made = [call(each, number) for number, each in enumerate(calls)]
    return focus_of(made), made


_C = CallState


def test_nobody_owns_anything_without_calls() -> None:
    assert focus_of([]) == Focus()
    assert lamps_of(Focus(), muted=False) == Lamps()


@pytest.mark.parametrize(
    ("better", "worse"),
    [(_C.CONNECTED, _C.DIALING), (_C.DIALING, _C.RINGBACK), (_C.RINGBACK, _C.HELD), (_C.CONNECTED, _C.HELD)],
)
def test_the_headset_prefers_talking_to_dialling_to_holding(better: CallState, worse: CallState) -> None:
    focus, calls = owners(Given(worse, since=9.0), Given(better, since=1.0))
    assert focus.headset is calls[1]


@pytest.mark.parametrize("state", sorted(ENGAGED))
def test_among_equals_the_newest_owns_the_headset(state: CallState) -> None:
    focus, calls = owners(Given(state, 1.0), Given(state, 5.0), Given(state, 3.0))
    assert focus.headset is calls[1]


@pytest.mark.parametrize("state", sorted(OFFERED))
def test_the_oldest_offer_rings(state: CallState) -> None:
    focus, calls = owners(Given(state, 5.0), Given(state, 2.0))
    assert focus.ringing is calls[1]
    assert focus.headset is None


def test_an_offer_being_answered_owns_the_headset_and_rings_no_more() -> None:
    focus, calls = owners(Given(_C.RINGING, 1.0, "answer"))
    assert (focus.headset, focus.ringing) == (calls[0], None)
    assert lamps_of(focus, muted=False) == Lamps(off_hook=True)


def test_an_offer_being_refused_neither_rings_nor_owns() -> None:
    focus, _ = owners(Given(_C.RINGING, 1.0, "reject"))
    assert (focus.headset, focus.ringing) == (None, None)


def test_a_call_being_ended_is_on_hook_already() -> None:
    focus, _ = owners(Given(_C.CONNECTED, 1.0, "hang_up"))
    assert not lamps_of(focus, muted=False).off_hook


@pytest.mark.parametrize("state", CallState)
def test_only_a_connected_call_is_guided(state: CallState) -> None:
    focus, calls = owners(Given(state))
    assert focus.guide is (calls[0] if state is _C.CONNECTED else None)


def test_the_newest_held_call_is_the_one_retrieved() -> None:
    focus, calls = owners(Given(_C.HELD, 1.0), Given(_C.HELD, 4.0), Given(_C.CONNECTED, 5.0))
    assert focus.held is calls[1]


LAMPS = {
    _C.IDLE: Lamps(),
    _C.FAILED: Lamps(),
    _C.DIALING: Lamps(off_hook=True),
    _C.RINGBACK: Lamps(off_hook=True),
    _C.RINGING: Lamps(ring=True),
    _C.WAITING: Lamps(ring=True),
    _C.CONNECTED: Lamps(off_hook=True, microphone=True),
    _C.HELD: Lamps(off_hook=True, hold=True),
}


@pytest.mark.parametrize("state", CallState)
def test_the_lamps_of_one_call(state: CallState) -> None:
    focus, _ = owners(Given(state))
    assert lamps_of(focus, muted=False) == LAMPS[state]


@pytest.mark.parametrize("state", CallState)
def test_muted_lights_its_lamp_and_darkens_the_microphone(state: CallState) -> None:
    focus, _ = owners(Given(state))
    lamps = lamps_of(focus, muted=True)
    assert lamps.mute
    assert not lamps.microphone


@pytest.mark.parametrize(("one", "two"), list(product(CallState, repeat=2)))
def test_the_owners_of_two_calls_are_of_the_right_kind(one: CallState, two: CallState) -> None:
    focus, _ = owners(Given(one, 1.0), Given(two, 2.0))
    assert (focus.headset is None) == (not {one, two} & ENGAGED)
    assert (focus.ringing is None) == (not {one, two} & OFFERED)
    assert (focus.guide is None) == (_C.CONNECTED not in (one, two))
    assert (focus.held is None) == (_C.HELD not in (one, two))


GIVEN = st.builds(
    Given,
    st.sampled_from(CallState),
    st.floats(0.0, 100.0),
    st.sampled_from(["", "answer", "reject", "hang_up"]),
)


@given(st.lists(GIVEN, max_size=6))
def test_the_same_calls_always_give_the_same_owners(calls: list[Given]) -> None:
    made = [call(each, number) for number, each in enumerate(calls)]
    focus = focus_of(made)
    assert focus == focus_of(made)
    if focus.guide is not None:
        assert focus.guide is focus.headset
    if focus.ringing is not None:
        assert not focus.ringing.pending
        assert focus.ringing is not focus.headset
