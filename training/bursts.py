"""What people do with their throat and nose beside talking: coughs, sneezes, a throat cleared, breaths.

Recorded, or composed where no free recordings were to be had: a source (breath, glottis) goes through the
resonances of a throat (Fant's source and filter). A cough explodes, streams, and often ends voiced (Korpas,
Sadlonova, Vrabec, "Analysis of the cough sound: an overview", Pulm. Pharmacol. 9, 1996); the rest is drawn.
May not set a level against a voice: everything comes at an effective value of 1 where it sounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter, resample_poly

from training.material import RATE, Material, Rng, Sound, Wide
from training.rooms import reverb, rms

FORMANTS_HZ = ((300.0, 1000.0), (900.0, 2200.0), (2200.0, 3300.0), (3200.0, 4500.0))
BANDWIDTH_HZ = (80.0, 400.0)
SIZE = (0.85, 1.25)
"""A child's throat against a man's: all resonances move together."""
OPEN_GLOTTIS = 0.96
"""One-pole low-pass of the glottal pulses: -6 dB per octave is left once the lips have radiated."""
UNEVEN = (0.02, 0.12)
"""Pulse to pulse, of the period: coughed voices are rough."""
IN_A_ROOM = 0.35
ROOM_S = (0.08, 0.5)
TILT = (-0.7, 0.7)
LONGEST_S = 6.0
PERCENT = (85, 120)
"""A recording's speed and pitch, changed."""


@dataclass(frozen=True, slots=True)
class Throat:
    """The resonances of one person, and how high the voice is."""

    formants_hz: tuple[float, ...]
    widths_hz: tuple[float, ...]
    pitch_hz: float

    def say(self, source: Wide) -> Wide:
        """The source through all resonances, at an effective value of 1."""
        sound = source
        for centre, width in zip(self.formants_hz, self.widths_hz, strict=True):
            radius, turn = np.exp(-np.pi * width / RATE), 2 * np.pi * centre / RATE
            sound = lfilter([1 - radius], [1, -2 * radius * np.cos(turn), radius * radius], sound)
        return sound / rms(sound)


def throat(rng: Rng) -> Throat:
    """Somebody."""
    size = rng.uniform(*SIZE)
    return Throat(
        tuple(rng.uniform(*edges) * size for edges in FORMANTS_HZ),
        tuple(rng.uniform(*BANDWIDTH_HZ) for _ in FORMANTS_HZ),
        rng.uniform(90, 330) * size,
    )


def cough(rng: Rng, who: Throat) -> Wide:
    """An explosion, streaming air, and mostly a voiced end."""
    parts = [
        _shaped(who.say(_air(rng, rng.uniform(0.02, 0.09))), rng.uniform(0.001, 0.008), rng.uniform(0, 6)),
        _shaped(who.say(_air(rng, rng.uniform(0.05, 0.3))), 0.004, rng.uniform(4, 20)) * _level(rng, -16, -3),
    ]
    if rng.random() < 0.65:
        voice = _voice(rng, who, rng.uniform(0.05, 0.25), rng.uniform(1.0, 2.2), rng.uniform(0.5, 1.1))
        parts.append(_shaped(who.say(voice), 0.01, rng.uniform(4, 18)) * _level(rng, -16, 0))
    return np.concatenate(parts)


def sneeze(rng: Rng, who: Throat) -> Wide:
    """Air drawn in, with or without a voice, and let out through teeth and nose at once."""
    parts = []
    if rng.random() < 0.6:
        seconds = rng.uniform(0.15, 0.8)
        breath = _air(rng, seconds) if rng.random() < 0.5 else _voice(rng, who, seconds, 1.0, 1.5)
        parts += [_shaped(who.say(breath), seconds * 0.7, 6.0) * _level(rng, -30, -6), _pause(rng, 0.0, 0.2)]
    teeth = lfilter([1, -rng.uniform(0.5, 0.98)], [1], _air(rng, rng.uniform(0.06, 0.35)))
    parts.append(_shaped(who.say(teeth) if rng.random() < 0.5 else teeth / rms(teeth), 0.003, 9.0))
    if rng.random() < 0.65:
        voice = _voice(rng, who, rng.uniform(0.08, 0.45), rng.uniform(1.0, 2.5), rng.uniform(0.5, 0.9))
        parts.append(_shaped(who.say(voice), 0.01, rng.uniform(6, 20)) * _level(rng, -18, 0))
    return np.concatenate(parts)


def cleared(rng: Rng, who: Throat) -> Wide:
    """A throat cleared: a rough, low voice that flutters."""
    voice = _voice(rng, who, rng.uniform(0.12, 0.5), rng.uniform(0.5, 0.9), rng.uniform(0.7, 1.1))
    at_s = np.arange(len(voice)) / RATE
    flutter = 1 + rng.uniform(0.5, 1.0) * np.sin(2 * np.pi * rng.uniform(18, 45) * at_s)
    return _shaped(who.say(voice * flutter), 0.02, rng.uniform(3, 10))


def breath(rng: Rng, who: Throat) -> Wide:
    """A sigh, a sniff or a nose blown: air alone, rising and falling."""
    seconds = rng.uniform(0.12, 1.0)
    return _shaped(who.say(_air(rng, seconds)), seconds * rng.uniform(0.1, 0.6), rng.uniform(3, 12))


Burst = Callable[[Rng, Throat], Wide]
BURSTS: tuple[tuple[Burst, float, int, float], ...] = (
    (cough, 0.45, 6, 0.35),
    (sneeze, 0.30, 3, 0.9),
    (cleared, 0.08, 3, 0.3),
    (breath, 0.17, 3, 0.6),
)
"""What is done, its share, how often in a row at most, and the mean pause between, in seconds."""


def recorded_fit(rng: Rng, material: Material) -> Sound:
    """A recording of somebody who coughs or cries, at most LONGEST_S of it, at another speed each time."""
    whole = material.bursts.draw(rng)[1]
    start = int(rng.integers(0, max(1, len(whole) - int(LONGEST_S * RATE) + 1)))
    sound = whole[start : start + int(LONGEST_S * RATE)]
    percent = int(rng.integers(*PERCENT))
    return _sent(rng, resample_poly(sound, 100, percent))


def fit(rng: Rng) -> Sound:
    """One to a few of one kind by one person, at most LONGEST_S."""
    act, _, most, pause_s = BURSTS[rng.choice(len(BURSTS), p=[share for _, share, _, _ in BURSTS])]
    who = throat(rng)
    parts: list[Wide] = []
    for _ in range(int(rng.integers(1, most + 1))):
        parts += [act(rng, who) * _level(rng, -6, 0), np.zeros(int(rng.exponential(pause_s) * RATE))]
    return _sent(rng, np.concatenate(parts[:-1])[: int(LONGEST_S * RATE)])


def _sent(rng: Rng, sound: Wide) -> Sound:
    """The sound as a microphone takes it, now and then in a room, brought to 1 where it is loud."""
    sound = np.convolve(sound, [1.0, rng.uniform(*TILT)])[: len(sound)]
    if rng.random() < IN_A_ROOM:
        sound = reverb(rng, np.pad(sound, (0, RATE // 4)), rng.uniform(*ROOM_S))
    loud: Sound = (sound / rms(sound[np.abs(sound) > 0.05 * np.abs(sound).max()])).astype(np.float32)
    return loud


def _air(rng: Rng, seconds: float) -> Wide:
    """Turbulence: noise, tilted a little one way or the other."""
    noise = rng.standard_normal(_length(seconds))
    air: Wide = lfilter([1, rng.uniform(-0.9, 0.6)], [1], noise)
    return air


def _voice(rng: Rng, who: Throat, seconds: float, begin: float, end: float) -> Wide:
    """Glottal pulses, from one multiple of the person's pitch to another, with breath in them."""
    length = _length(seconds)
    pulses, at, uneven = np.zeros(length), 0.0, rng.uniform(*UNEVEN)
    while at < length:
        pulses[int(at)] = rng.uniform(0.6, 1.0)
        pitch_hz = who.pitch_hz * (begin + (end - begin) * at / length)
        at += RATE / pitch_hz * max(0.5, 1 + uneven * rng.standard_normal())
    voice: Wide = lfilter([1], [1, -OPEN_GLOTTIS], pulses)
    mixed: Wide = voice / rms(voice) + _air(rng, seconds) * _level(rng, -20, 0)
    return mixed


def _length(seconds: float) -> int:
    return max(2, int(seconds * RATE))


def _shaped(sound: Wide, rise_s: float, fall_db: float) -> Wide:
    """Rising for `rise_s`, then falling by `fall_db` to its end, which is no click."""
    at_s, whole_s = np.arange(len(sound)) / RATE, len(sound) / RATE
    risen = np.minimum(1, at_s / max(rise_s, 1 / RATE))
    fallen = 10 ** (-fall_db * np.maximum(0, at_s - rise_s) / max(whole_s - rise_s, 1 / RATE) / 20)
    return sound * risen * fallen * np.minimum(1, (whole_s - at_s) / 0.01)


def _level(rng: Rng, least_db: float, most_db: float) -> float:
    return float(10 ** (rng.uniform(least_db, most_db) / 20))


def _pause(rng: Rng, least_s: float, most_s: float) -> Wide:
    return np.zeros(int(rng.uniform(least_s, most_s) * RATE))
