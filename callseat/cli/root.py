"""The root of the command line: every command by name, in the order the help shows them.

May not do work: each command lives in a module of its own kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callseat import __version__
from callseat.cli import (
    actions,
    agent,
    api,
    audio,
    config,
    devices,
    doctor,
    journal,
    learn,
    phone,
    play,
    prompts,
    records,
    replay,
    run,
    simulated,
    status,
    watch,
)
from callseat.cli.group import SafeGroup

HELP = """The controller of one call-centre seat: headset, desk phone, line and ear, offline.

`callseat demo` shows a morning without hardware; `callseat run` serves a seat; the other commands read
files, or talk to the running seat through its socket.
"""
EPILOG = "Exit status: 0 done, 1 refused or failed, 2 wrong usage or configuration, 3 no seat is running."

root = typer.Typer(
    cls=SafeGroup,
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"callseat {__version__}")
        raise typer.Exit


@root.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
    socket: Annotated[
        Path | None,
        typer.Option("--socket", metavar="PATH", help="For any command that has this option itself."),
    ] = None,
) -> None:
    """Where the options of the program itself are; others read what they say."""


for module in (run, play, status, watch, actions, agent, records, prompts, devices, phone, audio):
    module.add_to(root)
for module in (learn, replay, journal, config, doctor, simulated, api):
    module.add_to(root)
