"""How well syllables and pitch are measured where they are known, and what the measures of a channel cost.

Sentences are spoken by espeak-ng where it is installed; more recordings need the larger data (CALLSEAT_DATA).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audio.analysis.frame import Frame  # noqa: E402  the checkout must be found first
from audio.analysis.measures.call import CallMeasures  # noqa: E402  the same
from audio.analysis.measures.voice import VoiceMeter  # noqa: E402  the same
from audio.resample import resampled  # noqa: E402  the same
from audio.wav import Recording  # noqa: E402  the same
from state.events import AudioAnalysedUntil  # noqa: E402  the same
from state.words import Channel  # noqa: E402  the same
from tests.audio.measures.kit import (  # noqa: E402  the same
    LINE,
    NEAR,
    heard,
    judged,
    on_a_line,
    told,
    voice,
    voiced_frames,
)
from tests.audio.measures.texts import DIGITS, Utterance, can_speak, recorded, spoken  # noqa: E402  the same
from tests.audio.sounds import recording  # noqa: E402  the same

RATES = (16000, 8000)
NAMES = {16000: "16 kHz", 8000: "telephone"}
ROUNDS = 3
"""The best of so many counts: another process only ever slows a round down."""
PITCHES_HZ = (95.0, 120.0, 150.0, 190.0, 230.0)
SWING_SEMITONES = 3.0


def main() -> None:
    """Print accuracy, then cost."""
    _table(("material", "rate", "utterances", "syllables", "mean error", "worst", "bias"), _syllable_rows())
    _table(("made voice", "rate", "median off by", "range off by"), _pitch_rows())
    _table(("sound", "rate", "speech", "us per frame"), _cost_rows())
    print(f"events of an hour of talk on both sides: {_events_us():.1f} us per second of call")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    for row in (head, ("---",) * len(head), *rows):
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def _materials() -> Iterator[tuple[str, tuple[Utterance, ...]]]:
    said = tuple(recorded())
    for language in ("zh", "en"):
        recordings = tuple(each for each in said if each.language == language)
        if recordings:
            yield f"recordings, {language}", recordings
    if can_speak():
        for language in ("zh", "en"):
            yield f"espeak-ng, {language}", spoken(language)
    else:
        print("espeak-ng is not installed: no sentences\n")
    yield (
        "single digits, en",
        tuple(
            Utterance(name, language, count, recording(name)) for name, (language, count) in DIGITS.items()
        ),
    )


def _syllable_rows() -> Iterator[tuple[str, ...]]:
    for name, utterances in _materials():
        for rate in RATES:
            errors = np.array(
                [
                    heard(on_a_line(each.sound, rate), rate).near.syllables / each.syllables - 1.0
                    for each in utterances
                ]
            )
            yield (
                name,
                NAMES[rate],
                str(len(utterances)),
                str(sum(each.syllables for each in utterances)),
                f"{np.mean(np.abs(errors)):.1%}",
                f"{np.max(np.abs(errors)):.1%}",
                f"{np.mean(errors):+.1%}",
            )


def _pitch_rows() -> Iterator[tuple[str, ...]]:
    """A vowel whose pitch swings by a sine: its percentiles are known."""
    expected = 2.0 * SWING_SEMITONES * np.sin(0.4 * np.pi)
    for hz in PITCHES_HZ:
        for rate in RATES:
            moments = np.arange(8 * rate) / rate
            contour = hz * 2.0 ** (SWING_SEMITONES / 12.0 * np.sin(2.0 * np.pi * moments))
            sound = on_a_line(Recording(voice(rate, contour), rate), rate)
            meter = VoiceMeter(rate)
            for frame in voiced_frames(sound[rate : 8 * rate], rate):
                meter.push(frame)
            pitch = meter.pitch
            if pitch is None:
                yield f"{hz:.0f} Hz", NAMES[rate], "none", "none"
                continue
            median = 12.0 * float(np.log2(pitch.median_hz / hz))
            off = pitch.range_semitones - expected
            yield f"{hz:.0f} Hz", NAMES[rate], f"{median:+.2f} semitones", f"{off:+.2f} semitones"


def _cost_rows() -> Iterator[tuple[str, ...]]:
    for name in ("sentence_zh_16k.wav", "answer_4s.wav", "silent_line.wav"):
        whole = recording(name)
        for rate in sorted({8000, whole.rate, 16000, 48000}):
            frames, _ = judged(resampled(whole.samples, whole.rate, rate), rate)
            share = sum(frame.speaking for frame in frames) / len(frames)
            per_frame = min(_frames_s(frames, rate) for _ in range(ROUNDS)) / len(frames)
            yield f"`{name}`", f"{rate // 1000} kHz", f"{share:.0%}", f"{1e6 * per_frame:.1f}"


def _frames_s(frames: list[Frame], rate: int) -> float:
    """CPU seconds of one side's frames."""
    measures = CallMeasures(rate, rate)
    begin = time.process_time()
    for frame in frames:
        measures.push_frame(NEAR, frame)
    return time.process_time() - begin


def _events_us() -> float:
    """CPU of an hour's edges and watermarks, which come every 20 ms."""
    near = [(at, at + 2.0) for at in range(0, 3600, 5)]
    far = [(at + 2.5, at + 4.5) for at in range(0, 3600, 5)]
    marks = [
        AudioAnalysedUntil(number * 0.02, "audio", LINE, channel, number * 0.02)
        for number in range(180_000)
        for channel in Channel
    ]
    events = sorted((*told(NEAR, near), *told(Channel.FAR, far), *marks), key=lambda event: event.at)
    measures = CallMeasures(8000, 8000)
    begin = time.process_time()
    for event in events:
        measures.push_event(event)
    return (time.process_time() - begin) / 3600.0 * 1e6


if __name__ == "__main__":
    main()
