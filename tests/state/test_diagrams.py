"""The diagrams in docs/ are those of the tables, whole and current."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from state.chart import Move, Table
from state.diagrams import mermaid, page
from state.tables import LINE, TABLES
from tests.support import ROOT


def arrows(text: str) -> dict[tuple[str, str], set[str]]:
    """The arrows of a diagram with the events on them."""
    found = re.findall(r"^    (\w+) --> (\w+): (.+)$", text, re.MULTILINE)
    return {
        (state, to): {label.split(" [")[0] for label in labels.split(", ")} for state, to, labels in found
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_move_is_drawn_and_nothing_else(table: Table) -> None:
    expected: dict[tuple[str, str], set[str]] = {}
    for row in table.rows:
        if isinstance(row, Move):
            expected.setdefault((row.state.value, row.to.value), set()).add(row.on.value)
    assert arrows(mermaid(table)) == expected
    assert f"[*] --> {table.initial.value}" in mermaid(table)


def test_a_small_diagram_word_by_word() -> None:
    assert mermaid(LINE).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> out_of_service",
        "    out_of_service --> in_service: answers",
        "    in_service --> out_of_service: lost",
    ]


def test_a_changed_table_is_another_diagram() -> None:
    assert mermaid(replace(LINE, rows=LINE.rows[1:])) != mermaid(LINE)


def test_the_page_shows_every_cell_of_every_table() -> None:
    text = page()
    for table in TABLES:
        section = text.split(f"## {table.name}\n")[1].split("\n## ")[0]
        for row in table.rows:
            assert row.on.value in section
        assert all(state.value in section for state in table.states)


def test_the_page_in_the_documentation_is_current() -> None:
    place = ROOT / "docs" / "diagrams" / "states.md"
    assert place.read_text(encoding="utf-8") == page(), "run script/generate"


def test_the_check_says_so_without_changing_anything() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "script" / "generate_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")
