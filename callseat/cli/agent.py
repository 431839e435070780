"""The agent from a terminal: sign in and out, ready and not ready.

May not own these states: the seat decides, and a call makes a change wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from callseat.api.errors import RequestError
from callseat.cli.door import ask, without_none
from callseat.cli.options import JsonFlag, SocketOption, print_json, subcommands

agent = subcommands("agent", "Sign in and out, ready and not ready.")


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(agent)


@agent.command("sign-in")
def _sign_in(
    staff: Annotated[str, typer.Argument(metavar="STAFF", help="The staff number.")],
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Sit down: sign in with a staff number; what is owed to customers is listed."""
    _asked(socket, "agent.sign_in", {"agent": staff}, json)


@agent.command("sign-out")
def _sign_out(
    successor: Annotated[str | None, typer.Option(help="Hand open promises to this staff number.")] = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Leave: sign out; what is still owed is listed, or handed on."""
    _asked(socket, "agent.sign_out", without_none(successor=successor), json)


@agent.command("ready")
def _ready(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Take calls."""
    _asked(socket, "agent.set_state", {"state": "ready"}, json)


@agent.command("not-ready")
def _not_ready(
    reason: Annotated[str, typer.Argument(help="The centre's own word, such as lunch.")] = "",
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Take no calls for now; during a call: after it."""
    _asked(socket, "agent.set_state", {"state": "not_ready", "reason": reason}, json)


def _asked(socket: Path | None, method: str, params: Mapping[str, object], json: bool) -> None:
    result = ask(socket, method, params)
    if json:
        print_json(result)
        return
    later = f"; after the call: {result['pending']}" if result.get("pending") else ""
    typer.echo(f"{result['state']}{later}")
    for promise in _owed(socket, result.get("promises", ())):
        typer.echo(promise)


def _owed(socket: Path | None, names: Sequence[str]) -> list[str]:
    """The promises of these names in words; by name alone where the seat keeps no records."""
    if not names:
        return []
    try:
        rows = {row["promise"]: row for row in ask(socket, "records.promises", {"limit": 500})["promises"]}
    except RequestError:
        rows = {}
    return [_promise(name, rows.get(name)) for name in names]


def _promise(name: str, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return f"owed: {name}"
    due = f", due {row['due']}" if row["due"] else ""
    return f"owed by {row['owner']} to {row['number'] or 'a withheld number'}: {row['subject']}{due}"
