"""Plain text for a terminal or a pipe: aligned columns, ages, a happening on one line.

May not colour anything: `callseat watch` does that by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prompts.display import columns

GAP = "  "


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns under heads; without rows: `nothing`."""
    if not rows:
        return "nothing"
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(columns(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        GAP.join(
            cell + " " * (size - columns(cell)) for cell, size in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def age(seconds: float) -> str:
    """A length of time as people say it."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clock_time(wall_s: float | None) -> str:
    """The local time of day, with milliseconds."""
    if wall_s is None:
        return "--:--:--.---"
    local = datetime.fromtimestamp(wall_s, UTC).astimezone()
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def happening(topic: str, params: Mapping[str, Any]) -> str:
    """A notification on one line."""
    wall_s = params.get("ts", {}).get("wall")
    members = (f"{name}={_plain(value)}" for name, value in params.items() if name not in ("seq", "ts"))
    return f"{clock_time(wall_s)} {topic:<22} {' '.join(members)}".rstrip()


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    text = str(value)
    return f'"{text}"' if " " in text or not text else text


def happening_at(at: float, name: str, members: Mapping[str, Any]) -> str:
    """An event on one line, by the seconds of its own base."""
    told = (f"{member}={_plain(value)}" for member, value in members.items())
    return f"{at:>10.3f} {name:<22} {' '.join(told)}".rstrip()
