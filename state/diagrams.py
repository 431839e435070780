"""Draws the decision tables as Mermaid state diagrams, for docs/diagrams.

May not write a file or decide anything: the same tables always give the same page.
"""

from __future__ import annotations

from enum import StrEnum

from state.chart import Move, Refuse, Row, Stay, Table
from state.tables import TABLES

_HEAD = """# State diagrams

Drawn from `state/tables.py` by `script/generate`; do not edit. Every (state, event) pair is decided: the
diagram shows the moves, the table below it what changes no state and why.
"""


def mermaid(table: Table) -> str:
    """The moves of one table as a Mermaid state diagram; events between the same states share an arrow."""
    arrows: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for row in table.rows:
        if isinstance(row, Move):
            arrows.setdefault((row.state, row.to), []).append(_on(row))
    lines = ["stateDiagram-v2", f"    [*] --> {table.initial.value}"]
    for (state, to), labels in arrows.items():
        lines.append(f"    {state.value} --> {to.value}: {', '.join(labels)}")
    return "\n".join(lines)


def page() -> str:
    """All tables as one Markdown page."""
    return "\n".join((_HEAD, *(_section(table) for table in TABLES)))


def _section(table: Table) -> str:
    return f"""## {table.name}

```mermaid
{mermaid(table)}
```

{_stays(table)}
"""


def _stays(table: Table) -> str:
    """What changes no state, by state and reason."""
    lines = ["| state | events | outcome |", "|---|---|---|"]
    for state in table.states:
        reasons: dict[str, list[str]] = {}
        for row in table.rows:
            if row.state is state and not isinstance(row, Move):
                reasons.setdefault(_outcome(row), []).append(_on(row))
        lines += [f"| {state.value} | {', '.join(events)} | {why} |" for why, events in reasons.items()]
    return "\n".join(lines)


def _on(row: Row) -> str:
    return f"{row.on.value} [{row.when}]" if row.when else row.on.value


def _outcome(row: Stay | Refuse) -> str:
    if isinstance(row, Refuse):
        return f"refused: `{row.kind.value}`"
    done = f" ({', '.join(row.do)})" if row.do else ""
    return f"{row.because.value}{done}"
