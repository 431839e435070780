"""The tables of the record file, and how to open it.

May not know rows: `callseat.records.columns` maps them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from state.errors import ConfigError

SCHEMA_VERSION = 2
APPLICATION_ID = 0x43534541
"""`CSEA`: file(1) and we ourselves can tell a record file from another database."""
BUSY_S = 5.0
"""How long a statement waits for a backup or a report that holds the file."""
FILE_MODE = 0o640
"""Customers' numbers: for the daemon and its group only."""

STAMP_COLUMNS: Mapping[str, str] = {"at": "REAL", "wall_s": "REAL", "synced": "INTEGER", "boot": "TEXT"}
STAMPS = ("delivered", "established", "cleared")

CALL_COLUMNS: Mapping[str, str] = {
    "record": "TEXT PRIMARY KEY",
    "session": "TEXT NOT NULL",
    "last_session": "TEXT NOT NULL",
    "line": "TEXT NOT NULL",
    "call": "TEXT NOT NULL",
    "direction": "TEXT NOT NULL",
    "number": "TEXT NOT NULL",
    "state": "TEXT NOT NULL",
    "name": "TEXT NOT NULL",
    "agent": "TEXT",
    **{f"{stamp}_{part}": kind for stamp in STAMPS for part, kind in STAMP_COLUMNS.items()},
    "cause": "TEXT",
    "by": "TEXT NOT NULL",
    "silent_stage": "INTEGER NOT NULL",
    "silent_outcome": "TEXT NOT NULL",
    "cause_s": "TEXT NOT NULL",
    "cues": "TEXT NOT NULL",
    "first_near_s": "REAL",
    "first_far_s": "REAL",
    "near_spoken_s": "REAL NOT NULL",
    "far_spoken_s": "REAL NOT NULL",
    "speech": "TEXT NOT NULL",
    "hold_s": "REAL NOT NULL",
    "hold_count": "INTEGER NOT NULL",
    "muted_s": "REAL NOT NULL",
    "gap_s": "REAL NOT NULL",
    "closing": "TEXT NOT NULL",
    "category": "TEXT NOT NULL",
    "note": "TEXT NOT NULL",
}

BREACH_COLUMNS: Mapping[str, str] = {
    "record": "TEXT NOT NULL",
    "n": "INTEGER NOT NULL",
    "session": "TEXT NOT NULL",
    "rule": "TEXT NOT NULL",
    "at": "REAL NOT NULL",
    "boot": "TEXT NOT NULL",
    "basis": "TEXT NOT NULL",
    "evidence": "TEXT NOT NULL",
}

AGENT_COLUMNS: Mapping[str, str] = {
    "n": "INTEGER PRIMARY KEY",
    "session": "TEXT NOT NULL",
    "agent": "TEXT",
    "state": "TEXT NOT NULL",
    "reason": "TEXT NOT NULL",
    **STAMP_COLUMNS,
}

PROMISE_COLUMNS: Mapping[str, str] = {
    "promise": "TEXT PRIMARY KEY",
    "session": "TEXT NOT NULL",
    "record": "TEXT",
    "owner": "TEXT NOT NULL",
    "number": "TEXT NOT NULL",
    "subject": "TEXT NOT NULL",
    "due": "TEXT NOT NULL",
    "basis": "TEXT NOT NULL",
    "closed": "INTEGER NOT NULL",
    **{f"made_{part}": kind for part, kind in STAMP_COLUMNS.items()},
}

SESSION_COLUMNS: Mapping[str, str] = {
    "session": "TEXT PRIMARY KEY",
    "seen_at": "REAL",
    "seen_wall_s": "REAL",
    "seen_synced": "INTEGER",
    "boot": "TEXT NOT NULL",
}


KEYS: Mapping[str, tuple[str, ...]] = {
    "call": ("record",),
    "breach": ("record", "n"),
    "promise": ("promise",),
    "session": ("session",),
}
"""What a row is found by when it is written again; an agent row never is."""

KEPT: Mapping[str, tuple[str, ...]] = {
    "call": ("session",),
    "breach": ("session", "at", "boot"),
    "promise": ("session",),
    "session": (),
}
"""What stays as the run that wrote the row first put it."""


def _create(table: str, columns: Mapping[str, str], extra: str = "") -> str:
    body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    return f"CREATE TABLE {table} ({body}{extra})"


CREATE = (
    _create("session", SESSION_COLUMNS),
    _create("call", CALL_COLUMNS),
    _create("breach", BREACH_COLUMNS, ", PRIMARY KEY (record, n)"),
    _create("agent", AGENT_COLUMNS),
    _create("promise", PROMISE_COLUMNS),
    "CREATE INDEX call_by_number ON call (number)",
    "CREATE INDEX call_by_time ON call (delivered_wall_s)",
    "CREATE INDEX call_open ON call (state) WHERE state != 'idle'",
    "CREATE INDEX promise_open ON promise (number) WHERE closed = 0",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


def upsert(table: str, names: Iterable[str]) -> str:
    """The statement that writes a row, or writes it again; a stamp known before is kept, with its boot."""
    columns = tuple(names)
    insert = (
        f"INSERT INTO {table} ({', '.join(_quoted(columns))}) "  # noqa: S608 names of this file only
        f"VALUES ({', '.join('?' * len(columns))})"
    )
    if table not in KEYS:
        return insert
    fixed = KEYS[table] + KEPT[table]
    changes = ", ".join(_change(table, name) for name in columns if name not in fixed)
    return f"{insert} ON CONFLICT ({', '.join(KEYS[table])}) DO UPDATE SET {changes}"


def _change(table: str, name: str) -> str:
    stamp, _, part = name.partition("_")
    if table != "call" or stamp not in STAMPS:
        return f'"{name}" = excluded."{name}"'
    if part in ("at", "wall_s"):
        return f"{name} = coalesce(excluded.{name}, {table}.{name})"
    same = f"coalesce(excluded.{stamp}_at, {table}.{stamp}_at) IS {table}.{stamp}_at"
    if part == "synced":
        same = f"excluded.{stamp}_wall_s IS NULL"
    return f"{name} = CASE WHEN {same} THEN {table}.{name} ELSE excluded.{name} END"


def _quoted(names: Iterable[str]) -> Iterable[str]:
    return (f'"{name}"' for name in names)


def open_writer(path: Path) -> sqlite3.Connection:
    """Open or create the file for writing: WAL, every commit on the disk before it counts.

    A newer file or an unusable path is a ConfigError; a damaged file is sqlite3's DatabaseError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=FILE_MODE)
    except OSError as error:
        raise ConfigError(f"[records] path: {path} cannot be written: {error.strerror}") from None
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    with ExitStack() as undo:
        undo.callback(connection.close)
        _prepare(connection, path)
        undo.pop_all()
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the file for reading only; one that is missing or not ours is a ConfigError."""
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", timeout=BUSY_S, uri=True)
    except sqlite3.OperationalError as error:
        raise ConfigError(f"records {path} cannot be read: {error}") from None
    connection.row_factory = sqlite3.Row
    with ExitStack() as undo:
        undo.callback(connection.close)
        try:
            _check_version(connection, path)
            version = _pragma(connection, "user_version")
        except sqlite3.DatabaseError as error:
            raise ConfigError(f"records {path} cannot be read: {error}") from None
        if not version:
            raise ConfigError(f"records {path}: holds no records yet")
        undo.pop_all()
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    _check_version(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    fault = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if fault != "ok":
        raise sqlite3.DatabaseError(fault)
    if _pragma(connection, "user_version") == 0:
        connection.execute("BEGIN IMMEDIATE")
        for statement in CREATE:
            connection.execute(statement)
        connection.execute("COMMIT")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version, owner = _pragma(connection, "user_version"), _pragma(connection, "application_id")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise ConfigError(f"records {path}: a database of something else; give [records] path another name")
    if version > SCHEMA_VERSION:
        raise ConfigError(
            f"records {path}: written by a newer callseat (schema {version}, not {SCHEMA_VERSION}); "
            "update callseat, or give [records] path another name"
        )
    if 0 < version < SCHEMA_VERSION:
        raise ConfigError(
            f"records {path}: written by an older callseat (schema {version}, not {SCHEMA_VERSION}); "
            "give [records] path another name"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
