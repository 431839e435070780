"""What an app may tell of its calls: every report in every state is taken, or refused without a trace."""

from __future__ import annotations

import typing
from typing import Any

import pytest

from callseat.api.errors import RequestError
from callseat.api.line_params import MAX_CALLS, Ability, EndCause, Happening
from callseat.app_lines.book import MEMBERS, MOVES, Book
from callseat.app_lines.verbs import VERBS
from state.abilities import ABILITY
from state.commands import LineCommand
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CallSeen,
    CallUpdated,
)
from state.words import By, CallState, Cause, Direction
from tests.callseat.app_lines.kit import LINE, register, report, up

WAYS: dict[CallState, list[tuple[str, dict[str, Any]]]] = {
    CallState.IDLE: [],
    CallState.DIALING: [("originated", {"number": "10086"})],
    CallState.RINGBACK: [("originated", {"number": "10086"}), ("delivered", {"state": "ringback"})],
    CallState.RINGING: [("delivered", {"state": "ringing"})],
    CallState.WAITING: [("delivered", {"state": "waiting"})],
    CallState.CONNECTED: [("delivered", {"state": "ringing"}), ("established", {})],
    CallState.HELD: [("delivered", {"state": "ringing"}), ("established", {}), ("held", {})],
}
"""How a call gets into each state."""
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "originated": ("originated", {"number": "10086"}),
    "ringback": ("delivered", {"state": "ringback"}),
    "ringing": ("delivered", {"state": "ringing"}),
    "waiting": ("delivered", {"state": "waiting"}),
    **{event: (event, {}) for event in ("established", "held", "retrieved", "cleared", "failed", "updated")},
}
TOLD = {
    "originated": CallOriginated,
    "ringback": CallDelivered,
    "ringing": CallDelivered,
    "waiting": CallDelivered,
    "established": CallEstablished,
    "held": CallHeld,
    "retrieved": CallRetrieved,
    "cleared": CallCleared,
    "failed": CallFailed,
}


def book_with(state: CallState) -> Book:
    """A book with call `a` in this state."""
    book = Book(LINE)
    for event, members in WAYS[state]:
        book.report(report(event, "a", **members), 1.0)
    assert [call.state for call in book.calls.values()] == ([] if state is CallState.IDLE else [state])
    return book


@pytest.mark.parametrize("step", sorted(MOVES))
@pytest.mark.parametrize("state", WAYS)
def test_every_report_in_every_state_is_taken_or_refused_without_a_trace(state: CallState, step: str) -> None:
    book, (event, members) = book_with(state), STEPS[step]
    after = MOVES[step].get(state)
    if after is None:
        before = book.seen()
        with pytest.raises(RequestError) as refused:
            book.report(report(event, "a", **members), 2.0)
        assert refused.value.kind == ("no_such_call" if state is CallState.IDLE else "invalid_state")
        assert book.seen() == before
        return
    call, told = book.report(report(event, "a", **members), 2.0)
    assert call.state is after
    assert [type(each) for each in told] == ([] if after is state else [TOLD[step]])
    assert ("a" in book.calls) is (after not in (CallState.IDLE, CallState.FAILED))


def test_the_tables_know_every_word_of_the_socket() -> None:
    assert set(MEMBERS) == set(typing.get_args(Happening))
    assert set(MOVES) == set(MEMBERS) - {"delivered", "muted"} | {"ringing", "waiting", "ringback"}
    assert set(VERBS) == set(typing.get_args(LineCommand))
    assert set(ABILITY.values()) | {"waiting"} == set(typing.get_args(Ability))
    assert set(typing.get_args(EndCause)) == set(Cause) - {Cause.LINE_LOST, Cause.INTERRUPTED}


@pytest.mark.parametrize(
    ("event", "members", "message"),
    [
        ("originated", {"call": "a"}, "originated needs number"),
        ("delivered", {"call": "a"}, "delivered needs state"),
        ("delivered", {}, "delivered needs call, state"),
        ("established", {"call": "a", "cause": "busy"}, "established takes no cause"),
        ("held", {"call": "a", "number": "1", "name": "x"}, "held takes no name, number"),
        ("cleared", {"call": "a", "state": "ringing"}, "cleared takes no state"),
        ("updated", {"number": "1"}, "updated needs call"),
    ],
)
def test_members_of_another_event_are_refused(event: str, members: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message) as refused:
        Book(LINE).report(report(event, **members), 1.0)
    assert refused.value.kind == "invalid_params"


def test_a_call_from_ring_to_end_as_the_seat_is_told() -> None:
    book = Book(LINE)
    reports = (
        report("delivered", "a", state="ringing", number="13800138000"),
        report("updated", "a", name="王女士"),
        report("established", "a"),
        report("cleared", "a", cause="normal_clearing", by="remote"),
    )
    told = [event for each in reports for event in book.report(each, 3.0)[1]]
    where = (3.0, LINE, LINE, "softphone-1")
    assert told == [
        CallDelivered(*where, CallState.RINGING, Direction.INBOUND, "13800138000"),
        CallUpdated(*where, "", "王女士"),
        CallEstablished(*where),
        CallCleared(*where, Cause.NORMAL_CLEARING, By.REMOTE),
    ]


def test_what_is_not_said_of_an_end_stays_unknown() -> None:
    _, (told,) = book_with(CallState.DIALING).report(report("failed", "a"), 1.0)
    assert isinstance(told, CallFailed)
    assert (told.cause, told.by) == (Cause.UNKNOWN, By.UNKNOWN)


def test_a_ring_told_again_with_the_number_is_news_and_without_it_none() -> None:
    book = book_with(CallState.RINGING)
    _, nothing = book.report(report("delivered", "a", state="ringing"), 1.0)
    _, (news,) = book.report(report("delivered", "a", state="ringing", number="10086"), 1.0)
    assert (nothing, news) == ([], CallUpdated(1.0, LINE, LINE, "softphone-1", "10086"))


def test_a_name_used_again_is_another_call_of_the_seat() -> None:
    book = book_with(CallState.CONNECTED)
    book.report(report("cleared", "a"), 2.0)
    again, _ = book.report(report("delivered", "a", state="ringing"), 3.0)
    assert again.id == "softphone-2"


def test_a_line_has_a_bounded_number_of_calls() -> None:
    book = Book(LINE)
    for number in range(MAX_CALLS):
        book.report(report("delivered", f"c{number}", state="waiting"), 1.0)
    with pytest.raises(RequestError) as refused:
        book.report(report("delivered", "one more", state="waiting"), 1.0)
    assert (refused.value.kind, len(book.calls)) == ("busy", MAX_CALLS)


def test_a_list_ends_what_is_not_in_it_and_names_the_rest() -> None:
    book = book_with(CallState.CONNECTED)
    seen, ends = book.listed(register(calls=[up("b", "held", "outbound", "10086")]).calls or (), 4.0)
    assert seen == (CallSeen("softphone-2", CallState.HELD, Direction.OUTBOUND, "10086"),)
    assert ends == [CallCleared(4.0, LINE, LINE, "softphone-1", Cause.UNKNOWN)]


@pytest.mark.parametrize(
    ("calls", "kind"),
    [
        ([up("a"), up("a")], "invalid_params"),
        ([up("b", "ringing", "outbound")], "invalid_params"),
        ([up("b", "dialing", "inbound")], "invalid_params"),
        ([up("a", "connected", "outbound")], "invalid_state"),
        ([up("a", "ringing")], "invalid_state"),
    ],
)
def test_a_list_that_cannot_be_is_refused_whole(calls: list[dict[str, str]], kind: str) -> None:
    book = book_with(CallState.CONNECTED)
    with pytest.raises(RequestError) as refused:
        book.listed(register(calls=calls).calls or (), 4.0)
    assert refused.value.kind == kind
    assert [each.call for each in book.seen()] == ["softphone-1"]


def test_a_call_that_rang_is_not_listed_as_dialled_again() -> None:
    book = book_with(CallState.RINGBACK)
    with pytest.raises(RequestError, match="was ringback already"):
        book.listed(register(calls=[up("a", "dialing", "outbound")]).calls or (), 4.0)


def test_calls_of_a_lost_app_are_marked() -> None:
    book = book_with(CallState.HELD)
    assert book.lost(5.0) == [CallCleared(5.0, LINE, LINE, "softphone-1", Cause.LINE_LOST)]
    assert book.calls == {}
