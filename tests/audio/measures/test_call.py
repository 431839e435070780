from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from audio.analysis.frame import Frame
from audio.analysis.measures.call import ENOUGH_SYLLABLES, SETTLE_S, CallMeasures
from audio.analysis.measures.figures import Measures
from state.events import (
    AudioAnalysedUntil,
    CallHeld,
    CallRetrieved,
    Event,
    LevelMeasured,
    ListeningStarted,
    SpeechStarted,
    SpeechStopped,
)
from state.ids import CallId
from state.words import Channel
from tests.audio.measures.kit import FAR, LINE, NEAR, deliver, heard, judged, on_a_line, told
from tests.audio.sounds import LABELS, recording

CALL = CallId("c1")


def held(at: float) -> CallHeld:
    return CallHeld(at, "l1", LINE, CALL)


def retrieved(at: float) -> CallRetrieved:
    return CallRetrieved(at, "l1", LINE, CALL)


def as_far(event: Event) -> Event:
    return replace(event, channel=FAR) if isinstance(event, SpeechStarted | SpeechStopped) else event


def conversation() -> tuple[dict[Channel, list[Frame]], list[Event]]:
    """Near says the sentence, far answers, near says it again, a little into far's turn."""
    sentence = on_a_line(recording("sentence_zh_2_16k.wav"), 16000)
    silence = np.zeros_like(sentence)
    near, near_edges = judged(np.concatenate((sentence, silence, sentence)), 16000)
    far, far_edges = judged(np.concatenate((silence, sentence, silence)), 16000)
    return {NEAR: near, FAR: far}, [*near_edges, *(as_far(event) for event in far_edges)]


def played(
    measures: CallMeasures, frames: dict[Channel, list[Frame]], events: list[Event], block: int
) -> Measures:
    """A call, in blocks of so many frames: each side's frames, then its edges and watermark."""
    count = len(frames[NEAR])
    for start in range(0, count, block):
        begin = frames[NEAR][start].begin + 1e-6
        end = frames[NEAR][min(start + block, count) - 1].begin + 0.02
        for channel, side in frames.items():
            for frame in side[start : start + block]:
                measures.push_frame(channel, frame)
            for event in events:
                if getattr(event, "channel", None) is channel and begin < event.at <= end + 1e-6:
                    measures.push_event(event)
            measures.push_event(AudioAnalysedUntil(end, "audio", LINE, channel, end))
    return measures.summary(frames[NEAR][-1].begin + 0.02)


@pytest.fixture(scope="module")
def call() -> tuple[dict[Channel, list[Frame]], list[Event]]:
    return conversation()


def test_a_conversation(call: tuple[dict[Channel, list[Frame]], list[Event]]) -> None:
    measures = played(CallMeasures(16000, 16000), *call, block=1)
    assert measures.near.talk.total_s == pytest.approx(2 * measures.far.talk.total_s, abs=0.5)  # six edges
    assert measures.near.syllables == pytest.approx(2 * measures.far.syllables, abs=2)
    assert measures.response.count == 1
    assert measures.greeting_s == pytest.approx(0.7 + 0.46, abs=0.15)
    assert measures.near.level is not None
    assert measures.near.level.active_dbov == pytest.approx(-28.0, abs=3.0)
    assert measures.near.syllables_per_s is not None
    assert 2.5 < measures.near.syllables_per_s < 6.0


@pytest.mark.parametrize("block", [2, 7, 50, 10_000])
def test_no_block_size_changes_anything(
    call: tuple[dict[Channel, list[Frame]], list[Event]], block: int
) -> None:
    plain = played(CallMeasures(16000, 16000), *call, block=1)
    assert played(CallMeasures(16000, 16000), *call, block=block) == plain


def test_a_new_call_begins_with_nothing(call: tuple[dict[Channel, list[Frame]], list[Event]]) -> None:
    measures = CallMeasures(16000, 16000)
    first = played(measures, *call, block=50)
    measures.reset(0.0)
    assert measures.summary(1.0).near == CallMeasures(16000, 16000).summary(1.0).near
    measures.reset(0.0)
    assert played(measures, *call, block=50) == first


def test_a_summary_changes_nothing(call: tuple[dict[Channel, list[Frame]], list[Event]]) -> None:
    frames, events = call
    measures = CallMeasures(16000, 16000)
    for event in (*told(NEAR, [(1.0, 3.0)]), *told(FAR, [(2.0, 9.0)])):
        measures.push_event(event)
    before = pickle.dumps(measures._turns)
    assert measures.summary(5.0) == measures.summary(5.0)
    assert pickle.dumps(measures._turns) == before
    assert frames
    assert events


def test_the_greeting_counts_from_the_answer() -> None:
    measures = CallMeasures(8000, 8000)
    measures.reset(100.0)
    deliver(measures, told(NEAR, [(101.5, 104.0)]), 106.0)
    assert measures.summary(106.0).greeting_s == pytest.approx(1.5)


def test_who_still_speaks_is_counted_until_now() -> None:
    measures = CallMeasures(8000, 8000)
    measures.push_event(SpeechStarted(1.2, "audio", LINE, NEAR, 1.0))
    for at in (2.0, 8.0, 20.0):
        measures.push_event(AudioAnalysedUntil(at, "audio", LINE, NEAR, at))
        near = measures.summary(at).near
        assert near.talk.total_s == pytest.approx(at - 1.0)
        assert near.longest_monologue_s == pytest.approx(at - 1.0)


def test_a_summary_of_the_past_leaves_out_what_came_after() -> None:
    measures = CallMeasures(8000, 8000)
    for event in told(NEAR, [(1.0, 3.0), (4.5, 4.9)]):
        measures.push_event(event)
    assert measures.summary(4.0).near.talk.count == 1


def test_an_edge_told_far_too_late_is_placed_where_it_still_can_be() -> None:
    measures = CallMeasures(8000, 8000)
    measures.push_event(SpeechStarted(10.0, "audio", LINE, NEAR, 2.0))
    measures.push_event(SpeechStopped(12.0, "audio", LINE, NEAR, 11.9))
    assert measures.summary(12.0).near.talk.total_s == pytest.approx(11.9 - (10.0 - SETTLE_S))


def test_an_end_before_its_begin_is_no_time() -> None:
    measures = CallMeasures(8000, 8000)
    measures.push_event(SpeechStarted(2.0, "audio", LINE, NEAR, 1.9))
    measures.push_event(SpeechStopped(2.1, "audio", LINE, NEAR, 1.5))
    assert measures.summary(3.0).near.talk.total_s == pytest.approx(0.0)


def test_one_side_without_sound_does_not_hold_the_other_up() -> None:
    measures = CallMeasures(8000, 8000)
    for number in range(2000):
        for event in told(NEAR, [(number * 2.0, number * 2.0 + 1.0)]):
            measures.push_event(event)
        measures.push_event(AudioAnalysedUntil(number * 2.0 + 1.9, "audio", LINE, NEAR, number * 2.0 + 1.9))
    assert measures.summary(4000.0).near.talk.count == 2000
    assert len(pickle.dumps(measures._turns)) < 100_000


def test_a_side_that_lagged_far_behind_makes_no_time_negative() -> None:
    measures = CallMeasures(8000, 8000)
    for number in range(500):
        for event in told(NEAR, [(number * 2.0, number * 2.0 + 1.0)]):
            measures.push_event(event)
        measures.push_event(AudioAnalysedUntil(number * 2.0, "audio", LINE, NEAR, number * 2.0))
    for event in told(FAR, [(3.0, 9.0), (20.0, 22.0), (990.5, 991.5)]):
        measures.push_event(event)
    summary = measures.summary(1000.0)
    assert summary.near.talk.count == 500
    assert 0.0 <= summary.far.talk.total_s <= 9.0
    assert 0.0 <= summary.overlap.total_s <= summary.far.talk.total_s
    assert summary.dead_air.total_s >= 0.0


def test_a_summary_of_what_is_settled_is_of_now() -> None:
    measures = CallMeasures(8000, 8000)
    deliver(measures, told(NEAR, [(1.0, 30.0)]), 20.0)
    assert measures.summary(2.0).near.talk.total_s >= 18.0


def test_what_the_agent_says_on_hold_is_not_measured() -> None:
    frames, events = judged(on_a_line(recording("sentence_zh_2_16k.wav"), 16000), 16000)
    measures = CallMeasures(16000, 16000)
    measures.push_event(held(0.0))
    for frame in frames:
        measures.push_frame(NEAR, frame)
    deliver(measures, events, 6.0)
    near = measures.summary(6.0).near
    assert (near.syllables, near.level, near.talk.count) == (0, None, 0)
    measures.push_event(retrieved(6.0))
    for frame in frames:
        measures.push_frame(NEAR, replace(frame, begin=frame.begin + 6.0))
    assert measures.summary(12.0).near.syllables > 8


def test_a_rate_needs_some_syllables() -> None:
    short = heard(on_a_line(recording("short_zh_16k.wav"), 16000), 16000)
    assert 0 < short.near.syllables < ENOUGH_SYLLABLES
    assert short.near.syllables_per_s is None


def test_other_events_change_nothing() -> None:
    measures = CallMeasures(8000, 8000)
    before = measures.summary(5.0)
    measures.push_event(ListeningStarted(1.0, "audio", LINE))
    measures.push_event(LevelMeasured(1.0, "audio", LINE, NEAR, -30.0, -60.0))
    assert measures.summary(5.0) == before


def test_a_day_takes_no_more_than_a_minute() -> None:
    """Nothing is kept of what was: the state is as large after ten hours as after one minute."""
    measures, sizes = CallMeasures(8000, 8000), {}
    for minute in range(600):
        at = minute * 60.0
        near = [(at + step, at + step + 1.5) for step in range(0, 60, 5)]
        far = [(at + step + 1.0, at + step + 4.4) for step in range(0, 60, 5)]
        for event in sorted((*told(NEAR, near), *told(FAR, far)), key=lambda each: each.at):
            measures.push_event(event)
        for channel in (NEAR, FAR):
            measures.push_event(AudioAnalysedUntil(at + 60.0, "audio", LINE, channel, at + 60.0))
        sizes[minute] = len(pickle.dumps(measures._turns))
    assert sizes[599] <= sizes[0] + 200
    whole = measures.summary(36000.0)
    assert whole.near.talk.count == 7200
    assert whole.far.talk.total_s == pytest.approx(7200 * 3.4, rel=1e-6)


def test_a_recorded_call_is_measured_as_labelled() -> None:
    name = "answer_4s.wav"
    whole = recording(name)
    near = heard(whole.samples, whole.rate).near
    labelled = LABELS[name]
    assert near.talk.count == len(labelled)
    assert near.talk.total_s == pytest.approx(sum(end - begin for begin, end in labelled), abs=0.6)
    longest = max(end - begin for begin, end in labelled)
    assert near.longest_monologue_s == pytest.approx(longest, abs=0.4)
