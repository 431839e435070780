"""Measures over the stretches of one call: what is told when, across a hold, and by whom."""

from __future__ import annotations

import numpy as np
import pytest

from audio.listener import Listener
from callseat.runtime.measuring import EVERY_S, CallMeasuring
from state.events import (
    AudioAnalysedUntil,
    Event,
    PromptFinished,
    PromptStarted,
    SpeechMeasured,
    SpeechStarted,
    SpeechStopped,
)
from state.ids import CallId, LineId, PromptId
from state.words import Audience, Channel
from tests.audio.sounds import recording

LINE, CALL = LineId("l1"), CallId("l1-1")
NEAR, FAR = Channel.NEAR, Channel.FAR
RATE = 8000


def begun(at: float = 0.0, by: object = "first") -> CallMeasuring:
    measuring = CallMeasuring(LINE, CALL)
    measuring.begin(by, at, RATE, RATE)
    return measuring


def speech(channel: Channel, begin: float, end: float) -> list[Event]:
    return [
        SpeechStarted(begin + 0.1, "audio", LINE, channel, begin),
        SpeechStopped(end + 0.3, "audio", LINE, channel, end),
    ]


def known(until: float) -> list[Event]:
    return [AudioAnalysedUntil(until, "audio", LINE, channel, until) for channel in Channel]


def named(told: SpeechMeasured) -> dict[str, float]:
    return {figure.name: figure.value for figure in told.figures}


def test_figures_are_due_every_ten_seconds_from_the_begin() -> None:
    measuring = begun(3.0)
    assert measuring.due(3.0 + EVERY_S - 0.02) == []
    (told,) = measuring.due(3.0 + EVERY_S)
    assert (told.at, told.line, told.call) == (3.0 + EVERY_S, LINE, CALL)
    assert measuring.due(3.0 + EVERY_S + 0.02) == []
    assert len(measuring.due(3.0 + 2 * EVERY_S)) == 1


def test_after_a_long_hold_up_they_are_told_once() -> None:
    measuring = begun()
    assert [len(measuring.due(3600.0 + n * 0.02)) for n in range(3)] == [1, 0, 0]


def test_nothing_is_told_before_it_begins_or_after_it_ends() -> None:
    idle = CallMeasuring(LINE, CALL)
    idle.follow(speech(NEAR, 1.0, 2.0))
    idle.hear(NEAR, ())
    assert idle.due(100.0) == idle.end("first", 100.0) == []
    measuring = begun()
    assert len(measuring.end("first", 5.0)) == 1
    assert measuring.end("first", 6.0) == []


def test_a_call_goes_on_after_a_hold_and_the_hold_is_no_part_of_it() -> None:
    measuring = begun()
    measuring.follow([*speech(FAR, 1.0, 3.0), *speech(NEAR, 3.5, 5.0), *known(6.0)])
    (before,) = measuring.end("first", 6.0)
    assert named(before)["near.talk_s"] == pytest.approx(1.5)
    measuring.begin("second", 66.0, RATE, RATE)
    assert measuring.due(66.0 + EVERY_S - 0.02) == []
    measuring.follow([*speech(NEAR, 67.0, 68.0), *known(69.5)])
    (after,) = measuring.end("second", 69.5)
    assert named(after)["near.talk_s"] == pytest.approx(2.5)
    assert named(after)["far.talk_s"] == pytest.approx(2.0)
    assert named(after)["dead_airs"] == 0
    assert named(after)["greeting_s"] == pytest.approx(3.5)


def test_speech_the_hold_cut_off_ends_with_it() -> None:
    measuring = begun()
    measuring.follow([SpeechStarted(1.1, "audio", LINE, FAR, 1.0), *known(4.0)])
    (before,) = measuring.end("first", 4.0)
    assert named(before)["far.talk_s"] == pytest.approx(3.0)
    measuring.begin("second", 30.0, RATE, RATE)
    measuring.follow(known(40.0))
    (after,) = measuring.end("second", 40.0)
    assert named(after)["far.talk_s"] == pytest.approx(3.0)


def test_who_listened_before_cannot_end_what_another_listens_to() -> None:
    measuring = begun()
    measuring.follow([SpeechStarted(1.1, "audio", LINE, FAR, 1.0), *known(2.0)])
    measuring.begin("second", 2.0, RATE, RATE)
    assert measuring.end("first", 2.01) == []
    measuring.follow([*speech(FAR, 3.0, 4.0), *known(6.0)])
    (told,) = measuring.end("second", 6.0)
    assert named(told)["far.talk_s"] == pytest.approx(2.0)
    assert named(told)["far.spurts"] == 2


def test_a_hold_of_no_time_at_all_is_over() -> None:
    measuring = begun()
    assert len(measuring.end("first", 2.0)) == 1
    measuring.begin("second", 2.0, RATE, RATE)
    measuring.follow([*speech(FAR, 3.0, 4.0), *known(6.0)])
    (told,) = measuring.end("second", 6.0)
    assert named(told)["far.talk_s"] == pytest.approx(1.0)


def test_the_call_goes_by_its_newest_name() -> None:
    measuring = begun()
    measuring.call = CallId("l1-7")
    assert measuring.due(EVERY_S)[0].call == "l1-7"


@pytest.mark.parametrize(("audience", "dead_airs"), [(Audience.LINE, 0), (Audience.AGENT, 1)])
def test_a_prompt_the_customer_hears_is_no_dead_air(audience: Audience, dead_airs: int) -> None:
    measuring = begun()
    prompt = PromptId("p1")
    measuring.follow(
        [
            *speech(FAR, 1.0, 2.0),
            PromptStarted(3.0, "audio", prompt, audience, LINE),
            PromptFinished(7.0, "audio", prompt, audience, 7.0, True, LINE),
            *speech(FAR, 8.0, 9.0),
            *known(10.5),
        ]
    )
    (told,) = measuring.end("first", 10.5)
    assert named(told)["dead_airs"] == dead_airs


def test_what_a_listener_hears_is_measured() -> None:
    sound = recording("sentence_zh.wav").samples
    listener, measuring = Listener(LINE, RATE, RATE), begun()
    for number in range(len(sound) // 160):
        block = sound[number * 160 : (number + 1) * 160]
        for channel, samples in ((NEAR, block), (FAR, np.zeros_like(block))):
            measuring.follow(listener.push(channel, samples, number * 0.02))
            measuring.hear(channel, listener.take_frames(channel))
            assert listener.take_frames(channel) == []
    (told,) = measuring.end("first", len(sound) / RATE)
    figures = named(told)
    assert 4.5 < figures["near.talk_s"] < 7.5
    assert 3.0 < figures["near.syllables_per_s"] < 7.0
    assert -40.0 < figures["near.level_dbov"] < -10.0
    assert figures["far.spurts"] == 0
