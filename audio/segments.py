"""Speech segments of a recording, as the live listener decides them, and their CSV.

May not look ahead: `decided_s` is when a live listener would have known.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.analysis.framing import frame_length
from audio.listener import DetectorFactory, Listener
from audio.vad_webrtc import default_detector
from audio.wav import Recording, read_wav
from state.errors import ConfigError
from state.events import Event, SpeechStarted, SpeechStopped
from state.ids import LineId
from state.words import Channel

SPEECH = "speech"
TAIL_S = 0.5
"""Zeros behind a recording: longer than the hang-over, so that its last speech ends."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech in seconds from the start, and when its begin was known."""

    start_s: float
    end_s: float
    label: str
    decided_s: float


def listen(recording: Recording, detector_factory: DetectorFactory = default_detector) -> list[Event]:
    """Every event of a recording heard as the far channel of a call, from time 0 on."""
    listener = Listener(LineId("file"), recording.rate, recording.rate, detector_factory)
    listener.reset(0.0)
    block = frame_length(recording.rate)
    events: list[Event] = []
    for start in range(0, len(recording.samples), block):
        part = recording.samples[start : start + block]
        events.extend(listener.push(Channel.FAR, part, start / recording.rate))
    return events


def segments(source: Path | Recording) -> list[Segment]:
    """Speech of a WAV file or recording."""
    recording = source if isinstance(source, Recording) else read_wav(source)
    tail = np.zeros(round(TAIL_S * recording.rate), np.int16)
    padded = Recording(np.concatenate((recording.samples, tail)), recording.rate)
    found: list[Segment] = []
    open_since: SpeechStarted | None = None
    for event in listen(padded):
        if isinstance(event, SpeechStarted):
            open_since = event
        elif isinstance(event, SpeechStopped) and open_since is not None:
            end = min(event.ended_at, recording.duration_s)
            found.append(Segment(open_since.began_at, end, SPEECH, open_since.at))
            open_since = None
    return found


def write_segments(wav: Path, csv_file: Path | None) -> list[Segment]:
    """Speech of a WAV file, also written as CSV (start_s, end_s, label, decided_s) where a file is named."""
    found = segments(wav)
    if csv_file is not None:
        try:
            with csv_file.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("start_s", "end_s", "label", "decided_s"))
                for one in found:
                    writer.writerow(
                        (f"{one.start_s:.3f}", f"{one.end_s:.3f}", one.label, f"{one.decided_s:.3f}")
                    )
        except OSError as error:
            raise ConfigError(f"{csv_file}: cannot be written ({error.strerror or error})") from None
    return found


def evaluate(wav: str) -> list[tuple[float, float, float]]:
    """(start, end, decided) of each segment of a WAV file: what detector scoring programs take."""
    return [(one.start_s, one.end_s, one.decided_s) for one in segments(Path(wav))]
