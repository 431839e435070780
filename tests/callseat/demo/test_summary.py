"""The records at the end of the demo can be read in a wide terminal and in a narrow one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from callseat.demo.summary import show_summary

SILENT = {
    "direction": "outbound",
    "number": "13600003333",
    "established": {"at": 10.0},
    "cleared": {"at": 37.25},
    "silent_outcome": "silent_call",
    "silent_stage": 3,
    "cues": ["opening@2.00", "silent.stage_2@11.25"],
    "cause_s": {"customer_silent": 27.25},
    "by": "local",
}
GIVEN_UP = dict.fromkeys(SILENT, "") | {"direction": "inbound", "number": "139", "cues": [], "cause_s": {}}


def shown(language: str, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True)
    show_summary(console, language, (SILENT, GIVEN_UP), (), (Path("desk-01-ear.wav"),), Path("/out"))
    return console.export_text().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-CN", ("呼出", "静默通话", "本端", "无声原因", "客户没有说话 27.2")),
        ("en", ("outbound", "silent_call", "local", "silence", "customer_silent 27.2")),
    ],
)
def test_no_word_is_broken_at_any_width(width: int, language: str, words: tuple[str, ...]) -> None:
    lines = shown(language, width)
    for part in (*words, "13600003333", "27.2", "silent.stage_2 @11.25"):
        assert any(part in line for line in lines), part


def test_a_narrow_terminal_gets_a_few_lines_for_each_call() -> None:
    lines = shown("en", 80)
    head = lines.index("  outbound 13600003333")
    assert [line.rstrip() for line in lines[head + 1 : head + 6]] == [
        "    talk s 27.2, outcome silent_call, stages 3, ended by local",
        "    cues        opening @2.00",
        "                silent.stage_2 @11.25",
        "    silence s   customer_silent 27.2",
        "  inbound 139",
    ]
    assert not any("┃" in line for line in lines)


def test_a_wide_terminal_gets_a_table() -> None:
    assert sum("┃" in line for line in shown("zh-CN", 120)) == 2


def test_the_sounds_are_listed_with_their_folder() -> None:
    lines = shown("en", 80)
    assert "what was heard, as WAV files: /out" in lines
    assert "  desk-01-ear.wav" in lines
