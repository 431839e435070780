"""`callseat phone`: a recorded conversation with a phone, read by the engine that reads the real one.

May not open a serial port.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from callseat.cli.options import JsonFlag, print_json, subcommands
from callseat.cli.text import happening_at
from state.errors import ConfigError

phone = subcommands("phone", "Recorded conversations with phones.")

HIDDEN_FIELDS = frozenset({"digit", "digits"})
"""Keyed digits are shown nowhere, not even from a file."""


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(phone)


@phone.command("replay")
def _replay(
    transcript: Annotated[Path, typer.Argument(help='A conversation of the format "at-transcript 1".')],
    profile: Annotated[
        str, typer.Option(help="Which dialect the phone speaks: 27007, hayes or hfp.")
    ] = "27007",
    chunk: Annotated[str, typer.Option(help="How bytes are cut: all, one, or random:SEED.")] = "all",
    json: JsonFlag = False,
) -> None:
    """Tell the events a conversation gives; they must not depend on how its bytes are cut."""
    from devices.at.profiles import profile_named
    from devices.at.transcript import parse, replay

    try:
        text = transcript.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{transcript}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{transcript}: not UTF-8 at byte {error.start}") from None
    found = replay(parse(text, str(transcript)), profile_named(profile), chunk)
    events = [plain_event(event) for event in found]
    if json:
        print_json({"transcript": str(transcript), "profile": profile, "chunk": chunk, "events": events})
        return
    for event in events:
        members = {name: value for name, value in event.items() if name not in ("type", "at", "source")}
        typer.echo(happening_at(event["at"], event["type"], members))


def plain_event(event: Any) -> dict[str, Any]:
    """An event as plain data; `type` is its class."""
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(event)
    shown = {name: "?" if name in HIDDEN_FIELDS else value for name, value in fields.items()}
    return {"type": type(event).__name__, **shown}
