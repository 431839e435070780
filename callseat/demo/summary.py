"""The end of the demo: the records as a table, promises, and the list of WAV files.

May not read anything: it is handed what was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from callseat.demo.words import label

EARS = ("ear", "line", "near", "far")

Json = Mapping[str, object]

_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("方向", "direction", "direction"),
    ("号码", "number", "number"),
    ("接通", "talk s", "talk"),
    ("结果", "outcome", "silent_outcome"),
    ("句数", "stages", "silent_stage"),
    ("提示", "cues", "cues"),
    ("静音原因 s", "silence s", "cause_s"),
    ("挂机", "ended by", "by"),
)


def show_summary(
    console: Console,
    language: str,
    records: Sequence[Json],
    promises: Sequence[Json],
    wavs: Sequence[Path],
    out: Path,
) -> None:
    """Print everything."""
    table = Table(title=label("records", language), title_justify="left", header_style="bold")
    for zh, en, key in _COLUMNS:
        header = en if language == "en" else f"{zh}\n{en}"
        table.add_column(header, overflow="fold", no_wrap=key not in ("cues", "cause_s"))
    for row in records:
        table.add_row(*(_cell(row, key) for _, _, key in _COLUMNS))
    console.print(table)
    for promise in promises:
        told = f"{promise['subject']} ({promise['number']}, {promise['owner']})"
        console.print(f"{label('promises', language)}: {told}", highlight=False)
    names = ", ".join(f"*-{ear}.wav {label(ear, language)}" for ear in EARS)
    console.print(f"{label('sounds', language)}: {out}", style="bold", highlight=False, soft_wrap=True)
    console.print(f"  {names}", style="dim", highlight=False, soft_wrap=True)
    for stem in sorted({path.stem.rpartition("-")[0] for path in wavs}):
        mine = [path.name for path in wavs if path.stem.rpartition("-")[0] == stem]
        console.print("  " + "  ".join(mine), highlight=False, soft_wrap=True)


def _cell(row: Json, key: str) -> str:
    if key == "talk":
        established, cleared = row["established"], row["cleared"]
        if not isinstance(established, Mapping) or not isinstance(cleared, Mapping):
            return "-"
        return f"{float(cleared['at']) - float(established['at']):.1f}"
    value = row[key]
    if key == "cues" and isinstance(value, list):
        return "\n".join(str(each).replace("@", " @") for each in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{name} {float(seconds):.1f}" for name, seconds in value.items())
    return str(value) if value not in (None, "") else "-"
