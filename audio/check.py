"""What is wrong with one or two recorded channels, as the live listener finds it, and what they carry.

May not load a file whole, say what to do about a fault, or look ahead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from audio.analysis.active_level import NOTHING, ActiveLevelMeter, Tally
from audio.analysis.filters import HighPass
from audio.analysis.framing import frame_length
from audio.analysis.frontend import HIGH_PASS_HZ
from audio.engines import DetectorFactory
from audio.listener import Listener
from audio.vad_webrtc import default_detector
from audio.wav import Samples, WavStream, open_wav
from audio.wav_blocks import analysis_rate, frames_of
from state.errors import ConfigError
from state.events import (
    AudioEvent,
    AudioFaultEnded,
    AudioFaultFound,
    LevelMeasured,
    SignalChanged,
    SpeechStarted,
    SpeechStopped,
)
from state.ids import LineId
from state.words import AudioFault, Channel, SignalCondition

SPEECH_S = 1.0
"""Less speech than this has no level worth telling (ours; P.56 itself sets no least length)."""
TALLY_FRAMES = 25
"""Frames tallied for P.56 at once: half a second."""
KNOWN_LATE_S = 1.0
"""Speech is known later than it begins; a tally waits so long for it (decisions take 0.5 s at most)."""

Sound = Iterator[Mapping[Channel, Samples]]
"""The samples of the same 20 ms of each channel; a channel that is over is left out."""


@dataclass(frozen=True, slots=True)
class FoundFault:
    """A fault of one channel; times in seconds of the file, `until_s` is its end where it `lasts`."""

    channel: Channel
    fault: AudioFault
    since_s: float
    until_s: float
    lasts: bool
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """What one channel carries; None: not enough of it to be told."""

    channel: Channel
    file: str
    duration_s: float
    rate_hz: int
    analysed_hz: int
    speech_dbfs: float | None
    """Active level by ITU-T P.56 of the stretches with speech."""
    floor_dbfs: float | None
    snr_db: float | None
    speech_share: float
    """Of the duration, 0 to 1."""
    carried_s: Mapping[SignalCondition, float]
    """Seconds in each condition there was."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a check found, by time; `notes` say what of the files is not as their headers say."""

    found: tuple[FoundFault, ...]
    channels: tuple[ChannelSummary, ...]
    notes: tuple[str, ...]


def check(
    near: Path,
    far: Path | None = None,
    *,
    stereo: bool = False,
    detector_factory: DetectorFactory = default_detector,
) -> Report:
    """Listen to the files of a call; `stereo`: near is left and far right in one file.

    ConfigError where a file cannot be read, or has another number of channels.
    """
    streams = {Channel.NEAR: open_wav(near)}
    if stereo:
        streams[Channel.FAR] = streams[Channel.NEAR]
    elif far is not None:
        streams[Channel.FAR] = open_wav(far)
    for stream in streams.values():
        _need_channels(stream, 2 if stereo else 1)
    ears = {channel: _Ear(channel, stream) for channel, stream in streams.items()}
    near_hz = ears[Channel.NEAR].hz
    far_hz = ears[Channel.FAR].hz if Channel.FAR in ears else near_hz
    listener = Listener(LineId("file"), near_hz, far_hz, detector_factory)
    listener.reset(0.0)
    faults = _Faults()
    for number, sound in enumerate(_split(streams[Channel.NEAR]) if stereo else _together(streams)):
        for channel, samples in sound.items():
            ears[channel].hear(samples)
            # By count and not by adding up: an hour of additions would be off by milliseconds.
            at = number * frame_length(ears[channel].hz) / ears[channel].hz
            for event in listener.push(channel, samples, at):
                if isinstance(event, AudioEvent):
                    faults.take(event)
                    ears[event.channel].take(event)
    ends = {channel: stream.duration_s for channel, stream in streams.items()}
    notes = dict.fromkeys(f"{each.path}: {each.note}" for each in streams.values() if each.note)
    return Report(faults.all(ends), tuple(ear.summary() for ear in ears.values()), tuple(notes))


def _need_channels(stream: WavStream, count: int) -> None:
    if stream.channels == count:
        return
    stereo = "1, or `--stereo` (left near, right far)"
    expected = "2 for `--stereo`" if count == 2 else stereo
    has = "1 channel" if stream.channels == 1 else f"{stream.channels} channels"
    raise ConfigError(f"{stream.path}: has {has}; expected {expected}")


def _split(stream: WavStream) -> Sound:
    for block in frames_of(stream):
        left, right = np.ascontiguousarray(block.T)
        yield {Channel.NEAR: left, Channel.FAR: right}


def _together(streams: Mapping[Channel, WavStream]) -> Sound:
    """One after the other, until the longest is over."""
    for blocks in zip_longest(*(frames_of(stream) for stream in streams.values())):
        yield {
            channel: block[:, 0] for channel, block in zip(streams, blocks, strict=True) if block is not None
        }


class _Faults:
    """Faults as they come and go."""

    def __init__(self) -> None:
        self._now: dict[tuple[Channel, AudioFault], FoundFault] = {}
        self._over: list[FoundFault] = []

    def take(self, event: AudioEvent) -> None:
        """A fault told again is the same one, with newer evidence."""
        match event:
            case AudioFaultFound(channel=channel, fault=fault):
                before = self._now.get((channel, fault))
                since = event.began_at if before is None else before.since_s
                self._now[channel, fault] = FoundFault(
                    channel, fault, since, event.at, True, event.confidence, event.evidence
                )
            case AudioFaultEnded(channel=channel, fault=fault) if (channel, fault) in self._now:
                found = self._now.pop((channel, fault))
                self._over.append(replace(found, until_s=event.ended_at, lasts=False))
            case _:
                pass

    def all(self, ends: Mapping[Channel, float]) -> tuple[FoundFault, ...]:
        """Everything found, by time; what was not over lasts to the end."""
        lasting = (replace(found, until_s=ends[found.channel]) for found in self._now.values())
        order = list(AudioFault)
        return tuple(
            sorted(
                (*self._over, *lasting), key=lambda one: (one.since_s, one.channel, order.index(one.fault))
            )
        )


class _Ear:
    """What one channel carries, summed up as it goes by."""

    def __init__(self, channel: Channel, stream: WavStream) -> None:
        self.hz = analysis_rate(stream.rate)
        self._channel = channel
        self._stream = stream
        self._length = frame_length(self.hz)
        self._high_pass = HighPass(self.hz, HIGH_PASS_HZ, self._length)
        self._level = ActiveLevelMeter(self.hz)
        self._frames: list[NDArray[np.float64]] = []
        self._taken_s = 0.0
        self._waiting: deque[tuple[float, float, Tally]] = deque()
        self._tally = NOTHING
        self._speech = _Speech()
        self._floors: list[float] = []
        self._condition, self._since = SignalCondition.OK, 0.0
        self._carried: dict[SignalCondition, float] = dict.fromkeys(SignalCondition, 0.0)

    def hear(self, samples: Samples) -> None:
        """Tally one frame; the last, shorter one of a file is left out."""
        if len(samples) < self._length:
            return
        self._frames.append(self._high_pass.push(samples))
        if len(self._frames) == TALLY_FRAMES:
            self._tally_frames()

    def take(self, event: AudioEvent) -> None:
        """Follow what the listener says of this channel."""
        match event:
            case SpeechStarted():
                self._speech.began(event.began_at)
            case SpeechStopped():
                self._speech.ended(event.ended_at)
            case LevelMeasured():
                self._floors.append(event.floor_dbfs)
            case SignalChanged():
                self._carry(event.condition, event.began_at)
            case _:
                pass

    def summary(self) -> ChannelSummary:
        """Everything heard; the sound is over."""
        end_s = self._stream.duration_s
        self._tally_frames()
        self._settle(float("inf"))
        self._speech.ended(end_s)
        self._carry(self._condition, end_s)
        spoke_s = self._speech.total_s
        level = self._tally.level().active_dbov if spoke_s >= SPEECH_S else None
        floor = median(self._floors) if self._floors else None
        return ChannelSummary(
            channel=self._channel,
            file=str(self._stream.path),
            duration_s=end_s,
            rate_hz=self._stream.rate,
            analysed_hz=self.hz,
            speech_dbfs=level,
            floor_dbfs=floor,
            snr_db=None if level is None or floor is None else level - floor,
            speech_share=min(1.0, spoke_s / end_s),
            carried_s={each: lasted for each, lasted in self._carried.items() if lasted > 0.0},
        )

    def _carry(self, condition: SignalCondition, since: float) -> None:
        self._carried[self._condition] += max(0.0, since - self._since)
        self._condition, self._since = condition, max(self._since, since)

    def _tally_frames(self) -> None:
        """Tally what was collected; stretches that are old enough count, or do not."""
        if not self._frames:
            return
        begin, end = self._taken_s, self._taken_s + len(self._frames) * self._length / self.hz
        self._waiting.append((begin, end, self._level.push(np.concatenate(self._frames))))
        self._frames.clear()
        self._taken_s = end
        self._settle(end - KNOWN_LATE_S)

    def _settle(self, until: float) -> None:
        while self._waiting and self._waiting[0][1] <= until:
            begin, end, tally = self._waiting.popleft()
            if self._speech.touches(begin, end):
                self._tally += tally


class _Speech:
    """When somebody spoke; only the newest stretches are kept."""

    def __init__(self) -> None:
        self.total_s = 0.0
        self._since: float | None = None
        self._recent: deque[tuple[float, float]] = deque(maxlen=16)

    def began(self, at: float) -> None:
        """Speech from `at` on."""
        self._since = at

    def ended(self, at: float) -> None:
        """Speech was over at `at`, if there was any."""
        if self._since is not None:
            self.total_s += max(0.0, at - self._since)
            self._recent.append((self._since, at))
            self._since = None

    def touches(self, begin: float, end: float) -> bool:
        """Whether any of this stretch is speech."""
        if self._since is not None and self._since < end:
            return True
        return any(first < end and begin < last for first, last in self._recent)
