"""`callseat journal`: a day decided again from the diagnostic a daemon left behind.

May not repair a journal, and performs nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callseat.cli.options import ConfigOption, JsonFlag, print_json, subcommands
from callseat.cli.text import happening_at

journal = subcommands("journal", "The diagnostic journal, decided again.")


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(journal)


@journal.command("replay")
def _replay(
    file: Annotated[Path, typer.Argument(help="The journal; the file before it (`.1`) is read first.")],
    differences: Annotated[
        bool, typer.Option("--differences", help="Only what is decided otherwise.")
    ] = False,
    config: ConfigOption = None,
    json: JsonFlag = False,
) -> None:
    """Feed a journal's events through a fresh core and tell what it decides, beside what was decided then."""
    from callseat.assembly import load_phrasebook
    from callseat.config import config_in_effect
    from callseat.journal.rerun import rerun
    from prompts.calendar import HolidayCalendar

    loaded = config_in_effect(config)
    decided = total = 0
    for step in rerun(file, loaded, load_phrasebook(loaded), HolidayCalendar()):
        total += 1
        decided += not step.same
        if differences and step.same:
            continue
        if json:
            print_json(step, one_line=True)
            continue
        mark = "" if step.same else "  (then: " + "; ".join(" ".join(each) for each in step.then) + ")"
        effects = "; ".join(" ".join(each) for each in step.effects) or "nothing"
        typer.echo(happening_at(step.at, step.event or "time passed", {}) + f" -> {effects}{mark}")
    if not json:
        typer.echo(f"{total} decisions, {decided} decided otherwise now")
