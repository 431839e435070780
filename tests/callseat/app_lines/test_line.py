"""One line of an app: what is asked of it, and each request's one end."""

from __future__ import annotations

import pytest

from callseat.api.errors import RequestError
from callseat.app_lines.line import COMMAND_S, MAX_PENDING, AppLine, Order
from callseat.app_lines.rate import BURST, PER_S
from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    Join,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    SetMute,
    Swap,
    Transfer,
)
from state.events import (
    CallCleared,
    CallSeen,
    CommandCompleted,
    EffectFailed,
    LineInService,
    LineMuteReported,
    LineOutOfService,
)
from state.ids import CallId
from state.words import CallState, Cause, Direction
from tests.callseat.app_lines.kit import LINE, done, register, report, up

ONE = CallId("softphone-1")


def line_with(*calls: dict[str, str], abilities: tuple[str, ...] = ()) -> AppLine:
    """A registered line with these calls."""
    line = AppLine(LINE)
    line.register(register(*abilities, calls=list(calls)), "client-1", 1.0)
    return line


def order_of(line: AppLine, command: LineCommand, at: float = 2.0) -> Order:
    """The request, which is put to the app."""
    order, events = line.request(command, at)
    assert order is not None
    assert events == []
    return order


def test_registering_is_a_line_in_service_with_its_calls() -> None:
    line = AppLine(LINE)
    told = line.register(register("answer", "dial", calls=[up("a", number="10086")]), "client-1", 1.0)
    seen = (CallSeen(ONE, CallState.CONNECTED, Direction.INBOUND, "10086"),)
    assert told == [LineInService(1.0, LINE, LINE, frozenset({"answer", "dial"}), seen)]
    assert line.client == "client-1"


def test_registering_again_without_calls_leaves_them_as_they_are() -> None:
    line = line_with(up("a"))
    assert line.register(register("answer"), "client-1", 2.0) == [
        LineInService(2.0, LINE, LINE, frozenset({"answer"}), None)
    ]
    cleared, serving = line.register(register("answer", calls=[]), "client-1", 3.0)
    assert isinstance(cleared, CallCleared)
    assert serving == LineInService(3.0, LINE, LINE, frozenset({"answer"}), ())


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Answer(ONE), {"command": "answer", "call": "a"}),
        (Reject(ONE), {"command": "reject", "call": "a"}),
        (HangUp(ONE), {"command": "hang_up", "call": "a"}),
        (Dial("10086", LINE, "王女士", "快递"), {"command": "dial", "number": "10086"}),
        (Retrieve(ONE), {"command": "retrieve", "call": "a"}),
        (Join(ONE), {"command": "join", "call": "a"}),
        (SendDigits("12#", ONE), {"command": "send_digits", "call": "a", "digits": "12#"}),
        (SetMute(True), {"command": "set_mute", "muted": True}),
        (Transfer("10086", ONE), {"command": "transfer", "call": "a", "number": "10086"}),
        (CompleteTransfer(ONE), {"command": "complete_transfer", "call": "a"}),
    ],
)
def test_the_app_is_told_in_its_own_names(command: LineCommand, words: dict[str, object]) -> None:
    line = line_with(up("a", "waiting"))
    assert order_of(line, command).params(LINE) == {"line": LINE, "id": 1, **words}


@pytest.mark.parametrize(
    ("command", "before", "proof"),
    [
        (Answer(ONE), "ringing", report("established", "a")),
        (Reject(ONE), "ringing", report("failed", "a", cause="rejected")),
        (HangUp(ONE), "connected", report("cleared", "a", by="local")),
        (Hold(ONE), "connected", report("held", "a")),
        (Retrieve(ONE), "held", report("retrieved", "a")),
        (Swap(ONE), "connected", report("held", "a")),
        (Join(ONE), "held", report("retrieved", "a")),
        (Transfer("10086", ONE), "connected", report("cleared", "a", cause="transfer")),
        (CompleteTransfer(ONE), "connected", report("cleared", "a", cause="transfer")),
    ],
)
@pytest.mark.parametrize("order", ["report first", "done first", "no done"])
def test_a_command_about_a_call_is_done_when_the_call_is_reported_so(
    command: LineCommand, before: str, proof: object, order: str
) -> None:
    line = line_with(up("a", before))
    number = order_of(line, command).id
    if order == "done first":
        assert line.done(done(number), 2.5) == []
        assert line.pending
    line.report(proof, 3.0)  # type: ignore[arg-type] - the table holds reports
    assert line.pending == {}
    if order == "report first":
        assert line.done(done(number), 3.5) == []
    assert (line.next_deadline(), line.advance(99.0)) == (None, [])


def test_a_dialled_call_is_done_when_it_is_reported_to_begin() -> None:
    line = line_with()
    first, second = order_of(line, Dial("10086")), order_of(line, Dial("110"))
    line.report(report("originated", "a", number="10086"), 3.0)
    assert set(line.pending) == {second.id}
    assert line.done(done(first.id), 3.0) == []


@pytest.mark.parametrize(("command", "call"), [(SendDigits("1", ONE), ONE), (SetMute(True), None)])
def test_what_no_call_shows_is_done_by_the_apps_word(command: LineCommand, call: CallId | None) -> None:
    line = line_with(up("a"))
    assert line.done(done(order_of(line, command).id), 3.0) == [
        CommandCompleted(3.0, LINE, "CallCommand", LINE, call)
    ]
    assert line.pending == {}


def test_what_is_so_already_is_not_asked_for() -> None:
    """The app held by itself, and the seat has not decided the report yet."""
    line = line_with(up("a"))
    line.report(report("held", "a"), 2.0)
    assert line.request(Hold(ONE), 2.0) == (None, [])
    assert line.pending == {}


def test_a_refusal_is_told_with_the_apps_words() -> None:
    line = line_with(up("a"))
    number = order_of(line, Hold(ONE)).id
    assert line.done(done(number, ok=False, kind="not_supported", message="no hold here"), 3.0) == [
        EffectFailed(3.0, LINE, "CallCommand", LINE, "not_supported", ONE, "no hold here")
    ]
    assert line.done(done(number, ok=False), 4.0) == []


def test_an_app_that_says_nothing_or_does_nothing_has_failed() -> None:
    line = line_with(up("a"))
    order_of(line, HangUp(ONE), 2.0)
    said = order_of(line, Hold(ONE), 3.0)
    line.done(done(said.id), 3.5)
    assert line.next_deadline() == 2.0 + COMMAND_S
    (silent,) = line.advance(2.0 + COMMAND_S)
    (lied,) = line.advance(3.0 + COMMAND_S)
    assert isinstance(silent, EffectFailed)
    assert isinstance(lied, EffectFailed)
    assert (silent.reason, silent.detail) == ("timeout", "the app did not answer")
    assert (lied.reason, lied.detail) == ("device_error", "said to be done, but the call did not change")
    assert line.pending == {}


def test_a_softphone_that_would_not_mute_is_as_it_was() -> None:
    line = line_with(up("a"))
    line.report(report("muted", muted=False), 2.0)
    failed, mute = line.done(done(order_of(line, SetMute(True)).id, ok=False), 3.0)
    assert isinstance(failed, EffectFailed)
    assert mute == LineMuteReported(3.0, LINE, LINE, False)


def test_a_softphones_mute_is_told_and_ends_the_request_for_it() -> None:
    line = line_with(up("a"))
    order_of(line, SetMute(True))
    assert line.report(report("muted", muted=False), 3.0) == (
        None,
        [LineMuteReported(3.0, LINE, LINE, False)],
    )
    assert len(line.pending) == 1
    assert line.report(report("muted", muted=True), 3.0) == (None, [LineMuteReported(3.0, LINE, LINE, True)])
    assert line.pending == {}


def test_requests_about_a_call_end_with_it() -> None:
    line = line_with(up("a"), up("b", "held"))
    order_of(line, Hold(ONE))
    order_of(line, Retrieve(CallId("softphone-2")))
    line.report(report("cleared", "a"), 3.0)
    assert [order.verb.word for order in line.pending.values()] == ["retrieve"]


@pytest.mark.parametrize("command", [Answer(ONE), SetMute(True), Dial("10086")])
def test_what_an_app_cannot_do_it_is_not_asked(command: LineCommand) -> None:
    order, (failed,) = line_with(up("a"), abilities=("hold", "retrieve")).request(command, 2.0)
    assert order is None
    assert isinstance(failed, EffectFailed)
    assert failed.reason == "not_supported"


def test_a_call_that_is_over_cannot_be_asked_about() -> None:
    order, (failed,) = line_with().request(HangUp(ONE), 2.0)
    assert order is None
    assert failed == EffectFailed(2.0, LINE, "CallCommand", LINE, "no_such_call", ONE)


def test_an_app_has_a_bounded_number_of_requests_before_it() -> None:
    line = line_with(up("a"))
    for _ in range(MAX_PENDING):
        order_of(line, SendDigits("1", ONE))
    order, (failed,) = line.request(SendDigits("1", ONE), 2.0)
    assert order is None
    assert isinstance(failed, EffectFailed)
    assert failed.reason == "busy"


def test_a_lost_app_fails_its_requests_marks_its_calls_and_is_out_of_service() -> None:
    line = line_with(up("a"), up("b", "held"))
    order_of(line, Hold(ONE))
    two = CallId("softphone-2")
    assert line.lose(4.0, "gone") == [
        EffectFailed(4.0, LINE, "CallCommand", LINE, "line_out_of_service", ONE),
        CallCleared(4.0, LINE, LINE, ONE, Cause.LINE_LOST),
        CallCleared(4.0, LINE, LINE, two, Cause.LINE_LOST),
        LineOutOfService(4.0, LINE, LINE, "gone"),
    ]
    assert (line.client, line.pending) == ("", {})
    assert line.request(Answer(ONE), 5.0) == (
        None,
        [EffectFailed(5.0, LINE, "CallCommand", LINE, "line_out_of_service", ONE)],
    )


def test_digits_an_app_quotes_in_its_refusal_are_told_nobody() -> None:
    line = line_with(up("a"))
    number = order_of(line, SendDigits("8642", ONE)).id
    (failed,) = line.done(done(number, ok=False, message="cannot send 8642"), 3.0)
    assert isinstance(failed, EffectFailed)
    assert failed.detail == ""


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (done(1), "was asked no command 1"),
        (done(1, ok=True, kind="busy"), "ok = false only"),
        (done(1, ok=True, message="fine"), "ok = false only"),
    ],
)
def test_an_outcome_of_nothing_asked_is_refused(told: object, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        line_with().done(told, 2.0)  # type: ignore[arg-type] - the table holds outcomes


def test_a_flood_is_refused_and_the_line_is_told_of_again_a_little_later() -> None:
    line = line_with(up("a"))
    for _ in range(BURST - 1):  # registering was one
        line.report(report("muted", muted=True), 1.0)
    for _ in range(1000):
        with pytest.raises(RequestError, match="more than 20 things a second") as refused:
            line.report(report("muted", muted=True), 1.0)
        assert refused.value.kind == "busy"
    line.report(report("muted", muted=True), 1.0 + 1 / PER_S)
