"""The shell commands on the pages, and whether they exist: script, subcommand, options and files.

May not run a command: its words are parsed by the command line itself.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import typer

from callseat.cli.root import root
from tests.docs.pages import blocks, inline
from tests.support import ROOT

CALLSEAT = ("callseat", "script/callseat")
USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""What the command line raises for words it does not take; typer names only this one heir of it."""


def shown(text: str) -> list[str]:
    """Every command of ours on a page: lines of its shell blocks, and inline code."""
    lines = [line.split(" #")[0].strip() for block in blocks(text, "sh") for line in block.splitlines()]
    told = [line for line in lines if line.startswith("script/")]
    return told + [code for code in inline(text) if code.startswith(("script/", "callseat "))]


def fault(command: str) -> str:
    """What is wrong with a command; empty when it could be run."""
    program, *words = shlex.split(command.partition(" > ")[0].partition(" | ")[0])
    if program in CALLSEAT:
        return _callseat_fault(words) or _file_fault(words)
    if not (ROOT / program).is_file():
        return f"no program {program}"
    if program == "script/demo":
        return _callseat_fault(["demo", *words])
    if program == "script/bench":
        named = [word for word in words if not word.startswith("-")]
        return next((f"no bench {name}" for name in named if not _bench(name)), "")
    return _file_fault(words)


def _bench(name: str) -> bool:
    return (ROOT / "tests" / "bench" / f"{name}.py").is_file()


def _file_fault(words: list[str]) -> str:
    """A file of ours that a command names and that is not there; a pattern must match something."""
    named = [word for word in words if word.startswith(("tests/", "docs/", "callseat/"))]
    return next((f"no file {word}" for word in named if not any(Path(ROOT).glob(word))), "")


def _callseat_fault(words: list[str]) -> str:
    """What the command line itself says of these words; a command alone is a mention, not a call."""
    command: Any = typer.main.get_command(root)
    context: Any = None
    name = "callseat"
    while words and hasattr(command, "get_command"):
        context = command.make_context(name, [], parent=context, resilient_parsing=True)
        name, *words = words
        command = command.get_command(context, name)
        if command is None:
            return f"callseat has no command {name}"
    if not words:
        return ""
    try:
        command.make_context(name, list(words), parent=context)
    except typer.Exit:
        return ""
    except USAGE_ERROR as error:
        return str(error)
    return ""
