from __future__ import annotations

import csv
import wave

import numpy as np
import pytest

from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.frontend import FrontEnd
from audio.analysis.tones import NOTHING, LineMeter, Lines
from audio.vad_webrtc import default_detector
from tests.audio.sounds import noise, tone, zeros
from tests.audio.tones_made import Made, companded, telephone_band
from tests.support import need_shared_data

STEADY_S = 0.09
"""Five whole frames."""


def measured(sound: np.ndarray, rate: int = 8000) -> list[Lines]:
    """Lines of every frame, each looked at."""
    meter, front, frame = LineMeter(rate), FrontEnd(rate), rate // 50
    found = []
    for start in range(0, len(sound) - frame + 1, frame):
        meter.push(front.push(sound[start : start + frame], RISE_DB_PER_S).filtered)
        found.append(meter.measure())
    return found


def steady_share(found: list[Lines]) -> float:
    return float(np.mean([lines.steady_s > STEADY_S for lines in found]))


SINGLE = (350, 400, 425, 440, 450, 950, 1100, 1400, 1800, 2100)
PAIRS = ((350, 440), (400, 450), (440, 480), (413, 438), (480, 620), (697, 1209), (941, 1633))
SWUNG = ((400, 16), (400, 20), (400, 25), (425, 24), (400, 33))


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("hz", SINGLE)
@pytest.mark.parametrize("detune", [-0.02, 0.0, 0.02])
def test_a_single_tone_is_one_line_where_it_is(hz: float, rate: int, detune: float) -> None:
    found = measured(Made((hz,), seconds=0.6, lead_s=0.0, rate=rate, detune=detune).sound(), rate)
    assert all(lines.steady_s > STEADY_S for lines in found[6:])
    for lines in found[6:]:
        assert lines.hz == (pytest.approx(hz * (1 + detune), abs=1.0),)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("twist_db", [-6.0, 0.0, 6.0])
def test_two_tones_are_two_lines_however_close(pair: tuple[float, float], rate: int, twist_db: float) -> None:
    found = measured(Made(pair, seconds=0.6, lead_s=0.0, rate=rate, twist_db=twist_db).sound(), rate)
    steady = [lines for lines in found[6:] if lines.steady_s > STEADY_S]
    assert len(steady) >= 0.9 * len(found[6:])
    for lines in steady:
        assert sorted(lines.hz) == [pytest.approx(pair[0], abs=3.0), pytest.approx(pair[1], abs=3.0)]


@pytest.mark.parametrize(("hz", "swing"), SWUNG)
def test_a_swung_tone_is_its_carrier(hz: float, swing: float) -> None:
    found = measured(Made((hz,), seconds=1.0, lead_s=0.0, modulated_hz=swing).sound())
    steady = [lines for lines in found[6:] if lines.steady_s > STEADY_S]
    assert len(steady) >= 0.9 * len(found[6:])
    assert {len(lines.hz) for lines in steady} == {1}
    assert np.median([lines.hz[0] for lines in steady]) == pytest.approx(hz, abs=1.5)


@pytest.mark.parametrize("law", ["mu", "a"])
@pytest.mark.parametrize("level", [-40.0, -20.0, -3.0])
@pytest.mark.parametrize("snr", [15.0, 40.0])
@pytest.mark.parametrize("hz", [(450,), (440, 480), (697, 1209)])
def test_level_law_and_noise_do_not_matter(hz: tuple[float, ...], snr: float, level: float, law: str) -> None:
    level -= 3.0 * (len(hz) - 1)
    made = Made(hz, seconds=1.0, lead_s=0.0, level_dbfs=level, noise_dbfs=level - snr, law=law)
    assert steady_share(measured(made.sound())[6:]) > 0.95


@pytest.mark.parametrize("lead", [0.1, 0.105, 0.11, 0.115])
@pytest.mark.parametrize("hz", [(450,), (440, 480), (852, 1477)])
def test_lines_are_seen_after_40_ms_and_surely_after_120(hz: tuple[float, ...], lead: float) -> None:
    found = measured(Made(hz, seconds=0.4, lead_s=lead).sound())
    assert not any(lines.hz for lines in found[:5])
    assert all(lines.hz for lines in found[7 if len(hz) == 1 else 9 :])
    assert all(lines.steady_s > STEADY_S for lines in found[12:])


def test_lines_that_end_are_no_more_within_two_frames() -> None:
    found = measured(np.concatenate([Made((450,), seconds=0.4, lead_s=0.0).sound(), noise(8000, 0.2)]))
    assert all(lines == NOTHING for lines in found[22:])


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_lines(seed: int) -> None:
    assert all(lines == NOTHING for lines in measured(noise(8000, 2.0, -30.0, seed))[2:])


def test_zeros_have_none_and_make_no_warning() -> None:
    assert all(lines == NOTHING for lines in measured(zeros(8000, 0.5)))


@pytest.mark.parametrize("glide_hz_per_s", [100, 200, 400])
@pytest.mark.parametrize("begin_hz", [330, 400, 600])
def test_a_gliding_line_hardly_ever_stands(begin_hz: float, glide_hz_per_s: float) -> None:
    at = np.arange(8000) / 8000
    glide = 6000 * np.sin(2 * np.pi * (begin_hz * at + 0.5 * glide_hz_per_s * at**2))
    assert steady_share(measured(np.rint(glide).astype(np.int16))) <= (0.1 if glide_hz_per_s == 100 else 0.0)


def test_a_line_that_wanders_slowly_is_told_from_one_that_stands() -> None:
    at = np.arange(3 * 8000) / 8000
    wander = 400 * at + 6 / (2 * np.pi * 0.7) * np.sin(2 * np.pi * 0.7 * at)
    found = measured(np.rint(6000 * np.sin(2 * np.pi * wander)).astype(np.int16))
    assert steady_share(found) < 0.35


def test_the_second_harmonic_of_an_old_ringing_machine_does_not_hide_it() -> None:
    sound = tone(8000, 450, 1.0, -20.0) + tone(8000, 900, 1.0, -40.0)
    assert steady_share(measured(sound)[6:]) == pytest.approx(1.0)


@pytest.mark.parametrize("pitch", [120, 160, 200, 250])
def test_neighbouring_harmonics_are_a_voice_even_if_nothing_moves(pitch: float) -> None:
    low = int(np.ceil(320 / pitch)) * pitch
    sound = tone(8000, low, 1.0, -20.0) + tone(8000, low + pitch, 1.0, -35.0)
    assert all(lines == NOTHING for lines in measured(sound))


@pytest.mark.parametrize("hz", [150, 240])
def test_low_lines_are_told_only_when_they_stand_perfectly(hz: float) -> None:
    found = measured(tone(8000, hz, 1.0, -20.0))
    assert not any(lines.hz for lines in found[:4])
    assert steady_share(found[6:]) > 0.9


VOWELS = {
    "a": ((700, 90, 0), (1150, 100, -4), (2500, 150, -14)),
    "o": ((450, 70, 0), (850, 90, -10), (2400, 150, -30)),
    "m": ((260, 60, 0), (1000, 150, -30), (2200, 200, -40)),
}
"""Formants: Hz, half width, dB (Peterson and Barney 1952; a murmur for the m)."""


def vowel(name: str, pitch: float, seconds: float = 2.0) -> np.ndarray:
    """A held vowel over the telephone, its pitch fluttering naturally (Klatt and Klatt 1990, FL = 25)."""
    at = np.arange(round(seconds * 8000)) / 8000
    flutter = 0.5 * pitch / 100 * sum(np.sin(2 * np.pi * hz * at) for hz in (12.7, 7.1, 4.7))
    phase = 2 * np.pi * np.cumsum(pitch + flutter) / 8000
    wave_form = np.zeros(len(at))
    for number in range(1, int(3600 / pitch) + 1):
        gain = sum(
            10 ** (db / 20) / (1 + ((number * pitch - hz) / width) ** 2) for hz, width, db in VOWELS[name]
        )
        wave_form += gain / number * np.cos(number * phase)
    wave_form *= 3277 / np.sqrt(np.mean(wave_form**2))
    return np.asarray(companded(np.rint(telephone_band(wave_form, 8000)), "mu")).astype(np.int16)


@pytest.mark.parametrize("name", sorted(VOWELS))
@pytest.mark.parametrize("pitch", [90, 120, 160, 200, 250])
def test_a_held_vowel_is_no_tone(name: str, pitch: float) -> None:
    found = measured(vowel(name, pitch))
    assert np.mean([lines.steady_s > STEADY_S and lines.hz[0] >= 300 for lines in found]) <= 0.05


def test_a_rate_it_cannot_divide() -> None:
    with pytest.raises(ValueError, match="44100"):
        LineMeter(44100)


def test_reset_forgets() -> None:
    meter = LineMeter(8000)
    for start in range(0, 1600, 160):
        meter.push(tone(8000, 450, 0.2)[start : start + 160].astype(float))
        meter.measure()
    assert meter.ringing
    meter.reset()
    assert not meter.ringing
    assert meter.measure() == NOTHING


def after_a_beep() -> LineMeter:
    """One that has just heard 0.2 s of 450 Hz."""
    meter = LineMeter(8000)
    for start in range(0, 1600, 160):
        meter.push(tone(8000, 450, 0.2)[start : start + 160].astype(float))
        meter.measure()
    return meter


def test_it_rings_over_the_short_pause_of_beeps_and_not_over_a_long_one() -> None:
    meter, silence = after_a_beep(), np.zeros(160)
    ringing = []
    for _ in range(12):
        meter.push(silence)
        meter.skip()
        ringing.append(meter.ringing)
    assert ringing == [True] * 7 + [False] * 5


def test_a_loud_frame_is_no_pause_between_beeps() -> None:
    """A word whose vowel stood still for a moment may begin once the window has left that behind."""
    meter, murmur = after_a_beep(), noise(8000, 0.02, -30.0).astype(float)
    ringing = []
    for _ in range(4):
        meter.push(murmur)
        meter.skip(loud=True)
        ringing.append(meter.ringing)
    assert ringing == [True, True, False, False]


CASES = [(8000, 0.0, None), (16000, 0.0, None), (8000, -20.0, None), (8000, 0.0, -50.0), (16000, 0.0, -50.0)]


@pytest.mark.parametrize(("rate", "gain_db", "noise_dbfs"), CASES)
def test_of_real_speech_no_frame_is_a_tone(rate: int, gain_db: float, noise_dbfs: float | None) -> None:
    data = need_shared_data("vad")
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
        items = [row["id"] for row in csv.DictReader(file) if row["set"] in ("frames", "calls", "prompt")]
    speech = toned = lined = 0
    for item in items:
        place = data / f"wav{rate // 1000}" / f"{item}.wav"
        if not place.exists():
            continue
        with wave.open(str(place)) as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") * 10 ** (gain_db / 20)
        if noise_dbfs is not None:
            sound = sound + noise(rate, len(sound) / rate, noise_dbfs)[: len(sound)]
        with (data / "labels" / f"{item}.csv").open(newline="", encoding="utf-8") as file:
            spans = [
                (float(row["start_s"]), float(row["end_s"]))
                for row in csv.DictReader(file)
                if row["label"] in ("speech", "prompt")
            ]
        vad, frame = default_detector(rate), rate // 50
        whole = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
        for number in range(len(whole) // frame):
            verdict = vad.push(whole[number * frame : (number + 1) * frame])
            middle = (number + 0.5) * 0.02
            if verdict.loud and any(begin <= middle < end for begin, end in spans):
                speech += 1
                toned += verdict.tone_hz is not None
                lined += bool(verdict.lines_hz)
    print(f"{rate} Hz, {gain_db:+.0f} dB, noise {noise_dbfs}: {speech} frames, {lined} lines, {toned} tones")
    assert speech > 5000
    assert toned == 0
    assert lined <= 0.03 * speech
