"""`callseat audio`: recordings heard the way a live call is heard.

May not open a sound card.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callseat.cli.options import JsonFlag, print_json, subcommands
from callseat.cli.text import table

audio = subcommands("audio", "Recordings, heard as a live call is.")


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(audio)


@audio.command("segments")
def _segments(
    wav: Annotated[Path, typer.Argument(help="A 16-bit mono WAV file.")],
    csv: Annotated[
        Path | None, typer.Option(help="Also write start_s, end_s, label, decided_s here.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """When somebody speaks, and when a live listener would have known."""
    from audio.segments import write_segments

    found = write_segments(wav, csv)
    if json:
        print_json({"file": str(wav), "segments": found})
        return
    rows = [
        [f"{each.start_s:.2f}", f"{each.end_s:.2f}", each.label, f"{each.decided_s:.2f}"] for each in found
    ]
    typer.echo(table(("start s", "end s", "what", "known at s"), rows))
