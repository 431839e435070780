"""docs/api.md says what the tables say."""

from __future__ import annotations

from pathlib import Path

from callseat.api.errors import ERROR_KINDS
from callseat.api.methods import METHODS
from callseat.api.reference import PART, main, render
from callseat.api.topics import TOPICS
from tests.support import ROOT

API = ROOT / "docs" / "api.md"


def test_the_generated_parts_are_the_tables() -> None:
    text = API.read_text("utf-8")
    assert render(text) == text, "run: python -m callseat.api.reference docs/api.md"


def test_every_part_is_there_once_and_names_everything() -> None:
    text = API.read_text("utf-8")
    assert sorted(match[2] for match in PART.finditer(text)) == [
        "errors",
        "methods",
        "notifications",
        "snapshot",
    ]
    for name in (*METHODS, *ERROR_KINDS, *TOPICS):
        assert f"| `{name}` |" in text


def test_writing_restores_a_part_that_was_edited_and_nothing_else(tmp_path: Path) -> None:
    text = API.read_text("utf-8")
    copy = tmp_path / "api.md"
    copy.write_text(text.replace("| `busy` | 9 |", "| `busy` | 11 |"), "utf-8")
    main([str(copy)])
    assert copy.read_text("utf-8") == text


def test_table_rows_have_the_columns_of_their_head() -> None:
    width = 0
    for line in API.read_text("utf-8").splitlines():
        cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
        assert cells in (0, width) or width == 0, line
        width = cells
