"""`callseat audio`: recordings heard the way a live call is heard, and the sound devices of this box.

May not open a sound card: a child process lists them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callseat.cli.options import JsonFlag, print_json, subcommands
from callseat.cli.text import table

audio = subcommands("audio", "Recordings, heard as a live call is; sound devices.")


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


@audio.command("devices")
def _devices(json: JsonFlag = False) -> None:
    """Sound devices by the names a configuration takes; `doctor audio` tries those it has."""
    from callseat.cli.sound import list_sound_devices

    list_sound_devices(json=json)
