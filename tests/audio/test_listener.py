from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from audio.analysis.vad import Rules, Verdict
from audio.decibel import rms_dbfs
from audio.listener import Listener
from audio.track import Track
from audio.wav import read_wav
from state.events import (
    AudioAnalysedUntil,
    AudioEvent,
    AudioFaultFound,
    Event,
    LevelMeasured,
    SignalChanged,
    SpeechDismissed,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.ids import LineId
from state.words import AudioFault, Channel, SignalCondition
from tests.audio.faults.inject_pair import FAR_HZ, NEAR_HZ, TwoChannels, coupled, echoed
from tests.audio.faults.trial_pair import ours
from tests.audio.sounds import LABELS, WORDS, cut, noise, recording, tone, zeros
from tests.support import need_shared_data

LINE = LineId("desk")
NEAR, FAR = Channel.NEAR, Channel.FAR


def heard(
    sound: np.ndarray,
    rate: int = 8000,
    *,
    start: float = 0.0,
    blocks: Iterable[int] = (160,),
    listener: Listener | None = None,
    channel: Channel = FAR,
) -> list[Event]:
    """Everything a listener tells of a sound pushed in blocks of the given sizes, in turn."""
    if listener is None:
        listener = Listener(LINE, rate, rate)
        listener.reset(start)
    sizes, events, place, turn = list(blocks), [], 0, 0
    while place < len(sound):
        size = sizes[turn % len(sizes)]
        events += listener.push(channel, sound[place : place + size], start + place / rate)
        place, turn = place + size, turn + 1
    return events


def edges(events: Iterable[Event]) -> list[Event]:
    return [e for e in events if not isinstance(e, AudioAnalysedUntil | LevelMeasured)]


def speech(events: Iterable[Event]) -> list[tuple[float, float]]:
    """(began_at, ended_at) of each stretch of speech."""
    events = list(events)
    begins = [e.began_at for e in events if isinstance(e, SpeechStarted)]
    ends = [e.ended_at for e in events if isinstance(e, SpeechStopped)]
    return list(zip(begins, [*ends, float("inf")], strict=False))


@pytest.mark.parametrize("blocks", [[80], [320], [1], [37, 411, 160, 5], [8000]])
def test_results_do_not_depend_on_the_block_size(blocks: list[int]) -> None:
    sound = recording("answer_4s.wav").samples[: 9 * 8000]
    plain = [e for e in heard(sound) if not isinstance(e, AudioAnalysedUntil)]
    other = [e for e in heard(sound, blocks=blocks) if not isinstance(e, AudioAnalysedUntil)]
    assert len(edges(plain)) >= 6
    assert [type(e) for e in other] == [type(e) for e in plain]
    for one, two in zip(plain, other, strict=True):
        assert one.at == pytest.approx(two.at, abs=1e-9)


@pytest.mark.parametrize("name", sorted(LABELS))
def test_begin_and_end_agree_with_the_labels(name: str) -> None:
    whole = recording(name)
    spoken = whole.samples[: round((LABELS[name][-1][1] + 0.05) * whole.rate)]
    sound = np.concatenate([spoken, zeros(whole.rate, 0.5)])
    found = speech(heard(sound, whole.rate, blocks=[whole.rate // 50]))
    for begin, end in LABELS[name]:
        inside = [(a, b) for a, b in found if a < end and b > begin]
        assert inside, (begin, end)
        assert inside[0][0] == pytest.approx(begin, abs=0.06)
        # a last syllable may sink into line noise, and the room's echo may outlast the label
        assert end - 0.31 <= inside[-1][1] <= end + 0.2


@pytest.mark.parametrize("offset", [0.0, 0.004, 0.010, 0.017])
def test_edges_are_exact_to_a_frame_on_clean_sound(offset: float) -> None:
    track = Track(8000, noise(8000, 2.0, -66.0), origin=0.0)
    begin = 2.0 + offset
    end = track.say(cut("sentence_zh.wav", 0.50, 1.50), begin, level_dbfs=-24.0)
    ((began_at, ended_at),) = speech(heard(track.block(0.0, 5 * 8000)))
    assert began_at == pytest.approx(begin, abs=0.03)
    assert ended_at == pytest.approx(end, abs=0.04)


def test_the_clock_of_the_first_sample_is_the_clock_of_all_events() -> None:
    sound = recording("answer_4s.wav").samples[: 9 * 8000]
    early, late = edges(heard(sound)), edges(heard(sound, start=5000.0))
    for one, two in zip(early, late, strict=True):
        assert two.at - one.at == pytest.approx(5000.0, abs=1e-6)


def words() -> list[tuple[str, float, float]]:
    return [(name, begin, end) for name, places in WORDS.items() for begin, end in places]


@pytest.mark.parametrize("word", words(), ids=lambda word: f"{word[0]}@{word[1]}")
@pytest.mark.parametrize("background", ["silent_line.wav", "silent_hum.wav"])
def test_a_short_answer_is_heard_from_half_a_second_on(
    word: tuple[str, float, float], background: str
) -> None:
    said = cut(*word)
    for offset in (0.5, 0.507, 0.61, 0.9, 1.3, 2.2, 3.05, 4.4, 4.93):
        track = Track(8000, recording(background).samples)
        end = track.say(said, offset)
        found = heard(track.block(0.0, round((end + 1.0) * 8000)))
        started = [e for e in found if isinstance(e, SpeechStarted)]
        assert started, offset
        assert offset - 0.03 <= started[0].began_at <= offset + 0.15
        assert started[0].at <= end + 0.04


@pytest.mark.parametrize("gain", [0.0, -10.0, -20.0, -30.0])
def test_a_sentence_is_heard_on_a_quiet_line(gain: float) -> None:
    sound = np.rint(recording("sentence_zh.wav").samples * 10 ** (gain / 20)).astype(np.int16)
    found = heard(sound)
    total = sum(min(b, 7.6) - a for a, b in speech(found))
    assert total > 0.6 * (3.34 + 2.28)


@pytest.mark.parametrize("name", ["silent_line.wav", "silent_hum.wav"])
def test_nobody_speaks_on_a_silent_line(name: str) -> None:
    assert edges(heard(recording(name).samples)) == []


@pytest.mark.parametrize(("folder", "rate", "most_s"), [("wav8", 8000, 0.0), ("wav16", 16000, 0.3)])
def test_an_office_makes_next_to_no_speech(folder: str, rate: int, most_s: float) -> None:
    whole = read_wav(need_shared_data("vad", folder, "call_silent_office.wav"), rate)
    found = speech(heard(whole.samples, rate, blocks=[rate // 50]))
    assert sum(end - begin for begin, end in found) <= most_s


@pytest.mark.parametrize("name", ["street.wav", "coffee_shop.wav"])
def test_background_makes_little_speech(name: str) -> None:
    found = heard(recording(name).samples)
    assert sum(min(b, 10.0) - a for a, b in speech(found)) < 1.0


def test_half_of_those_who_cough_do_not_speak() -> None:
    """Twelve people, one every 3 s; to bare webrtcvad, and to Silero alone, nearly all of them do."""
    found = speech(heard(recording("coughs.wav").samples))
    assert len({int((begin - 2.0) // 3.0) for begin, _ in found}) <= 6
    assert sum(end - begin for begin, end in found) < 6.0


def test_ring_back_is_a_tone_with_evidence() -> None:
    found = heard(recording("ringback_cn.wav").samples)
    assert speech(found) == []
    changes = [e for e in found if isinstance(e, SignalChanged)]
    assert [e.condition for e in changes] == [SignalCondition.TONE, SignalCondition.RINGBACK]
    assert "450 Hz" in changes[0].evidence


RING_BACK = {"CN": (450.0,), "EU": (425.0,), "US": (440.0, 480.0)}
"""Frequencies of ring-back tones (ITU-T E.180 supplement 2)."""


@pytest.mark.parametrize("country", RING_BACK)
@pytest.mark.parametrize("offset", range(0, 160, 20))
def test_ring_back_is_no_speech_wherever_its_bursts_fall(country: str, offset: int) -> None:
    """A burst that begins inside a frame splatters over the first pitch windows."""
    burst = sum(tone(8000, hz, 1.0, -24.0) for hz in RING_BACK[country])
    cadence = np.concatenate([noise(8000, 2.0)[: 16000 - offset], burst + noise(8000, 1.0)] * 3)
    assert speech(heard(cadence.astype(np.int16))) == []


def test_a_channel_that_goes_dead_is_told_back_dated_on_its_own_channel() -> None:
    listener = Listener(LINE, 8000, 8000)
    listener.reset(0.0)
    heard(noise(8000, 3.0), listener=listener, channel=FAR)
    sound = np.concatenate([noise(8000, 1.3), zeros(8000, 1.7)])
    (change,) = [e for e in heard(sound, listener=listener, channel=NEAR) if isinstance(e, SignalChanged)]
    assert (change.channel, change.condition) == (NEAR, SignalCondition.DIGITAL_ZERO)
    assert change.began_at == pytest.approx(1.3, abs=0.001)
    assert change.at == pytest.approx(2.3, abs=0.021)


def test_channels_have_their_own_rates_and_their_own_speech() -> None:
    listener = Listener(LINE, 16000, 8000)
    listener.reset(0.0)
    near = heard(
        recording("sentence_zh_16k.wav").samples, 16000, blocks=[320], listener=listener, channel=NEAR
    )
    far = heard(recording("silent_line.wav").samples, listener=listener)
    assert len(speech(near)) >= 2
    assert speech(far) == []
    assert {e.channel for e in near if isinstance(e, AudioEvent)} == {NEAR}
    assert {(e.line, e.source) for e in [*near, *far] if isinstance(e, AudioEvent)} == {(LINE, "audio")}


def test_each_block_ends_with_its_watermark_behind_the_edges() -> None:
    listener, sound = Listener(LINE, 8000, 8000), recording("answer_4s.wav").samples
    listener.reset(100.0)
    for number, start in enumerate(range(0, 6 * 8000, 80)):
        events = listener.push(FAR, sound[start : start + 80], 100.0 + start / 8000)
        *others, mark = events
        assert isinstance(mark, AudioAnalysedUntil)
        assert mark.until == pytest.approx(100.0 + (number + 1) // 2 * 0.02)
        assert mark.at == pytest.approx(100.0 + (number + 1) * 0.01)
        assert not [e for e in others if isinstance(e, AudioAnalysedUntil)]
        assert all(e.at <= mark.until + 1e-9 for e in others)


def test_event_times_never_run_backwards() -> None:
    times = [e.at for e in heard(recording("answer_4s.wav").samples)]
    assert times == sorted(times)


def test_small_jitter_does_not_move_time_and_a_gap_does() -> None:
    listener, sound = Listener(LINE, 8000, 8000), noise(8000, 0.02)
    listener.reset(0.0)
    for number, jitter in enumerate((0.0, 0.03, -0.02, 0.09)):
        (mark,) = listener.push(FAR, sound, 0.02 * number + jitter)
        assert isinstance(mark, AudioAnalysedUntil)
        assert mark.until == pytest.approx(0.02 * (number + 1))
    (mark,) = listener.push(FAR, sound, 3.0)
    assert isinstance(mark, AudioAnalysedUntil)
    assert mark.until == pytest.approx(3.02)


def test_a_gap_drops_an_unfinished_frame_and_a_watermark_never_goes_back() -> None:
    listener = Listener(LINE, 8000, 8000)
    listener.reset(0.0)
    listener.push(FAR, noise(8000, 5.0)[: 5 * 8000 - 100], 0.0)
    *_, forward = listener.push(FAR, noise(8000, 0.02), 7.0)
    *_, back = listener.push(FAR, noise(8000, 0.02), 6.0)
    assert isinstance(forward, AudioAnalysedUntil)
    assert isinstance(back, AudioAnalysedUntil)
    assert forward.until == pytest.approx(7.02)
    assert back.until == forward.until
    assert back.at >= forward.at


def test_speech_across_a_gap_ends_where_it_was_last_heard() -> None:
    listener, sound = Listener(LINE, 8000, 8000), recording("sentence_zh.wav").samples
    listener.reset(0.0)
    heard(sound[: 2 * 8000], listener=listener)
    after = heard(recording("silent_line.wav").samples[:8000], listener=listener, start=50.0)
    (stopped,) = [e for e in after if isinstance(e, SpeechStopped)]
    assert stopped.ended_at == pytest.approx(2.0, abs=0.1)
    assert stopped.at == 50.0


@pytest.mark.parametrize(("gap_s", "turns"), [(0.3, 1), (5.0, 2)])
def test_who_speaks_before_and_after_a_long_gap_has_spoken_twice(gap_s: float, turns: int) -> None:
    listener, sound = Listener(LINE, 8000, 8000), recording("sentence_zh.wav").samples
    listener.reset(0.0)
    before = heard(sound[: 2 * 8000], listener=listener)
    after = heard(sound[2 * 8000 : 3 * 8000], listener=listener, start=2.0 + gap_s)
    told = [e for e in (*before, *after) if isinstance(e, SpeechStarted | SpeechStopped)]
    assert [type(e) for e in told] == [SpeechStarted, SpeechStopped, SpeechStarted][: 2 * turns - 1]


def test_a_suspicion_before_a_long_gap_is_dismissed() -> None:
    listener, sound = Listener(LINE, 8000, 8000), recording("sentence_zh.wav").samples
    listener.reset(0.0)
    place, told = 0, list[Event]()
    while not any(isinstance(e, SpeechSuspected) for e in told):
        told += listener.push(FAR, sound[place : place + 160], place / 8000)
        place += 160
    after = heard(zeros(8000, 0.5), listener=listener, start=50.0)
    assert [type(e) for e in edges(after)] == [SpeechDismissed]


def test_levels_come_once_a_second() -> None:
    found = heard(tone(8000, 500, 3.5, -31.0), start=10.0)
    levels = [e for e in found if isinstance(e, LevelMeasured)]
    assert [e.at for e in levels] == [pytest.approx(11.0 + n) for n in range(3)]
    assert all(e.level_dbfs == pytest.approx(-31.0, abs=0.2) for e in levels)


def test_the_floor_told_is_the_lines_noise() -> None:
    sound = recording("silent_line.wav").samples
    last = [e for e in heard(sound) if isinstance(e, LevelMeasured)][-1]
    assert last.floor_dbfs == pytest.approx(rms_dbfs(sound), abs=3.0)


def test_a_suspicion_comes_before_the_start() -> None:
    kinds = [type(e) for e in edges(heard(recording("answer_4s.wav").samples[: 6 * 8000]))]
    assert kinds == [SpeechSuspected, SpeechStarted, SpeechStopped]


@pytest.mark.parametrize("length_s", [0.005, 0.01, 0.02])
def test_a_scrap_of_a_word_is_no_speech(length_s: float) -> None:
    track = Track(8000, recording("silent_line.wav").samples)
    track.say(cut("answer_4s.wav", 4.10, 4.10 + length_s), 3.0)
    assert speech(heard(track.block(0.0, 5 * 8000))) == []


def test_a_suspicion_that_comes_to_nothing_is_dismissed() -> None:
    class OneFrame(Always):
        """Finds a voice in its hundredth frame alone."""

        def push(self, frame: np.ndarray) -> Verdict:
            self.frames += 1
            voice = self.frames == 100
            return Verdict(-20.0, -60.0, loud=voice, passes=voice, voiced=voice)

    listener = Listener(LINE, 8000, 8000, lambda rate: OneFrame(), faults=False)
    found = heard(zeros(8000, 3.0), listener=listener)
    assert [type(e) for e in edges(found)] == [SpeechSuspected, SpeechDismissed]


def test_reset_is_a_new_call() -> None:
    listener, sound = Listener(LINE, 8000, 8000), recording("sentence_zh.wav").samples
    listener.reset(0.0)
    first = heard(sound[: 2 * 8000], listener=listener)
    assert [e for e in first if isinstance(e, SpeechStarted)]
    listener.reset(20.0)
    again = heard(sound[: 2 * 8000], listener=listener, start=20.0)
    assert [type(e) for e in again] == [type(e) for e in first]
    for one, two in zip(first, again, strict=True):
        assert two.at - one.at == pytest.approx(20.0)


class Always:
    """Finds a voice in everything."""

    rules = Rules()
    frames = 0

    def push(self, frame: np.ndarray) -> Verdict:
        return Verdict(-20.0, -60.0, loud=True, passes=True, voiced=True)

    def reset(self) -> None:
        self.frames = 0


def test_another_detector_can_be_handed_in() -> None:
    listener = Listener(LINE, 8000, 8000, lambda rate: Always())
    found = heard(zeros(8000, 0.2), listener=listener)
    assert speech(found) == [(0.0, float("inf"))]


# both channels -------------------------------------------------------------------------------------------


def talked(
    call: TwoChannels, *, faults: bool = True, far_first: bool = False, late: int = 0
) -> list[tuple[Event, ...]]:
    """What each push of a call in blocks of 20 ms tells; near comes `late` blocks after far."""
    listener = Listener(LINE, NEAR_HZ, FAR_HZ, faults=faults)
    listener.reset(0.0)
    near, far = call.samples()
    told: list[tuple[Event, ...]] = []
    for number in range(len(far) // 160 + late):
        pushes = [(NEAR, near, 320, number - late), (FAR, far, 160, number)]
        for channel, samples, size, place in reversed(pushes) if far_first else pushes:
            if 0 <= place < len(far) // 160:
                part = samples[place * size : (place + 1) * size]
                told.append(listener.push(channel, part, place * 0.02))
    return told


def test_what_both_channels_show_is_told_of_the_channel_at_fault() -> None:
    found = [
        e for events in talked(echoed(ours(12.0), 10.0)) for e in events if isinstance(e, AudioFaultFound)
    ]
    echoes = [e for e in found if e.fault is AudioFault.ECHO]
    assert [e.channel for e in echoes] == [FAR]
    assert echoes[0].began_at < 4.0 < echoes[0].at
    assert "180 ms later" in echoes[0].evidence
    found = [
        e for events in talked(coupled(ours(14.0), 8.0)) for e in events if isinstance(e, AudioFaultFound)
    ]
    assert [e.channel for e in found if e.fault is AudioFault.COUPLING] == [NEAR]


def test_faults_can_be_left_out() -> None:
    told = [e for events in talked(echoed(ours(12.0), 10.0), faults=False) for e in events]
    assert not [e for e in told if isinstance(e, AudioFaultFound)]
    assert [e for e in told if isinstance(e, SpeechStarted) and e.channel is NEAR]


def test_each_push_tells_in_order_of_time() -> None:
    for events in talked(echoed(ours(12.0), 10.0), late=3):
        assert [e.at for e in events] == sorted(e.at for e in events)


def test_fars_watermark_waits_for_near_and_for_what_is_told_before_it() -> None:
    pushes = talked(ours(12.0), late=5)
    far_marks = [
        e for events in pushes for e in events if isinstance(e, AudioAnalysedUntil) and e.channel is FAR
    ]
    until = [mark.until for mark in far_marks]
    assert until == sorted(until)
    assert max(mark.at - mark.until for mark in far_marks[20:]) == pytest.approx(0.1, abs=0.03)
    assert until[-1] == pytest.approx(12.0, abs=0.021)
    known = 0.0
    for events in pushes:
        for event in events:
            if isinstance(event, SpeechSuspected) and event.channel is FAR:
                assert event.at >= known - 1e-9
        marks = [e.until for e in events if isinstance(e, AudioAnalysedUntil) and e.channel is FAR]
        known = max([known, *marks])


@pytest.mark.parametrize(("far_first", "late"), [(True, 0), (True, 4), (False, 4)])
def test_the_order_in_which_the_channels_come_changes_nothing(far_first: bool, late: int) -> None:
    def told(pushes: list[tuple[Event, ...]]) -> list[SpeechStarted | SpeechStopped]:
        kinds = SpeechSuspected | SpeechDismissed | SpeechStarted | SpeechStopped
        events = [e for events in pushes for e in events if isinstance(e, kinds)]
        return sorted(events, key=lambda e: (e.at, str(e)))

    def found(pushes: list[tuple[Event, ...]]) -> list[tuple[Channel, AudioFault, float]]:
        events = [e for events in pushes for e in events if isinstance(e, AudioFaultFound)]
        return [(e.channel, e.fault, round(e.at, 6)) for e in events if e.fault is AudioFault.ECHO]

    call = echoed(ours(12.0), 10.0)
    plain, other = talked(call), talked(call, far_first=far_first, late=late)
    assert told(other) == told(plain)
    assert found(other) == found(plain) != []


def test_near_alone_is_told_as_well() -> None:
    listener = Listener(LINE, 16000, 8000)
    listener.reset(0.0)
    found = heard(
        recording("sentence_zh_16k.wav").samples, 16000, blocks=[320], listener=listener, channel=NEAR
    )
    assert len(speech(found)) >= 2
    assert {e.channel for e in found if isinstance(e, AudioEvent)} == {NEAR}


def test_reset_forgets_what_both_channels_showed() -> None:
    listener = Listener(LINE, NEAR_HZ, FAR_HZ)
    near, far = echoed(ours(12.0), 10.0).samples()
    told: list[list[Event]] = []
    for start in (0.0, 50.0):
        listener.reset(start)
        events: list[Event] = []
        for number in range(len(far) // 160):
            at = start + number * 0.02
            events += listener.push(NEAR, near[number * 320 : (number + 1) * 320], at)
            events += listener.push(FAR, far[number * 160 : (number + 1) * 160], at)
        told.append(edges(events))
    assert [type(e) for e in told[0]] == [type(e) for e in told[1]]
    assert [e.at for e in told[1]] == pytest.approx([e.at + 50.0 for e in told[0]])
