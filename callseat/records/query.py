"""Reading records: for the command line and the socket, from a connection that cannot write.

May not be called on the loop: every call opens the file and may wait for the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callseat.records.columns import agent_row, call_row, promise_row
from callseat.records.file import breaches_of
from callseat.records.schema import open_reader
from state.rows import AgentRow, CallRow, PromiseRow


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as recorded; `session` opened it, `last_session` wrote it last, `boot` is of its first stamp."""

    row: CallRow
    session: str
    last_session: str
    boot: str | None


def query_calls(
    path: Path, *, limit: int = 50, since_wall_s: float | None = None, number: str = ""
) -> tuple[StoredCall, ...]:
    """The newest calls first; `number` matches the end of a number, so its last digits are enough."""
    where, values = ["1"], list[str | float]()
    if since_wall_s is not None:
        where.append("coalesce(delivered_wall_s, established_wall_s, cleared_wall_s) >= ?")
        values.append(since_wall_s)
    if number:
        where.append("substr(number, -length(?)) = ?")
        values += [number, number]
    with _reading(path) as connection:
        calls = connection.execute(
            f"SELECT * FROM call WHERE {' AND '.join(where)} "  # noqa: S608 fixed texts, values are bound
            "ORDER BY rowid DESC LIMIT ?",
            (*values, limit),
        ).fetchall()
        return tuple(_stored(connection, call) for call in calls)


def query_promises(path: Path, *, open_only: bool = True, limit: int = 100) -> tuple[PromiseRow, ...]:
    """What is owed to customers, oldest first."""
    with _reading(path) as connection:
        rows = connection.execute(
            "SELECT * FROM promise WHERE closed <= ? ORDER BY rowid LIMIT ?", (0 if open_only else 1, limit)
        )
        return tuple(promise_row(row) for row in rows)


def query_agents(path: Path, *, limit: int = 100) -> tuple[AgentRow, ...]:
    """Changes of the agent's state, newest first."""
    with _reading(path) as connection:
        rows = connection.execute("SELECT * FROM agent ORDER BY n DESC LIMIT ?", (limit,))
        return tuple(agent_row(row) for row in rows)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_reader(path)
    try:
        yield connection
    finally:
        connection.close()


def _stored(connection: sqlite3.Connection, call: sqlite3.Row) -> StoredCall:
    row = call_row(dict(call), breaches_of(connection, call["record"]))
    boots = (call["delivered_boot"], call["established_boot"], call["cleared_boot"])
    return StoredCall(
        row, call["session"], call["last_session"], next((boot for boot in boots if boot is not None), None)
    )
