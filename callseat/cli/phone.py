"""`callseat phone`: recorded conversations and single lines of phones, read as the engine reads real ones.

May not open a serial port.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from callseat.cli.options import JsonFlag, print_json, subcommands
from callseat.cli.text import happening_at
from state.errors import ConfigError
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallEvent,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CallUpdated,
    DigitsReceived,
    Event,
)
from state.words import CallState

phone = subcommands("phone", "Recorded conversations with phones.")

HIDDEN_FIELDS = frozenset({"digit", "digits"})
"""Keyed digits are shown nowhere, not even from a file."""

TOPICS: dict[type[Event], tuple[str, CallState | None]] = {
    CallOriginated: ("call.originated", CallState.DIALING),
    CallDelivered: ("call.delivered", None),
    CallUpdated: ("call.updated", None),
    CallEstablished: ("call.established", CallState.CONNECTED),
    CallHeld: ("call.held", CallState.HELD),
    CallRetrieved: ("call.retrieved", CallState.CONNECTED),
    CallCleared: ("call.cleared", CallState.IDLE),
    CallFailed: ("call.failed", CallState.FAILED),
    DigitsReceived: ("call.digits", None),
}
"""Events of calls by the topics of docs/api.md, and the state each leaves its call in; None: as it was."""


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(phone)


@phone.command("replay")
def _replay(
    transcript: Annotated[
        Path,
        typer.Argument(help='A conversation with a phone ("at-transcript 1"), or with baresip (JSON lines).'),
    ],
    profile: Annotated[
        str, typer.Option(help="Which dialect the phone speaks: 27007, hayes or hfp.")
    ] = "27007",
    chunk: Annotated[str, typer.Option(help="How bytes are cut: all, one, or random:SEED.")] = "all",
    json: JsonFlag = False,
) -> None:
    """Tell what a conversation says of calls, an event a line; how its bytes are cut changes nothing."""
    for row in call_rows(_replayed(_text(transcript), str(transcript), profile, chunk)):
        if json:
            print_json(row, one_line=True)
        else:
            members = {name: value for name, value in row.items() if name not in ("event", "at")}
            shown = {name: value for name, value in members.items() if value is not None}
            typer.echo(happening_at(row["at"], row["event"], shown))


def _replayed(text: str, name: str, profile: str, chunk: str) -> list[Event]:
    """The events of a conversation; the one format begins with a comment, the other with an object."""
    from devices.at import transcript as at
    from devices.at.profiles import profile_named
    from devices.sip import transcript as sip

    if text.lstrip().startswith("{"):
        return sip.replay(sip.parse(text, name), chunk)
    return at.replay(at.parse(text, name), profile_named(profile), chunk)


@phone.command("lines")
def _lines(
    recording: Annotated[
        Path, typer.Argument(help="Bytes as a phone, a modem, a caller id box or a PBX sent them.")
    ],
    json: JsonFlag = False,
) -> None:
    """Tell what each line of a device means by itself, without a command it could be an answer to."""
    from devices.at.meaning import meanings

    try:
        data = recording.read_bytes()
    except OSError as error:
        raise ConfigError(f"{recording}: cannot be read: {error.strerror}") from None
    for row in meanings(data):
        if json:
            print_json(row, one_line=True)
        else:
            members = (f"{name}={value}" for name, value in row.items() if name != "means")
            typer.echo(f"{row['means']:<14} {' '.join(members)}".rstrip())


def call_rows(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """Events of calls as plain data: event, call, state, cause, at, and what else is known."""
    states: dict[str, CallState] = {}
    for event in events:
        if not isinstance(event, CallEvent):
            continue
        topic, after = TOPICS[type(event)]
        after = event.state if isinstance(event, CallDelivered) else after
        states[event.call] = after if after is not None else states[event.call]
        more = {name: value for name, value in plain_event(event).items() if name not in _ASIDE}
        cause = more.pop("cause", None)
        yield {
            "event": topic,
            "call": event.call,
            "state": states[event.call].value,
            "cause": cause,
            "at": round(event.at, 6),
            **more,
        }


_ASIDE = frozenset({"type", "at", "source", "line", "call", "state"})


def plain_event(event: Any) -> dict[str, Any]:
    """An event as plain data; `type` is its class."""
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(event)
    shown = {name: "?" if name in HIDDEN_FIELDS else value for name, value in fields.items()}
    return {"type": type(event).__name__, **shown}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from None
