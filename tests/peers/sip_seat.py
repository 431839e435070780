"""A seat with a SIP line and a customer with a softphone, both real, on one sound server without sound cards.

`callseat run` with a baresip of its own as its line; the customer is a second baresip. The agent's headset is
the simulated one, its microphone and ear are the null sinks `agent_mouth` and `agent_ear`; the customer's are
`caller_mouth` and `caller_ear`. May not look inside the daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.resample import resampled
from audio.wav import read_wav
from tests.peers.baresip import Baresip, Sound
from tests.peers.desk import Desk
from tests.peers.install import apt
from tests.peers.pulse import Pulse, Recorder, need_pyaudio, pulse

Samples = NDArray[np.int16]
Signal = NDArray[np.float64]

RATE = 16000
SEAT = """
[seat]
language = "en"
[[line]]
id = "desk"
backend = "baresip"
control = "{control}"
audio_in = "callseat_from_line_monitor"
audio_out = "callseat_to_line"
[[headset]]
id = "headset"
[audio]
backend = "portaudio"
headset_in = "agent_mouth_monitor"
headset_out = "agent_ear"
[silent_call]
mode = "auto"
"""
RATES = "ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1"
ROOM_RMS = 25
"""A quiet room, -62 dBFS: never digital zeros, which a live microphone does not give."""
LOUD = 600
"""A sample over this is a voice (-35 dBFS), not the room."""
PROMPT_S = 1.0
"""So much of a prompt is enough to know it by."""
SEARCHED_S = 0.8
"""No path on one machine is longer."""


@dataclass(frozen=True, slots=True)
class SipSeat:
    """Everything there is, running, and recorders on both ears and on the way to the line."""

    desk: Desk
    sound: Pulse
    line: Baresip
    caller: Baresip
    ear: Recorder
    """What the customer hears."""
    to_line: Recorder
    """What callseat gives to the softphone."""

    async def call(self) -> dict[str, Any]:
        """The customer calls, the agent answers at the headset; the call once it is connected."""
        await asyncio.to_thread(self.caller.do, "dial", self.line.uri)
        await self.desk.rings()
        await self.desk.press()
        await asyncio.to_thread(self.caller.wait, "CALL_ESTABLISHED")
        (call,) = await self.desk.calls("connected")
        return call

    def agent_says(self, samples: Samples) -> None:
        """The agent speaks from now on."""
        self.sound.play("agent_mouth", samples, RATE)

    def caller_says(self, samples: Samples, rate: int) -> None:
        """The customer speaks from now on."""
        self.sound.play("caller_mouth", samples, rate)

    async def heard_until(self, at: float) -> None:
        """Both recordings have come so far."""
        for recorder in (self.ear, self.to_line):
            await asyncio.to_thread(recorder.await_until, at, 10.0)

    def path_s(self, begin: float, end: float) -> float:
        """From the softphone's microphone to the customer's ear: the shift that fits best."""
        return aligned(cut(self.ear, begin, end + SEARCHED_S), cut(self.to_line, begin, end))[0]

    def prompt_began(self, recorder: Recorder, at: float) -> float:
        """When the first sample of a prompt was, near `at`: the rendered one that fits best."""
        heard = cut(recorder, at - SEARCHED_S, at + PROMPT_S + SEARCHED_S)
        wavs = [read_wav(path) for path in sorted((self.desk.daemon.folder / "cache").glob("*.wav"))]
        said = [resampled(wav.samples, wav.rate, RATE)[: round(PROMPT_S * RATE)] for wav in wavs]
        shifts = [aligned(heard, each.astype(np.float64)) for each in said if len(each)]
        return at - SEARCHED_S + max(shifts, key=itemgetter(1))[0]


@asynccontextmanager
async def sip_seat(folder: Path) -> AsyncIterator[SipSeat]:
    """A seat that is ready for calls; the room and the line are as quiet as real ones."""
    apt("baresip-core", "espeak-ng")
    need_pyaudio()
    with ExitStack() as stack:
        sound = stack.enter_context(pulse(folder, "agent_mouth", "agent_ear", "caller_mouth", "caller_ear"))
        line = softphone(stack, sound, "agent", "callseat_to_line_monitor", "callseat_from_line")
        caller = softphone(stack, sound, "caller", "caller_mouth_monitor", "caller_ear").join()
        for seed, mouth in enumerate(("agent_mouth", "caller_mouth")):
            sound.play(mouth, room(120.0, seed), RATE)
        ear = stack.enter_context(sound.record("caller_ear.monitor", RATE))
        to_line = stack.enter_context(sound.record("callseat_to_line.monitor", RATE))
        async with Desk(SEAT.format(control=line.address), sound.env) as desk:
            yield SipSeat(desk, sound, line, caller, ear, to_line)


def softphone(stack: ExitStack, sound: Pulse, name: str, source: str, player: str) -> Baresip:
    """A baresip with this microphone and this ear."""
    phone = Baresip(name, Sound(f"alsa,{source}", f"alsa,{player}", RATES, sound.env))
    stack.callback(phone.close)
    return phone


def room(seconds: float, seed: int) -> Samples:
    """A quiet room."""
    noise = np.random.default_rng(seed).normal(0.0, ROOM_RMS, round(seconds * RATE))
    return noise.astype(np.int16)


def aligned(heard: Signal, sent: Signal) -> tuple[float, float]:
    """How many seconds later `sent` fits best into `heard`, and how well: 1 where it is nothing else."""
    length = len(heard) + len(sent)
    product = np.fft.irfft(np.fft.rfft(heard, length) * np.conj(np.fft.rfft(sent, length)), length)
    fit = product[: max(1, len(heard) - len(sent) + 1)]
    shift = int(np.argmax(fit))
    there = heard[shift : shift + len(sent)]
    scale = float(np.linalg.norm(sent) * np.linalg.norm(there))
    return shift / RATE, float(fit[shift]) / scale if scale else 0.0


def cut(recorder: Recorder, begin: float, end: float) -> Signal:
    """What was recorded between two times."""
    first = recorder.began()
    piece = recorder.samples()[round((begin - first) * RATE) : round((end - first) * RATE)]
    return piece.astype(np.float64)


def last_sound_before(recorder: Recorder, begin: float, end: float) -> float:
    """When the last loud sample between two times was."""
    loud = np.flatnonzero(np.abs(cut(recorder, begin, end)) > LOUD)
    assert len(loud), f"nothing was heard between {begin:.2f} and {end:.2f}"
    return begin + float(loud[-1]) / RATE
