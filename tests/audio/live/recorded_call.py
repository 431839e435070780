"""Calls of two channels put together from recordings, and accounts of the verdicts on them, compared.

May not open a sound device or read a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from audio.track import Track
from audio.wav import read_wav
from state.effects import Effect, Publish
from state.events import (
    AudioAnalysedUntil,
    AudioEvent,
    AudioFaultEnded,
    AudioFaultFound,
    Event,
    LevelMeasured,
    ListeningStarted,
    SpeechDismissed,
    SpeechSuspected,
)
from state.words import Channel
from tests.support import ROOT

Samples = NDArray[np.int16]

NEAR_RATE, FAR_RATE = 16000, 8000
LEAD_S = 3.0
"""Sound before the call is connected: sinks are awake, and no call begins with digital zeros."""
ROOM_DBFS = -62.0
MUSIC_DBFS = -30.0
NO_VERDICT = (AudioAnalysedUntil, LevelMeasured, SpeechSuspected, SpeechDismissed)
"""How far, how loud, and what was not sure yet."""
NOT_SAID = frozenset({"at", "source", "line", "channel", "confidence", "evidence"})
"""Fields that are no part of what a verdict says."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCall:
    """Near at 16 kHz and far at 8 kHz; the call is connected after LEAD_S."""

    near: Samples
    far: Samples

    @property
    def lasts_s(self) -> float:
        """With its lead."""
        return len(self.far) / FAR_RATE

    def since(self, near_s: float, far_s: float) -> RecordedCall:
        """What is left of it from these moments on."""
        return RecordedCall(self.near[round(near_s * NEAR_RATE) :], self.far[round(far_s * FAR_RATE) :])


def everyday() -> RecordedCall:
    """Silence, a greeting, an answer, both at once, a dead microphone, ring-back, a sentence, a dead line."""
    near, far = _room(), Track(FAR_RATE, recording("silent_line"))
    near.say(recording("sentence_zh_2_16k"), LEAD_S + 2)
    # from its first word on: its own room, beginning at once, would be a sound that hangs by a hair
    short = recording("short_zh_16k")[round(0.45 * NEAR_RATE) :]
    near.say(short, LEAD_S + 14)
    near.say(short, LEAD_S + 31)
    far.say(recording("answer_4s")[3 * FAR_RATE : 16 * FAR_RATE], LEAD_S + 6)
    far.say(recording("ringback_cn")[: 9 * FAR_RATE], LEAD_S + 22)
    far.say(recording("sentence_zh")[: 4 * FAR_RATE], LEAD_S + 32.5)
    call = _rendered(near, far, 41.5)
    call.near[round((LEAD_S + 17) * NEAR_RATE) : round((LEAD_S + 19.5) * NEAR_RATE)] = 0
    call.far[round((LEAD_S + 37) * FAR_RATE) : round((LEAD_S + 39.5) * FAR_RATE)] = 0
    return call


def hold_music() -> RecordedCall:
    """The agent speaks, and is put on hold."""
    music = recording("hold_music")
    near, far = _room(), Track(FAR_RATE, recording("silent_line"))
    near.say(recording("sentence_zh_2_16k"), LEAD_S + 1)
    far.say(music, LEAD_S + 6, level_dbfs=MUSIC_DBFS)
    return _rendered(near, far, len(music) / FAR_RATE + 10)


def recording(name: str) -> Samples:
    """One of the project's own."""
    return read_wav(ROOT / "tests/recordings" / f"{name}.wav").samples


def _room() -> Track:
    noise = np.random.default_rng(1).normal(0.0, 2000.0, 4 * NEAR_RATE).astype(np.int16)
    return Track(NEAR_RATE, noise, background_dbfs=ROOM_DBFS)


def _rendered(near: Track, far: Track, lasts_s: float) -> RecordedCall:
    total_s = LEAD_S + lasts_s
    return RecordedCall(near.block(0, round(total_s * NEAR_RATE)), far.block(0, round(total_s * FAR_RATE)))


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict: of which channel (or the seat's own), what it says, and its times."""

    of: str
    what: tuple[str, ...]
    times: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Account:
    """An observer of a daemon that keeps its verdicts; `began` is when listening did."""

    began: float | None = None
    said: list[Said] = field(default_factory=list)
    _faults: set[tuple[str, str]] = field(default_factory=set)

    def consumed(self, at: float, event: Event | None, effects: tuple[Effect, ...]) -> None:
        """What was decided, and what it gave."""
        if isinstance(event, ListeningStarted) and self.began is None:
            self.began = event.at
        if isinstance(event, AudioEvent) and not isinstance(event, NO_VERDICT) and self._news(event):
            self.said.append(self._verdict(event))
        for effect in effects:
            if isinstance(effect, Publish) and effect.topic == "silence.cause":
                self.said.append(Said("silence_cause", (str(effect.data["cause"]),), (("at", at),)))

    def of(self, whom: str) -> list[Said]:
        """The verdicts on one channel, in order."""
        return [each for each in self.said if each.of == whom]

    def count(self, whom: str, what: str) -> int:
        """How often it was said of one."""
        return sum(what in each.what for each in self.of(whom))

    def spoke_since(self, whom: str, at: float) -> bool:
        """Whether speech of one began or ended after `at`, by its true time."""
        edges = [each for each in self.of(whom) if each.what[0] in ("SpeechStarted", "SpeechStopped")]
        return bool(edges) and edges[-1].times[-1][1] > at

    def since(self, origin: float) -> Account:
        """The same with times counted from `origin`."""
        said = [
            Said(each.of, each.what, tuple((name, at - origin) for name, at in each.times))
            for each in self.said
        ]
        return Account(self.began, said)

    def _news(self, event: AudioEvent) -> bool:
        """A fault that is told again, with more evidence, is the same verdict."""
        match event:
            case AudioFaultFound():
                known = (event.channel, event.fault) in self._faults
                self._faults.add((event.channel, event.fault))
                return not known
            case AudioFaultEnded():
                self._faults.discard((event.channel, event.fault))
        return True

    def _verdict(self, event: AudioEvent) -> Said:
        values = {each.name: getattr(event, each.name) for each in fields(event)}
        times = tuple((name, values[name]) for name in values if name == "at" or name.endswith("_at"))
        said = (str(values[name]) for name in values if name not in NOT_SAID and not name.endswith("_at"))
        return Said(event.channel, (type(event).__name__, *said), times)


def differences(live: Account, virtual: Account, within_s: float) -> list[str]:
    """What one tells and the other does not, and every time that is farther off than `within_s`."""
    found = []
    for whom in (*Channel, "silence_cause"):
        ours, theirs = live.of(whom), virtual.of(whom)
        if [each.what for each in ours] != [each.what for each in theirs]:
            found.append(f"{whom}: live {_told(ours)}\n  virtual {_told(theirs)}")
            continue
        found += [
            f"{whom} {one.what}: {name} {at:.3f} live, {expected:.3f} in virtual time"
            for one, other in zip(ours, theirs, strict=True)
            for (name, at), (_, expected) in zip(one.times, other.times, strict=True)
            if abs(at - expected) > within_s
        ]
    return found


def farthest_s(live: Account, virtual: Account) -> dict[str, float]:
    """By the name of a time, how far two accounts of the same verdicts are from each other at most."""
    apart: dict[str, float] = {}
    for whom in (*Channel, "silence_cause"):
        for one, other in zip(live.of(whom), virtual.of(whom), strict=True):
            for (name, at), (_, expected) in zip(one.times, other.times, strict=True):
                apart[name] = max(apart.get(name, 0.0), abs(at - expected))
    return apart


def _told(verdicts: Iterable[Said]) -> str:
    return ", ".join(f"{each.times[0][1]:.2f} {' '.join(each.what)}" for each in verdicts)


def shift_s(heard: Samples, sent: Samples, rate: int) -> float:
    """How many seconds later `sent` begins than `heard`: where all frequencies together fit best.

    By phase alone: a tone that repeats itself would fit a cadence later as well.
    """
    size = 1 << (len(heard) + len(sent)).bit_length()
    cross = np.fft.rfft(heard.astype(np.float64), size) * np.conj(np.fft.rfft(sent.astype(np.float64), size))
    strength = np.abs(cross)
    fit = np.fft.irfft(cross / (strength + 1e-2 * np.median(strength)), size)
    best = int(np.argmax(fit))
    return (best if best < size // 2 else best - size) / rate


def halves(samples: Sequence[int] | Samples) -> tuple[Samples, Samples]:
    """The first and the second half of a recording."""
    whole = np.asarray(samples, np.int16)
    return whole[: len(whole) // 2], whole[len(whole) // 2 :]
