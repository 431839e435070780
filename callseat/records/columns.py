"""Rows as columns of a table, and columns as rows.

May not touch a database.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from callseat.records.schema import CALL_COLUMNS, STAMP_COLUMNS, STAMPS
from state.rows import AgentRow, Breach, CallRow, PromiseRow, Stamp

Sql = str | float | int | None
Columns = dict[str, Sql]

JSON_COLUMNS = ("cause_s", "cues", "speech")

_CALL_FIELDS = {field.name for field in dataclasses.fields(CallRow)}


def call_columns(row: CallRow, session: str, boot: str) -> Columns:
    """A call row as the columns of table call; its breaches have their own table."""
    columns: Columns = {"session": session, "last_session": session}
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if field.name in STAMPS:
            columns |= stamp_columns(value, boot, f"{field.name}_")
        elif field.name in JSON_COLUMNS:
            columns[field.name] = msgspec.json.encode(value).decode()
        elif field.name != "breaches":
            columns[field.name] = _plain(value)
    return columns


def breach_columns(record: str, n: int, breach: Breach, session: str, boot: str) -> Columns:
    """One breach as the columns of table breach."""
    return {
        "record": record,
        "n": n,
        "session": session,
        "rule": breach.rule,
        "at": breach.at,
        "boot": boot,
        "basis": breach.basis.value,
        "evidence": breach.evidence,
    }


def agent_columns(row: AgentRow, session: str, boot: str) -> Columns:
    """A change of the agent's state as the columns of table agent."""
    told: Columns = {"session": session, "agent": row.agent, "state": row.state, "reason": row.reason}
    return told | stamp_columns(row.at, boot)


def promise_columns(row: PromiseRow, session: str, boot: str) -> Columns:
    """A promise as the columns of table promise."""
    names = ("promise", "record", "owner", "number", "subject", "due", "basis", "closed")
    columns: Columns = {name: _plain(getattr(row, name)) for name in names}
    return columns | {"session": session} | stamp_columns(row.made, boot, "made_")


def stamp_columns(stamp: Stamp | None, boot: str, prefix: str = "") -> Columns:
    """A stamp with its boot: monotonic times of two boots cannot be compared."""
    if stamp is None:
        return dict.fromkeys((prefix + part for part in STAMP_COLUMNS), None)
    values: Columns = {"at": stamp.at, "wall_s": stamp.wall_s, "synced": int(stamp.synced), "boot": boot}
    return {prefix + part: values[part] for part in STAMP_COLUMNS}


def call_row(columns: Mapping[str, Any], breaches: tuple[Breach, ...]) -> CallRow:
    """The call row a record file holds."""
    values = {name: columns[name] for name in CALL_COLUMNS if name in _CALL_FIELDS}
    values |= {name: msgspec.json.decode(columns[name]) for name in JSON_COLUMNS}
    values |= {name: stamp_of(columns, f"{name}_") for name in STAMPS}
    return msgspec.convert(values | {"breaches": breaches}, CallRow)


def promise_row(columns: Mapping[str, Any]) -> PromiseRow:
    """The promise a record file holds."""
    names = ("promise", "record", "owner", "number", "subject", "due", "basis")
    values = {name: columns[name] for name in names}
    made = {"made": stamp_of(columns, "made_"), "closed": bool(columns["closed"])}
    return msgspec.convert(values | made, PromiseRow)


def agent_row(columns: Mapping[str, Any]) -> AgentRow:
    """The agent row a record file holds."""
    values = {name: columns[name] for name in ("agent", "state", "reason")}
    return msgspec.convert(values | {"at": stamp_of(columns)}, AgentRow)


def stamp_of(columns: Mapping[str, Any], prefix: str = "") -> Stamp | None:
    """The stamp in these columns, or None."""
    at = columns[f"{prefix}at"]
    if at is None:
        return None
    return Stamp(at, columns[f"{prefix}wall_s"], bool(columns[f"{prefix}synced"]))


def _plain(value: Any) -> Sql:
    plain: Sql = value.value if isinstance(value, Enum) else value
    return int(plain) if isinstance(plain, bool) else plain
