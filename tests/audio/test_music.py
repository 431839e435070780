from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.music import SURE_S, MusicWatch
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


def test_music_is_found_within_five_seconds_and_dated_back() -> None:
    hearing = Hearing()
    told = hearing.hear(5.0, 0.95)
    assert told[-1]
    assert told.index(True) * FRAME_S >= SURE_S - 1.0
    carried = hearing.watch.carries
    assert carried is not None
    assert carried.condition is SignalCondition.MUSIC
    assert carried.since == pytest.approx(10.0, abs=0.6)
    assert "music for" in carried.evidence


@pytest.mark.parametrize("likely", [0.0, 0.3])
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
    told = hearing.hear(3.0, 0.1, speaking=True)
    assert told[0]
    assert not told[-1]


def test_a_short_pause_of_the_music_does_not_end_it_a_long_one_does() -> None:
    hearing = Hearing()
    hearing.hear(10.0, 1.0)
    assert all(hearing.hear(0.8, 0.0, loud=False))
    assert all(hearing.hear(3.0, 1.0))
    assert not hearing.hear(3.0, 0.0, loud=False)[-1]


def test_reset_forgets() -> None:
    hearing = Hearing()
    hearing.hear(6.0, 1.0)
    hearing.watch.reset()
    assert hearing.watch.carries is None
    assert not hearing.hear(0.1, 1.0)[0]
