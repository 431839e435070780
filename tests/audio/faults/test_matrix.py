"""Every fault is found in time in real recordings, and nothing else; the whole: `script/bench faults`."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from audio.analysis.faults.thresholds import FOUND_WITHIN
from audio.wav import Recording, read_wav
from state.words import AudioFault
from tests.audio.faults.inject import CASES, Case, Strength
from tests.audio.faults.trial import FAULTY, MOMENT_S, Bench, Clean, changes, found, ours, tiled, variants
from tests.support import need_shared_data

NAMES = ("sentence_zh.wav", "sentence_zh_16k.wav", "sentence_zh_2_16k.wav", "digits.wav")
LARGER = ("prompt_en_demo-thanks", "zh_ali1", "ami_tst00", "call_answer_6s")
ALONG = {
    "poor SNR": {"loud_background", "clipping"},
    "loud background": {"poor_snr"},
    "hum, 50 Hz": {"poor_snr", "loud_background"},
    "hum, 60 Hz": {"poor_snr", "loud_background"},
    "clipping": {"loud_background"},
    "too quiet": {"digital_zero"},
}
"""What an injection truly brings along: noise is both, a gain lifts or drowns the noise."""


@cache
def bench(name: str) -> Bench:
    return Bench(next(one for one in ours() if one.name == name))


@pytest.mark.parametrize("strength", [Strength.MEDIUM, Strength.STRONG])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_injected_fault_is_found_in_time_and_nothing_else(case: Case, strength: Strength) -> None:
    judged = 0
    for name in NAMES:
        outcome = bench(name).outcome(case, strength)
        if outcome is None:
            continue
        judged += 1
        assert outcome.found_s is not None, name
        assert outcome.found_s <= FOUND_WITHIN[case.fault].seconds + 1e-6, name
        assert {fault.value for fault in outcome.others} <= ALONG.get(case.name, set()), name
    assert judged >= 3


@pytest.mark.parametrize("name", LARGER)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_the_larger_recordings_too(name: str, rate: int) -> None:
    path = need_shared_data("vad", f"wav{rate // 1000}", f"{name}.wav")
    other = Bench(Clean(f"{name} {rate // 1000}k", read_wav(path)))
    missed = [
        case.name
        for case in CASES
        if (outcome := other.outcome(case, Strength.STRONG)) is not None
        and (outcome.found_s is None or outcome.found_s > FOUND_WITHIN[case.fault].seconds + 1e-6)
    ]
    assert missed == []


@pytest.mark.parametrize("one", ours(), ids=lambda one: one.name)
def test_nothing_is_found_in_a_clean_recording(one: Clean) -> None:
    assert one.own == {}
    assert found(tiled(one.sound.samples, one.sound.rate, 40.0), one.sound.rate) == {}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_at_other_levels_and_in_a_little_noise(name: str) -> None:
    for variant in variants(bench(name).clean, 12.0):
        told = set(found(variant.sound, variant.rate))
        assert told <= variant.allowed, variant.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_ends_when_it_is_over(case: Case) -> None:
    one = bench("sentence_zh.wav")
    length_s = one.length_s(case.fault)
    assert length_s is not None
    begin, clean = round(length_s * one.rate), one.sound(length_s + 30.0)
    faulty = case.into(clean[:begin], one.rate, MOMENT_S, Strength.STRONG)
    sound = np.concatenate([faulty, clean[begin:]])
    told = [change for _, change in changes(sound, one.rate, one.speaking(len(sound)))]
    ends = [change.ended_at for change in told if change.finding.fault is case.fault]
    assert ends[0] is None
    assert ends[-1] is not None


def test_what_is_left_out_as_faulty_is_in_the_larger_data() -> None:
    names = {one.name for one in ours()}
    assert not names & set(FAULTY)


def case_of(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("fault", FOUND_WITHIN)
def test_a_recording_is_heard_for_as_long_as_the_stated_time_takes_in_it(fault: AudioFault) -> None:
    one, within = bench("sentence_zh.wav"), FOUND_WITHIN[fault]
    length_s = one.length_s(fault)
    assert length_s is not None
    assert one.counted_s(within.of, length_s - 1.0) >= within.seconds
    assert one.counted_s(within.of, length_s - 2.0) < within.seconds


def test_a_recording_shows_clipping_only_where_something_is_cut() -> None:
    one = bench("sentence_zh.wav")
    assert one.tops(1.0) > one.tops(0.2) > 0
    limited = np.clip(one.clean.sound.samples, -2000, 2000)
    other = Bench(Clean("limited", Recording(limited, one.rate)))
    assert other.tops(1.0) == 0
    assert other.outcome(case_of("clipping"), Strength.MEDIUM) is None
    assert one.shows(case_of("clipping"), Strength.MEDIUM)


def test_a_puff_that_peaks_under_the_voice_is_not_one_to_be_heard() -> None:
    one = bench("sentence_zh.wav")
    loud = np.rint(one.clean.sound.samples * 10 ** ((-16.0 - one.voice_dbov) / 20)).clip(-32768, 32767)
    other = Bench(Clean("loud", Recording(loud.astype(np.int16), one.rate)))
    assert one.shows(case_of("breath pops"), Strength.MEDIUM)
    assert not other.shows(case_of("breath pops"), Strength.MEDIUM)
    assert other.shows(case_of("breath pops"), Strength.STRONG)


def test_injection_leaves_what_is_before_alone_and_is_the_same_each_time() -> None:
    sound = bench("sentence_zh.wav").sound(10.0)
    for case in CASES:
        for strength in Strength:
            once, again = (case.into(sound, 8000, 5.0, strength) for _ in range(2))
            assert (once == again).all()
            assert len(once) == len(sound)
            assert (once[:40000] == sound[:40000]).all()
            assert (once[40000:] != sound[40000:]).any()
