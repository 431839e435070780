from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("scipy.signal", reason="talk is made with scipy (training/requirements.txt)")

from tests.training.made import made_material
from training.material import RATE
from training.talk import (
    LEAST_VOICED,
    LONGEST_WORD_S,
    QUICKER,
    VOICED,
    WORD_PAUSE_S,
    Piece,
    draw_word,
    talk,
    words,
)

LENGTH = 12 * RATE


def runs(likely: np.ndarray) -> list[tuple[int, int]]:
    """Begins and ends of voice."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], likely > VOICED, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def test_a_word_is_one_short_stretch_of_voice_at_a_level_of_one() -> None:
    rng, material = np.random.default_rng(2), made_material()
    drawn = [word for _ in range(60) if (word := draw_word(rng, material)) is not None]
    assert len(drawn) > 20
    for word in drawn:
        assert len(word.sound) == len(word.likely) <= LONGEST_WORD_S * RATE
        assert len(runs(word.likely)) == 1
        voice = word.sound[word.likely > VOICED]
        assert len(voice) >= LEAST_VOICED
        assert np.sqrt(np.mean(voice**2)) == pytest.approx(1.0, rel=0.05)
    longest = max((word.likely > VOICED).sum() for word in drawn)
    assert longest > 1.4 * min((word.likely > VOICED).sum() for word in drawn), "some are said quicker"
    assert QUICKER[0] == 1.0


def test_words_stand_alone_between_long_pauses() -> None:
    rng, material = np.random.default_rng(3), made_material()
    for _ in range(10):
        said = words(rng, material, LENGTH)
        assert isinstance(said, Piece)
        assert len(said.sound) == len(said.likely) == LENGTH
        found = runs(said.likely)
        assert found
        assert all(end - begin <= LONGEST_WORD_S * RATE for begin, end in found)
        pauses = [later - end for (_, end), (later, _) in pairwise(found)]
        assert all(pause >= WORD_PAUSE_S[0] * RATE for pause in pauses)


def test_dense_talk_pauses_less_than_talk_and_words_most() -> None:
    rng, material = np.random.default_rng(4), made_material()
    voiced = {
        name: np.mean([(make().likely > VOICED).mean() for _ in range(12)])
        for name, make in (
            ("dense", lambda: talk(rng, material, LENGTH, True)),
            ("talk", lambda: talk(rng, material, LENGTH, False)),
            ("words", lambda: words(rng, material, LENGTH)),
        )
    }
    assert voiced["dense"] > voiced["talk"] > voiced["words"] > 0.0
