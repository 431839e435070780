"""Composes two-channel calls from recordings of single voices, and puts faults into them that take both.

May not look at what the analysers make of it: the strengths are physical quantities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.resample import resampled
from audio.wav import Samples
from state.words import AudioFault, Channel
from tests.audio.faults.inject import Strength, chance, companded, room_noise, scaled

Wide = NDArray[np.float64]

NEAR_HZ = 16000
FAR_HZ = 8000
LIVE_NEAR_DBFS = -66.0
LIVE_FAR_DBFS = -60.0
VOICE_DBFS = -26.0
_TOP_DB = 15.9


@dataclass(frozen=True, slots=True, eq=False)
class TwoChannels:
    """A call: near at 16 kHz, far at 8 kHz, of the same length; who speaks when, in seconds."""

    near: Wide
    far: Wide
    near_turns: tuple[tuple[float, float], ...] = ()
    far_turns: tuple[tuple[float, float], ...] = ()

    def samples(self) -> tuple[Samples, Samples]:
        return sound(self.near), sound(self.far)


@dataclass(frozen=True, slots=True)
class PairCase:
    """One way a fault shows, on which channel, and how much at each strength."""

    name: str
    fault: AudioFault
    channel: Channel
    quantity: str
    values: tuple[float, float, float]
    change: Callable[[TwoChannels, float], TwoChannels]

    def into(self, call: TwoChannels, strength: Strength) -> TwoChannels:
        return self.change(call, self.value(strength))

    def value(self, strength: Strength) -> float:
        return self.values[list(Strength).index(strength)]


def sound(wave: Wide) -> Samples:
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def level_dbfs(wave: Wide) -> float:
    """Level of the 20 ms frames that sound."""
    frames = wave[: len(wave) // 160 * 160].reshape(-1, 160)
    power = np.mean(frames**2, axis=1)
    return float(
        10.0 * np.log10(np.mean(power[power > power.max() * 10.0 ** (-_TOP_DB / 10.0)]) / 32768.0**2)
    )


def at_level(wave: Wide, dbfs: float) -> Wide:
    return wave * 10.0 ** ((dbfs - level_dbfs(wave)) / 20.0)


def live(count: int, dbfs: float, seed: int) -> Wide:
    """A microphone or a line on which nobody speaks."""
    return chance(seed).standard_normal(count) * 32768.0 * 10.0 ** (dbfs / 20.0)


def talk(sound: Samples, rate: int) -> Wide:
    """A voice at the usual level, without its pauses: what is 20 dB under its peak for more than 0.2 s."""
    step = rate // 50
    wave = sound[: len(sound) // step * step].astype(np.float64)
    power = np.mean(wave.reshape(-1, step) ** 2, axis=1)
    sounds = power > power.max() * 1e-2
    kept = np.convolve(sounds, np.ones(11), "same") > 0.0
    return at_level(wave.reshape(-1, step)[kept].ravel(), VOICE_DBFS)


def dialogue(near_voice: Samples, far_voice: Samples, seconds: float, seed: int = 1) -> TwoChannels:
    """Both talk in turn, 2 to 4 s each and 1.1 to 1.6 s between; voices at 16 and 8 kHz, over and over."""
    random = chance(seed)
    near, far = (
        live(round(seconds * NEAR_HZ), LIVE_NEAR_DBFS, seed),
        live(round(seconds * FAR_HZ), LIVE_FAR_DBFS, seed + 1),
    )
    turns: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    voices = (talk(near_voice, NEAR_HZ), talk(far_voice, FAR_HZ))
    used, begin, side = [0, 0], 1.5, 0
    while True:
        lasts = float(random.uniform(2.0, 4.0))
        if begin + lasts > seconds:
            return TwoChannels(near, far, tuple(turns[0]), tuple(turns[1]))
        rate = (NEAR_HZ, FAR_HZ)[side]
        count, start = round(lasts * rate), round(begin * rate)
        said = np.take(voices[side], np.arange(used[side], used[side] + count), mode="wrap")
        fade = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.01 * rate))
        (near, far)[side][start : start + count] += said * fade
        turns[side].append((begin, begin + lasts))
        used[side] += count
        begin += lasts + float(random.uniform(1.1, 1.6))
        side = 1 - side


def room(wave: Wide, rate: int, seconds: float, share: float = 0.5, seed: int = 5) -> Wide:
    """With the answer of a room: noise that decays by 60 dB in that time, of a share of the power."""
    count = round(seconds * rate)
    if not count:
        return wave
    answer = chance(seed).standard_normal(count) * 10.0 ** (-3.0 * np.arange(count) / count)
    answer[: rate // 1000] = 0.0
    answer *= np.sqrt(share / np.sum(answer**2))
    answer[0] = 1.0
    size = len(wave) + count
    return np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(answer, size), size)[: len(wave)]


def band_passed(wave: Wide, rate: int) -> Wide:
    """300 to 3400 Hz, as a telephone passes."""
    spectrum = np.fft.rfft(wave)
    hz = np.fft.rfftfreq(len(wave), 1.0 / rate)
    return np.fft.irfft(
        spectrum / (1.0 + (300.0 / np.maximum(hz, 1.0)) ** 8) / (1.0 + (hz / 3400.0) ** 16), len(wave)
    )


def later(wave: Wide, count: int) -> Wide:
    return np.concatenate((np.zeros(count), wave))[: len(wave)]


def converted(wave: Wide, rate: int, target: int, count: int) -> Wide:
    """At another rate, of exactly so many samples."""
    other = resampled(sound(wave), rate, target).astype(np.float64)
    return np.pad(other, (0, max(0, count - len(other))))[:count]


def echo_of(near: Wide, lag_s: float, loss_db: float, reverb_s: float = 0.0) -> Wide:
    """What the customer's side returns of near: at far's rate and band, from a room, later and lower."""
    count = len(near) * FAR_HZ // NEAR_HZ
    heard = room(band_passed(converted(near, NEAR_HZ, FAR_HZ, count), FAR_HZ), FAR_HZ, reverb_s)
    return later(heard * 10.0 ** (-loss_db / 20.0), round(lag_s * FAR_HZ))


def echoed(call: TwoChannels, loss_db: float, lag_s: float = 0.18, reverb_s: float = 0.3) -> TwoChannels:
    far = companded(call.far + echo_of(call.near, lag_s, loss_db, reverb_s))
    return TwoChannels(call.near, far, call.near_turns, call.far_turns)


def coupled(call: TwoChannels, loss_db: float, lag_s: float = 0.06, reverb_s: float = 0.3) -> TwoChannels:
    played = converted(call.far, FAR_HZ, NEAR_HZ, len(call.near))
    heard = room(played, NEAR_HZ, reverb_s) * 10.0 ** (-loss_db / 20.0)
    near = call.near + later(heard, round(lag_s * NEAR_HZ))
    return TwoChannels(near, call.far, call.near_turns, call.far_turns)


def _cut(
    wave: Wide, rate: int, turns: tuple[tuple[float, float], ...], live_dbfs: float, drop_db: float
) -> Wide:
    """After its second turn the side is gone: its noise so much lower, or zeros for 100 dB and more."""
    start = round((turns[1][1] + 0.5) * rate)
    rest = live(len(wave) - start, live_dbfs - drop_db, 7) if drop_db < 100.0 else np.zeros(len(wave) - start)
    return np.concatenate((wave[:start], rest))


def far_gone(call: TwoChannels, drop_db: float) -> TwoChannels:
    far = _cut(call.far, FAR_HZ, call.far_turns, LIVE_FAR_DBFS, drop_db)
    return TwoChannels(call.near, far, call.near_turns, call.far_turns)


def near_gone(call: TwoChannels, drop_db: float) -> TwoChannels:
    near = _cut(call.near, NEAR_HZ, call.near_turns, LIVE_NEAR_DBFS, drop_db)
    return TwoChannels(near, call.far, call.near_turns, call.far_turns)


def monitored(call: TwoChannels, loss_db: float) -> TwoChannels:
    played = converted(call.far, FAR_HZ, NEAR_HZ, len(call.near)) * 10.0 ** (-loss_db / 20.0)
    return TwoChannels(later(played, NEAR_HZ // 100), call.far, (), call.far_turns)


def distant(call: TwoChannels, over_noise_db: float) -> TwoChannels:
    """The agent across the room: 24 dB lower, reverberant, the room's own noise so far below that."""
    voice = at_level(room(call.near, NEAR_HZ, 0.6, share=4.0), VOICE_DBFS - 24.0)
    noise = scaled(room_noise(len(voice), NEAR_HZ, 3), VOICE_DBFS - 24.0 - over_noise_db)
    return TwoChannels(voice + noise, call.far, call.near_turns, call.far_turns)


def unattended(call: TwoChannels, noise_dbfs: float) -> TwoChannels:
    near = scaled(room_noise(len(call.near), NEAR_HZ, 3), noise_dbfs)
    return TwoChannels(near, call.far, (), call.far_turns)


F, N, Y = AudioFault, Channel.NEAR, Channel.FAR
PAIR_CASES = (
    PairCase("loudspeaker into microphone", F.COUPLING, N, "loss, dB", (30.0, 18.0, 9.0), coupled),
    PairCase("agent's voice comes back", F.ECHO, Y, "loss, dB", (30.0, 18.0, 9.0), echoed),
    PairCase("customer's side vanishes", F.ONE_WAY, Y, "noise falls by, dB", (0.0, 20.0, 100.0), far_gone),
    PairCase("agent's side vanishes", F.ONE_WAY, N, "noise falls by, dB", (0.0, 20.0, 100.0), near_gone),
    PairCase("monitor recorded", F.WRONG_DEVICE, N, "loss, dB", (15.0, 6.0, 0.0), monitored),
    PairCase(
        "microphone across the room", F.WRONG_DEVICE, N, "voice over noise, dB", (25.0, 18.0, 13.0), distant
    ),
    PairCase("nobody at the microphone", F.WRONG_DEVICE, N, "noise, dBFS", (-88.0, -65.0, -50.0), unattended),
)
