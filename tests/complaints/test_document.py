"""docs/complaints.md: each complaint has its tests, each test its place, the lamps are those of the seat."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from state.commands import Hold
from state.words import CallState
from tests.complaints.desk import RealDesk
from tests.complaints.kits import KITS, shipped
from tests.docs.pages import page, rows
from tests.state.driver import OFF
from tests.support import ROOT

PAGE = "docs/complaints.md"
NUMBERS = {*range(1, 7), *range(8, 18), 21} - {7}
EVOLVE = KITS["0b0e-0307_jabra_evolve_link_ms"]
"""It has every lamp of the table."""
KEPT = replace(OFF, keep_off_hook=True)


def written() -> set[str]:
    """The tests of complaints, by the sources."""
    files = (ROOT / "tests/complaints").glob("test_*.py")
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return {n.name for n in nodes if isinstance(n, ast.FunctionDef) and re.match(r"test_c\d\d_", n.name)}


def told() -> dict[int, list[str]]:
    """The tests of the page, by complaint."""
    return {int(row[0]): re.findall(r"`(test_\w+)`", row[4]) for row in rows(page(PAGE), "The complaints")}


def test_every_complaint_is_there_with_a_thread_and_a_test() -> None:
    assert set(told()) == NUMBERS
    for row in rows(page(PAGE), "The complaints"):
        assert "](https://" in row[2], row[0]
        assert all(len(cell) > 10 for cell in row[1:]), row[0]


def test_the_tests_of_the_page_are_the_tests_there_are() -> None:
    assert sorted(name for names in told().values() for name in names) == sorted(written())
    for number, names in told().items():
        assert names
        assert all(name.startswith(f"test_c{number:02}_") for name in names)


def test_the_headsets_that_can_be_simulated_are_among_those_tested() -> None:
    assert shipped() <= {kit.descriptor for kit in KITS.values()}


# the lamps -------------------------------------------------------------------------------------------


def idle() -> RealDesk:
    return RealDesk(EVOLVE)


def kept() -> RealDesk:
    return RealDesk(EVOLVE, settings=KEPT)


def kept_muted() -> RealDesk:
    desk = kept()
    desk.press_mute()
    return desk


def ringing() -> RealDesk:
    desk = idle()
    desk.rings()
    return desk


def answered() -> RealDesk:
    desk = RealDesk(EVOLVE, line_after_s=None)
    desk.rings()
    desk.runs(1.0)
    desk.press_hook()
    return desk


def connected() -> RealDesk:
    desk = idle()
    desk.talks_by_key()
    return desk


def muted() -> RealDesk:
    desk = connected()
    desk.press_mute()
    return desk


def waiting() -> RealDesk:
    desk = connected()
    desk.rings("10010", state=CallState.WAITING)
    return desk


def holding() -> RealDesk:
    desk = connected()
    desk.line_after_s = None
    (view,) = desk.now.calls
    desk.asks(Hold(view.call))
    return desk


def held() -> RealDesk:
    desk = connected()
    (view,) = desk.now.calls
    desk.asks(Hold(view.call))
    desk.runs(1.0)
    return desk


def ending() -> RealDesk:
    desk = connected()
    desk.line_after_s = None
    desk.press_hook()
    return desk


STATES: dict[str, Callable[[], RealDesk]] = {
    "nothing to do": idle,
    "nothing to do, `keep_off_hook`": kept,
    "nothing to do, `keep_off_hook`, muted": kept_muted,
    "a call rings": ringing,
    "answered at the key, the line has not said so": answered,
    "connected": connected,
    "connected, muted": muted,
    "connected, a second call waits": waiting,
    "hold asked for, the line has not said so": holding,
    "on hold": held,
    "the end asked for, the line has not said so": ending,
}


def shown(desk: RealDesk) -> Iterator[str]:
    lamps = desk.headset.lamps
    for lit in (lamps.off_hook, lamps.ring, lamps.mute, lamps.hold, lamps.microphone):
        yield "lit" if lit else "-"


@pytest.mark.parametrize("row", rows(page(PAGE), "What the lamps show"), ids=lambda row: row[0])
def test_the_lamps_are_as_the_page_says(row: list[str]) -> None:
    assert list(shown(STATES[row[0]]())) == row[1:]


def test_every_state_is_on_the_page() -> None:
    assert [row[0] for row in rows(page(PAGE), "What the lamps show")] == list(STATES)
