"""The checker of decision tables: everything that can be wrong in one, as sentences.

May not know a particular table; it is handed one with the region that runs it.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from state.chart import Move, Refuse, Row, Stay, Table
from state.machine import Region


def faults(table: Table, region: type[Region[StrEnum]]) -> list[str]:
    """Every fault of a table; an empty list means that each cell is decided, once, by things that exist."""
    return [
        *_unknown(table, region),
        *_undecided(table),
        *_duplicates(table),
        *_standing_moves(table),
        *_unreachable(table),
    ]


def place(row: Row) -> str:
    """Where a row stands."""
    guard = f" when {row.when}" if row.when else ""
    return f"{row.state!s} on {row.on!s}{guard}"


def _unknown(table: Table, region: type[Region[StrEnum]]) -> list[str]:
    """Names that mean nothing: states, events, guards and actions."""
    found = []
    for row in table.rows:
        if not isinstance(row.state, table.states):
            found.append(f"{place(row)}: unknown state {row.state!s}")
        if isinstance(row, Move) and not isinstance(row.to, table.states):
            found.append(f"{place(row)}: unknown state {row.to!s}")
        if not isinstance(row.on, table.events):
            found.append(f"{place(row)}: unknown event {row.on!s}")
        if row.when and not callable(getattr(region, row.when, None)):
            found.append(f"{place(row)}: no guard {row.when}")
        actions = () if isinstance(row, Refuse) else row.do
        missing = [name for name in actions if not callable(getattr(region, name, None))]
        found += [f"{place(row)}: no action {name}" for name in missing]
    if not isinstance(table.initial, table.states):
        found.append(f"unknown initial state {table.initial!s}")
    return found


def _undecided(table: Table) -> list[str]:
    """Cells without a decision, without a last word, or with rows behind the last word."""
    found = []
    for state, event, rows in table.cells():
        last_words = [number for number, row in enumerate(rows) if not row.when]
        if not rows:
            found.append(f"{state!s} on {event!s}: a hole")
        elif not last_words:
            found.append(f"{state!s} on {event!s}: only guarded rows")
        elif last_words[0] != len(rows) - 1:
            found.append(f"{state!s} on {event!s}: rows behind the unguarded one")
    return found


def _duplicates(table: Table) -> list[str]:
    """The same guard twice in a cell: the second can never decide."""
    counted = Counter((row.state, row.on, row.when) for row in table.rows)
    return [
        f"{state!s} on {event!s}: decided {count} times when {guard or 'nothing else does'}"
        for (state, event, guard), count in counted.items()
        if count > 1
    ]


def _standing_moves(table: Table) -> list[str]:
    """A move to where it is: that is a stay, and needs its reason."""
    return [
        f"{place(row)}: moves to itself"
        for row in table.rows
        if isinstance(row, Move) and row.to is row.state
    ]


def _unreachable(table: Table) -> list[str]:
    """States no moves lead to, and states that cannot be left although the region lives on."""
    reached, fresh = {table.initial}, {table.initial}
    while fresh:
        fresh = {
            row.to
            for row in table.rows
            if isinstance(row, Move) and row.state in fresh and row.to not in reached
        }
        reached |= fresh
    left = {row.state for row in table.rows if isinstance(row, Move)}
    return [f"{state!s}: unreachable" for state in table.states if state not in reached] + [
        f"{state!s}: never left" for state in table.states if state not in left
    ]


def reasons(table: Table) -> set[StrEnum]:
    """Every reason and refusal a table uses."""
    used: set[StrEnum] = {row.because for row in table.rows if isinstance(row, Stay)}
    return used | {row.kind for row in table.rows if isinstance(row, Refuse)}
