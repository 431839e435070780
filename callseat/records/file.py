"""The record file as the writer thread sees it: rows in, a transaction for each batch, what was left open.

May not be used from two threads; may not decide when to write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import assert_never

from callseat.records.columns import (
    Columns,
    agent_columns,
    breach_columns,
    call_columns,
    call_row,
    promise_columns,
    promise_row,
)
from callseat.records.schema import STAMPS, open_writer, upsert
from state.events import CivilTimeKnown, OpenRecord, SeatRestored
from state.rows import AgentRow, Breach, CallRow, PromiseRow, Row
from state.words import Basis, CallState

DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@dataclass(frozen=True, slots=True)
class Seen:
    """The daemon was alive at this time."""

    at: float
    wall_s: float
    synced: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What an earlier run left behind; `agent_wall_s` is when the agent's state last changed."""

    agent: str | None = None
    agent_state: str = ""
    agent_reason: str = ""
    agent_wall_s: float | None = None
    open_records: tuple[OpenRecord, ...] = ()
    promises: tuple[PromiseRow, ...] = ()

    def event(self, at: float, source: str = "records", *, now: CivilTimeKnown | None = None) -> SeatRestored:
        """The same as the core is told it; an agent of an earlier day than `now` is not signed in any more.

        Yesterday's agent has gone home: calls recorded under the wrong name cannot be taken back, while a
        night shift that loses its daemon at midnight signs in again in seconds.
        """
        told = SeatRestored(
            at,
            source,
            self.agent,
            self.agent_state,
            self.agent_reason,
            self.open_records,
            self.promises,
        )
        if now is None or self.agent_wall_s is None:
            return told
        here = timezone(timedelta(seconds=now.utc_offset_s))
        changed = datetime.fromtimestamp(self.agent_wall_s, here).date()
        today = datetime.fromtimestamp(now.wall_s, here).date()
        return replace(told, agent=None, agent_state="", agent_reason="") if changed < today else told


class RecordFile:
    """An open record file; `notices` tells what had to be done to open it."""

    def __init__(self, path: Path, session: str, boot: str) -> None:
        self._path = path
        self._session = session
        self._boot = boot
        self.notices: tuple[str, ...] = ()
        self._connection = self._open()

    def close(self) -> None:
        """Close the file; the last to close it folds the WAL into it."""
        self._connection.close()

    def replace(self, why: sqlite3.DatabaseError) -> None:
        """Move a file that turned out damaged aside and go on with an empty one."""
        self._connection.close()
        self._move_aside(why)
        self._connection = self._open()

    def commit(self, items: Iterable[Row | Seen]) -> None:
        """Write all of it, or nothing: on return it is on the disk."""
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for item in items:
                self._write(item)

    def restored(self) -> Restored:
        """Who was signed in, which calls of earlier runs are still open, what is still owed."""
        execute = self._connection.execute
        last = execute(
            "SELECT * FROM agent WHERE session != ? ORDER BY n DESC LIMIT 1", (self._session,)
        ).fetchone()
        calls = execute(
            "SELECT call.*, session.seen_wall_s FROM call "
            "LEFT JOIN session ON session.session = call.last_session "
            "WHERE call.state NOT IN (?, ?) AND call.cleared_at IS NULL AND call.last_session != ? "
            "ORDER BY call.rowid",
            (CallState.IDLE.value, CallState.FAILED.value, self._session),
        ).fetchall()
        owed = execute("SELECT * FROM promise WHERE closed = 0 ORDER BY rowid").fetchall()
        return Restored(
            agent=last["agent"] if last else None,
            agent_state=last["state"] if last else "",
            agent_reason=last["reason"] if last else "",
            agent_wall_s=last["wall_s"] if last else None,
            open_records=tuple(self._open_record(call) for call in calls),
            promises=tuple(promise_row(each) for each in owed),
        )

    def _open(self) -> sqlite3.Connection:
        try:
            return open_writer(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._move_aside(error)
            return open_writer(self._path)

    def _move_aside(self, why: sqlite3.DatabaseError) -> None:
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.damaged-{number}")).exists():
            number += 1
        for suffix in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self.notices += (f"records {self._path} is damaged ({why}); moved to {aside}, a new file is begun",)

    def _write(self, item: Row | Seen) -> None:
        match item:
            case CallRow():
                self._write_call(item)
            case AgentRow():
                self._upsert("agent", agent_columns(item, self._session, self._boot))
            case PromiseRow():
                self._upsert("promise", promise_columns(item, self._session, self._boot))
            case Seen():
                seen: Columns = {
                    "seen_at": item.at,
                    "seen_wall_s": item.wall_s,
                    "seen_synced": int(item.synced),
                }
                self._upsert("session", seen | {"session": self._session, "boot": self._boot})
            case _:
                assert_never(item)

    def _write_call(self, row: CallRow) -> None:
        self._upsert("call", call_columns(row, self._session, self._boot))
        for n, breach in enumerate(row.breaches):
            self._upsert("breach", breach_columns(row.record, n, breach, self._session, self._boot))

    def _upsert(self, table: str, columns: Columns) -> None:
        self._connection.execute(_statement(table, tuple(columns)), tuple(columns.values()))

    def _open_record(self, call: sqlite3.Row) -> OpenRecord:
        walls = [call[f"{stamp}_wall_s"] for stamp in STAMPS] + [call["seen_wall_s"]]
        return OpenRecord(
            row=call_row(dict(call), breaches_of(self._connection, call["record"])),
            last_seen_wall_s=max((wall for wall in walls if wall is not None), default=None),
        )


def breaches_of(connection: sqlite3.Connection, record: str) -> tuple[Breach, ...]:
    """The breaches of one call, in order."""
    found = connection.execute("SELECT * FROM breach WHERE record = ? ORDER BY n", (record,))
    return tuple(Breach(each["rule"], each["at"], Basis(each["basis"]), each["evidence"]) for each in found)


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, so that trying again cannot help."""
    return getattr(error, "sqlite_errorname", "") in DAMAGED


@cache
def _statement(table: str, names: tuple[str, ...]) -> str:
    return upsert(table, names)
