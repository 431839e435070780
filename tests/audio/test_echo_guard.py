from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
import pytest

from audio.analysis.echo_guard import JUDGED_FRAMES
from audio.analysis.framing import FRAME_S
from audio.listener import Listener
from audio.wav import Samples
from state.events import (
    AudioAnalysedUntil,
    AudioEvent,
    Event,
    SpeechDismissed,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.ids import LineId
from state.words import Channel
from tests.audio.faults.inject import companded
from tests.audio.faults.inject_pair import (
    FAR_HZ,
    LIVE_FAR_DBFS,
    LIVE_NEAR_DBFS,
    NEAR_HZ,
    Wide,
    at_level,
    echo_of,
    live,
    sound,
)
from tests.audio.sounds import WORDS, cut, recording

Word = tuple[str, float, float]
"""Recording, begin and end of a short answer."""

NEAR, FAR = Channel.NEAR, Channel.FAR
LATEST_S = JUDGED_FRAMES[-1] * FRAME_S
SPOKEN_S = 1.2
"""When the agent begins: the channels are known by then."""
AGENTS = ("sentence_zh_16k.wav", "sentence_zh_2_16k.wav")
ALL_WORDS = [(name, *place) for name, places in WORDS.items() for place in places]


def agent(name: str = AGENTS[0], rest_s: float = 1.5) -> Wide:
    """Near: a sentence between two stretches of a quiet room."""
    said = at_level(recording(name).samples.astype(np.float64), -26.0)
    room = (live(round(seconds * NEAR_HZ), LIVE_NEAR_DBFS, 3) for seconds in (SPOKEN_S, rest_s))
    return np.concatenate((next(room), said, next(room)))


def line(near: Wide, echo: Wide | None = None) -> Wide:
    """Far: a line on which nobody speaks, with an echo."""
    far = live(len(near) * FAR_HZ // NEAR_HZ, LIVE_FAR_DBFS, 4)
    return far if echo is None else companded(far + echo)


def with_word(far: Wide, word: Word, at: float, dbfs: float = -25.0) -> tuple[Wide, float]:
    """Far with a customer's word at a time, and when it ends."""
    said = at_level(cut(*word).astype(np.float64), dbfs)
    start = round(at * FAR_HZ)
    spoken = far.copy()
    spoken[start : start + len(said)] += said
    return spoken, at + len(said) / FAR_HZ


def heard(near: Samples, far: Samples, blocks: Iterable[int] = (20,), near_hz: int = NEAR_HZ) -> list[Event]:
    """Everything told of a call whose channels come in turn, in blocks of so many milliseconds."""
    listener = Listener(LineId("desk"), near_hz, FAR_HZ, faults=False)
    listener.reset(0.0)
    events: list[Event] = []
    sizes, begin, turn = list(blocks), 0, 0
    while begin < len(far) * 1000 // FAR_HZ:
        end = begin + sizes[turn % len(sizes)]
        for channel, samples, rate in ((NEAR, near, near_hz), (FAR, far, FAR_HZ)):
            block = samples[begin * rate // 1000 : end * rate // 1000]
            if len(block):
                events += listener.push(channel, block, begin / 1000)
        begin, turn = end, turn + 1
    return events


def customer(events: Iterable[Event]) -> list[AudioEvent]:
    kinds = SpeechSuspected | SpeechDismissed | SpeechStarted | SpeechStopped
    return [event for event in events if isinstance(event, kinds) and event.channel is FAR]


def started(events: Iterable[Event]) -> list[SpeechStarted]:
    return [event for event in customer(events) if isinstance(event, SpeechStarted)]


def call(near: Wide, far: Wide, blocks: Iterable[int] = (20,)) -> list[Event]:
    return heard(sound(near), sound(far), blocks)


ECHOES = list(product((0.06, 0.18, 0.4), (6.0, 12.0, 20.0), (0.0, 0.3)))


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(("lag_s", "loss_db", "reverb_s"), ECHOES)
def test_the_agents_own_voice_coming_back_is_no_customer(
    name: str, lag_s: float, loss_db: float, reverb_s: float
) -> None:
    near = agent(name)
    events = customer(call(near, line(near, echo_of(near, lag_s, loss_db, reverb_s))))
    assert [type(event) for event in events] == [SpeechSuspected, SpeechDismissed] * (len(events) // 2)
    if loss_db < 20.0:
        assert events


@pytest.mark.parametrize(("lag_s", "loss_db", "reverb_s"), ECHOES)
def test_a_short_answer_after_the_echo_is_heard(lag_s: float, loss_db: float, reverb_s: float) -> None:
    near = agent()
    end = len(near) / NEAR_HZ - 1.5
    echo = echo_of(near, lag_s, loss_db, reverb_s)
    word = ALL_WORDS[round(100 * lag_s + loss_db) % len(ALL_WORDS)]
    far, ended = with_word(line(near, echo), word, end + 0.2)
    (begin,) = started(call(near, far))
    assert begin.began_at == pytest.approx(end + 0.2, abs=0.2)
    assert begin.at <= ended + LATEST_S


@pytest.mark.parametrize("word", ALL_WORDS, ids=lambda word: f"{word[0]}@{word[1]}")
@pytest.mark.parametrize("at", [3.0, 6.3])
def test_a_word_over_a_weaker_echo_is_heard(word: Word, at: float) -> None:
    near = agent()
    far, ended = with_word(line(near, echo_of(near, 0.18, 14.0, 0.2)), word, at)
    begins = started(call(near, far))
    assert len(begins) == 1
    assert at - 0.25 <= begins[0].began_at <= ended
    assert begins[0].at <= ended + LATEST_S


@pytest.mark.parametrize("word", ALL_WORDS, ids=lambda word: f"{word[0]}@{word[1]}")
@pytest.mark.parametrize(("at", "dbfs"), [(1.7, -25.0), (2.5, -34.0), (4.6, -25.0), (6.2, -34.0)])
def test_a_word_while_the_agent_talks_is_heard_where_nothing_comes_back(
    word: Word, at: float, dbfs: float
) -> None:
    near = agent()
    far, _ = with_word(line(near), word, at, dbfs)
    begins = started(call(near, far))
    assert begins
    assert begins[0].began_at == pytest.approx(at, abs=0.15)
    assert begins[0].at <= begins[0].began_at + LATEST_S + 1e-6


def test_talk_over_talk_is_told_with_the_times_of_the_far_channel_alone() -> None:
    near = agent()
    far = line(near)
    said = recording("answer_4s.wav").samples[4 * FAR_HZ : 4 * FAR_HZ + len(far) - 8000].astype(np.float64)
    far[8000 : 8000 + len(said)] += said
    both, alone = customer(call(near, far)), customer(heard(np.zeros(0, np.int16), sound(far)))
    begins = [event.began_at for event in both if isinstance(event, SpeechStarted)]
    ends = [event.ended_at for event in both if isinstance(event, SpeechStopped)]
    assert begins == [event.began_at for event in alone if isinstance(event, SpeechStarted)]
    assert ends == [event.ended_at for event in alone if isinstance(event, SpeechStopped)]
    assert begins


def test_a_customer_who_answers_a_silent_desk_is_not_held() -> None:
    near = live(5 * NEAR_HZ, LIVE_NEAR_DBFS, 3)
    far, _ = with_word(line(near), ALL_WORDS[0], 2.0)
    both, alone = customer(call(near, far)), customer(heard(np.zeros(0, np.int16), sound(far)))
    assert both == alone
    assert started(both)


def test_what_is_held_stays_suspected_until_it_is_judged() -> None:
    near = agent()
    far, _ = with_word(line(near), ALL_WORDS[2], 2.5)
    suspected, start = customer(call(near, far))[:2]
    assert isinstance(suspected, SpeechSuspected)
    assert isinstance(start, SpeechStarted)
    assert start.at > suspected.at
    assert suspected.began_at == start.began_at


def test_a_customer_who_talks_on_when_the_echo_is_over_is_heard_from_there_on() -> None:
    near = agent()
    end = len(near) / NEAR_HZ - 1.5
    echo = echo_of(near, 0.18, 8.0)
    said = at_level(cut("answer_4s.wav", 10.5, 13.74).astype(np.float64), -28.0)
    far = line(near, echo)
    start = round((end - 0.3) * FAR_HZ)
    far[start:] += said[: len(far) - start]
    (begin,) = started(call(near, far))
    assert begin.began_at == pytest.approx(end, abs=0.5)


def test_an_echo_louder_than_the_agent_is_doubted_and_so_speech() -> None:
    near = agent()
    assert started(call(near, line(near, echo_of(near, 0.18, -3.0))))


@pytest.mark.parametrize("lag_s", [0.0, 0.005])
def test_one_sound_on_both_channels_is_the_customer(lag_s: float) -> None:
    """A monitor recorded in place of the microphone, turned down or up: what is on far was said there."""
    near = agent()
    assert started(call(near, line(near, echo_of(near, lag_s, 6.0))))


@pytest.mark.parametrize("leak_db", [10.0, 25.0])
def test_a_customer_who_leaks_into_the_microphone_is_heard(leak_db: float) -> None:
    far = at_level(recording("answer_4s.wav").samples.astype(np.float64), -26.0)
    near = np.repeat(far, 2) * 10.0 ** (-leak_db / 20.0)
    near = np.concatenate((np.zeros(960), near))[: len(near)] + live(len(near), LIVE_NEAR_DBFS, 3)
    alone = started(heard(np.zeros(0, np.int16), sound(far)))
    both = started(call(near, far))
    assert [event.began_at for event in both] == [event.began_at for event in alone]


@pytest.mark.parametrize("blocks", [(10,), (60,), (200,), (7, 93, 20, 180, 31)])
def test_what_is_told_does_not_depend_on_the_block_size(blocks: tuple[int, ...]) -> None:
    near = agent()
    far, _ = with_word(line(near, echo_of(near, 0.18, 10.0, 0.2)), ALL_WORDS[0], 6.3)
    plain, other = customer(call(near, far)), customer(call(near, far, blocks))
    assert len(plain) >= 4
    assert other == plain


def test_near_at_48_khz_guards_as_well() -> None:
    near = agent()
    far = sound(line(near, echo_of(near, 0.18, 10.0)))
    wide = np.repeat(sound(near), 3)
    assert not started(heard(wide, far, near_hz=48000))


def test_near_that_stops_keeps_nothing_back() -> None:
    near = agent()
    far = sound(line(near, echo_of(near, 0.18, 10.0)))
    events = heard(sound(near)[: 3 * NEAR_HZ], far)
    begins = started(events)
    assert begins
    assert begins[0].began_at >= 2.5
    last = [event for event in events if isinstance(event, AudioAnalysedUntil) and event.channel is FAR][-1]
    assert last.until == pytest.approx(len(far) / FAR_HZ, abs=0.021)


def test_a_new_call_knows_no_echo() -> None:
    near = agent()
    far = sound(line(near, echo_of(near, 0.18, 10.0)))
    listener = Listener(LineId("desk"), NEAR_HZ, FAR_HZ, faults=False)
    told: list[list[AudioEvent]] = []
    for start in (0.0, 100.0):
        listener.reset(start)
        events: list[Event] = []
        for place in range(0, len(far) - 159, 160):
            at = start + place / FAR_HZ
            events += listener.push(NEAR, sound(near)[2 * place : 2 * place + 320], at)
            events += listener.push(FAR, far[place : place + 160], at)
        told.append(customer(events))
    assert [type(event) for event in told[0]] == [type(event) for event in told[1]]
    assert [event.at + 100.0 for event in told[0]] == pytest.approx([event.at for event in told[1]])
