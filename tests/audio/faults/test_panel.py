"""The panel, what it gathers, and what analysers share."""

from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.faults.judging import Recent, Scale
from audio.analysis.faults.panel import ChannelFaults
from audio.analysis.faults.second import PAUSE_FRAMES, SECOND_FRAMES, PauseCutter, Seconds
from audio.analysis.faults.thresholds import CHANGED_MUCH, FOUND_WITHIN
from state.words import AudioFault
from tests.audio.faults.made import RATE, frames, hum, kinds, line, seconds, talk, told
from tests.audio.sounds import noise, zeros

F = AudioFault


@pytest.mark.parametrize(
    ("scale", "value", "already", "holds"),
    [
        (Scale(1.0, 5.0, 0.7), 0.9, False, False),
        (Scale(1.0, 5.0, 0.7), 1.0, False, True),
        (Scale(1.0, 5.0, 0.7), 0.8, True, True),
        (Scale(1.0, 5.0, 0.7), 0.6, True, False),
        (Scale(-36.0, -46.0, -34.0), -35.0, False, False),
        (Scale(-36.0, -46.0, -34.0), -35.0, True, True),
        (Scale(-36.0, -46.0, -34.0), -33.0, True, False),
    ],
)
def test_a_scale_has_hysteresis_either_way_round(
    scale: Scale, value: float, already: bool, holds: bool
) -> None:
    assert scale.holds(value, already) is holds


@pytest.mark.parametrize(("value", "sure"), [(1.0, 0.4), (5.0, 0.8), (3.0, 0.6), (100.0, 0.95), (-9.0, 0.2)])
def test_confidence_is_a_line_through_warn_and_fail(value: float, sure: float) -> None:
    assert Scale(1.0, 5.0, 0.7).confidence(value) == pytest.approx(sure)
    assert Scale(-1.0, -5.0, 0.0).confidence(-value) == pytest.approx(sure)


def test_recent_counts_what_counts() -> None:
    recent = Recent(2.0)
    recent.push([0.5], counts=True)
    recent.push([], counts=False)
    recent.push([2.5, 2.7], counts=False)
    assert (recent.count, recent.first) == (3, 0.5)
    recent.push([3.1], counts=True)
    recent.push([], counts=True)
    assert (recent.count, recent.first) == (1, 3.1)
    recent.reset()
    assert recent.count == 0


def test_a_second_is_measured() -> None:
    (first, second) = seconds(np.concatenate([line(1.0) + np.int16(100), talk(1.0)]))
    assert (first.begin, second.begin, second.end) == (0.0, 1.0, 2.0)
    assert (first.follows, second.follows) == (False, True)
    assert first.offset == pytest.approx(100.0, abs=1.0)
    assert abs(float(second.sound.mean())) < 1e-6
    assert len(second.samples) == RATE
    assert len(second.levels_dbfs) == SECOND_FRAMES
    assert second.has_speech
    assert second.speech is not None
    assert second.speech.heard_s == pytest.approx(2.0)


def test_frames_before_a_break_are_dropped() -> None:
    gather = Seconds(RATE)
    assert [gather.push(frame) for frame in frames(line(0.5))] == [None] * 25
    found = [one for frame in frames(line(2.0), start=7.0) if (one := gather.push(frame))]
    assert [(one.begin, one.follows) for one in found] == [(7.0, False), (8.0, True)]


def test_a_pause_is_sure_only_when_no_speech_follows_at_once() -> None:
    cutter = PauseCutter()
    quiet = [cutter.push(frame) for frame in frames(line(0.38), speaking=False)]
    assert quiet == [None] * 19
    (speech,) = frames(line(0.02))
    assert cutter.push(speech) is None
    found = [one for frame in frames(line(0.7), speaking=False, start=1.0) if (one := cutter.push(frame))]
    assert [one.begin for one in found] == pytest.approx([1.0, 1.3])
    assert len(found[0].levels_dbfs) == PAUSE_FRAMES
    assert len(found[0].samples) == round(0.3 * RATE)


def test_a_tone_is_no_pause() -> None:
    cutter = PauseCutter()
    assert not any(cutter.push(frame) for frame in frames(line(2.0), speaking=False, tone_hz=450.0))


def test_found_and_ended() -> None:
    panel = ChannelFaults(RATE)
    first = told(panel, np.concatenate([line(1.0), zeros(RATE, 2.0)]), speaking=False)
    assert kinds(first) == [(F.DIGITAL_ZERO, False)]
    held = panel.finding(F.DIGITAL_ZERO)
    assert held is first[0].finding
    assert held.since == pytest.approx(1.0)
    second = told(panel, line(1.0), speaking=False, start=3.0)
    assert kinds(second) == [(F.DIGITAL_ZERO, True)]
    assert second[0].ended_at == pytest.approx(3.0)
    assert panel.finding(F.DIGITAL_ZERO) is None


def test_a_finding_is_told_again_only_when_it_changed_much() -> None:
    panel = ChannelFaults(RATE)
    faint = told(panel, line(6.0, -44.5), speaking=False)
    assert kinds(faint) == [(F.LOUD_BACKGROUND, False)]
    assert told(panel, line(6.0, -43.5, seed=2), speaking=False, start=6.0) == []
    (loud,) = told(panel, line(6.0, -39.0, seed=3), speaking=False, start=12.0)
    assert loud.ended_at is None
    assert loud.finding.confidence >= faint[0].finding.confidence + CHANGED_MUCH - 1e-9
    assert loud.finding.since == faint[0].finding.since


def test_several_faults_hold_at_once() -> None:
    panel = ChannelFaults(RATE)
    told(panel, hum(5.0, -30.0) + np.int16(1000), speaking=False)
    assert panel.finding(F.HUM)
    assert panel.finding(F.OFFSET)
    assert panel.finding(F.LOUD_BACKGROUND)
    panel.reset()
    assert told(panel, line(5.0), speaking=False) == []


def test_a_frozen_input_is_nothing_else() -> None:
    panel = ChannelFaults(RATE)
    changes = told(panel, np.concatenate([line(1.5), np.full(5 * RATE, 9000, np.int16)]), speaking=False)
    assert kinds(changes) == [(F.FROZEN, False)]


def test_while_a_machine_sounds_nothing_of_a_voice_is_judged_and_what_was_is_taken_back() -> None:
    panel, sound = ChannelFaults(RATE), talk(5.0, gain_db=-30.0)
    changes = [change for frame in frames(sound) for change in panel.push(frame)]
    assert (F.TOO_QUIET, False) in kinds(changes)
    after = [
        change for frame in frames(line(2.0), start=5.0) for change in panel.push(frame, machine_since=0.5)
    ]
    assert (F.TOO_QUIET, True) in kinds(after)
    assert [
        change for frame in frames(sound, start=7.0) for change in panel.push(frame, machine_since=0.5)
    ] == []


def test_what_was_there_before_the_machine_stays() -> None:
    panel = ChannelFaults(RATE)
    list(told(panel, line(5.0, -40.0), speaking=False))
    list(told(panel, line(5.0, -40.0, seed=2), speaking=False, start=5.0))
    assert [change for frame in frames(line(2.0), start=10.0) for change in panel.push(frame, 10.0)] == []
    assert panel.finding(F.LOUD_BACKGROUND)


def test_zeros_are_told_even_while_a_machine_was_heard() -> None:
    panel = ChannelFaults(RATE)
    changes = [change for frame in frames(zeros(RATE, 2.0)) for change in panel.push(frame, 0.0)]
    assert kinds(changes) == [(F.DIGITAL_ZERO, False)]


@pytest.mark.parametrize("rate", [8000, 16000, 32000, 48000])
def test_every_rate_is_taken(rate: int) -> None:
    panel = ChannelFaults(rate)
    sound = noise(rate, 4.0, -30.0)
    changes = [change for frame in frames(sound, rate, speaking=False) for change in panel.push(frame)]
    assert kinds(changes) == [(F.LOUD_BACKGROUND, False)]


def test_each_fault_of_one_channel_has_a_stated_time() -> None:
    panel = ChannelFaults(RATE)
    assert set(FOUND_WITHIN) >= {*panel._at_once, *panel._by_second}
