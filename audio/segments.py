"""Speech segments of a recording, as the live listener decides them, and their CSV.

May not look ahead: `decided_s` is when a live listener would have known. Only segments are kept of a file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.analysis.channel import ChannelAnalyser
from audio.analysis.framing import frame_length
from audio.engines import DetectorFactory
from audio.resample import resampled
from audio.vad_webrtc import default_detector
from audio.wav import Recording, WavStream, open_wav
from audio.wav_blocks import analysis_rate, frames_of
from state.errors import ConfigError
from state.events import Event, SignalChanged, SpeechStarted, SpeechStopped
from state.ids import LineId
from state.words import Channel, SignalCondition

Block = NDArray[np.int16]

SPEECH = "speech"
OTHERS = (SignalCondition.MUSIC, SignalCondition.RINGBACK, SignalCondition.BUSY, SignalCondition.TONE)
"""What else a channel can carry that has a begin and an end; each is its own label."""
TAIL_S = 0.5
"""Zeros behind a recording: longer than the hang-over, so that its last speech ends."""
COLUMNS = ("start_s", "end_s", "label", "decided_s")


class Side(StrEnum):
    """One channel of a stereo file."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech, or of what `label` says, in seconds from the start; when its begin was known."""

    start_s: float
    end_s: float
    label: str
    decided_s: float


def segments(
    source: Path | Recording | WavStream,
    detector_factory: DetectorFactory = default_detector,
    *,
    side: Side | None = None,
    others: bool = False,
) -> list[Segment]:
    """Speech of a file or recording, with `others` also tones and music, by their begin.

    A file with two channels needs a `side`; ConfigError where it has none to choose, or cannot be read.
    """
    if isinstance(source, Path):
        source = open_wav(source)
    rate = analysis_rate(source.rate)
    blocks = _parts(source, rate) if isinstance(source, Recording) else _one_channel(source, side)
    events = _heard(blocks, rate, detector_factory)
    found = list(_segments(events, source.duration_s, OTHERS if others else ()))
    return sorted(found, key=lambda one: (one.start_s, one.label))


def write_segments(found: Iterable[Segment], csv_file: Path) -> None:
    """Write segments as CSV (COLUMNS), times to the millisecond; ConfigError where it cannot be written."""
    try:
        with csv_file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for one in found:
                start, end, decided = (f"{each:.3f}" for each in (one.start_s, one.end_s, one.decided_s))
                writer.writerow((start, end, one.label, decided))
    except OSError as error:
        raise ConfigError(f"{csv_file}: cannot be written ({error.strerror or error})") from None


def evaluate(wav: str) -> list[tuple[float, float, float]]:
    """(start, end, decided) of each segment of a WAV file: what detector scoring programs take."""
    return [(one.start_s, one.end_s, one.decided_s) for one in segments(Path(wav))]


def _parts(recording: Recording, rate: int) -> Iterator[Block]:
    samples, length = resampled(recording.samples, recording.rate, rate), frame_length(rate)
    return (samples[start : start + length] for start in range(0, len(samples), length))


def _one_channel(stream: WavStream, side: Side | None) -> Iterator[Block]:
    """The samples of the channel meant; checked before the first is asked for."""
    if stream.channels == 2 and side is None:
        raise ConfigError(f"{stream.path}: has 2 channels; expected 1, or `--channel left` or `right`")
    if stream.channels == 1 and side is not None:
        raise ConfigError(f"{stream.path}: has 1 channel; expected 2 for `--channel {side}`")
    column = 1 if side is Side.RIGHT else 0
    return (np.ascontiguousarray(block[:, column]) for block in frames_of(stream))


def _heard(blocks: Iterable[Block], rate: int, detector_factory: DetectorFactory) -> Iterator[Event]:
    """Every event of one channel, from time 0 on, and of the tail of zeros behind it."""
    detector = detector_factory(rate)
    analyser = ChannelAnalyser(LineId("file"), Channel.FAR, rate, detector, faults=False)
    analyser.reset(0.0)
    tail = np.zeros(frame_length(rate), np.int16)
    samples = 0
    for block in chain(blocks, [tail] * round(TAIL_S * rate / len(tail))):
        yield from analyser.push(block, samples / rate)
        samples += len(block)


def _segments(
    events: Iterable[Event], end_s: float, others: tuple[SignalCondition, ...]
) -> Iterator[Segment]:
    """Stretches between events, cut where the sound ends; what has begun after that is left out."""
    speech: SpeechStarted | None = None
    carried: SignalChanged | None = None
    for event in events:
        match event:
            case SpeechStarted():
                speech = event
            case SpeechStopped() if speech is not None:
                yield Segment(speech.began_at, min(event.ended_at, end_s), SPEECH, speech.at)
                speech = None
            case SignalChanged():
                # A tone that turns out to be ring-back was that from its begin on.
                if carried is not None and event.began_at > carried.began_at:
                    yield _carried(carried, min(event.began_at, end_s))
                carried = event if event.condition in others and event.began_at < end_s else None
            case _:
                pass
    if speech is not None:
        yield Segment(speech.began_at, end_s, SPEECH, speech.at)
    if carried is not None:
        yield _carried(carried, end_s)


def _carried(since: SignalChanged, end_s: float) -> Segment:
    return Segment(since.began_at, end_s, since.condition.value, since.at)
