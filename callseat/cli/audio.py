"""`callseat audio`: recordings heard the way a live call is heard, sound devices, live meters.

May not open a sound card: a child process does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callseat.cli.options import JsonFlag, SocketOption, print_json, subcommands
from callseat.cli.text import table

if TYPE_CHECKING:
    from audio.segments import Side
    from audio.wav import WavStream

audio = subcommands("audio", "Recordings, heard as a live call is; sound devices; meters.")

LANGUAGES = ("zh", "en")
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="The speech detector: default, neural.")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="The neural engine's model file.")
]


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(audio)


@audio.command("segments")
def _segments(
    wav: Annotated[Path, typer.Argument(help="A WAV file; its times are those told.")],
    engine: EngineOption = "default",
    model: ModelOption = None,
    channel: Annotated[
        str | None, typer.Option(metavar="left|right", help="The channel meant of a stereo file.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also music, ringback, busy and other tones.")] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Also write start_s, end_s, label, decided_s here.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """When somebody speaks, and when a live listener would have known."""
    from audio.engines import detector_factory
    from audio.segments import segments, write_segments
    from audio.wav import open_wav

    detector, side, stream = detector_factory(engine, model), _side(channel), open_wav(wav)
    _tell_note(stream)
    found = segments(stream, detector, side=side, others=every)
    if csv is not None:
        write_segments(found, csv)
    if json:
        print_json({"file": str(wav), "segments": found})
        return
    rows = [
        [f"{each.start_s:.2f}", f"{each.end_s:.2f}", each.label, f"{each.decided_s:.2f}"] for each in found
    ]
    typer.echo(table(("start s", "end s", "what", "known at s"), rows))


@audio.command("check")
def _check(
    near: Annotated[Path, typer.Argument(help="A WAV file of the agent's microphone.")],
    far: Annotated[Path | None, typer.Option(help="A WAV file of what the customer sent meanwhile.")] = None,
    stereo: Annotated[
        bool, typer.Option("--stereo", help="One file holds both: left is near, right is far.")
    ] = False,
    engine: EngineOption = "default",
    model: ModelOption = None,
    language: Annotated[str, typer.Option(metavar="zh|en", help="Of the remedies.")] = "en",
    json: JsonFlag = False,
) -> None:
    """What is wrong with the sound of a recorded call, and what to do about it.

    Status 0: nothing was found; 1: something was; 2: a file cannot be read.
    """
    from audio.engines import detector_factory
    from callseat.cli.audio_check import check_files

    if stereo and far is not None:
        raise typer.BadParameter("--stereo has the customer in the same file: leave --far out")
    if language not in LANGUAGES:
        raise typer.BadParameter(f"no remedies in {language!r}; there are: {', '.join(LANGUAGES)}")
    detector = detector_factory(engine, model)
    raise typer.Exit(check_files(near, far, detector, stereo=stereo, language=language, json=json))


@audio.command("meter")
def _meter(
    socket: SocketOption = None,
    device: Annotated[
        str | None, typer.Option(metavar="NAME", help="A microphone, as `audio devices` names it; no seat.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One reading, then end.")] = False,
    json: JsonFlag = False,
) -> None:
    """How loud both sides of the call are, who speaks, and what is wrong with the sound.

    Drawn in a terminal; one line for each change in a pipe or with --json.
    """
    from callseat.cli.meter import run_meter

    run_meter(socket, device, once=once, json=json)


@audio.command("devices")
def _devices(json: JsonFlag = False) -> None:
    """Sound devices by the names a configuration takes; `doctor audio` tries those it has."""
    from callseat.cli.sound import list_sound_devices

    list_sound_devices(json=json)


def _side(name: str | None) -> Side | None:
    from audio.segments import Side

    if name is None or name in list(Side):
        return None if name is None else Side(name)
    raise typer.BadParameter(f"no channel is called {name!r}; there are: {', '.join(Side)}")


def _tell_note(stream: WavStream) -> None:
    """Where the file is not what its header says, on stderr: the answer is for machines too."""
    if stream.note:
        typer.echo(f"note: {stream.path}: {stream.note}", err=True)
