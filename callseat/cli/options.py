"""Options that many commands share, and the two ways of answering: JSON or text.

May not read a file or a socket.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

CONFIG_HELP = "The configuration; left out: in ~/.config/callseat, else in /etc/callseat: callseat.toml."


def _before_the_command(ctx: typer.Context, given: Path | None) -> Path | None:
    """`callseat --socket PATH watch` is `callseat watch --socket PATH`."""
    before = ctx.find_root().params.get("socket")
    return before if isinstance(before, Path) else given


JsonFlag = Annotated[bool, typer.Option("--json", help="Answer with JSON, for machines.")]
SocketOption = Annotated[
    Path | None,
    typer.Option(
        "--socket",
        envvar="CALLSEAT_SOCKET",
        metavar="PATH",
        callback=_before_the_command,
        help="The seat's socket; left out: the configured one, else the usual places.",
    ),
]
ListenOption = Annotated[
    Path | None,
    typer.Option(
        "--socket",
        metavar="PATH",
        callback=_before_the_command,
        help="Listen here instead of the configured place.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="CALLSEAT_CONFIG",
        metavar="FILE",
        help=CONFIG_HELP,
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Argument(
        envvar="CALLSEAT_CONFIG",
        metavar="FILE",
        help=CONFIG_HELP,
    ),
]
CallArgument = Annotated[
    str | None,
    typer.Argument(metavar="CALL", help="Its name in `callseat status`; left out: the one in focus."),
]


def subcommands(name: str, help_text: str) -> typer.Typer:
    """A group of commands under one name."""
    return typer.Typer(
        name=name, help=help_text, no_args_is_help=True, add_completion=False, rich_markup_mode=None
    )


def print_json(value: Any, *, one_line: bool = False) -> None:
    """Write a value as JSON; Chinese stays readable."""
    import msgspec

    data = msgspec.json.encode(value)
    typer.echo(data if one_line else msgspec.json.format(data, indent=2))
