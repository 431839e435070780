"""Apps that tell nonsense, in any order, while the seat asks and clients come and go: nothing is harmed."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callseat import clock
from callseat.api.errors import RequestError
from callseat.api.line_params import MAX_CALLS
from callseat.app_lines.line import COMMAND_S, MAX_PENDING
from callseat.app_lines.switch import MAX_LINES, MAX_NAMES
from state import commands
from state.events import CommandRequested
from state.ids import CallId
from tests.callseat.app_lines.kit import EVERYTHING, LINE, up
from tests.callseat.app_lines.seat import LineSeat
from tests.callseat.runtime.seat_kit import run
from tests.virtual import passes

DIGITS = "8642"
CLIENTS = ("client-1", "client-2", "client-3")
NAMES = (LINE, "desk", "a", "b", "c", "d", "e")
CALLS = ("a", "b", "c", "")
STATES = ("ringing", "waiting", "ringback", "connected", "held", "dialing", "nonsense")
EVENTS = (
    "originated", "delivered", "established", "held", "retrieved", "cleared", "failed", "updated", "muted",
    "exploded",
)  # fmt: skip
NUMBERS = ("", "10086", "1" * 200, "\x00", "sip:a@b")
SEAT_CALLS = (None, CallId("softphone-1"), CallId("softphone-2"), CallId("a-1"), CallId("nothing"))
SEAT_ASKS = tuple(
    ask
    for call in SEAT_CALLS
    for ask in (
        commands.Answer(call), commands.Reject(call), commands.HangUp(call), commands.Hold(call),
        commands.Retrieve(call), commands.Swap(call), commands.Join(call), commands.CompleteTransfer(call),
        commands.Transfer("10086", call), commands.SendDigits(DIGITS, call), commands.SetMute(call is None),
        commands.Dial("110"),
    )
)  # fmt: skip


def maybe(**each: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these members."""
    return st.fixed_dictionaries({}, optional=each)


LISTED = st.builds(
    up, st.sampled_from(CALLS), st.sampled_from(STATES), st.sampled_from(("inbound", "outbound")),
    st.sampled_from(NUMBERS),
)  # fmt: skip
REPORT = maybe(
    event=st.sampled_from(EVENTS), call=st.sampled_from(CALLS), state=st.sampled_from(STATES),
    number=st.sampled_from(NUMBERS), name=st.sampled_from(NUMBERS), muted=st.booleans(),
    cause=st.sampled_from(("busy", "line_lost")), by=st.sampled_from(("local", "nobody")),
)  # fmt: skip
LIKELY = st.one_of(
    st.fixed_dictionaries(
        {
            "event": st.just("delivered"),
            "call": st.sampled_from(CALLS[:3]),
            "state": st.sampled_from(STATES[:3]),
        }
    ),
    st.fixed_dictionaries({"event": st.sampled_from(EVENTS[2:7]), "call": st.sampled_from(CALLS[:3])}),
    st.fixed_dictionaries(
        {"event": st.just("originated"), "call": st.sampled_from(CALLS[:3]), "number": st.just("10086")}
    ),
)
REGISTER = st.fixed_dictionaries(
    {"app": st.sampled_from(("Acme", "x" * 64, "y" * 65)), "capabilities": st.just(list(EVERYTHING))},
    optional={"calls": st.lists(LISTED, max_size=3), "extra": st.just(1)},
)
DONE = st.fixed_dictionaries(
    {"command": st.integers(-1, 9), "ok": st.booleans()},
    optional={"message": st.sampled_from(("", f"keys {DIGITS}", "m" * 300))},
)
TOLD = st.one_of(
    st.tuples(st.just("line.register"), REGISTER),
    st.tuples(st.just("line.report"), st.one_of(REPORT, LIKELY, LIKELY)),
    st.tuples(st.just("line.done"), DONE),
    st.tuples(st.just("line.unregister"), st.just({})),
)
ACT = st.one_of(
    st.tuples(st.sampled_from(CLIENTS), st.sampled_from((LINE, LINE, LINE, *NAMES)), TOLD),
    st.sampled_from(SEAT_ASKS),
    st.sampled_from(("left client-1", "left client-2", "deaf client-1", "time", "time")),
)


async def act(seat: LineSeat, what: Any) -> None:
    """One of them; a refusal is the only way it may end besides being taken."""
    match what:
        case (client, line, (method, params)):
            try:
                seat.serve(client, method, **{"line": line, **params})
            except RequestError:
                return
        case "time":
            await passes(COMMAND_S / 2)
        case str():
            word, client = what.split()
            if word == "left":
                seat.left(client)
            else:
                seat.deaf.add(client)
        case _:
            seat.post(CommandRequested(clock.now(), "client-0", what))


def check(seat: LineSeat) -> None:
    """What is so whatever apps do."""
    now, lines = seat.core.snapshot(), seat.lines.health()
    assert len(now.lines) <= 1 + MAX_NAMES
    assert {line.line for line in now.lines if line.in_service} == set(lines)
    assert {call.line for call in now.calls} <= set(lines)
    for name, told in lines.items():
        assert len([call for call in now.calls if call.line == name]) == told["calls"] <= MAX_CALLS  # type: ignore[index] - plain values
        assert told["requests"] <= MAX_PENDING  # type: ignore[index] - the same
    told_so = {each.call: each.state for line in seat.lines._lines.values() for each in line.book.seen()}
    assert told_so == {call.call: call.state for call in now.calls}
    assert "desk" not in {line.line for line in now.lines}


@settings(max_examples=300, deadline=None)
@given(st.lists(ACT, max_size=60))
def test_whatever_apps_tell_the_seat_stays_whole(acts: list[Any]) -> None:
    async def main() -> None:
        seat = LineSeat()
        seat.serve(CLIENTS[0], "line.register", app="Acme", capabilities=list(EVERYTHING))
        for each in acts:
            await act(seat, each)
            check(seat)
        await passes(2 * COMMAND_S)
        assert all(line["requests"] == 0 for line in seat.lines.health().values())  # type: ignore[index] - plain values
        for client in CLIENTS:
            seat.left(client)
        check(seat)
        assert seat.states() == {}
        assert DIGITS not in repr(seat.journal) + repr(seat.replies)

    run(main())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CLIENTS), st.text(max_size=40)), max_size=40))
def test_one_client_never_holds_more_than_its_share(registers: list[tuple[str, str]]) -> None:
    async def main() -> None:
        seat = LineSeat()
        for client, line in registers:
            await act(seat, (client, line, ("line.register", {"app": "Acme", "capabilities": []})))
        check(seat)
        assert len(seat.lines.health()) <= MAX_LINES * len(CLIENTS)

    run(main())
