"""docs/procedures.md: settings and defaults are those of the code, so are causes and their order."""

from __future__ import annotations

import re

import pytest

from callseat.config.options import SECTIONS
from state import silence
from state.settings import SeatSettings
from state.words import Basis, SilenceCause
from tests.docs.pages import page, rows, section

PAGE = "docs/procedures.md"
_SETTING = re.compile(r"`\[(\w+)\] (\w+)`")


def settings() -> list[tuple[str, str, str]]:
    """(section, key, default) of every table cell that names a setting; the default is in the next cell."""
    found = []
    for row in rows(page(PAGE)):
        for cell, after in zip(row, [*row[1:], ""], strict=True):
            if match := _SETTING.fullmatch(cell):
                found.append((match[1], match[2], after))
    return found


def in_words(value: object) -> str:
    """A default as the page writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(("part", "key", "default"), settings())
def test_a_setting_has_the_default_of_the_table_of_options(part: str, key: str, default: str) -> None:
    (options,) = [each for each in SECTIONS if each.name == part]
    option = options.option(key)
    assert option is not None, key
    assert default == in_words(option.default)


def test_every_setting_of_the_procedures_is_on_the_page() -> None:
    told = {(part, key) for part, key, _ in settings()}
    procedures = {(part, key) for part in ("silent_call", "closing") for key in _keys(part)}
    assert procedures - told == set()


def _keys(part: str) -> tuple[str, ...]:
    return tuple(type(getattr(SeatSettings(), part)).__dataclass_fields__)


def test_the_causes_are_in_the_order_they_are_judged() -> None:
    told = [row[0].strip("`") for row in rows(page(PAGE), "Why nobody hears the customer")]
    causes = [cause for cause in told if cause in set(SilenceCause)]
    assert set(causes) == {cause.value for cause in SilenceCause}
    judged = {
        "_unplugged": "headset_unplugged",
        "_muted": "agent_muted",
        "_stalled": "unknown",
        "_mic_dead": "agent_mic_dead",
        "_line_dead": "line_audio_dead",
        "_too_quiet": "agent_mic_too_quiet",
        "_tone": "music_or_tone",
    }
    assert causes == [*(judged[judge.__name__] for judge in silence._JUDGES), "customer_silent"]


def test_the_bases_are_those_of_the_records() -> None:
    told = {row[0].strip("`") for row in rows(page(PAGE), "What can be known, and how")}
    assert told == {basis.value for basis in Basis}


def test_the_waits_of_the_stage_table_are_the_defaults() -> None:
    waits = SeatSettings().silent_call
    stages = [row for row in rows(section(page(PAGE), "P2 Silent call")) if row[0] in {"1", "2", "3"}]
    assert [row[3] for row in stages] == [
        f"{seconds:g} s" for seconds in (waits.wait_1_s, waits.wait_2_s, waits.wait_3_s)
    ]
