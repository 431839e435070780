"""docs/audio-commands.md shows what the commands answer: run again, words the same and numbers near."""

from __future__ import annotations

import re

import pytest
from rich.console import Console

from callseat.cli.meter import screen
from callseat.cli.meter_board import Board
from tests.callseat.cli.daemon_kit import command
from tests.docs.pages import blocks, marked, page

GUIDE = "docs/audio-commands.md"
COMMANDS = re.findall(r"<!-- output: callseat (.*) -->", page(GUIDE))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
NEAR_BY = 0.15
"""Of a number, or 0.3 of its unit: a detector may move an edge by a frame or two, and the page stay true."""


def split(text: str) -> tuple[list[str], list[float]]:
    """Words with every number taken out, however the columns are spaced; and the numbers."""
    words = re.sub(r"\s+", " ", NUMBER.sub("#", text)).strip()
    return words.split(" "), [float(each) for each in NUMBER.findall(text)]


def test_there_are_outputs() -> None:
    assert len(COMMANDS) >= 3


@pytest.mark.parametrize("shown", COMMANDS)
def test_an_output_is_that_of_its_command(shown: str) -> None:
    (expected,) = blocks(marked(GUIDE, f"output: callseat {shown}") + "\n", "text")
    found_in = "1 found" in expected
    words, numbers = split(command(*shown.split(), status=1 if found_in else 0).stdout)
    expected_words, expected_numbers = split(expected)
    assert words == expected_words
    assert numbers == [pytest.approx(each, rel=NEAR_BY, abs=0.3) for each in expected_numbers]


def test_the_picture_of_a_meter_is_drawn_again() -> None:
    board = Board()
    near, far = board.meter("desk", "near"), board.meter("desk", "far")
    near.show(-20.5, -20.5, 0.0)
    near.show(-30.0, -30.0, 1.0)
    near.floor_dbfs, near.speaking = -62.0, True
    near.faults["hum"] = "50 Hz and 2 harmonics at -41 dBFS"
    far.show(-58.1, -58.1, 0.0)
    far.show(-58.2, -58.2, 1.0)
    far.floor_dbfs, far.speaking = -58.5, False
    console = Console(width=80, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(screen(board))
    (shown,) = blocks(marked(GUIDE, "picture") + "\n", "text")
    assert captured.get() == shown
