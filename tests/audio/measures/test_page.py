"""docs/speech-measures.md names the figures and thresholds the code has."""

from __future__ import annotations

from importlib import import_module

from audio.analysis.measures.figures import CALL_FIGURES, SIDE_FIGURES
from tests.docs.pages import page, rows

PAGE = "docs/speech-measures.md"


def test_every_figure_stands_there_with_its_basis() -> None:
    told = [(row[0].strip("`"), row[2]) for row in rows(page(PAGE), "What is measured")]
    known = [
        (name, basis.value)
        for figures in (SIDE_FIGURES, CALL_FIGURES)
        for name, (basis, _) in figures.items()
    ]
    assert told == known


def test_a_threshold_is_the_one_in_the_code() -> None:
    listed = {row[1].strip("`"): row[2] for row in rows(page(PAGE), "How")}
    assert len(listed) >= 10
    found = {}
    for name in listed:
        module, _, constant = name.rpartition(".")
        found[name] = str(getattr(import_module(module), constant))
    assert listed == found
