"""Reading a journal back: the events of a day, in the order they were decided.

May not repair: a torn last line of a killed run is passed over, all else that is wrong is a ProtocolError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from callseat.journal.codec import decode_event
from callseat.journal.files import previous
from callseat.journal.writer import FORMAT
from state.errors import Blame, ConfigError, ProtocolError, ProtocolReason
from state.events import Event


@dataclass(frozen=True, slots=True)
class Decision:
    """One line: at this time `event` (None: time passed) gave these effects, by name and target."""

    at: float
    event: Event | None
    effects: tuple[tuple[str, ...], ...]


def replay_events(path: Path) -> Iterator[Event]:
    """The events of a journal, oldest first; masked fields stay masked."""
    return (decision.event for decision in replay(path) if decision.event is not None)


def replay(path: Path) -> Iterator[Decision]:
    """Every decision of a journal, the previous file first where there is one."""
    return (decision for _, decision in replay_sessions(path))


def replay_sessions(path: Path) -> Iterator[tuple[str, Decision]]:
    """Every decision beside the session it was taken in: a run of the daemon began with nothing decided."""
    found = [file for file in (previous(path), path) if file.is_file()]
    if not found:
        raise ConfigError(f"{path}: no such journal")
    session = ""
    for file in found:
        for number, line in _lines(file):
            match line.get("type"):
                case "Journal" if line.get("format") != FORMAT:
                    text = (
                        f"{file}:{number}: journal format {line.get('format')}, this version reads {FORMAT}"
                    )
                    raise ProtocolError(Blame.APP, ProtocolReason.NOT_SUPPORTED, text)
                case "Journal":
                    session = str(line.get("session", ""))
                case "Dropped":
                    continue
                case _:
                    yield session, _decision(file, number, line)


def headers(path: Path) -> tuple[dict[str, object], ...]:
    """What the runs in a journal said of themselves: session, boot, configuration and phrasebook hashes."""
    lines = (line for file in (previous(path), path) if file.is_file() for _, line in _lines(file))
    return tuple(line for line in lines if line.get("type") == "Journal")


def _decision(file: Path, number: int, line: dict[str, object]) -> Decision:
    try:
        event = decode_event(line["event"]) if "event" in line else None
        at = msgspec.convert(line.get("at"), float)
        effects = msgspec.convert(line.get("effects", ()), tuple[tuple[str, ...], ...])
    except ProtocolError as error:
        raise ProtocolError(error.by, error.reason, f"{file}:{number}: {error}") from None
    except msgspec.ValidationError as error:
        raise ProtocolError(Blame.APP, ProtocolReason.MALFORMED, f"{file}:{number}: {error}") from None
    return Decision(at, event, effects)


def _lines(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Numbered objects of a file; a torn line is allowed where a run ended: at the end or before a header."""
    torn: str | None = None
    with file.open("rb") as stream:
        for number, text in enumerate(stream, 1):
            try:
                line = msgspec.json.decode(text, type=dict[str, object])
            except msgspec.DecodeError as error:
                if torn is not None:
                    raise ProtocolError(Blame.APP, ProtocolReason.MALFORMED, torn) from None
                torn = f"{file}:{number}: not a journal line: {error}"
                continue
            if torn is not None and line.get("type") != "Journal":
                raise ProtocolError(Blame.APP, ProtocolReason.MALFORMED, torn)
            torn = None
            yield number, line
