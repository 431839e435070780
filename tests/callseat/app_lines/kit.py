"""What an app sends, made short: parsed as the socket parses it, so that nothing reaches a line unchecked."""

from __future__ import annotations

from typing import Any

from callseat.api.line_params import DoneParams, LineAsk, RegisterParams, ReportParams
from callseat.api.methods import parse
from state.ids import LineId

LINE = LineId("softphone")
EVERYTHING = (
    "answer", "reject", "hang_up", "dial", "hold", "retrieve", "digits", "mute", "swap", "join", "transfer",
    "complete_transfer",
)  # fmt: skip


def asked(method: str, **params: Any) -> LineAsk:
    """The parameters of a method, as a client's JSON would give them."""
    _, values = parse(method, {"line": LINE, **params})
    assert isinstance(values, LineAsk)
    return values


def register(*abilities: str, **params: Any) -> RegisterParams:
    made = asked("line.register", **{"app": "Acme", "capabilities": list(abilities or EVERYTHING), **params})
    assert isinstance(made, RegisterParams)
    return made


def report(event: str, call: str | None = None, **params: Any) -> ReportParams:
    named = {} if call is None else {"call": call}
    made = asked("line.report", event=event, **named, **params)
    assert isinstance(made, ReportParams)
    return made


def done(command: int, ok: bool = True, **params: Any) -> DoneParams:
    made = asked("line.done", command=command, ok=ok, **params)
    assert isinstance(made, DoneParams)
    return made


def up(call: str, state: str = "connected", direction: str = "inbound", number: str = "") -> dict[str, str]:
    """A call as a registration lists it."""
    return {"call": call, "state": state, "direction": direction, "number": number}
