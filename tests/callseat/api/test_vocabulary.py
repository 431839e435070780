"""What the rooms publish and refuse with is what the socket's tables, and so docs/api.md, name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from callseat.api.errors import ERROR_KINDS
from callseat.api.topics import CLIENT_DROPPED, LINE_COMMAND, SERVER_CLOSING, STATE_CHANGED, TOPICS
from state.chart import Refusal
from state.words import AgentState
from tests.support import ROOT

ROOMS = ("state", "callseat/core")


def calls(name: str, position: int) -> Iterator[tuple[str, str]]:
    """Every literal text given at `position` to a function or method called `name`, with its place."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) == name and len(node.args) > position:
                    yield from ((text, _place(path, node)) for text in _texts(node.args[position]))


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _texts(argument: ast.expr) -> Iterator[str]:
    choices = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
    for one in choices:
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value:
            yield one.value


def _place(path: Path, node: ast.Call) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_published_topic_is_in_the_table() -> None:
    published = [*calls("publish", 0), *calls("Publish", 0)]
    assert len(published) > 20
    assert [(topic, place) for topic, place in published if topic not in TOPICS] == []


def test_every_topic_of_the_table_is_told_by_somebody() -> None:
    told = {topic for topic, _ in (*calls("publish", 0), *calls("Publish", 0), *calls("_move", 3))}
    told |= {f"agent.{state.value}" for state in AgentState} | {"call.cleared", "call.failed"}
    told |= {STATE_CHANGED, LINE_COMMAND, CLIENT_DROPPED, SERVER_CLOSING}
    assert set(TOPICS) - told == set()


def test_every_error_kind_a_request_is_refused_with_is_in_the_table() -> None:
    refused = [*calls("reply", 1), *calls("Reply", 1)]
    assert len(refused) > 5
    assert [(kind, place) for kind, place in refused if kind not in ERROR_KINDS] == []
    assert {_value(refusal) for refusal in Refusal} <= set(ERROR_KINDS)


def _value(member: Enum) -> str:
    return str(member.value)
