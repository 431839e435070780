from __future__ import annotations

from dataclasses import replace

import pytest

from audio.analysis.active_level import ActiveLevel
from audio.analysis.measures.figures import (
    CALL_FIGURES,
    SIDE_FIGURES,
    Measures,
    PitchRange,
    SideMeasures,
    Stretches,
    Taking,
)
from state.rows import SpeechFigure
from state.words import Basis, Channel

SIDE = SideMeasures(
    talk=Stretches(2, 6.0, 4.0),
    longest_monologue_s=6.5,
    taking=Taking(1, 3),
    level=ActiveLevel(-27.0, 0.9, -27.5),
    pitch=PitchRange(200.0, 160.0, 250.0, 7.7),
    syllables=27,
    syllables_per_s=4.5,
)
CALL = Measures(
    at=30.0,
    near=SIDE,
    far=replace(SIDE, level=None, pitch=None, syllables_per_s=None),
    overlap=Stretches(1, 0.5, 0.5),
    dead_air=Stretches(2, 9.0, 5.0),
    response=Stretches(2, 1.5, 1.0),
    greeting_s=0.8,
)


def named(call: Measures) -> dict[str, SpeechFigure]:
    return {figure.name: figure for figure in call.figures()}


def test_stretches_add_up() -> None:
    assert Stretches().plus(2.0).plus(1.0) == Stretches(2, 3.0, 2.0)
    assert Stretches().plus(2.0).plus(1.0).mean_s == 1.5


def test_every_figure_is_told_once() -> None:
    names = [figure.name for figure in CALL.figures()]
    assert len(names) == len(set(names))
    expected = {f"near.{name}" for name in SIDE_FIGURES} | set(CALL_FIGURES)
    assert {name for name in names if not name.startswith("far.")} == expected


def test_a_figure_that_is_not_known_is_not_told() -> None:
    names = set(named(CALL))
    assert not names & {"far.level_dbov", "far.pitch_median_hz", "far.syllables_per_s"}
    assert "greeting_s" not in named(replace(CALL, greeting_s=None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("near.spurts", 2),
        ("near.talk_s", 6.0),
        ("near.mean_spurt_s", 3.0),
        ("near.longest_monologue_s", 6.5),
        ("near.interruptions", 1),
        ("near.back_channels", 3),
        ("near.level_dbov", -27.0),
        ("near.pitch_median_hz", 200.0),
        ("near.pitch_low_hz", 160.0),
        ("near.pitch_high_hz", 250.0),
        ("near.pitch_range_semitones", 7.7),
        ("near.syllables", 27),
        ("near.syllables_per_s", 4.5),
        ("overlaps", 1),
        ("overlap_s", 0.5),
        ("dead_airs", 2),
        ("dead_air_s", 9.0),
        ("longest_dead_air_s", 5.0),
        ("responses", 2),
        ("mean_response_s", 0.75),
        ("longest_response_s", 1.0),
        ("greeting_s", 0.8),
    ],
)
def test_a_figure_is_what_its_name_says(name: str, value: float) -> None:
    assert named(CALL)[name].value == value


def test_a_figure_is_told_no_finer_than_it_is_known() -> None:
    assert named(replace(CALL, greeting_s=1 / 3))["greeting_s"] == SpeechFigure(
        "greeting_s", 0.333, Basis.SENSED
    )
    assert type(named(CALL)["near.spurts"].value) is float


SENSED = {"spurts", "talk_s", "mean_spurt_s", "longest_monologue_s", "level_dbov"}


def test_what_is_heard_is_sensed_and_what_is_made_of_it_is_proposed() -> None:
    assert {name for name, (basis, _) in SIDE_FIGURES.items() if basis is Basis.SENSED} == SENSED
    assert {basis for basis, _ in SIDE_FIGURES.values()} == {Basis.SENSED, Basis.PROPOSED}
    assert {basis for basis, _ in CALL_FIGURES.values()} == {Basis.SENSED}


def test_a_side_is_found_by_its_channel() -> None:
    assert CALL.side(Channel.NEAR) is CALL.near
    assert CALL.side(Channel.FAR) is CALL.far
