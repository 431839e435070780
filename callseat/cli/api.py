"""`callseat api`: the socket by hand.

May not know a method: the table of callseat.api does.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from callseat.cli.door import ask
from callseat.cli.options import JsonFlag, SocketOption, print_json, subcommands
from callseat.cli.text import table

api = subcommands("api", "The socket by hand.")


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(api)


@api.command("call")
def _call(
    method: Annotated[str, typer.Argument(help="Such as state.get; `callseat api methods` lists them.")],
    params: Annotated[str, typer.Argument(metavar="PARAMS", help="A JSON object.")] = "{}",
    socket: SocketOption = None,
) -> None:
    """Call a method and print its result as JSON."""
    print_json(ask(socket, method, _object(params)))


@api.command("methods")
def _methods(json: JsonFlag = False) -> None:
    """List every method; docs/api.md has their parameters."""
    from callseat.api.methods import METHODS

    if json:
        print_json({"methods": [{"name": each.name, "does": each.meaning} for each in METHODS.values()]})
        return
    typer.echo(table(("method", "does"), [[each.name, each.meaning] for each in METHODS.values()]))


def _object(text: str) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise typer.BadParameter(f"PARAMS is no JSON object: {error}") from None
