"""Errors of callseat as one line on stderr and an exit status.

May not catch a programming error: that keeps its traceback.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from callseat.api.errors import RequestError
from state.errors import ConfigError, SeatError, TransportError

REFUSED = 1
USAGE = 2
UNREACHABLE = 3

_ASKED_WRONGLY = frozenset({"invalid_params", "method_not_found", "invalid_number"})

_HINTS = {
    "no_such_call": "; `callseat status` lists the calls",
    "not_signed_in": "; `callseat agent sign-in STAFF`",
}
"""What to do about a refusal, where a command of this program does it."""


class SafeGroup(TyperGroup):
    """The root group: what callseat raises on purpose ends a command, not with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SeatError as error:
            hint = _HINTS.get(error.kind, "") if isinstance(error, RequestError) else ""
            typer.echo(f"callseat: {error}{hint}", err=True)
            raise typer.Exit(status_of(error)) from None


def status_of(error: SeatError) -> int:
    """The exit status an error ends a command with."""
    if isinstance(error, ConfigError):
        return USAGE
    if isinstance(error, TransportError):
        return UNREACHABLE
    if isinstance(error, RequestError) and error.kind in _ASKED_WRONGLY:
        return USAGE
    return REFUSED
