"""Live sound as the seat uses it: when cards are open, true times, mute and prompts on a real PulseAudio."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import replace

import numpy as np
import pytest

from audio.mixer import CallMixer
from audio.wav import Recording
from callseat.config import AudioBackend, AudioConfig, AudioRouting, LineConfig
from callseat.listening import BACKLOG_S, Hearing, ListeningService
from callseat.loops import ScaledLoop
from callseat.runtime.backends import live_hearings
from callseat.runtime.call_audio import SimulatedCallAudio, noise_track
from callseat.runtime.live_audio import LINGER_S, LiveSound, TrueTimes, live_sound
from callseat.runtime.workers import InlineWorker, ThreadWorker
from state.effects import PlayPrompt
from state.events import AudioAnalysedUntil, LevelMeasured, ListeningStopped, PromptFinished, PromptStarted
from state.ids import LineId
from state.snapshot import MuteView
from state.words import Audience, CallState, Channel
from tests.callseat.runtime.seat_kit import LINE, call, config, picture, run
from tests.peers.pulse import need_pyaudio, pulse
from tests.virtual import passes

OTHER = LineId("l2")
AUDIO = AudioConfig(AudioBackend.PORTAUDIO, headset_in="mouth_monitor", headset_out="ear")
SIP = LineConfig(LINE, audio_in="callseat_from_line_monitor", audio_out="callseat_to_line")


def sounding(**changes):
    """A configuration with one line at the shipped sinks."""
    return config(**({"lines": (SIP,), "audio": AUDIO} | changes))


class Lane:
    """A stream that runs."""

    callbacks, flagged = 1, 0

    def last_stamp(self):
        return asyncio.get_running_loop().time()


class Child:
    """A card's process that opens at once."""

    def __init__(self, spec):
        self.spec, self.pid, self.dead = spec, 1, False
        self.capture = self.playback = Lane()
        self.lanes = (self.capture,)

    def hear(self):
        return None

    def ended(self):
        return False

    def kill(self):
        self.dead = True

    def reaped(self):
        return self.dead


class Desk:
    """Cards without a sound card, in virtual time."""

    def __init__(self, settings):
        self.children = []
        self.sound = LiveSound(settings, lambda: asyncio.get_running_loop().time(), self._spawn)
        self.service = self.sound.service()

    def _spawn(self, spec):
        self.children.append(Child(spec))
        return self.children[-1]

    def open(self):
        return {child.spec.playback for child in self.children if not child.dead}

    async def shows(self, *calls, mute="unknown"):
        self.sound.on_snapshot(replace(picture(*calls), mute=MuteView(mute, "", False, "")))
        await passes(0.2)


def test_cards_open_at_the_first_ring_and_close_a_while_after_the_last_call():
    other = LineConfig(OTHER, audio_in="b_in", audio_out="b_out")

    async def main():
        desk = Desk(sounding(lines=(SIP, other, LineConfig(LineId("desk")))))
        await desk.service.start()
        await desk.shows()
        assert desk.open() == set()
        await desk.shows(call(CallState.RINGING))
        assert desk.open() == {"ear", "callseat_to_line"}
        await desk.shows(call(), call(CallState.DIALING, OTHER))
        assert desk.open() == {"ear", "callseat_to_line", "b_out"}
        await desk.shows(call(line=OTHER))
        await passes(LINGER_S - 0.5)
        assert desk.open() == {"ear", "callseat_to_line", "b_out"}
        await passes(1)
        assert desk.open() == {"ear", "b_out"}
        await desk.shows(call(CallState.IDLE, OTHER))
        await desk.shows(call(line=OTHER))
        await passes(2 * LINGER_S)
        assert desk.open() == {"ear", "b_out"}, "a call in time keeps them"
        await desk.shows()
        await passes(LINGER_S)
        assert desk.open() == set()
        assert len(desk.children) == 3, "nothing was opened twice"
        await desk.service.stop()

    run(main())


def test_stopping_ends_every_child_even_in_a_call():
    async def main():
        desk = Desk(sounding())
        await desk.service.start()
        await desk.shows(call())
        assert len(desk.open()) == 2
        assert desk.sound.health()["headset"]["state"] == "open"
        assert desk.sound.health()[LINE]["card"] == "callseat_from_line_monitor + callseat_to_line"
        await desk.service.stop()
        assert desk.open() == set()

    run(main())


@pytest.mark.parametrize(
    ("value", "transmits"), [("live", True), ("muted", False), ("locked", True), ("unknown", True)]
)
def test_the_line_hears_the_agent_unless_the_seat_says_muted(value, transmits):
    """`locked` is no value of the picture: a locked mute is shown as muted, with `locked` beside it."""

    async def main():
        desk = Desk(sounding())
        audio = desk.sound.open_audio(LINE)
        await desk.shows(mute=value)
        assert audio.transmitting() is transmits

    run(main())


def test_only_lines_with_both_devices_and_an_ear_have_sound():
    quiet = LineConfig(OTHER, listen=False, audio_in="a", audio_out="b")
    settings = sounding(lines=(SIP, quiet, LineConfig(LineId("desk"))))
    assert LiveSound(settings, lambda: 0.0).lines == {LINE}
    assert live_sound(config()) is None
    assert set(live_hearings(settings, LiveSound(settings, lambda: 0.0))) == {LINE}


class Inner:
    """A listener that tells when it was told."""

    def __init__(self):
        self.pushed = []

    def push(self, channel, samples, at):
        self.pushed.append(at)
        return (LevelMeasured(at, "audio", LINE, channel, -20.0, -60.0),
                AudioAnalysedUntil(at + 0.02, "audio", LINE, channel, at + 0.02))  # fmt: skip

    def take_frames(self, channel):
        return [f"frame of {channel}"]


def test_facts_carry_true_times_and_are_told_when_they_are_known():
    inner = Inner()
    listener = TrueTimes(inner, lambda channel: 0.03 if channel is Channel.NEAR else 0.05)
    level, mark = listener.push(Channel.NEAR, np.zeros(320, np.int16), 10.0)
    assert inner.pushed == [pytest.approx(9.97)]
    assert level.at == pytest.approx(10.0)
    assert (mark.at, mark.until) == (pytest.approx(10.02), pytest.approx(9.99))
    assert listener.push(Channel.FAR, np.zeros(160, np.int16), 10.0)[1].until == pytest.approx(9.97)
    assert listener.take_frames(Channel.FAR) == ["frame of far"]


def test_what_waited_for_the_other_channel_is_told_now():
    """A watermark of a second ago, told as of a second ago, would look like sound that is analysed again."""

    class Held(Inner):
        def push(self, channel, samples, at):
            return (AudioAnalysedUntil(at - 1.2, "audio", LINE, Channel.FAR, at - 1.2),)

    (mark,) = TrueTimes(Held(), lambda _: 0.03).push(Channel.NEAR, np.zeros(320, np.int16), 10.0)
    assert (mark.at, mark.until) == (pytest.approx(10.0), pytest.approx(8.77))


def test_a_card_without_sound_stops_the_watermark_instead_of_the_customer():
    inner = Inner()
    assert tuple(TrueTimes(inner, lambda _: None).push(Channel.FAR, np.zeros(160, np.int16), 1.0)) == ()
    assert inner.pushed == []


class Present:
    """A listener that only notes which blocks it is given."""

    def __init__(self):
        self.far = []

    def push(self, channel, samples, at):
        if channel is Channel.FAR:
            self.far.append(at)
        return ()

    def take_frames(self, channel):
        return ()


@pytest.mark.parametrize(("held_s", "left_out"), [(BACKLOG_S - 0.2, False), (10.0, True), (3600.0, True)])
def test_after_a_hold_up_the_past_is_caught_up_with_as_far_as_a_ring_keeps_it(held_s, left_out, caplog):
    present = Present()

    async def main():
        tracks = [noise_track(8000, -50, seed) for seed in (1, 2)]
        audio = SimulatedCallAudio(*tracks, muted=lambda: False, line_muted=lambda: False)
        hearing = Hearing(lambda: audio, lambda _: present, lambda _: CallMixer(8000, 8000))
        service = ListeningService({LINE: hearing}, lambda event: None, InlineWorker())
        task = asyncio.create_task(service.run())
        await passes(0.0)
        service.on_snapshot(picture(call()))
        await passes(1.0)
        before, now = len(present.far), asyncio.get_running_loop().time() + held_s
        asyncio.get_running_loop().stall(held_s)
        await passes(0.5)
        await service.aclose()
        task.cancel()
        await asyncio.wait([task])
        return before, now

    before, now = run(main())
    heard = np.array(present.far[before:])
    assert np.allclose(np.diff(heard), 0.02), "in order, none twice"
    assert heard[-1] == pytest.approx(now + 0.48, abs=0.021)
    assert (heard[0] > now - 0.05) == left_out
    assert len(caplog.records) == left_out


class Voice:
    """Says half a second of 1000 Hz."""

    def render(self, phrase, text, language):
        return Recording((8000 * np.sin(np.arange(4000) * np.pi / 4)).astype(np.int16), 8000)


PROMPT = PlayPrompt("p1", Audience.LINE, "stage", "您好", "zh-CN", LINE)


class Live:
    """Listening and cards on a real server, as `callseat run` has them."""

    def __init__(self, settings):
        loop = asyncio.get_running_loop()
        self.events = []
        self.sound = LiveSound(settings, loop.time)
        self.worker = ThreadWorker()
        self.listening = ListeningService(
            live_hearings(settings, self.sound), self.events.append, self.worker, speech=Voice()
        )

    def show(self, *calls, mute="live"):
        shown = replace(picture(*calls), mute=MuteView(mute, "", False, ""))
        self.listening.on_snapshot(shown)
        self.sound.on_snapshot(shown)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition, timeout_s=8.0):
        async with asyncio.timeout(timeout_s):
            while not condition():
                await lasts(0.005)

    async def __aenter__(self):
        await self.sound.service().start()
        self.task = asyncio.create_task(self.listening.run())
        self.show(call(CallState.RINGING))
        await self.until(lambda: all(card["state"] == "open" for card in self.sound.health().values()))
        self.show(call())
        await self.until(lambda: self.of(AudioAnalysedUntil))
        return self

    async def __aexit__(self, *_):
        await self.listening.aclose()
        await self.sound.service().stop()
        self.task.cancel()
        await asyncio.wait([self.task])
        self.worker.close()


async def lasts(seconds):
    """Sound takes its time."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        pass


@pytest.fixture(name="server")
def _server(tmp_path, monkeypatch):
    need_pyaudio()
    with pulse(tmp_path, "ear", "mouth") as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


def live(main):
    with asyncio.Runner(loop_factory=ScaledLoop) as runner:
        return runner.run(main())


def tone(seconds, hertz=400.0, rate=16000):
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def test_a_prompt_starts_on_the_line_when_it_is_said_to(server):
    """The agent's mouth is silent: what the line hears is the prompt."""

    async def main():
        async with Live(sounding()) as seat:
            await lasts(1.0)
            due = time.monotonic()
            seat.listening.play(PROMPT)
            await seat.until(lambda: seat.of(PromptFinished))
            return due, seat.of(PromptStarted)[0], seat.of(PromptFinished)[0]

    with server.record("callseat_to_line.monitor", 8000) as line:
        due, started, finished = live(main)
        heard = line.await_sound(due)
    print(f"due +{(started.at - due) * 1000:.0f} ms told, +{(heard - due) * 1000:.0f} ms heard")
    assert heard - due < 0.15
    assert heard == pytest.approx(started.at, abs=0.06)
    assert finished.completed
    assert finished.ended_at - started.at == pytest.approx(0.5, abs=0.03)
    assert finished.at >= finished.ended_at


def test_mute_silences_the_line_within_a_few_blocks(server):
    """Ten times; the definition of mute is what the far end hears."""
    muted_at = []

    async def main():
        async with Live(sounding()) as seat:
            await lasts(0.5)
            for _ in range(10):
                seat.show(call(), mute="muted")
                muted_at.append(time.monotonic())
                await lasts(0.35)
                seat.show(call(), mute="live")
                await lasts(0.35)

    server.play("mouth", tone(12), 16000)
    with server.record("callseat_to_line.monitor", 8000) as line:
        live(main)
        took_s = [silent_after(line, at) for at in muted_at]
        between = [line.rms(at - 0.1, at) for at in muted_at]
    print("muted after ms:", [round(each * 1000) for each in took_s])
    assert min(between) > 0.1, "live before each of them"
    assert statistics.median(took_s) <= 0.15
    assert max(took_s) <= 0.3


def silent_after(line, at):
    """Seconds from `at` until the line is below 0.001 RMS for a tenth of a second."""
    for step in range(34):
        if line.rms(at + step / 100, at + step / 100 + 0.1) < 0.001:
            return step / 100
    return 1.0


def test_both_directions_pass_and_the_customer_is_heard_in_the_ear(server):
    async def main():
        async with Live(sounding()):
            server.play("mouth", tone(1.5, 400), 16000)
            server.play("callseat_from_line", tone(1.5, 700, 8000), 8000)
            await lasts(1.5)

    with server.record("callseat_to_line.monitor", 8000) as line, server.record("ear.monitor", 16000) as ear:
        live(main)
        assert pitch(line.samples(), 8000) == pytest.approx(400, abs=20)
        assert pitch(ear.samples(), 16000) == pytest.approx(700, abs=20)


def test_where_the_server_carries_the_call_nothing_but_prompts_leaves(server):
    async def main():
        async with Live(sounding(audio=replace(AUDIO, routing=AudioRouting.SERVER))) as seat:
            server.play("mouth", tone(2.0, 400), 16000)
            await lasts(0.5)
            seat.listening.play(PROMPT)
            await seat.until(lambda: seat.of(PromptFinished))

    with server.record("callseat_to_line.monitor", 8000) as line:
        live(main)
        assert pitch(line.samples(), 8000) == pytest.approx(1000, abs=20)


def pitch(samples, rate):
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    return float(np.argmax(spectrum) * rate / len(samples))


def test_a_server_killed_in_a_call_is_a_fault_and_then_sound_again(server):
    async def main():
        async with Live(sounding()) as seat:
            await asyncio.to_thread(server.kill)
            await seat.until(lambda: all(card["state"] != "open" for card in seat.sound.health().values()))
            told = len(seat.of(AudioAnalysedUntil))
            await lasts(0.3)
            assert len(seat.of(AudioAnalysedUntil)) <= told + 2, "no watermark without sound"
            await asyncio.to_thread(server.start)
            await seat.until(lambda: all(card["state"] == "open" for card in seat.sound.health().values()))
            told = len(seat.of(AudioAnalysedUntil))
            await seat.until(lambda: len(seat.of(AudioAnalysedUntil)) > told + 50)
            marks = [event for event in seat.of(AudioAnalysedUntil) if event.channel is Channel.FAR]
            assert marks[-1].until == pytest.approx(asyncio.get_running_loop().time(), abs=0.15)
            assert not seat.of(ListeningStopped)

    live(main)
