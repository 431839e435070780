from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.features import FeatureMeter
from audio.analysis.frontend import Conditioned, FrontEnd
from audio.analysis.voice_model import Likelihood, VoiceModel
from audio.second_opinion import AFRESH_FRAMES, SHOWN_FRAMES, SecondOpinion
from audio.vad_webrtc import shipped_model
from tests.audio.sounds import cut, tone


class Notebook(VoiceModel):
    """A model that keeps what it is shown; None stands for a fresh start."""

    def __init__(self) -> None:
        self.shown: list[np.ndarray | None] = []

    def push(self, features: np.ndarray) -> Likelihood:
        self.shown.append(features.copy())
        return Likelihood(0.25, 0.75)

    def reset(self) -> None:
        self.shown.append(None)


def conditioned(sound: np.ndarray, rate: int = 8000) -> list[Conditioned]:
    front, length = FrontEnd(rate), rate // 50
    return [front.push(sound[i : i + length], 3.0) for i in range(0, len(sound) - length + 1, length)]


SOUNDS = conditioned(cut("sentence_zh.wav", 0.3, 3.3))


def features_of(sounds: list[Conditioned], rate: int = 8000) -> list[np.ndarray]:
    """Of every frame, none left out."""
    meter = FeatureMeter(rate)
    return [
        meter.push(one.filtered, one.gain_db, one.level_dbfs - one.floor_dbfs, 0).copy() for one in sounds
    ]


WHOLE = features_of(SOUNDS)


def assert_shown(book: Notebook, expected: list[np.ndarray | None]) -> None:
    assert len(book.shown) == len(expected)
    for found, wanted in zip(book.shown, expected, strict=True):
        assert (found is None) == (wanted is None)
        if wanted is not None:
            np.testing.assert_allclose(found, wanted, atol=1e-6)


def after_a_break(book: Notebook, missed: int) -> SecondOpinion:
    """One that was asked about the first twenty frames, and then not about `missed`."""
    opinion = SecondOpinion(8000, book)
    for sound in SOUNDS[:20]:
        opinion.ask(sound)
    for sound in SOUNDS[20 : 20 + missed]:
        opinion.skip(sound)
    return opinion


def test_what_is_asked_about_without_a_break_is_shown_frame_by_frame() -> None:
    book = Notebook()
    opinion = SecondOpinion(8000, book)
    assert [opinion.ask(sound) for sound in SOUNDS[:40]] == [Likelihood(0.25, 0.75)] * 40
    assert_shown(book, list(WHOLE[:40]))


@pytest.mark.parametrize("missed", [1, 7, AFRESH_FRAMES - 1])
def test_after_a_short_break_it_goes_on_and_sees_the_end_of_the_frame_before(missed: int) -> None:
    book = Notebook()
    opinion = after_a_break(book, missed)
    opinion.ask(SOUNDS[20 + missed])
    assert_shown(book, [*WHOLE[:20], WHOLE[20 + missed]])


@pytest.mark.parametrize("missed", [AFRESH_FRAMES, AFRESH_FRAMES + 30])
def test_after_a_long_one_it_begins_afresh_with_the_last_moments(missed: int) -> None:
    book = Notebook()
    opinion = after_a_break(book, missed)
    for sound in SOUNDS[20 + missed : 23 + missed]:
        opinion.ask(sound)
    at = 20 + missed
    assert_shown(book, [*WHOLE[:20], None, *WHOLE[at - SHOWN_FRAMES : at + 3]])


def test_what_is_to_be_forgotten_is_however_short_the_break_was() -> None:
    book = Notebook()
    opinion = after_a_break(book, 0)
    opinion.forget()
    opinion.ask(SOUNDS[20])
    opinion.ask(SOUNDS[21])
    assert_shown(book, [*WHOLE[:20], None, *WHOLE[20 - SHOWN_FRAMES : 22]])


def test_the_first_frame_of_a_call_has_nothing_before_it() -> None:
    book = Notebook()
    opinion = SecondOpinion(8000, book)
    opinion.forget()
    opinion.ask(SOUNDS[0])
    assert_shown(book, [WHOLE[0]])


def test_a_break_shorter_than_what_is_shown_again_shows_what_there_is() -> None:
    book = Notebook()
    opinion = SecondOpinion(8000, book)
    opinion.skip(SOUNDS[0])
    opinion.skip(SOUNDS[1])
    opinion.forget()
    opinion.ask(SOUNDS[2])
    assert_shown(book, [None, *WHOLE[1:3]])


def test_a_new_call_knows_nothing_of_the_last() -> None:
    opinion = SecondOpinion(8000, shipped_model())
    first = [opinion.ask(sound) for sound in SOUNDS[:60]]
    opinion.skip(SOUNDS[60])
    opinion.reset()
    assert [opinion.ask(sound) for sound in SOUNDS[:60]] == first


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_tone_is_bare_and_a_voice_is_not(rate: int) -> None:
    opinion = SecondOpinion(rate, shipped_model())
    for sound in conditioned(tone(rate, 450.0, 0.2), rate):
        opinion.ask(sound)
    assert opinion.bare()
    opinion = SecondOpinion(8000, shipped_model())
    found = []
    for sound in SOUNDS:
        opinion.ask(sound)
        found.append(opinion.bare())
    assert not all(found)
