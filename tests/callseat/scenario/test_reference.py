"""docs/scenarios.md says what the tables say, and the tables say what can be played."""

from __future__ import annotations

from typing import get_args

from callseat.scenario.actions import MAKERS
from callseat.scenario.load import load_scenario
from callseat.scenario.marks import EFFECT_MARKS, EVENT_MARKS, unknown_mark
from callseat.scenario.model import Action
from callseat.scenario.options import ACTS, SECTIONS, STEP
from callseat.scenario.reference import reference
from tests.support import ROOT

DOCS = ROOT / "docs" / "scenarios.md"


def test_the_page_is_the_tables() -> None:
    assert DOCS.read_text("utf-8") == reference(), "write callseat.scenario.reference.reference() to the page"


def test_every_action_has_a_row_a_maker_and_a_class() -> None:
    assert ACTS.keys() == MAKERS.keys()
    names = {action.__name__ for action in get_args(Action)}
    assert len(names) == 16
    own = {key.name for key in STEP.keys}
    assert not any(key.name in own for act in ACTS.values() for key in act.keys)


def test_every_table_has_its_own_keys() -> None:
    for section in SECTIONS:
        names = [key.name for key in section.keys]
        assert len(names) == len(set(names))
        assert names or section.free


def test_the_example_of_the_page_is_a_scenario(tmp_path) -> None:
    text = DOCS.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "example.toml"
    path.write_text(text.replace("../recordings", str(ROOT / "tests" / "recordings")), encoding="utf-8")
    assert len(load_scenario(path).steps) == 3


def test_marks_are_what_can_come() -> None:
    assert "HookChanged" in EVENT_MARKS
    assert "HangUp" in EFFECT_MARKS
    assert not {"CallEvent", "AudioEvent", "LevelMeasured"} & EVENT_MARKS
    assert not {"Publish", "CallCommand"} & EFFECT_MARKS
    assert unknown_mark("step:one", frozenset({"one"})) is None
    assert unknown_mark("audio.level", frozenset()) is not None
