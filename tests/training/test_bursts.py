from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy.signal", reason="throats are scipy's filters (training/requirements.txt)")
pytest.importorskip("soundfile", reason="codecs are libsndfile's (training/requirements.txt)")

from tests.training.made import made_material
from training import beds, kinds
from training.bursts import (
    BURSTS,
    LONGEST_S,
    PERCENT,
    ROOM_S,
    breath,
    cleared,
    cough,
    fit,
    recorded_fit,
    throat,
)
from training.kinds import KINDS, MIXTURES, Kind
from training.material import RATE
from training.rooms import rms
from training.scenes import _add_fits, lesson, scene, silence


def rng(seed: int) -> Any:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("act", [act for act, _, _, _ in BURSTS])
@pytest.mark.parametrize("seed", range(12))
def test_a_burst_sounds_and_does_not_click(act: Any, seed: int) -> None:
    sound = act(rng(seed), throat(rng(seed)))
    assert np.isfinite(sound).all()
    assert 0.07 < len(sound) / RATE < 2.0
    assert 0.05 < rms(sound) < 2.0
    assert abs(sound[0]) < 0.6
    assert abs(sound[-1]) < 0.1


def test_a_cough_is_loudest_at_its_begin_and_as_long_as_coughs_are() -> None:
    coughs = [cough(rng(seed), throat(rng(seed))) for seed in range(60)]
    seconds = [len(sound) / RATE for sound in coughs]
    assert 0.15 < np.median(seconds) < 0.5
    assert max(seconds) < 0.7
    loudest = [np.argmax(np.convolve(sound * sound, np.ones(320), "same")) / len(sound) for sound in coughs]
    assert np.median(loudest) < 0.3


def test_a_cleared_throat_is_voiced_and_a_breath_is_not() -> None:
    """By how alike two periods are, 60 to 330 Hz."""

    def voiced(sound: Any) -> float:
        whole = np.correlate(sound, sound, "full")[len(sound) - 1 :]
        return float(whole[RATE // 330 : RATE // 60].max() / whole[0])

    pairs = [[act(rng(seed), throat(rng(seed))) for act in (cleared, breath)] for seed in range(20)]
    assert (
        np.median([voiced(one) for one, _ in pairs]) > np.median([voiced(other) for _, other in pairs]) + 0.2
    )


def test_the_shares_are_all_there_are() -> None:
    assert sum(share for _, share, _, _ in BURSTS) == pytest.approx(1.0)


@pytest.mark.parametrize("draw", [fit, lambda drawn: recorded_fit(drawn, made_material())])
def test_a_fit_is_as_loud_as_a_voice_and_the_same_for_a_seed(draw: Any) -> None:
    longest_s = LONGEST_S * 100 / PERCENT[0] + 0.25 + ROOM_S[1]
    for seed in range(15):
        sound = draw(rng(seed))
        assert 0 < len(sound) <= longest_s * RATE
        assert 0.3 < rms(sound[np.abs(sound) > 0.05 * np.abs(sound).max()]) < 1.5
        assert np.array_equal(sound, draw(rng(seed)))


def test_who_coughs_is_no_voice_and_who_talks_meanwhile_is_not_asked_for() -> None:
    for seed in range(6):
        made = silence()
        made.likely += 1
        _add_fits(rng(seed), made, 0.1, made_material())
        assert np.abs(made.sound).max() > 0.01
        loud = np.sqrt(np.convolve(made.sound**2, np.ones(1600) / 1600, "same"))
        assert made.unfair[loud > 0.05].all()
        assert not made.unfair[loud < 0.02].any()
        assert made.unfair.any()
        assert (made.likely == 1).all()
        assert not made.rare.any()


def test_a_cough_counts_double() -> None:
    made = silence()
    _add_fits(rng(3), made, 0.1, made_material())
    told = lesson(made)
    loud = np.abs(made.sound).reshape(len(told.counts), -1).max(1)
    assert not told.is_a.any()
    assert set(told.counts[loud > 0.15]) == {2}
    assert set(told.counts[loud < 0.001]) <= {1, 2}
    assert 0 < (told.counts == 2).mean() < 0.9


def test_a_kind_says_how_often_somebody_coughs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody at all where a kind says never."""
    drawn: list[int] = []
    monkeypatch.setattr("training.scenes._add_fits", lambda *_: drawn.append(1))
    monkeypatch.setattr(beds, "FEWEST_BABBLES", 1)
    for share, expected in ((0.0, 0), (1.0, 6)):
        kind = replace(KINDS[0], coughed=share)
        monkeypatch.setattr("training.scenes.KINDS", (kind, *KINDS[1:]))
        drawn.clear()
        mixture = replace(MIXTURES["easy"], shares=tuple(float(one.name == kind.name) for one in KINDS))
        for seed in range(6):
            scene(rng(seed), mixture, made_material(), beds.BabbleStore())
        assert len(drawn) == expected
        scene(rng(7), replace(mixture, coughed=1.0), made_material(), beds.BabbleStore())
        assert len(drawn) == expected + 1, "a mixture can say that somebody always does"
    assert all(0.0 <= one.coughed <= 1.0 for one in KINDS)
    assert kinds.FITS[0] >= 1
    assert isinstance(KINDS[0], Kind)
