"""Records from a terminal: of the running seat where there is one, else from its file.

May not write a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from callseat.cli.door import ask
from callseat.cli.options import ConfigOption, JsonFlag, SocketOption, print_json, subcommands
from state.errors import ConfigError, TransportError

records = subcommands("records", "Calls, promises and agents on record.")

FileOption = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="This record file, whatever seat is running.")
]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many.")]
NO_VALUE = "-"
DOUBTFUL = "?"


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(records)


@records.command("calls")
def _calls(
    limit: Limit = 20,
    number: Annotated[str, typer.Option(help="Only numbers that end so.")] = "",
    since: Annotated[
        str | None, typer.Option(help="Only calls since then: 2026-05-01, 2026-05-01T08:30, or 90m, 8h, 7d.")
    ] = None,
    file: FileOption = None,
    socket: SocketOption = None,
    config: ConfigOption = None,
    json: JsonFlag = False,
) -> None:
    """Calls, newest first."""
    params = {"limit": limit, "number": number} | ({} if since is None else {"since": since_wall_s(since)})
    found = _answer("calls", params, file, socket, config)
    if json:
        print_json({"calls": found})
        return
    _table(
        (
            "when",
            "direction",
            "number",
            "agent",
            "state",
            "ended by",
            "rang",
            "talked",
            "silent call",
            "breaches",
        ),
        (_call_cells(call) for call in found),
    )


@records.command("promises")
def _promises(
    limit: Limit = 100,
    every: Annotated[bool, typer.Option("--all", help="Also those kept or handed on.")] = False,
    file: FileOption = None,
    socket: SocketOption = None,
    config: ConfigOption = None,
    json: JsonFlag = False,
) -> None:
    """What is owed to customers, oldest first."""
    found = _answer("promises", {"limit": limit, "closed": every}, file, socket, config)
    if json:
        print_json({"promises": found})
        return
    _table(
        ("made", "owner", "number", "subject", "due", "basis", "kept"),
        (
            (
                _when(each["made"]),
                each["owner"],
                each["number"],
                each["subject"],
                each["due"],
                each["basis"],
                "yes" if each["closed"] else "no",
            )
            for each in found
        ),
    )


@records.command("agents")
def _agents(
    limit: Limit = 100,
    file: FileOption = None,
    socket: SocketOption = None,
    config: ConfigOption = None,
    json: JsonFlag = False,
) -> None:
    """Changes of the agent's state, newest first."""
    found = _answer("agents", {"limit": limit}, file, socket, config)
    if json:
        print_json({"agents": found})
        return
    rows = ((_when(each["at"]), each["agent"], each["state"], each["reason"]) for each in found)
    _table(("when", "agent", "state", "reason"), rows)


def since_wall_s(text: str) -> float:
    """POSIX seconds of a date, a time, or so many minutes, hours or days ago."""
    if ago := re.fullmatch(r"(\d{1,5})([mhd])", text):
        from callseat.clock import SystemCivilClock

        unit = {"m": "minutes", "h": "hours", "d": "days"}[ago[2]]
        now = datetime.fromtimestamp(SystemCivilClock().read(0.0).wall_s, UTC)
        return (now - timedelta(**{unit: int(ago[1])})).timestamp()
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        raise ConfigError(f"--since {text}: expected 2026-05-01, 2026-05-01T08:30, or 90m, 8h, 7d") from None


def _answer(
    what: str, params: Mapping[str, object], file: Path | None, socket: Path | None, config: Path | None
) -> list[dict[str, Any]]:
    """From the running seat, unless a file is named or no seat runs."""
    from callseat import answers
    from callseat.config import config_in_effect

    if file is None and config is None:
        try:
            answered: list[dict[str, Any]] = ask(socket, f"records.{what}", params)[what]
        except TransportError:
            if socket is not None:
                raise
        else:
            return answered
    if file is None:
        file = config_in_effect(config).records_path
        if not file.exists():
            raise ConfigError(
                f"no seat is running, and there is no {file}: name --socket, --config or --file"
            )
    read = {
        "calls": answers.answer_calls,
        "promises": answers.answer_promises,
        "agents": answers.answer_agents,
    }
    return read[what](file, params)


def _call_cells(call: Mapping[str, Any]) -> tuple[object, ...]:
    begun = call["delivered"] or call["established"] or call["cleared"]
    cause = f"{call['by']}: {call['cause']}" if call["cause"] else NO_VALUE
    return (
        _when(begun),
        call["direction"],
        call["number"] or "withheld",
        call["agent"],
        call["state"] + (" (adopted)" if call["gap_s"] else ""),
        cause,
        _between(call["delivered"], call["established"] or call["cleared"]),
        _between(call["established"], call["cleared"]),
        call["silent_outcome"],
        ", ".join(breach["rule"] for breach in call["breaches"]),
    )


def _when(stamp: Mapping[str, Any] | None) -> str:
    if stamp is None:
        return NO_VALUE
    if stamp["wall_s"] is None:
        return f"monotonic {stamp['at']:.1f} s"
    local = datetime.fromtimestamp(stamp["wall_s"], UTC).astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}" + ("" if stamp["synced"] else DOUBTFUL)


def _between(begin: Mapping[str, Any] | None, end: Mapping[str, Any] | None) -> str:
    """Monotonic times of one boot, else the wall; unknown where a stamp is missing."""
    if begin is None or end is None:
        return NO_VALUE
    seconds = end["at"] - begin["at"]
    if seconds < 0 and None not in (begin["wall_s"], end["wall_s"]):
        seconds = end["wall_s"] - begin["wall_s"]
    return f"{seconds:.1f} s" if seconds >= 0 else NO_VALUE


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from callseat.cli.text import table

    cells = [[NO_VALUE if cell in (None, "") else str(cell) for cell in row] for row in rows]
    typer.echo(table(heads, cells))
    if any(row[0].endswith(DOUBTFUL) for row in cells):
        typer.echo(f"{DOUBTFUL} the clock was not synchronised then", err=True)
