"""Records as an app and the command line get them: plain values for JSON, newest first.

May not be called on the loop: every answer opens the file. May not write.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from callseat.api.params import AgentsParams, CallsParams, PromisesParams
from callseat.records import query_agents, query_calls, query_promises

Answer = list[dict[str, Any]]


def answer_calls(path: Path, params: Mapping[str, object]) -> Answer:
    """Calls on record, newest first: the row, and which run and boot its times are of."""
    asked = msgspec.convert(params, CallsParams)
    found = query_calls(path, limit=asked.limit, since_wall_s=asked.since, number=asked.number)
    return [
        {**msgspec.to_builtins(each.row), "session": each.session, "last_session": each.last_session}
        | {"boot": each.boot}
        for each in found
    ]


def answer_promises(path: Path, params: Mapping[str, object]) -> Answer:
    """What is owed to customers, oldest first."""
    asked = msgspec.convert(params, PromisesParams)
    return [
        msgspec.to_builtins(row)
        for row in query_promises(path, open_only=not asked.closed, limit=asked.limit)
    ]


def answer_agents(path: Path, params: Mapping[str, object]) -> Answer:
    """Changes of the agent's state, newest first."""
    asked = msgspec.convert(params, AgentsParams)
    return [msgspec.to_builtins(row) for row in query_agents(path, limit=asked.limit)]
