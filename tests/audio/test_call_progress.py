from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path

import numpy as np
import pytest

from audio.analysis.call_progress import CallProgress, Carried
from audio.analysis.decision import SpeechDecision
from audio.analysis.frame import Frame
from audio.analysis.tone_plan import KEY_COLUMNS_HZ, KEY_ROWS_HZ, PLAN, Tone, is_key
from audio.analysis.vad import Verdict
from audio.segments import segments
from audio.vad_webrtc import default_detector
from audio.wav import Recording, read_wav
from state.words import SignalCondition
from tests.audio.sounds import RECORDINGS, noise
from tests.audio.tones_made import Made
from tests.docs.pages import marked
from tests.support import need_shared_data

C = SignalCondition
PAGE = "docs/call-progress.md"
Told = list[tuple[float, Carried | None]]


def heard(sound: np.ndarray, rate: int = 8000) -> Told:
    """Every change of what is carried, with the time it was known."""
    vad, progress, frame = default_detector(rate), CallProgress(), rate // 50
    decision = SpeechDecision(vad.rules)
    told: Told = []
    last = None
    for number in range(len(sound) // frame):
        part = sound[number * frame : (number + 1) * frame]
        verdict, begin = vad.push(part), number * 0.02
        decision.push(verdict, begin)
        progress.push(Frame(begin, part, verdict, decision.speaking))
        if progress.carries is not last:
            last = progress.carries
            told.append((begin + 0.02, last))
    return told


def conditions(told: Told) -> list[SignalCondition | None]:
    """What was told, each change of condition once."""
    found: list[SignalCondition | None] = []
    for _, carried in told:
        condition = carried.condition if carried else None
        if not found or found[-1] is not condition:
            found.append(condition)
    return found


def speech_s(sound: np.ndarray, rate: int) -> float:
    return sum(one.end_s - one.start_s for one in segments(Recording(sound, rate)))


# Cadence alone, frame by frame: a level and lines, no sound.

NO_SOUND = np.zeros(160, np.int16)


def plan(*parts: tuple[float, tuple[float, ...] | None], speaking: bool = False) -> Iterable[Frame]:
    """Frames of 20 ms: lines for so many seconds, () for other loud sound, None for a quiet line."""
    number = 0
    for seconds, hz in parts:
        for at in range(round(seconds * 50)):
            lines = hz if hz and at else ()
            tone_hz = lines[0] if lines and at >= 5 else None
            loud = hz is not None
            voiced = loud and not hz
            verdict = Verdict(-20.0 if loud else -65.0, -65.0, loud, voiced, voiced, tone_hz, lines)
            yield Frame(number * 0.02, NO_SOUND, verdict, speaking and voiced)
            number += 1


def followed(frames: Iterable[Frame]) -> Told:
    progress = CallProgress()
    told: Told = []
    last = None
    for frame in frames:
        progress.push(frame)
        if progress.carries is not last:
            last = progress.carries
            told.append((frame.begin + 0.02, last))
    return told


RING = (450.0,)


def test_ring_back_is_named_when_its_first_tone_ends() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (3.9, None)))
    assert conditions(told) == [C.TONE, C.RINGBACK]
    (tone_at, tone), (named_at, named) = told
    assert tone is not None
    assert named is not None
    assert tone_at == pytest.approx(1.2, abs=0.03)
    assert named_at == pytest.approx(2.06, abs=0.03)
    assert named.since == pytest.approx(1.0, abs=0.02)
    assert named.evidence == "ring-back: 450 Hz, 1.0 s (China)"


def test_its_evidence_has_the_cadence_once_it_was_heard() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (4.0, None), (1.0, RING)))
    assert told[-1][1] is not None
    assert told[-1][1].evidence == "ring-back: 450 Hz, 1.0 s every 5.0 s (China)"


@pytest.mark.parametrize("pause", [3.6, 4.0, 4.4])
def test_it_is_held_through_its_pauses(pause: float) -> None:
    told = followed(plan((1.0, None), *((1.0, RING), (pause, None)) * 3))
    assert conditions(told) == [C.TONE, C.RINGBACK]
    assert len({carried.since for _, carried in told if carried}) == 1


def test_a_pause_too_long_ends_it() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (8.0, None)))
    assert conditions(told) == [C.TONE, C.RINGBACK, None]
    assert told[-1][0] == pytest.approx(2.0 + 4.43, abs=1.1)


def test_a_voice_ends_it_at_once() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (1.0, None), (0.5, ()), speaking=True))
    assert conditions(told) == [C.TONE, C.RINGBACK, None]
    assert told[-1][0] == pytest.approx(3.02, abs=0.03)


def test_a_burst_of_noise_in_the_pause_does_not() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (1.0, None), (0.3, ()), (2.7, None), (1.0, RING)))
    assert conditions(told) == [C.TONE, C.RINGBACK]


def test_a_click_in_a_tone_is_no_pause() -> None:
    told = followed(plan((1.0, None), (0.5, RING), (0.02, ()), (0.48, RING), (3.0, None)))
    assert conditions(told) == [C.TONE, C.RINGBACK]


def test_busy_follows_ring_back() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (2.0, None), *((0.35, RING), (0.35, None)) * 4))
    assert conditions(told) == [C.TONE, C.RINGBACK, C.TONE, C.BUSY]
    assert told[-1][1] is not None
    assert told[-1][1].since == pytest.approx(4.0, abs=0.03)


def test_hearing_may_begin_within_a_tone() -> None:
    told = followed(plan((0.4, RING), (4.0, None), (1.0, RING), (1.0, None)))
    assert conditions(told)[-1] is C.RINGBACK
    told = followed(plan((0.2, RING), *((0.35, None), (0.35, RING)) * 3))
    assert conditions(told)[-1] is C.BUSY


def test_lines_within_other_sound_are_none() -> None:
    assert followed(plan((1.0, None), *((0.2, ()), (0.08, RING)) * 5, (0.3, ()))) == []


def test_lines_that_go_over_into_other_sound_never_named_it() -> None:
    told = followed(plan((1.0, None), (1.0, RING), (0.5, ()), (1.0, None)))
    assert conditions(told) == [C.TONE, None]


@pytest.mark.parametrize(("seconds", "told"), [(0.1, 0), (0.16, 0), (0.24, 1), (0.3, 1)])
def test_one_short_beep_is_nothing_yet(seconds: float, told: int) -> None:
    assert len(followed(plan((1.0, None), (seconds, RING), (0.2, None)))) == told


@pytest.mark.parametrize(("seconds", "told"), [(0.6, 0), (1.2, 1)])
def test_lines_no_country_uses_must_stand_a_second(seconds: float, told: int) -> None:
    found = followed(plan((1.0, None), (seconds, (1004.0,))))
    assert [carried.evidence for _, carried in found if carried] == ["tone: 1004 Hz"] * told


def test_a_country_not_listed_is_told_by_the_limits_of_the_standard() -> None:
    found = followed(plan((1.0, None), *((1.3, (480.0,)), (3.2, None)) * 3))
    assert conditions(found) == [C.TONE, C.RINGBACK]
    assert found[-1][1] is not None
    assert found[-1][1].evidence == "ring-back: 480 Hz, 1.3 s every 4.5 s"


def test_a_melody_is_no_cadence() -> None:
    notes = [(0.3, (392.0,)), (0.1, None), (0.5, (349.0,)), (0.3, None), (0.2, (440.0, 523.0)), (0.2, None)]
    assert not {C.BUSY, C.RINGBACK} & set(conditions(followed(plan((1.0, None), *notes * 3))))


def test_reset_forgets() -> None:
    progress = CallProgress()
    for frame in plan((1.0, None), (1.0, RING), (1.0, None)):
        progress.push(frame)
    assert progress.carries is not None
    progress.reset()
    assert progress.carries is None


# The plan, as sound.


def cadence(tone: Tone) -> tuple[float, ...]:
    """Nominal seconds on, off, on, off; none: without pause."""
    if tone.steps[0].on[1] == inf:
        return ()
    return tuple(round(sum(span) / 2, 3) for step in tone.steps for span in (step.on, step.off))


def made(tone: Tone) -> Made:
    swing = {"Japan": 16.0, "India": 25.0}.get(tone.where, 0.0) if tone.name == "ring-back" else 0.0
    return Made(tone.steps[0].hz, cadence(tone), seconds=10.0, lead_s=0.5, modulated_hz=swing)


STEADY = [
    tone for tone in PLAN if len({step.hz for step in tone.steps}) == 1 and not is_key(tone.steps[0].hz)
]
"""All but the special information tone and keys."""


def named(tone: Tone) -> str:
    hz = "+".join(f"{line:.0f}" for line in tone.steps[0].hz)
    lengths = "-".join(f"{length:g}" for length in cadence(tone)) or "continuous"
    return f"{tone.name} {hz} {lengths} {tone.where}"


@cache
def told_of(tone: Tone) -> tuple[Told, float]:
    sound = made(tone).sound()
    return heard(sound), speech_s(sound, 8000)


AMBIGUOUS = {"number unobtainable 400 continuous United Kingdom"}
"""400 Hz without pause is also the dial tone of Japan, New Zealand and India."""


@pytest.mark.parametrize("tone", STEADY, ids=named)
def test_each_tone_of_the_plan_is_told_for_what_it_is(tone: Tone) -> None:
    told, speech = told_of(tone)
    allowed = [C.TONE] if named(tone) in AMBIGUOUS or tone.condition is C.TONE else [C.TONE, tone.condition]
    found = [condition for condition in conditions(told) if condition]
    assert found in (allowed, allowed[-1:]) or set(found) == {C.TONE} == set(allowed)
    assert speech == pytest.approx(0.0)
    first_at, first = told[0]
    assert first is not None
    assert first.since == pytest.approx(0.5, abs=0.03)
    if tone.steps[0].on[1] > 0.24:
        assert first_at - 0.5 <= 0.3


@pytest.mark.parametrize("level_dbfs", [-12.0, -25.0, -38.0])
@pytest.mark.parametrize("tone", STEADY, ids=named)
def test_the_edge_of_a_tone_is_no_speech_at_any_phase_or_level(tone: Tone, level_dbfs: float) -> None:
    for seed in (1, 8):
        sound = replace(made(tone), seconds=5.0, lead_s=1.277, seed=seed, level_dbfs=level_dbfs).sound()
        assert speech_s(sound, 8000) == pytest.approx(0.0)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("row", KEY_ROWS_HZ)
@pytest.mark.parametrize("column", KEY_COLUMNS_HZ)
def test_keys(row: float, column: float, rate: int) -> None:
    key = "123A456B789C*0#D"[4 * KEY_ROWS_HZ.index(row) + KEY_COLUMNS_HZ.index(column)]
    sound = Made((row, column), (0.07, 0.07), seconds=1.5, rate=rate, detune=0.01, seed=int(row)).sound()
    told = heard(sound, rate)
    assert {carried.evidence.split(":")[0] for _, carried in told if carried} == {f"key {key}"}
    assert told[0][0] <= 0.5 + 0.1
    assert speech_s(sound, rate) == pytest.approx(0.0)


def test_a_number_dialled_quickly() -> None:
    quick = [Made((r, c), (0.05, 9.0), 0.1, lead_s=0.0) for r, c in ((697, 1209), (770, 1336), (852, 1477))]
    sound = np.concatenate([noise(8000, 0.5), *(key.sound() for key in quick), noise(8000, 2.0)])
    told = heard(sound)
    assert [carried.evidence[:5] if carried else None for _, carried in told] == [
        "key 1",
        "key 5",
        "key 9",
        None,
    ]


def test_the_special_information_tone() -> None:
    steps = [Made((hz,), seconds=0.33, lead_s=0.0).sound() for hz in (950.0, 1400.0, 1800.0)]
    told = heard(np.concatenate([noise(8000, 1.0), *([*steps, noise(8000, 1.0)] * 2)]))
    assert conditions(told) == [C.TONE]
    assert told[0][1] is not None
    assert told[0][1].since == pytest.approx(1.0, abs=0.03)
    assert any("special information tone" in carried.evidence for _, carried in told if carried)


# Everything else a line does to them, drawn by lot.


def drawn(seed: int) -> Iterable[tuple[Tone, Made]]:
    lot = np.random.default_rng(seed)
    for tone in STEADY:
        rate = int(lot.choice([8000, 8000, 16000, 48000]))
        level = float(lot.choice([-40.0, -30.0, -20.0, -10.0, -6.0 if len(tone.steps[0].hz) > 1 else -3.0]))
        start = made(tone)
        lead_s = float(lot.choice([0.0, lot.uniform(0.3, 1.2)]))
        yield (
            tone,
            replace(
                start,
                seconds=8.0,
                rate=rate,
                law=str(lot.choice(["mu", "a", "none"])) if rate == 8000 else "none",
                level_dbfs=min(level, -10.0) if start.modulated_hz else level,
                noise_dbfs=min(-45.0, level - float(lot.choice([15.0, 20.0, 30.0, 40.0]))),
                detune=float(lot.uniform(-0.015, 0.015)),
                twist_db=float(lot.uniform(-4.0, 4.0)),
                lead_s=lead_s,
                offset_s=0.0 if lead_s else float(lot.uniform(0.0, 5.0)),
                seed=int(lot.integers(1_000_000)),
            ),
        )


@pytest.mark.parametrize("seed", range(3))
def test_no_line_makes_a_tone_speech_or_another_tone(seed: int) -> None:
    speech, total, wrong = 0.0, 0.0, []
    for tone, one in drawn(seed):
        sound = one.sound()
        speech += speech_s(sound, one.rate)
        total += one.seconds
        found = {carried.condition for _, carried in heard(sound, one.rate) if carried}
        if found - {C.TONE, tone.condition}:
            wrong.append((named(tone), one))
    print(f"{total:.0f} s of tones, {speech:.2f} s of speech, {len(wrong)} of {len(STEADY)} misnamed")
    assert speech <= 0.02 * total
    assert wrong == []


# What is no tone.


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.wav")), ids=lambda path: path.stem)
def test_of_the_recordings_only_ring_back_is(path: Path) -> None:
    recording = read_wav(path)
    told = heard(recording.samples, recording.rate)
    assert conditions(told) == ([C.TONE, C.RINGBACK] if path.stem == "ringback_cn" else [])


@pytest.mark.parametrize("rate", [8000, 16000])
def test_of_real_speech_noise_and_music_none_is(rate: int) -> None:
    place = need_shared_data("vad", f"wav{rate // 1000}")
    wrong, seconds = [], 0.0
    for path in sorted(place.glob("*.wav")):
        recording = read_wav(path)
        if path.stem.startswith("neg_tone") or path.stem == "call_ringback":
            continue
        seconds += recording.duration_s
        if heard(recording.samples, recording.rate):
            wrong.append(path.stem)
    print(f"{rate} Hz: {seconds:.0f} s, tones in {wrong or 'none'}")
    assert wrong == []


# The page.


def row(tone: Tone) -> str:
    told = [(at, carried) for at, carried in told_of(tone)[0] if carried]
    condition = told[-1][1].condition
    after = next(at for at, carried in told if carried.condition is condition) - 0.5
    hz = "+".join(f"{line:.0f}" for line in tone.steps[0].hz)
    lengths = "-".join(f"{length:g}" for length in cadence(tone)) or "continuous"
    return f"| {tone.where or 'everywhere'} | {tone.name} | {hz} | {lengths} | `{condition}` | {after:.1f} |"


HEAD = "| where | tone | Hz | seconds on-off | told as | after s |\n|---|---|---|---|---|---|\n"


def test_the_page_has_the_plan_and_when_each_tone_is_named() -> None:
    assert marked(PAGE, "measured: plan") == HEAD + "\n".join(row(tone) for tone in STEADY)
