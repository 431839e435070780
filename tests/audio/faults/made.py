"""Frames made by hand: sound with speech where the test says so, without a detector.

May not judge.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from audio.analysis.faults.panel import Change, ChannelFaults
from audio.analysis.faults.second import Second, SecondAnalyser, Seconds
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S, frame_length
from audio.analysis.vad import Verdict
from audio.decibel import rms_dbfs
from state.words import AudioFault
from tests.audio.sounds import noise, recording, tone

RATE = 8000


def frames(
    sound: np.ndarray,
    rate: int = RATE,
    *,
    speaking: bool = True,
    start: float = 0.0,
    tone_hz: float | None = None,
) -> Iterator[Frame]:
    """Every frame alike: speech, a pause, or a tone."""
    length = frame_length(rate)
    for number in range(len(sound) // length):
        samples = sound[number * length : (number + 1) * length].astype(np.int16)
        level = rms_dbfs(np.rint(samples - samples.mean()).astype(np.int16))
        verdict = Verdict(level, -80.0, loud=speaking, passes=speaking, voiced=speaking, tone_hz=tone_hz)
        yield Frame(start + number * FRAME_S, samples, verdict, speaking)


def seconds(
    sound: np.ndarray, rate: int = RATE, *, speaking: bool = True, start: float = 0.0
) -> list[Second]:
    gather = Seconds(rate)
    return [
        one for frame in frames(sound, rate, speaking=speaking, start=start) if (one := gather.push(frame))
    ]


class Listening:
    """One analyser by the second, with everything it held after each."""

    def __init__(self, analyser: SecondAnalyser, rate: int = RATE) -> None:
        self.analyser = analyser
        self._rate = rate
        self._gather = Seconds(rate)
        self._at = 0.0

    def hear(
        self, sound: np.ndarray, *, speaking: bool = True, tone_hz: float | None = None
    ) -> list[Finding | None]:
        held = []
        for frame in frames(sound, self._rate, speaking=speaking, start=self._at, tone_hz=tone_hz):
            second = self._gather.push(frame)
            if second is not None:
                self.analyser.hear(second)
                held.append(self.analyser.finding)
        self._at += len(sound) / self._rate
        return held

    def last(
        self, sound: np.ndarray, *, speaking: bool = True, tone_hz: float | None = None
    ) -> Finding | None:
        return self.hear(sound, speaking=speaking, tone_hz=tone_hz)[-1]


def told(
    panel: ChannelFaults, sound: np.ndarray, *, speaking: bool = True, start: float = 0.0
) -> list[Change]:
    return [change for frame in frames(sound, speaking=speaking, start=start) for change in panel.push(frame)]


def kinds(changes: list[Change]) -> list[tuple[AudioFault, bool]]:
    """Fault, and whether it ended."""
    return [(change.finding.fault, change.ended_at is not None) for change in changes]


def talk(seconds_: float, rate: int = RATE, gain_db: float = 0.0) -> np.ndarray:
    """Real speech without its long pauses, as long as asked."""
    name = "sentence_zh.wav" if rate == 8000 else "sentence_zh_16k.wav"
    whole = recording(name).samples.astype(np.float64)
    dense = np.concatenate(
        [whole[round(0.5 * rate) : round(3.7 * rate)], whole[round(4.9 * rate) : round(7.0 * rate)]]
    )
    count = round(seconds_ * rate)
    return np.rint(np.tile(dense, -(-count // len(dense)))[:count] * 10 ** (gain_db / 20)).astype(np.int16)


def line(seconds_: float, level_dbfs: float = -65.0, seed: int = 1) -> np.ndarray:
    """Noise of a line."""
    return noise(RATE, seconds_, level_dbfs, seed)


def hum(
    seconds_: float, level_dbfs: float, hz: float = 50.0, harmonics: tuple[int, ...] = (1, 2, 3)
) -> np.ndarray:
    """Equal harmonics, at a level together, over line noise."""
    each = level_dbfs - 10 * np.log10(len(harmonics))
    parts = [tone(RATE, hz * k, seconds_, each).astype(np.int32) for k in harmonics]
    return (sum(parts) + line(seconds_, -75.0)).astype(np.int16)
