"""Listening: block times, prompts on time or as text, revoking, stopping, and the two ways of working."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from audio.mixer import CallMixer
from audio.track import Track
from audio.wav import Recording, read_wav
from callseat import clock
from callseat.listening import Hearing, ListeningService
from callseat.loops import ScaledLoop
from callseat.runtime.call_audio import SimulatedCallAudio, WavTap, noise_track
from callseat.runtime.reading import SHORTEST_S, reading_time_s
from callseat.runtime.workers import InlineWorker, ThreadWorker
from state.effects import PlayPrompt, PreparePrompt, StopPrompt
from state.errors import ConfigError
from state.events import (
    AudioAnalysedUntil,
    EffectFailed,
    ListeningStarted,
    ListeningStopped,
    PromptFinished,
    PromptStarted,
    SpeechMeasured,
)
from state.words import Audience, CallState, Channel
from tests.callseat.runtime.seat_kit import LINE, call, picture, run
from tests.virtual import passes

RATE = 8000
TEXT = PlayPrompt("p1", Audience.AGENT, "opening", "您好，客户服务中心", "zh-CN")


class Marks:
    """A listener that only says how far it has come."""

    def __init__(self):
        self.blocks = []

    def push(self, channel, samples, at):
        self.blocks.append((channel, at, len(samples), int(np.abs(samples).max())))
        return (AudioAnalysedUntil(at, "audio", LINE, channel, at + len(samples) / RATE),)

    def take_frames(self, channel):
        return ()


class Voice:
    """Speaks half a second of tone, but not the phrase `mute`, and the recording `broken` is no WAV."""

    def __init__(self):
        self.asked = []

    def render(self, phrase, text, language):
        self.asked.append(phrase)
        if phrase == "broken":
            raise ConfigError("broken.wav: not a WAV file")
        tone = 8000 * np.sin(np.arange(RATE // 2) / 5)
        return None if phrase == "mute" else Recording(tone.astype(np.int16), RATE)


class Desk:
    """A service with one line, its events, its blocks."""

    def __init__(self, worker=None, speech=None, tap=None):
        self.events, self.marks = [], Marks()
        self.muted = self.line_muted = False
        self.audio = SimulatedCallAudio(
            noise_track(RATE, -50, 1),
            noise_track(RATE, -50, 2),
            muted=lambda: self.muted,
            line_muted=lambda: self.line_muted,
        )
        self.tap = tap
        self.worker = worker or InlineWorker()
        hearing = Hearing(
            self._open, lambda audio: self.marks, lambda audio: CallMixer(RATE, RATE, None, LINE)
        )
        self.service = ListeningService({LINE: hearing}, self.events.append, self.worker, speech=speech)

    def _open(self):
        self.audio.tap = self.tap
        return self.audio

    def of(self, *kinds):
        return [event for event in self.events if isinstance(event, kinds)]


async def served(desk, script):
    task = asyncio.create_task(desk.service.run())
    await asyncio.sleep(0)
    await script(desk.service)
    await desk.service.aclose()
    assert not task.done() or task.result() is None
    task.cancel()
    await asyncio.wait([task])
    desk.worker.close()
    return desk


def test_blocks_are_paced_from_the_start_and_never_drift():
    async def script(service):
        await passes(1.005)
        service.on_snapshot(picture(call()))
        await passes(100.01)
        service.on_snapshot(picture(call(CallState.HELD)))
        await passes(1)

    async def main():
        return await served(Desk(), script)

    desk = run(main())
    assert desk.of(ListeningStarted) == [ListeningStarted(1.005, "audio", LINE)]
    assert desk.of(ListeningStopped)[0].at == pytest.approx(101.015)
    near = [at for channel, at, _, _ in desk.marks.blocks if channel is Channel.NEAR]
    assert len(near) == 5000
    assert near[-1] == pytest.approx(1.005 + 4999 * 0.02, abs=1e-9)
    assert {length for _, _, length, _ in desk.marks.blocks} == {160}


def test_only_connected_calls_of_configured_lines_are_heard():
    async def script(service):
        service.on_snapshot(picture(call(CallState.RINGING), call(line="l9")))
        await passes(0.1)
        service.on_snapshot(picture(call()))
        service.on_snapshot(picture(call()))
        await passes(0.1)

    async def main():
        return await served(Desk(), script)

    desk = run(main())
    assert len(desk.of(ListeningStarted)) == 1
    assert len(desk.of(ListeningStopped)) == 1


def test_a_spoken_prompt_starts_at_the_moment_it_is_asked_for():
    voice = Voice()

    async def script(service):
        assert await service.prepare([("opening", TEXT.text, "zh-CN")]) == 1
        service.on_snapshot(picture(call()))
        await passes(5.013)
        service.play(TEXT)
        await passes(2)

    async def main():
        return await served(Desk(speech=voice), script)

    desk = run(main())
    assert voice.asked == ["opening"]
    (started,), (finished,) = desk.of(PromptStarted), desk.of(PromptFinished)
    assert started.at == pytest.approx(5.013, abs=1e-3)
    assert finished.ended_at == pytest.approx(5.513, abs=1e-3)
    assert finished.completed


def test_a_prompt_of_the_decision_that_connects_the_call_is_spoken_in_it():
    async def script(service):
        await service.prepare([("opening", TEXT.text, "zh-CN")])
        service.play(TEXT)
        service.on_snapshot(picture(call()))
        await passes(2)

    async def main():
        return await served(Desk(speech=Voice()), script)

    (finished,) = run(main()).of(PromptFinished)
    assert finished.ended_at == pytest.approx(0.5, abs=0.03)


def test_without_a_voice_a_prompt_is_text_for_as_long_as_it_is_read():
    async def script(service):
        service.play(TEXT)
        await passes(10)

    async def main():
        return await served(Desk(), script)

    desk = run(main())
    assert [type(event) for event in desk.events] == [PromptStarted, PromptFinished]
    assert desk.events[1].ended_at == pytest.approx(8 / 4.5)


@pytest.mark.parametrize("phrase", ["mute", "broken"])
def test_what_cannot_be_spoken_is_text(phrase):
    async def script(service):
        service.on_snapshot(picture(call()))
        service.play(PlayPrompt("p1", Audience.AGENT, phrase, "hello", "en"))
        await passes(1)

    async def main():
        return await served(Desk(speech=Voice()), script)

    desk = run(main())
    assert desk.of(PromptFinished)[0].ended_at == pytest.approx(SHORTEST_S)


@pytest.mark.parametrize(("voice", "connected", "why"), [(None, True, "voice"), (True, False, "call")])
def test_what_the_customer_cannot_hear_is_a_failure_never_a_prompt(voice, connected, why):
    async def script(service):
        if connected:
            service.on_snapshot(picture(call()))
        service.play(PlayPrompt("p1", Audience.LINE, "silent.stage_2", "hello", "en", "l1"))
        await passes(1)

    async def main():
        return await served(Desk(speech=Voice() if voice else None), script)

    desk = run(main())
    (failed,) = desk.of(EffectFailed)
    assert (failed.effect, failed.target) == ("PlayPrompt", "p1")
    assert why in failed.detail
    assert desk.of(PromptStarted) == desk.of(PromptFinished) == []


def test_what_was_made_ready_is_rendered_once():
    voice = Voice()

    async def script(service):
        service.on_snapshot(picture(call()))
        service.ready(PreparePrompt("opening", TEXT.text, "zh-CN"))
        service.play(TEXT)
        await passes(1)

    async def main():
        return await served(Desk(speech=voice), script)

    assert len(run(main()).of(PromptFinished)) == 1
    assert voice.asked == ["opening"]


@pytest.mark.parametrize(("after_s", "spoken"), [(0.2, True), (0.2, False)])
def test_a_stopped_prompt_ends_unfinished(after_s, spoken):
    async def script(service):
        service.on_snapshot(picture(call()))
        service.play(TEXT)
        await passes(after_s)
        service.stop(StopPrompt("p1", "stale"))
        service.stop(StopPrompt("p1", "stale"))
        service.stop(StopPrompt("p9", "never was"))
        await passes(2)

    async def main():
        return await served(Desk(speech=Voice() if spoken else None), script)

    desk = run(main())
    (finished,) = desk.of(PromptFinished)
    assert not finished.completed
    assert finished.ended_at == pytest.approx(after_s, abs=0.05)


def test_a_prompt_revoked_before_its_first_sample_never_starts():
    async def script(service):
        service.on_snapshot(picture(call()))
        await passes(0.1)
        service.play(TEXT)
        service.stop(StopPrompt("p1", "customer spoke"))
        await passes(1)

    async def main():
        return await served(Desk(speech=Voice()), script)

    desk = run(main())
    assert desk.of(PromptStarted) == []
    assert [event.completed for event in desk.of(PromptFinished)] == [False]


def test_the_end_of_the_call_ends_its_prompts():
    async def script(service):
        service.on_snapshot(picture(call()))
        service.play(TEXT)
        await passes(0.25)
        service.on_snapshot(picture())
        await passes(1)

    async def main():
        return await served(Desk(speech=Voice()), script)

    desk = run(main())
    assert [event.completed for event in desk.of(PromptFinished)] == [False]
    late = [e for e in desk.of(AudioAnalysedUntil) if e.at > desk.of(ListeningStopped)[0].at]
    assert late == []


def test_a_stalled_loop_hears_every_block_late_but_in_order():
    async def script(service):
        service.on_snapshot(picture(call()))
        await passes(0.1)
        asyncio.get_running_loop()._now += 3.0
        await passes(0.05)

    async def main():
        return await served(Desk(), script)

    desk = run(main())
    times = [round(at / 0.02) for channel, at, _, _ in desk.marks.blocks if channel is Channel.FAR]
    assert times == list(range(len(times)))
    assert len(times) > 150


def test_a_muted_headset_delivers_zeros_unless_raw_and_the_line_hears_nothing(tmp_path):
    desk = Desk(tap=WavTap(tmp_path, "l1-01"))

    async def script(service):
        service.on_snapshot(picture(call()))
        await passes(0.2)
        desk.muted = True
        await passes(0.2)
        desk.audio.raw_while_muted = True
        await passes(0.2)
        desk.muted, desk.line_muted = False, True
        await passes(0.2)

    async def main():
        return await served(desk, script)

    run(main())
    loud = [peak > 0 for channel, _, _, peak in desk.marks.blocks if channel is Channel.NEAR]
    assert loud[:9] == [True] * 9
    assert loud[11:19] == [False] * 8
    assert loud[21:] == [True] * len(loud[21:])
    line = read_wav(tmp_path / "l1-01-line.wav").samples
    assert np.any(line[:1400])
    assert not np.any(line[1760:])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["l1-01-ear.wav", "l1-01-far.wav", "l1-01-line.wav", "l1-01-near.wav"]
    assert len({read_wav(tmp_path / name).duration_s for name in names}) == 1


def test_the_thread_gives_the_same_as_working_inline():
    async def script(service):
        await service.prepare([("opening", TEXT.text, "zh-CN")])
        service.on_snapshot(picture(call()))
        await passes(0.2)
        service.play(TEXT)
        await passes(1)

    async def main(worker):
        return await served(Desk(worker=worker, speech=Voice()), script)

    async def threaded():
        return await main(ThreadWorker())

    inline = run(main(InlineWorker())).marks.blocks
    in_thread = run(threaded()).marks.blocks
    assert inline == in_thread


def test_in_scaled_real_time_blocks_follow_the_loops_clock():
    async def script(service):
        service.on_snapshot(picture(call()))
        rung = asyncio.Event()
        asyncio.get_running_loop().call_later(2.0, rung.set)
        await rung.wait()

    async def main():
        return await served(Desk(worker=ThreadWorker()), script)

    with asyncio.Runner(loop_factory=lambda: ScaledLoop(10, start=0.0)) as runner:
        desk = runner.run(main())
    far = [at for channel, at, _, _ in desk.marks.blocks if channel is Channel.FAR]
    start = desk.of(ListeningStarted)[0].at
    assert far == [pytest.approx(start + n * 0.02, abs=1e-6) for n in range(len(far))]
    assert len(far) > 50


def test_an_error_in_analysis_ends_the_service():
    desk = Desk()
    desk.marks.push = lambda *block: 1 / 0

    async def main():
        task = asyncio.create_task(desk.service.run())
        await asyncio.sleep(0)
        desk.service.on_snapshot(picture(call()))
        await passes(1)
        return task.exception()

    error = run(main())
    assert isinstance(error, ExceptionGroup)
    assert error.subgroup(ZeroDivisionError) is not None


def test_a_prompt_before_the_service_runs_is_a_programming_error():
    async def main():
        Desk().service.play(TEXT)

    with pytest.raises(RuntimeError, match="before the listening service"):
        run(main())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("您好", SHORTEST_S),
        ("您好，这里是客户服务中心", 11 / 4.5),
        ("110", 3 / 4.5),
        ("please hang up", SHORTEST_S * 0 + 4 / 4.5),
        ("", SHORTEST_S),
    ],
)
def test_reading_time(text, seconds):
    assert reading_time_s(text) == pytest.approx(seconds)


def test_noise_is_never_zeros_and_the_same_each_time():
    one, other = noise_track(RATE, -60, 5), noise_track(RATE, -60, 5)
    block = one.block(2.0, 160)
    assert np.array_equal(block, other.block(2.0, 160))
    assert np.count_nonzero(block) > 100
    assert isinstance(one, Track)
    assert clock.ROUNDING_S < 0.02


def test_a_call_is_measured_every_ten_seconds_and_when_listening_ends():
    async def script(service):
        service.on_snapshot(picture(call()))
        await passes(25.01)
        service.on_snapshot(picture())
        await passes(20)

    async def main():
        return await served(Desk(), script)

    desk = run(main())
    told = desk.of(SpeechMeasured)
    assert [each.at for each in told] == [pytest.approx(at, abs=0.03) for at in (10.0, 20.0, 25.0)]
    assert {each.call for each in told} == {"l1-1"}
    assert desk.of(ListeningStopped)[0].at <= told[-1].at


def test_what_is_said_to_the_customer_is_measured_as_no_silence_and_a_hold_neither():
    async def script(service):
        service.on_snapshot(picture(call()))
        await passes(6)
        service.on_snapshot(picture(call(CallState.HELD)))
        await passes(60)
        service.on_snapshot(picture(call()))
        await passes(6)
        service.on_snapshot(picture())
        await passes(1)

    async def main():
        return await served(Desk(), script)

    held, over = run(main()).of(SpeechMeasured)
    assert (held.at, over.at) == (pytest.approx(6, abs=0.03), pytest.approx(72, abs=0.03))
    assert {figure.name for figure in held.figures} == {figure.name for figure in over.figures}


def test_calls_that_are_swapped_are_measured_each_on_its_own():
    first = call()
    second = replace(first, call="l1-2", record="r-2")

    def beside(now, held):
        return picture(now, replace(held, state=CallState.HELD))

    async def script(service):
        service.on_snapshot(picture(first))
        await passes(4)
        service.on_snapshot(beside(second, first))
        await passes(4)
        service.on_snapshot(beside(replace(first, call="renamed"), second))
        await passes(4)
        service.on_snapshot(picture(second))
        await passes(2)

    async def main():
        return await served(Desk(), script)

    desk = run(main())
    assert len(desk.of(ListeningStarted)) == 1
    assert [(each.call, round(each.at)) for each in desk.of(SpeechMeasured)] == [
        ("l1-1", 4), ("l1-2", 8), ("renamed", 12), ("l1-2", 14),
    ]  # fmt: skip
