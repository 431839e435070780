"""docs/sound-faults.md states what thresholds.py has."""

from __future__ import annotations

import re

import pytest

from audio.analysis.faults import thresholds
from audio.analysis.faults.thresholds import FOUND_WITHIN
from state.words import AudioFault
from tests.docs.pages import page
from tests.support import ROOT

PAGE = "docs/sound-faults.md"
ROWS = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| ([^|]+) \|", page(PAGE), re.MULTILINE))
SOURCE = (ROOT / "audio/analysis/faults/thresholds.py").read_text("utf-8")
OF_ONE_CHANNEL = re.findall(r"^([A-Z0-9_]+) = ", SOURCE.partition("FOUND_WITHIN")[0], re.MULTILINE)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_threshold_is_the_one_in_the_code(name: str) -> None:
    assert ROWS[name].strip() == str(getattr(thresholds, name))


def test_every_threshold_of_one_channel_is_listed() -> None:
    assert set(OF_ONE_CHANNEL) - {"F"} == set(ROWS)


@pytest.mark.parametrize("fault", [fault for fault in FOUND_WITHIN if f"`{fault.value}`" in page(PAGE)])
def test_the_stated_time_of_each_fault_is_the_one_in_the_code(fault: AudioFault) -> None:
    section = next(
        part for part in page(PAGE).split("\n## ") if f"`{fault.value}`" in part.split("|")[0][:900]
    )
    within = FOUND_WITHIN[fault]
    assert f"Found within {within.seconds:g} s of {within.of}" in section


def test_every_fault_of_one_channel_has_a_section() -> None:
    assert {fault.value for fault in FOUND_WITHIN} <= set(re.findall(r"`([a-z_]+)`", page(PAGE)))
