"""Who may be which line, and what the seat makes of an app's calls: the real core, virtual time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callseat.api.errors import RequestError
from callseat.app_lines.line import COMMAND_S
from callseat.app_lines.switch import MAX_LINES, MAX_NAMES
from state.commands import Answer, Dial, HangUp, Hold, SendDigits, SetMute, SignIn, Swap, Transfer
from state.ids import LineId
from tests.callseat.app_lines.kit import EVERYTHING, LINE, up
from tests.callseat.app_lines.seat import LineSeat
from tests.callseat.runtime.seat_kit import run
from tests.virtual import passes

ME, OTHER = "client-1", "client-2"


def register(seat: LineSeat, client: str = ME, line: str = LINE, **params: object) -> object:
    return seat.serve(
        client, "line.register", **{"line": line, "app": "Acme", "capabilities": [*EVERYTHING], **params}
    )


def tell(seat: LineSeat, event: str, call: str | None = None, client: str = ME, **members: object) -> object:
    named = {} if call is None else {"call": call}
    return seat.serve(client, "line.report", event=event, **named, **members)


def refusal(ask: Callable[[], object]) -> RequestError:
    with pytest.raises(RequestError) as refused:
        ask()
    return refused.value


def on_seat(test: Callable[[LineSeat], None], **more: object) -> None:
    async def main() -> None:
        test(LineSeat(**more))  # type: ignore[arg-type] - the names of the constructor

    run(main())


# names -------------------------------------------------------------------------------------------


def test_a_configured_line_is_there_before_its_app_is() -> None:
    def test(seat: LineSeat) -> None:
        assert (seat.line().in_service, seat.line().reason) == (False, "gone")
        register(seat, capabilities=["answer"])
        assert (seat.line().in_service, seat.line().capabilities) == (True, ("answer",))
        seat.serve(ME, "line.unregister")
        assert (seat.line().in_service, seat.line().reason) == (False, "gone")

    on_seat(test)


def test_a_free_name_is_a_line_while_its_app_is_there() -> None:
    def test(seat: LineSeat) -> None:
        assert seat.line("laptop") is None
        register(seat, line="laptop")
        assert seat.line("laptop").in_service
        seat.left(ME)
        assert not seat.line("laptop").in_service

    on_seat(test)


def test_a_held_name_is_refused_with_its_holder() -> None:
    def test(seat: LineSeat) -> None:
        register(seat)
        for ask in (
            lambda: register(seat, OTHER, app="Rival"),
            lambda: tell(seat, "muted", client=OTHER, muted=True),
            lambda: seat.serve(OTHER, "line.unregister"),
            lambda: seat.serve(OTHER, "line.done", command=1, ok=True),
        ):
            error = refusal(ask)
            assert (error.kind, error.data) == ("held", {"holder": "Acme"})
        assert seat.line().in_service
        seat.left(ME)
        register(seat, OTHER, app="Rival")
        assert seat.lines.health() == {LINE: {"app": "Rival", "calls": 0, "requests": 0}}

    on_seat(test)


def test_names_of_the_seats_own_lines_and_headsets_are_not_for_apps() -> None:
    def test(seat: LineSeat) -> None:
        for name in ("desk", "headset"):
            error = refusal(lambda name=name: register(seat, line=name))
            assert (error.kind, error.data) == ("held", {"holder": "callseat"})
        assert seat.line("desk") is None

    on_seat(test, taken=("desk", "headset"))


def test_what_is_not_registered_cannot_tell() -> None:
    def test(seat: LineSeat) -> None:
        for method, params in (
            ("line.report", {"event": "muted", "muted": True}),
            ("line.done", {"command": 1, "ok": True}),
            ("line.unregister", {}),
        ):
            error = refusal(lambda method=method, params=params: seat.serve(ME, method, **params))
            assert (error.kind, error.message) == ("not_held", "register line softphone first")

    on_seat(test)


def test_one_app_has_a_bounded_number_of_lines_and_a_run_of_names() -> None:
    def test(seat: LineSeat) -> None:
        for number in range(MAX_LINES):
            register(seat, line=f"a{number}")
        assert refusal(lambda: register(seat, line="one-more")).kind == "busy"
        for number in range(MAX_NAMES - MAX_LINES):
            register(seat, f"b{number}", line=f"b{number}")
            seat.left(f"b{number}")
        for number in range(1000):
            error = refusal(lambda number=number: register(seat, f"c{number}", line=f"c{number}"))
            assert "names of lines were used" in error.message
        register(seat, OTHER, line="b0")
        assert len(seat.core.snapshot().lines) == 1 + MAX_NAMES
        register(seat, "b1000")  # what is configured has its place in any case
        assert seat.line().in_service

    on_seat(test)


# calls -------------------------------------------------------------------------------------------


def test_a_call_of_an_app_is_a_call_of_the_seat() -> None:
    def test(seat: LineSeat) -> None:
        register(seat)
        assert tell(seat, "delivered", "a", state="ringing", number="10086") == {"call": "softphone-1"}
        assert seat.states() == {"softphone-1": "ringing"}
        seat.ask(Answer())
        assert seat.commands[ME] == [{"line": LINE, "id": 1, "command": "answer", "call": "a"}]
        assert seat.replies == []
        tell(seat, "established", "a")
        assert [(reply.kind, reply.data) for reply in seat.replies] == [("", {"call": "softphone-1"})]
        tell(seat, "cleared", "a", by="remote", cause="normal_clearing")
        assert seat.states() == {}
        assert seat.topics[-1] == "call.cleared"

    on_seat(test)


def test_a_refusal_of_the_app_is_the_answer_to_who_asked() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a")])
        seat.ask(Hold())
        seat.serve(ME, "line.done", command=1, ok=False, kind="not_supported", message="no hold here")
        (reply,) = seat.replies
        assert (reply.kind, reply.message) == ("not_supported", "not_supported: no hold here")
        assert seat.core.snapshot().calls[0].pending == ""

    on_seat(test)


def test_an_app_that_does_not_answer_is_a_timeout_before_the_requests_own() -> None:
    async def main() -> None:
        seat = LineSeat()
        register(seat, calls=[up("a")])
        seat.ask(Hold())
        await passes(COMMAND_S - 0.1)
        assert seat.replies == []
        await passes(0.2)
        (reply,) = seat.replies
        assert reply.kind == "timeout"
        assert seat.serve(ME, "line.done", command=1, ok=True) == {}

    run(main())


def test_an_app_that_cannot_be_told_has_failed_at_once() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a")])
        seat.deaf.add(ME)
        seat.ask(Hold())
        assert [reply.kind for reply in seat.replies] == ["gone"]

    on_seat(test)


def test_two_calls_are_swapped_and_one_is_sent_on() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a"), up("b", "held")])
        seat.ask(Swap(), "swap")
        tell(seat, "held", "a")
        tell(seat, "retrieved", "b")
        assert seat.states() == {"softphone-1": "held", "softphone-2": "connected"}
        seat.ask(Transfer("10086"), "transfer")
        assert [order["command"] for order in seat.commands[ME]] == ["swap", "transfer"]
        assert seat.commands[ME][1]["number"] == "10086"
        tell(seat, "cleared", "b", cause="transfer")
        assert [(reply.request, reply.kind) for reply in seat.replies] == [("swap", ""), ("transfer", "")]

    on_seat(test)


def test_an_emergency_call_is_dialled_on_an_apps_line_with_nobody_signed_in() -> None:
    def test(seat: LineSeat) -> None:
        register(seat)
        seat.ask(Dial("10086"), "first")
        seat.ask(Dial("110"), "second")
        assert [(reply.request, reply.kind) for reply in seat.replies] == [("first", "not_signed_in")]
        assert seat.commands[ME] == [{"line": LINE, "id": 1, "command": "dial", "number": "110"}]

    on_seat(test)


def test_a_dialled_call_is_answered_when_it_begins() -> None:
    def test(seat: LineSeat) -> None:
        register(seat)
        seat.ask(SignIn("1007"), "in")
        seat.ask(Dial("10086"), "dial")
        tell(seat, "originated", "out", number="10086")
        assert [(reply.request, reply.kind) for reply in seat.replies] == [("in", ""), ("dial", "")]
        tell(seat, "delivered", "out", state="ringback")
        tell(seat, "failed", "out", cause="busy", by="remote")
        assert seat.topics[-1] == "call.failed"

    on_seat(test)


def test_a_mute_that_failed_is_not_shown() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a")])
        seat.ask(SetMute(True))
        assert seat.core.snapshot().mute.value == "muted"
        seat.serve(ME, "line.done", command=1, ok=False)
        assert seat.core.snapshot().mute.value == "live"

    on_seat(test)


# loss --------------------------------------------------------------------------------------------


def test_a_lost_app_leaves_no_call_and_its_requests_are_answered() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a"), up("b", "held")])
        seat.ask(HangUp())
        seat.left(ME)
        assert seat.states() == {}
        assert [reply.kind for reply in seat.replies] == ["line_out_of_service"]
        assert seat.topics[-3:] == ["call.cleared", "call.cleared", "line.out_of_service"]
        assert not seat.line().in_service
        seat.left(ME)  # the socket says so twice: once when nothing more is asked, once when it is closed
        assert seat.topics[-1] == "line.out_of_service"

    on_seat(test)


def test_an_app_that_comes_back_lists_its_calls() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a", number="10086")])
        seat.left(ME)
        answer = register(seat, OTHER, calls=[up("a", "held", number="10086")])
        assert answer == {"calls": {"a": "softphone-2"}}
        assert seat.states() == {"softphone-2": "held"}

    on_seat(test)


def test_an_app_that_registers_again_is_corrected_in_place() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a"), up("b", "held")])
        record = seat.core.snapshot().calls[0].record
        register(seat, capabilities=["hang_up"], calls=[up("a", "held")])
        (call,) = seat.core.snapshot().calls
        assert (call.call, call.state.value, call.record) == ("softphone-1", "held", record)
        assert seat.line().capabilities == ("hang_up",)
        assert seat.line(LineId("other")) is None

    on_seat(test)


def test_digits_go_to_the_app_and_nowhere_else() -> None:
    def test(seat: LineSeat) -> None:
        register(seat, calls=[up("a")])
        seat.ask(SendDigits("8642"))
        assert seat.commands[ME][0]["digits"] == "8642"
        seat.serve(ME, "line.done", command=1, ok=False, message="keys 8642 were refused")
        assert "8642" not in repr(seat.journal) + repr(seat.replies) + repr(seat.core.snapshot())

    on_seat(test)
