"""Calls for the measures: edges as a listener tells them, frames as it judges them, sounds that are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from audio.analysis.decision import EdgeKind, SpeechDecision
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S, frame_length
from audio.analysis.measures.call import CallMeasures
from audio.analysis.measures.figures import Measures
from audio.analysis.vad import Verdict
from audio.resample import resampled
from audio.vad_webrtc import default_detector
from audio.wav import Recording, Samples
from state.events import AudioAnalysedUntil, Event, SpeechStarted, SpeechStopped
from state.ids import LineId
from state.words import Channel
from tests.audio.sounds import noise

LINE = LineId("desk")
NEAR, FAR = Channel.NEAR, Channel.FAR
TOLD_S = {EdgeKind.STARTED: 0.1, EdgeKind.STOPPED: 0.3}
"""How long after its true time an edge is told."""
LEAD_S = 0.7
"""Line noise before a word: longer than the detector's start guard."""

Spans = Sequence[tuple[float, float]]


def told(channel: Channel, spans: Spans) -> list[Event]:
    """Edges of one side, as a listener tells them."""
    events: list[Event] = []
    for began, ended in spans:
        events.append(SpeechStarted(began + TOLD_S[EdgeKind.STARTED], "audio", LINE, channel, began))
        events.append(SpeechStopped(ended + TOLD_S[EdgeKind.STOPPED], "audio", LINE, channel, ended))
    return events


def deliver(measures: CallMeasures, events: Iterable[Event], until: float, block_s: float = 0.5) -> None:
    """Hand over a call in blocks: first all that near tells in a block, then far, each with its watermark."""
    waiting = sorted(events, key=lambda event: event.at)
    end = 0.0
    while end < until + 1.0:
        end += block_s
        due = [event for event in waiting if event.at <= end]
        waiting = waiting[len(due) :]
        for channel in (NEAR, FAR):
            for event in due:
                if getattr(event, "channel", NEAR) is channel:
                    measures.push_event(event)
            measures.push_event(AudioAnalysedUntil(end, "audio", LINE, channel, end))


def measured(
    near: Spans = (),
    far: Spans = (),
    until: float = 60.0,
    others: Iterable[Event] = (),
    block_s: float = 0.5,
) -> Measures:
    """The measures of a call without sound, answered at 0."""
    measures = CallMeasures(8000, 8000)
    deliver(measures, (*told(NEAR, near), *told(FAR, far), *others), until, block_s)
    return measures.summary(until)


def judged(sound: Samples, rate: int, begin: float = 0.0) -> tuple[list[Frame], list[Event]]:
    """Frames and edges of one channel (near), as the default detector hears it."""
    detector = default_detector(rate)
    decision = SpeechDecision(detector.rules)
    length = frame_length(rate)
    frames: list[Frame] = []
    events: list[Event] = []
    for number in range(len(sound) // length):
        at = begin + number * FRAME_S
        part = sound[number * length : (number + 1) * length]
        verdict = detector.push(part)
        for edge in decision.push(verdict, at):
            if edge.kind is EdgeKind.STARTED:
                events.append(SpeechStarted(edge.at, "audio", LINE, NEAR, edge.since))
            elif edge.kind is EdgeKind.STOPPED:
                events.append(SpeechStopped(edge.at, "audio", LINE, NEAR, edge.since))
        frames.append(Frame(at, part, verdict, decision.speaking))
    return frames, events


def heard(sound: Samples, rate: int) -> Measures:
    """The measures of a call in which near is this sound and far says nothing."""
    measures = CallMeasures(rate, rate)
    frames, events = judged(sound, rate)
    for frame in frames:
        measures.push_frame(NEAR, frame)
    until = len(sound) / rate
    deliver(measures, events, until)
    return measures.summary(until)


def voiced_frames(sound: Samples, rate: int) -> list[Frame]:
    """Frames of a sound that is speech and voice throughout."""
    length = frame_length(rate)
    verdict = Verdict(-25.0, -60.0, True, True, True)
    return [
        Frame(number * FRAME_S, sound[number * length : (number + 1) * length], verdict, True)
        for number in range(len(sound) // length)
    ]


def on_a_line(recording: Recording, rate: int, level_dbfs: float = -26.0) -> Samples:
    """A recording at a rate and level, between stretches of line noise; at 8 kHz sent through a telephone."""
    wide = resampled(recording.samples, recording.rate, rate).astype(np.float64)
    if rate == 8000:
        wide = telephone(wide)
    loud = wide[np.abs(wide) > 0.1 * np.abs(wide).max()]
    wide *= 32768.0 * 10.0 ** (level_dbfs / 20.0) / np.sqrt(np.mean(loud * loud))
    lead = np.zeros(round(LEAD_S * rate))
    whole = np.concatenate((lead, wide, lead))
    mixed: Samples = np.clip(np.rint(whole + noise(rate, len(whole) / rate)), -32768, 32767).astype(np.int16)
    return mixed


def telephone(wide: np.ndarray) -> np.ndarray:
    """300 to 3400 Hz, and the steps of G.711 mu-law (its continuous curve, 8 bits)."""
    lines = np.fft.rfft(wide)
    hz = np.fft.rfftfreq(len(wide), 1 / 8000)
    lines[(hz < 300.0) | (hz > 3400.0)] = 0.0
    band = np.clip(np.fft.irfft(lines, len(wide)) / 32768.0, -1.0, 1.0)
    code = np.round(np.sign(band) * np.log1p(255.0 * np.abs(band)) / np.log(256.0) * 127.0) / 127.0
    return np.sign(code) * (256.0 ** np.abs(code) - 1.0) / 255.0 * 32768.0


def voice(rate: int, pitch_hz: np.ndarray, formants_hz: Sequence[float] = (600.0, 1400.0, 2600.0)) -> Samples:
    """A sung vowel: harmonics of a pitch given per sample, shaped by formants, RMS at -26 dBFS."""
    phase = 2.0 * np.pi * np.cumsum(pitch_hz) / rate
    sound = np.zeros(len(pitch_hz))
    for number in range(1, int(0.45 * rate / pitch_hz.min()) + 1):
        hz = number * pitch_hz
        weight = sum(1.0 / (1.0 + ((hz - each) / 120.0) ** 2) for each in formants_hz) + 0.02
        sound += np.where(hz < 0.45 * rate, weight / number**0.5, 0.0) * np.cos(number * phase)
    sound *= 32768.0 * 10.0 ** (-26.0 / 20.0) / np.sqrt(np.mean(sound * sound))
    samples: Samples = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    return samples
