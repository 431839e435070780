from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from audio.analysis.measures.spectrum import FRAMES, TOP_HZ, Lines, ShortTime, line
from audio.analysis.measures.syllables import (
    DEPTH_DB,
    DIP_DB,
    PENDING_FRAMES,
    VOICED,
    SyllableCounter,
    band_db,
)
from audio.wav import Recording
from tests.audio.measures.kit import heard, on_a_line
from tests.audio.measures.texts import DIGITS, Utterance, recorded, spoken
from tests.audio.sounds import noise, recording, tone
from tests.peers.install import program

RATES = (8000, 16000)
RATE = pytest.mark.parametrize("rate", RATES)


def at_level(level_db: float) -> Lines | None:
    """A spectrum whose band has a level; 0 dB is what is not loud."""
    if level_db <= 0.0:
        return None
    lines = np.zeros(line(TOP_HZ) + 1)
    lines[line(1000.0)] = 10.0 ** (level_db / 20.0) - 1.0
    return lines


def voiced(_: Lines) -> float:
    return 1.0


def hiss(_: Lines) -> float:
    return VOICED - 0.01


def counted(
    contour: Iterable[float], *, speaking: bool = True, counter: SyllableCounter | None = None
) -> int:
    counter = counter or SyllableCounter(voiced)
    for level_db in contour:
        counter.push(at_level(level_db), speaking=speaking)
    return counter.count


def hills(*tops_db: float, floor_db: float = 80.0) -> list[float]:
    contour = [floor_db]
    for top in tops_db:
        contour += [(floor_db + top) / 2, top, (floor_db + top) / 2, floor_db]
    return contour


def test_each_hill_is_a_nucleus() -> None:
    assert counted(hills(100.0, 98.0, 101.0)) == 3


def test_a_nucleus_counts_when_the_dip_behind_it_is_there() -> None:
    counter = SyllableCounter(voiced)
    assert counted([80.0, 100.0, 100.0 - DIP_DB + 0.1], counter=counter) == 0
    assert counted([100.0 - DIP_DB], counter=counter) == 1


@pytest.mark.parametrize(("dip_db", "count"), [(DIP_DB - 0.1, 1), (DIP_DB + 0.1, 2)])
def test_a_shallow_dip_parts_nothing(dip_db: float, count: int) -> None:
    assert counted([80.0, 90.0, 100.0, 100.0 - dip_db, 100.0, 90.0, 80.0]) == count


def test_what_is_far_below_the_loudest_is_no_nucleus() -> None:
    assert counted(hills(100.0, 100.0 - DEPTH_DB + 1.0, floor_db=60.0)) == 2
    assert counted(hills(100.0, 100.0 - DEPTH_DB - 1.0, floor_db=60.0)) == 1


def test_the_loudest_is_forgotten() -> None:
    quiet_s = 3.0
    rest = [60.0] * round(quiet_s / 0.02)
    assert counted([*hills(100.0, floor_db=60.0), *rest, *hills(100.0 - DEPTH_DB - 6.0, floor_db=60.0)]) == 2


def test_a_hiss_is_no_nucleus() -> None:
    assert counted(hills(100.0, 100.0), counter=SyllableCounter(hiss)) == 0


def test_voice_is_asked_for_at_the_top_and_once_for_each() -> None:
    asked = []

    def periodicity(lines: Lines) -> float:
        asked.append(round(band_db(lines)))
        return 1.0

    counted([80.0, 90.0, 100.0, 95.0, 80.0, 90.0, 97.0, 80.0], counter=SyllableCounter(periodicity))
    assert asked == [100, 97]


def test_nothing_counts_outside_speech() -> None:
    assert counted(hills(100.0, 100.0), speaking=False) == 0


@pytest.mark.parametrize(("frames", "count"), [(PENDING_FRAMES - 10, 1), (PENDING_FRAMES + 1, 0)])
def test_a_nucleus_before_the_decision_counts_with_it(frames: int, count: int) -> None:
    counter = SyllableCounter(voiced)
    counted([*hills(100.0), *[80.0] * frames], speaking=False, counter=counter)
    assert counted([80.0], counter=counter) == count


def test_reset_forgets() -> None:
    counter = SyllableCounter(voiced)
    assert counted([*hills(100.0, 100.0), 95.0], counter=counter) == 2
    counter.reset()
    assert counter.count == 0
    assert counted(hills(60.0, floor_db=20.0), counter=counter) == 1


@RATE
@pytest.mark.parametrize(
    ("hz", "heard_well"), [(100.0, False), (500.0, True), (2500.0, True), (3800.0, False)]
)
def test_the_band_is_that_of_vowels(rate: int, hz: float, heard_well: bool) -> None:
    short, length = ShortTime(rate), rate // 50
    sound = tone(rate, hz, 0.06)
    reference = tone(rate, 1000.0, 0.06)
    for number in range(FRAMES):
        short.push(sound[number * length : (number + 1) * length])
    level = band_db(short.lines())
    for number in range(FRAMES):
        short.push(reference[number * length : (number + 1) * length])
    assert (level > band_db(short.lines()) - 3.0) is heard_well


def test_silence_has_no_level() -> None:
    assert band_db(ShortTime(8000).lines()) == 0.0


def errors(utterances: Iterable[Utterance], rate: int) -> list[float]:
    """Relative error of each count, through the detector and everything."""
    return [
        heard(on_a_line(each.sound, rate), rate).near.syllables / each.syllables - 1.0 for each in utterances
    ]


@RATE
def test_recordings_whose_text_is_known(rate: int) -> None:
    found = errors(recorded(), rate)
    assert found
    assert np.mean(np.abs(found)) <= 0.15
    assert np.max(np.abs(found)) <= 0.35


@RATE
@pytest.mark.parametrize("language", ["zh", "en"])
def test_spoken_sentences(language: str, rate: int) -> None:
    program("espeak-ng")
    found = errors(spoken(language), rate)
    assert np.mean(np.abs(found)) <= 0.08
    assert abs(np.mean(found)) <= 0.06


def test_single_digits_have_a_nucleus_each() -> None:
    """Words alone are the hard case: a burst at the end of "eight" stands by itself."""
    ((name, (_, count)),) = DIGITS.items()
    whole = recording(name)
    assert abs(heard(whole.samples, whole.rate).near.syllables - count) <= 4


@pytest.mark.parametrize("gain_db", [-8.0, 8.0])
def test_loudness_does_not_change_the_count_much(gain_db: float) -> None:
    (sound,) = [each for each in recorded() if each.name == "sentence_zh_2_16k.wav"]
    plain = heard(on_a_line(sound.sound, 16000), 16000).near.syllables
    other = heard(on_a_line(sound.sound, 16000, -26.0 + gain_db), 16000).near.syllables
    assert abs(plain - other) <= 3


def test_noise_has_no_syllables() -> None:
    assert heard(noise(8000, 10.0, -45.0), 8000).near.syllables == 0


def test_a_tone_has_no_syllables() -> None:
    beeps = np.concatenate([np.concatenate((tone(8000, 450.0, 0.35), np.zeros(2800, np.int16)))] * 8)
    assert heard(on_a_line(Recording(beeps, 8000), 8000), 8000).near.syllables_per_s is None
