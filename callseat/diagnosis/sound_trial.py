"""The headset tried with sound: two quiet sweeps go to the ear while the microphone is listened to.

May not judge what it measured (`callseat.diagnosis.sound_verdict` does), and is never louder than a prompt.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decibel import rms_dbfs
from audio.listener import Listener
from audio.live.process import CardSpec
from audio.live.sides import Capture, Playback
from callseat.config import AudioConfig
from callseat.diagnosis.sound_stream import BLOCK_S, await_sound, open_card, ticks
from callseat.diagnosis.sound_sweep import LASTS_S as SWEEPS_S
from callseat.diagnosis.sound_sweep import LATEST_S, LEVEL_DBFS, Returned, find, to_play
from state.errors import SeatError
from state.events import AudioFaultFound, SpeechStarted, SpeechStopped
from state.ids import LineId
from state.words import AudioFault, Channel

Samples = NDArray[np.int16]

RECORD_S = SWEEPS_S + LATEST_S
"""Both sweeps and the longest delay: 3.2 s, which leaves more than a second to say a few words in."""
SETTLE_S = 1.0
"""Streams that have just begun jump by up to 30 ms until their clocks are known; nothing of it is kept."""
CREST_DB = 6.0
"""The largest sample of a sweep lies 4 dB over its RMS; a prompt's peak cap holds for it too."""


@dataclass(frozen=True, slots=True)
class HeardFault:
    """A fault the analysers found in what was recorded."""

    fault: AudioFault
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of it; `error`: why nothing could be recorded."""

    error: str = ""
    level_dbfs: float = 0.0
    """Of everything recorded."""
    spoke_s: float = 0.0
    missing_share: float = 0.0
    """Of the recording, that the card did not deliver in time."""
    played_share: float = 0.0
    """Of what was to be played, that the card took."""
    faults: tuple[HeardFault, ...] = ()
    returned: Returned | None = None


def sweep_dbfs(audio: AudioConfig) -> float:
    """How loud the sweeps are (RMS): quiet, and below what the configuration allows a prompt."""
    return min(LEVEL_DBFS, audio.prompt_cap_dbfs, audio.prompt_peak_dbfs - CREST_DB)


def try_headset(audio: AudioConfig) -> Trial:
    """Play, record and listen; blocks for about 4 s. The configuration names both devices of the headset."""
    try:
        return asyncio.run(_try(audio))
    except SeatError as error:
        return Trial(error=str(error))


async def _try(audio: AudioConfig) -> Trial:
    rate = audio.near_rate_hz
    level_dbfs = sweep_dbfs(audio)
    length = round(BLOCK_S * rate)
    settling = round(SETTLE_S / BLOCK_S)
    sound = np.concatenate((np.zeros(settling * length, np.int16), to_play(rate, RECORD_S, level_dbfs)))
    heard: list[Samples] = []
    missing = dropped = 0
    async with open_card(CardSpec(audio.headset_in, audio.headset_out, rate)) as card:
        capture, playback = Capture(card), Playback(card)
        await await_sound(capture, rate)
        counts = card.health
        async for begin in ticks():
            if len(heard) == settling:
                missing, dropped = counts.capture.missing, counts.playback.dropped
            heard.append(capture.read(begin + BLOCK_S, length))
            at = len(heard) * length
            # As in a call: what is mixed of a block is played when the block is over.
            playback.write(begin + BLOCK_S, sound[at - length : at])
            if at + length > len(sound):
                break
        missing, dropped = counts.capture.missing - missing, counts.playback.dropped - dropped
    recorded = np.concatenate(heard[settling:])
    return listened(recorded, rate, level_dbfs, missing / len(recorded), 1.0 - dropped / len(recorded))


def listened(
    recorded: Samples, rate: int, sweep_level_dbfs: float, missing_share: float, played_share: float
) -> Trial:
    """What a recording says, heard by the analysers of a call's near channel."""
    listener = Listener(LineId("trial"), rate, rate)
    listener.reset(0.0)
    faults: dict[AudioFault, HeardFault] = {}
    spoke_s, since = 0.0, None
    length = round(BLOCK_S * rate)
    for start in range(0, len(recorded), length):
        part = recorded[start : start + length]
        for event in listener.push(Channel.NEAR, part, start / rate):
            match event:
                case AudioFaultFound():
                    faults[event.fault] = HeardFault(event.fault, event.confidence, event.evidence)
                case SpeechStarted():
                    since = event.began_at
                case SpeechStopped() if since is not None:
                    spoke_s, since = spoke_s + event.ended_at - since, None
                case _:
                    pass
    if since is not None:
        spoke_s += len(recorded) / rate - since
    return Trial(
        level_dbfs=rms_dbfs(recorded),
        spoke_s=spoke_s,
        missing_share=missing_share,
        played_share=played_share,
        faults=tuple(faults.values()),
        returned=find(recorded, rate, sweep_level_dbfs),
    )
