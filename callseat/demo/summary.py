"""The end of the demo: the records as a table, promises, and the list of WAV files.

May not read anything: it is handed what was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from callseat.demo.words import BY, CAUSES, label
from prompts.display import columns

EARS = ("ear", "line", "near", "far")

Json = Mapping[str, object]

_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("方向", "direction", "direction"),
    ("号码", "number", "number"),
    ("通话 秒", "talk s", "talk"),
    ("结果", "outcome", "silent_outcome"),
    ("句数", "stages", "silent_stage"),
    ("提示", "cues", "cues"),
    ("无声原因 秒", "silence s", "cause_s"),
    ("挂机", "ended by", "by"),
)

_WORDS = {
    **BY,
    "inbound": "呼入",
    "outbound": "呼出",
    "silent_call": "静默通话",
    "conversation": "正常通话",
}
"""What a Chinese seat reads for the words of a record."""
_LISTS = ("cues", "cause_s")
_TABLE_COLUMNS = 110
"""With fewer, the lists of a table would be broken letter by letter: each call gets lines of its own."""


def show_summary(
    console: Console,
    language: str,
    records: Sequence[Json],
    promises: Sequence[Json],
    wavs: Sequence[Path],
    out: Path,
) -> None:
    """Print everything."""
    if console.width >= _TABLE_COLUMNS:
        console.print(_table(language, records))
    else:
        console.print(label("records", language), style="bold")
        for row in records:
            console.print(_lines(language, row))
    for promise in promises:
        told = f"{promise['subject']} ({promise['number']}, {promise['owner']})"
        console.print(f"{label('promises', language)}: {told}", highlight=False)
    console.print(f"{label('sounds', language)}: {out}", style="bold", highlight=False, soft_wrap=True)
    for ear in EARS:
        console.print(
            f"  {f'*-{ear}.wav':<10}  {label(ear, language)}", style="dim", highlight=False, soft_wrap=True
        )
    for stem in sorted({path.stem.rpartition("-")[0] for path in wavs}):
        mine = [path.name for path in wavs if path.stem.rpartition("-")[0] == stem]
        console.print("  " + "  ".join(mine), highlight=False, soft_wrap=True)


def _table(language: str, records: Sequence[Json]) -> Table:
    table = Table(title=label("records", language), title_justify="left", header_style="bold")
    for zh, en, key in _COLUMNS:
        header = en if language == "en" else f"{zh}\n{en}"
        table.add_column(header, overflow="fold", no_wrap=key not in _LISTS)
    for row in records:
        table.add_row(*(_cell(row, key, language) for _, _, key in _COLUMNS))
    return table


def _lines(language: str, row: Json) -> Text:
    """One call: its number, then what the columns would say."""
    heads = {key: en if language == "en" else zh for zh, en, key in _COLUMNS}
    cells = {key: _cell(row, key, language) for key in heads}
    text = Text(f"  {cells.pop('direction')} {cells.pop('number')}", style="bold")
    facts = (f"{heads[key]} {cell}" for key, cell in cells.items() if key not in _LISTS and cell != "-")
    text.append("\n    " + ", ".join(facts), style="default")
    for key in _LISTS:
        listed = cells[key].splitlines()
        for head, each in zip((heads[key], *[""] * len(listed)), listed, strict=False):
            text.append("\n    " + head + " " * (12 - columns(head)), style="dim").append(
                each, style="default"
            )
    return text


def _cell(row: Json, key: str, language: str) -> str:
    if key == "talk":
        established, cleared = row["established"], row["cleared"]
        if not isinstance(established, Mapping) or not isinstance(cleared, Mapping):
            return "-"
        return f"{float(cleared['at']) - float(established['at']):.1f}"
    value = row[key]
    if key == "cues" and isinstance(value, list):
        return "\n".join(str(each).replace("@", " @") for each in value)
    if isinstance(value, Mapping):
        names = {name: name if language == "en" else CAUSES.get(name, name) for name in value}
        return "\n".join(f"{names[name]} {float(seconds):.1f}" for name, seconds in value.items())
    if value in (None, ""):
        return "-"
    return str(value) if language == "en" else _WORDS.get(str(value), str(value))
