"""Names of the code as the pages may mention them: classes with their members, functions, tests.

May not import a room: the sources are read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.support import ROOT

ROOMS = ("state", "devices", "prompts", "audio", "firmware_bridge", "callseat")


def _trees(*folders: str) -> Iterator[ast.Module]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"), str(path))


def _members(made: ast.ClassDef) -> set[str]:
    """Methods, fields, constants and attributes set on self."""
    found: set[str] = set()
    for node in ast.walk(made):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                found.add(name)
    return found


@cache
def classes() -> dict[str, set[str]]:
    """Class names to their members, those of base classes in the rooms included."""
    own: dict[str, set[str]] = {}
    bases: dict[str, set[str]] = {}
    for tree in _trees(*ROOMS):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                own.setdefault(node.name, set()).update(_members(node))
                named = {
                    base.value.id if isinstance(base, ast.Subscript) and isinstance(base.value, ast.Name)
                    else base.id if isinstance(base, ast.Name) else ""
                    for base in node.bases
                }  # fmt: skip
                bases.setdefault(node.name, set()).update(named)
    return {
        name: members.union(*(own.get(base, set()) for base in bases[name])) for name, members in own.items()
    }


@cache
def functions() -> frozenset[str]:
    """Every function and method of the rooms."""
    return frozenset(
        node.name
        for tree in _trees(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@cache
def suite() -> frozenset[str]:
    """Every test of the suite."""
    return frozenset(
        node.name
        for tree in _trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )
