"""`callseat demo` and `callseat simulate`: whole calls without hardware.

May not be the demo or the scenario runner: both live in rooms of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from callseat.cli.options import JsonFlag


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.command()(demo)
    root.command()(simulate)


def demo(
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="So many times as fast as real.")] = 1.0,
    fast: Annotated[
        bool, typer.Option("--fast", help="In virtual time: as fast as it can be computed.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep records and what every ear heard (WAV) here.")
    ] = None,
    language: Annotated[
        Literal["zh-CN", "en"], typer.Option(help="Of prompts, display and timeline.")
    ] = "zh-CN",
    json: JsonFlag = False,
) -> None:
    """Play a morning without hardware.

    Six calls in about two minutes, through the real engines, with what everybody hears.
    """
    from callseat.demo.run import demo as play

    raise typer.Exit(play(speed=speed, fast=fast, as_json=json, out=out, language=language))


def simulate(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="TOML files.")],
    json: JsonFlag = False,
) -> None:
    """Play scenarios and judge them.

    In virtual time, through the real engines. Status 1: not as expected, 2: a file cannot be used.
    """
    from callseat.scenario.run import simulate as play

    raise typer.Exit(play(scenarios, as_json=json))
