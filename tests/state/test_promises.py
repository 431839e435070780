"""Promises: made after an outbound silent call or by a note, shown when the number rings, handed on."""

from __future__ import annotations

import pytest

from state.commands import NoteCall, SignIn, SignOut
from state.events import CallUpdated
from state.ids import CallId
from state.words import Basis, CallState
from tests.state.driver import AUTO, L1, L2, NUMBER, Desk

SCRIPT = ((1.0, 3.0), (8.5, 10.5), (16.0, 19.0))


def silent_outbound(desk: Desk, until: float) -> CallId:
    """An outbound silent call whose agent says what is due."""
    call = desk.calls_out()
    for begin, end in SCRIPT:
        desk.agent_speaks(begin, end)
    desk.runs_to(until)
    return call


def test_an_outbound_silent_call_owes_a_call_back_once() -> None:
    desk = Desk()
    call = silent_outbound(desk, 22.0)
    desk.clears(call)
    (promise,) = desk.promises()
    assert (promise.number, promise.owner, promise.basis) == (NUMBER, "8001", Basis.SENSED)
    assert promise.record == desk.row(call).record
    assert promise.record != promise.promise
    assert not promise.closed
    assert desk.now.promises == 1
    assert desk.told("promise.made")[0][1]["promise"] == promise.promise


@pytest.mark.parametrize(("until", "owed"), [(5.0, 0), (12.0, 0), (18.0, 0), (20.5, 1), (30.0, 1)])
def test_it_is_owed_once_the_third_utterance_was_said(until: float, owed: int) -> None:
    desk = Desk()
    desk.clears(silent_outbound(desk, until))
    assert len(desk.promises()) == owed


def test_an_inbound_silent_call_owes_nothing() -> None:
    desk = Desk()
    call = desk.talks()
    for begin, end in SCRIPT:
        desk.agent_speaks(begin, end)
    desk.runs_to(22.0)
    desk.clears(call)
    assert desk.promises() == []


@pytest.mark.parametrize("at", [2.0, 12.0, 20.5, 25.0])
def test_a_customer_who_spoke_is_owed_nothing(at: float) -> None:
    desk = Desk()
    call = desk.calls_out()
    for begin, end in SCRIPT:
        desk.agent_speaks(begin, end)
    desk.customer_speaks(at, at + 0.3)
    desk.runs_to(30.0)
    desk.clears(call)
    assert desk.promises() == []


def test_what_the_box_said_counts_too() -> None:
    desk = Desk(AUTO)
    call = desk.calls_out()
    desk.agent_speaks(1.0, 3.0)
    for _ in range(2):
        known = len(desk.line_prompts())
        while len(desk.line_prompts()) == known:
            desk.runs(0.02)
        at, play = desk.line_prompts()[-1]
        desk.plays(play, at + 0.02, at + 3.0)
        desk.runs(3.5)
    desk.runs(3.0)
    desk.clears(call)
    assert len(desk.promises()) == 1


def test_a_hold_between_makes_no_second_promise() -> None:
    desk = Desk()
    call = silent_outbound(desk, 22.0)
    desk.holds(call)
    desk.runs(5.0)
    desk.retrieves(call)
    desk.runs(5.0)
    desk.clears(call)
    assert len(desk.promises()) == 1


# shown when it rings -----------------------------------------------------------------------------


def noted(desk: Desk, subject: str = "send the form", number: str = NUMBER) -> None:
    """A promise made in a call that is over."""
    call = desk.talks(number=number)
    desk.asks(NoteCall(promise_subject=subject, promise_due="tomorrow"))
    desk.clears(call)


def test_what_is_owed_is_shown_while_that_customer_rings() -> None:
    desk = Desk()
    noted(desk)
    desk.runs(60.0)
    call = desk.rings()
    assert desk.cue_names(call) == ["promise.open"]
    cue = desk.now.cue
    assert cue is not None
    assert "send the form" in cue.text


def test_another_customer_sees_nothing_of_it() -> None:
    desk = Desk()
    noted(desk)
    call = desk.rings("10086")
    assert desk.cue_names(call) == []


def test_a_withheld_number_matches_nothing() -> None:
    desk = Desk()
    noted(desk, number="")
    call = desk.rings("")
    assert desk.cue_names(call) == []


def test_a_number_that_is_known_late_shows_it_late() -> None:
    desk = Desk()
    noted(desk)
    call = desk.rings("")
    assert desk.cue_names(call) == []
    desk.tell(CallUpdated(desk.at, L1, L1, call, NUMBER, "李先生"))
    assert desk.cue_names(call) == ["promise.open"]
    desk.tell(CallUpdated(desk.at, L1, L1, call, NUMBER, "李先生"))
    assert desk.cue_names(call) == ["promise.open"]
    assert (desk.row(call).number, desk.row(call).name) == (NUMBER, "李先生")


def test_ringing_on_does_not_show_it_again() -> None:
    desk = Desk(lines=(L1, L2))
    noted(desk)
    call = desk.rings(line=L2)
    from_start = len(desk.cues(call))
    desk.tell_delivered_again(call, L2)
    assert len(desk.cues(call)) == from_start == 1


def test_every_promise_of_the_number_is_shown() -> None:
    desk = Desk()
    noted(desk, "one")
    noted(desk, "two")
    call = desk.rings()
    assert desk.cue_names(call) == ["promise.open", "promise.open"]


def test_an_outbound_call_to_the_number_needs_no_reminder() -> None:
    desk = Desk()
    noted(desk)
    desk.calls_out()
    assert desk.cue_times("promise.open") == []


def test_a_promise_is_gone_from_the_display_with_its_call() -> None:
    desk = Desk()
    noted(desk)
    call = desk.rings()
    desk.clears(call)
    assert desk.now.cue is None


# notes and owners --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "owner"), [("agent", "8001"), ("manager", "manager"), ("second_line", "second_line")]
)
def test_a_promise_has_its_owner(asked: str, owner: str) -> None:
    desk = Desk()
    desk.talks()
    reply = desk.asks(NoteCall(promise_subject="answer", promise_due="18:00", promise_owner=asked), Basis.KEY)
    (promise,) = desk.promises()
    assert (promise.owner, promise.due, promise.subject, promise.basis) == (
        owner,
        "18:00",
        "answer",
        Basis.KEY,
    )
    assert reply is not None
    assert reply.data["promise"] == promise.promise


def test_a_note_without_a_subject_promises_nothing() -> None:
    desk = Desk()
    desk.talks()
    reply = desk.asks(NoteCall(note="x", promise_due="18:00"))
    assert desk.promises() == []
    assert reply is not None
    assert reply.data["promise"] == ""


def test_signing_in_lists_what_is_owed() -> None:
    desk = Desk()
    noted(desk)
    desk.runs(60.0)
    desk.asks(SignOut())
    reply = desk.asks(SignIn("8002"))
    assert reply is not None
    assert reply.data["promises"] == [desk.promises()[0].promise]


def test_signing_out_lists_the_agents_own() -> None:
    desk = Desk()
    noted(desk)
    desk.talks()
    desk.asks(NoteCall(promise_subject="x", promise_owner="manager"))
    reply = desk.asks(SignOut())
    assert reply is not None
    assert reply.data["promises"] == [desk.promises()[0].promise]


def test_promises_are_handed_to_a_named_successor() -> None:
    desk = Desk()
    noted(desk)
    desk.runs(60.0)
    desk.asks(SignOut(successor="8002"))
    handed = desk.promises()[-1]
    assert (handed.owner, handed.promise) == ("8002", desk.promises()[0].promise)
    assert desk.now.promises == 1


def test_others_promises_are_not_handed_on() -> None:
    desk = Desk()
    desk.talks()
    desk.asks(NoteCall(promise_subject="x", promise_owner="manager"))
    desk.asks(SignOut(successor="8002"))
    assert [promise.owner for promise in desk.promises()] == ["manager"]


def test_a_waiting_call_shows_what_is_owed_too() -> None:
    desk = Desk()
    noted(desk)
    desk.talks(number="10086")
    call = desk.rings(state=CallState.WAITING)
    assert desk.cue_names(call) == ["promise.open"]
