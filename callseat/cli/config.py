"""`callseat config`: judge a configuration, show what is in effect, print one to begin with.

May not change a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from callseat.cli.group import USAGE
from callseat.cli.options import ConfigFile, JsonFlag, print_json, subcommands
from state.errors import SeatError

if TYPE_CHECKING:
    from callseat.config import Config

config = subcommands("config", "Check, show or begin a configuration.")


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(config)


@config.command("check")
def _check(file: ConfigFile = None, json: JsonFlag = False) -> None:
    """Tell every mistake of a configuration and of the files it names; status 2 if there is one."""
    from callseat.config import check, find_config, load_config

    path = find_config(file)
    problems = check(path) or tuple(_problems_beside(load_config(path)))
    if json:
        print_json({"file": str(path), "ok": not problems, "problems": problems})
    else:
        for problem in problems:
            typer.echo(problem, err=True)
        if not problems:
            typer.echo(f"{path}: good")
    if problems:
        raise typer.Exit(USAGE)


@config.command("show")
def _show(file: ConfigFile = None, json: JsonFlag = False) -> None:
    """Print what is in effect, and whether the file or the default says so."""
    import tomllib

    from callseat.config import find_config, load_config, show

    loaded = load_config(find_config(file))
    if json:
        shown = {"file": str(loaded.path), **tomllib.loads(show(loaded, origin=False))}
        print_json(shown | {"given": sorted(loaded.given)})
        return
    typer.echo(show(loaded), nl=False)


@config.command("example")
def _example() -> None:
    """Print a commented configuration that runs a simulated seat as it is."""
    from callseat.config import example

    typer.echo(example(), nl=False)


def _problems_beside(loaded: Config) -> Iterable[str]:
    """What is wrong with the files the configuration names: phrases, sound, descriptors, site records."""
    from callseat.assembly import load_phrasebook
    from callseat.simulated import SimulatedSeat

    try:
        load_phrasebook(loaded)
    except SeatError as error:
        yield str(error)
    try:
        SimulatedSeat(loaded)
    except SeatError as error:
        yield f"{loaded.path}: {error}"
    yield from _problems_of_recordings(loaded.prompts.recordings_dir)
    yield from _problems_of_records(loaded.headset_records_dir)


def _problems_of_records(folder: Path | None) -> Iterable[str]:
    from callseat.site_records import read_site_records

    if folder is not None:
        yield from read_site_records(folder).problems


def _problems_of_recordings(folder: Path | None) -> Iterable[str]:
    from audio.wav import read_wav

    if folder is None:
        return
    if not folder.is_dir():
        yield f"[prompts] recordings_dir: {folder} is no folder"
    for path in sorted(folder.glob("*/*.wav")):
        try:
            read_wav(path)
        except SeatError as error:
            yield f"[prompts] recordings_dir: {error}"
