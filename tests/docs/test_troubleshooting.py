"""docs/troubleshooting-headsets.md explains every finding the doctor can make, and no other."""

from __future__ import annotations

import re

from callseat.diagnosis import KINDS, Severity
from tests.docs.commands import fault
from tests.docs.pages import inline, marked, page, rows

PAGE = "docs/troubleshooting-headsets.md"


def _rows(severity: Severity) -> list[str]:
    """The rows of one table, as the page must have them."""
    kinds = (kind for kind in KINDS.values() if kind.severity is severity)
    return [f"| `{kind.kind}` | {kind.why} | {kind.next_step} |" for kind in kinds]


def _table(severity: Severity) -> str:
    return "\n".join(("| finding | why it matters | next step |", "|---|---|---|", *_rows(severity)))


def test_every_finding_is_explained_as_the_doctor_does() -> None:
    for severity, mark in ((Severity.FAULT, "faults"), (Severity.NOTE, "notes")):
        assert marked(PAGE, mark) == _table(severity)


def test_a_finding_named_elsewhere_on_the_page_exists() -> None:
    named = {code for code in inline(page(PAGE)) if re.fullmatch(r"[a-z]+(_[a-z]+)+", code)}
    assert named <= set(KINDS)
    assert {"other_opener", "not_taken"} <= named


def test_every_command_of_a_next_step_exists() -> None:
    commands = [code for kind in KINDS.values() for code in inline(kind.next_step)]
    assert len(commands) > 20
    ours = [command.removeprefix("sudo ") for command in commands if "callseat " in command.split(" -")[0]]
    ours = [command for command in ours if command.startswith("callseat ")]
    assert len(ours) >= 6
    assert {command: why for command in ours if (why := fault(command))} == {}


def test_every_symptom_has_a_command_and_its_meaning() -> None:
    symptoms = rows(page(PAGE), "From the symptom")
    assert len(symptoms) >= 8
    for _, ask, meaning in symptoms:
        assert ask.startswith("`callseat "), ask
        assert len(meaning) > 20, ask
