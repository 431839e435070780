from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.music import FOUND_S, KEPT_S, NEUTRAL_LIKELY, PAUSE_S, SPEECH_AGAINST, MusicWatch
from audio.analysis.vad import Verdict
from state.words import SignalCondition

NOTHING = np.zeros(160, np.int16)


class Hearing:
    """Frames of chosen likelihood, one after the other."""

    def __init__(self) -> None:
        self.watch = MusicWatch()
        self.at = 10.0

    def hear(self, seconds: float, music: float, *, loud: bool = True, speaking: bool = False) -> list[bool]:
        told = []
        for _ in range(round(seconds / FRAME_S)):
            verdict = Verdict(-30.0, -70.0, loud, speaking, speaking, music=music)
            self.watch.push(Frame(self.at, NOTHING, verdict, speaking))
            self.at += FRAME_S
            told.append(self.watch.carries is not None)
        return told


@pytest.mark.parametrize("likely", [0.7, 0.8, 0.95, 1.0])
def test_music_is_found_the_sooner_the_surer_it_is_and_dated_back(likely: float) -> None:
    hearing = Hearing()
    told = hearing.hear(5.0, likely)
    assert told[-1]
    assert told.index(True) * FRAME_S == pytest.approx(FOUND_S / (likely - NEUTRAL_LIKELY), abs=2 * FRAME_S)
    carried = hearing.watch.carries
    assert carried is not None
    assert carried.condition is SignalCondition.MUSIC
    assert carried.since == pytest.approx(10.0)
    assert "music for" in carried.evidence


def test_rests_between_notes_neither_help_nor_harm() -> None:
    hearing = Hearing()
    told = []
    for _ in range(8):
        told += hearing.hear(0.5, 0.9) + hearing.hear(1.0, 0.0, loud=False)
    sounded_s = FOUND_S / (0.9 - NEUTRAL_LIKELY)
    assert told.index(True) * FRAME_S == pytest.approx(3 * sounded_s, abs=1.0)
    assert all(told[told.index(True) :])
    assert hearing.watch.carries is not None
    assert hearing.watch.carries.since == pytest.approx(10.0)


def test_what_was_against_it_counts_from_where_music_begins_anew() -> None:
    hearing = Hearing()
    hearing.hear(0.5, 0.9)
    hearing.hear(2.0, 0.1)
    hearing.hear(4.0, 0.9)
    assert hearing.watch.carries is not None
    assert hearing.watch.carries.since == pytest.approx(12.5)


def test_an_hour_of_music_is_over_as_soon_as_ten_seconds() -> None:
    ends = []
    for lasts_s in (10.0, 3600.0):
        hearing = Hearing()
        hearing.hear(lasts_s, 1.0)
        ends.append(hearing.hear(4.0, 0.0).index(False) * FRAME_S)
    assert ends[0] == ends[1] == pytest.approx(KEPT_S / NEUTRAL_LIKELY, abs=2 * FRAME_S)


@pytest.mark.parametrize("likely", [0.0, 0.3, 0.5])
def test_what_is_hardly_music_is_never_found(likely: float) -> None:
    assert not any(Hearing().hear(60.0, likely))


def test_a_jingle_is_not_music_on_hold() -> None:
    hearing = Hearing()
    assert not any(hearing.hear(1.5, 1.0) + hearing.hear(10.0, 0.0, loud=False))


def test_a_voice_is_not_music_however_it_sounds() -> None:
    assert not any(Hearing().hear(30.0, 1.0, speaking=True))


def test_speech_ends_it() -> None:
    hearing = Hearing()
    hearing.hear(6.0, 1.0)
    told = hearing.hear(3.0, 1.0, speaking=True)
    assert told.index(False) * FRAME_S == pytest.approx(KEPT_S / SPEECH_AGAINST, abs=2 * FRAME_S)


def test_a_word_does_not_end_it() -> None:
    hearing = Hearing()
    hearing.hear(6.0, 1.0)
    assert all(hearing.hear(0.8, 0.5, speaking=True) + hearing.hear(3.0, 0.9))


def test_a_short_pause_of_the_music_does_not_end_it_a_long_one_does() -> None:
    hearing = Hearing()
    hearing.hear(10.0, 1.0)
    assert all(hearing.hear(0.8, 0.0, loud=False))
    assert all(hearing.hear(3.0, 1.0))
    told = hearing.hear(3.0, 0.0, loud=False)
    assert told.index(False) * FRAME_S == pytest.approx(PAUSE_S, abs=2 * FRAME_S)


def test_reset_forgets() -> None:
    hearing = Hearing()
    hearing.hear(6.0, 1.0)
    hearing.watch.reset()
    assert hearing.watch.carries is None
    assert not hearing.hear(0.1, 1.0)[0]
