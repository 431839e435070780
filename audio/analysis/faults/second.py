"""A second of one channel, measured once for every analyser that judges by the second.

May not judge: it says what was heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.analysis.active_level import NOTHING, ActiveLevelMeter, Tally
from audio.analysis.faults.thresholds import (
    PAUSE_GUARD_S,
    PAUSE_S,
    SNR_FLOOR_SHARE,
    SNR_JUDGED_S,
    SNR_MEMORY_S,
    SNR_SILENCE_DBFS,
    SPEECH_MEMORY_S,
    SPEECH_SECOND_S,
)
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]
Flags = NDArray[np.bool_]

SECOND_FRAMES = round(1.0 / FRAME_S)
PAUSE_FRAMES = round(PAUSE_S / FRAME_S)
_GUARD_FRAMES = round(PAUSE_GUARD_S / FRAME_S)
_BREAK_S = FRAME_S / 2.0


@dataclass(frozen=True, slots=True)
class Speech:
    """How loud the last few seconds with speech were (P.56), and how much speech they had."""

    level_dbov: float
    heard_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Pause:
    """PAUSE_S in which surely nobody talks and no tone sounds."""

    begin: float
    samples: Samples
    levels_dbfs: Wide


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """One second of one channel."""

    begin: float
    rate: int
    follows: bool
    """Whether its first sample comes right after the last one of the second before."""
    samples: Samples
    offset: float
    """Mean, in steps of a sample."""
    sound: Wide
    """Without the offset."""
    levels_dbfs: Wide
    """High-passed level of each frame."""
    speaking: Flags
    tonal: Flags
    """Frames of a standing tone."""
    floor_dbfs: float | None
    """Noise floor: what few frames of the last seconds stay under; None before there was enough sound."""
    speech: Speech | None
    """None before any speech."""
    pauses: tuple[Pause, ...]
    """Those that became sure within this second."""

    @property
    def end(self) -> float:
        """Time behind its last sample."""
        return self.begin + len(self.samples) / self.rate

    @property
    def has_speech(self) -> bool:
        """Whether there is enough speech in it to judge a voice by."""
        return int(np.count_nonzero(self.speaking)) * FRAME_S >= SPEECH_SECOND_S - 1e-6


class SecondAnalyser(Protocol):
    """Finds one fault of one channel, second by second."""

    finding: Finding | None
    """What holds after the last second."""

    def hear(self, second: Second) -> None:
        """Take the next second."""
        ...

    def reset(self) -> None:
        """A new call begins."""
        ...


class SpeechLevel:
    """P.56 over the last seconds that had speech in them."""

    def __init__(self, rate: int) -> None:
        self._meter = ActiveLevelMeter(rate)
        self._seconds: deque[tuple[Tally, float]] = deque(maxlen=round(SPEECH_MEMORY_S))

    def reset(self) -> None:
        """A new call."""
        self._meter.reset()
        self._seconds.clear()

    def push(self, sound: Wide, speaking_s: float) -> Speech | None:
        """Take a second without offset."""
        tally = self._meter.push(sound)
        if speaking_s >= SPEECH_SECOND_S - 1e-6:
            self._seconds.append((tally, speaking_s))
        if not self._seconds:
            return None
        whole = sum((one for one, _ in self._seconds), NOTHING)
        return Speech(whole.level().active_dbov, sum(heard_s for _, heard_s in self._seconds))


class Floor:
    """The level that few frames of the last seconds stay under; a noise gate's silence is none."""

    def __init__(self) -> None:
        self._levels: deque[Wide] = deque(maxlen=round(SNR_MEMORY_S))

    def reset(self) -> None:
        """A new call."""
        self._levels.clear()

    def push(self, levels_dbfs: Wide) -> float | None:
        """Take a second's frame levels."""
        self._levels.append(levels_dbfs[levels_dbfs > SNR_SILENCE_DBFS])
        levels = np.concatenate(self._levels)
        if len(levels) < SNR_JUDGED_S * SECOND_FRAMES:
            return None
        rank = round(SNR_FLOOR_SHARE * len(levels))
        return float(np.partition(levels, rank)[rank])


class PauseCutter:
    """Cuts what is surely a pause out of a channel; what comes right before speech is not."""

    def __init__(self) -> None:
        self._run: list[Frame] = []

    def reset(self) -> None:
        """Forget a pause that has begun."""
        self._run.clear()

    def push(self, frame: Frame) -> Pause | None:
        """Take a frame; the pause that is sure with it."""
        if frame.speaking or frame.verdict.tone_hz is not None:
            self._run.clear()
            return None
        self._run.append(frame)
        if len(self._run) < PAUSE_FRAMES + _GUARD_FRAMES:
            return None
        piece = self._run[:PAUSE_FRAMES]
        del self._run[:PAUSE_FRAMES]
        return Pause(
            piece[0].begin,
            np.concatenate([one.samples for one in piece]),
            np.array([one.verdict.level_dbfs for one in piece]),
        )


class Seconds:
    """Gathers the frames of a channel into seconds; frames before a break in time are dropped."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._speech = SpeechLevel(rate)
        self._floor = Floor()
        self._cutter = PauseCutter()
        self.reset()

    def reset(self) -> None:
        """A new call."""
        self._frames: list[Frame] = []
        self._end = float("-inf")
        self._speech.reset()
        self._floor.reset()
        self._cutter.reset()

    def push(self, frame: Frame) -> Second | None:
        """Take a frame; the second that is complete with it."""
        if self._frames and abs(frame.begin - self._frames[-1].begin - FRAME_S) > _BREAK_S:
            self._frames.clear()
            self._cutter.reset()
        self._frames.append(frame)
        return self._measured() if len(self._frames) == SECOND_FRAMES else None

    def _measured(self) -> Second:
        frames, self._frames = self._frames, []
        samples = np.concatenate([frame.samples for frame in frames])
        sound = samples.astype(np.float64)
        offset = float(sound.mean())
        sound -= offset
        speaking = np.array([frame.speaking for frame in frames])
        levels = np.array([frame.verdict.level_dbfs for frame in frames])
        begin, before = frames[0].begin, self._end
        self._end = begin + 1.0
        pauses = [pause for frame in frames if (pause := self._cutter.push(frame)) is not None]
        return Second(
            begin=begin,
            rate=self._rate,
            follows=abs(begin - before) <= _BREAK_S,
            samples=samples,
            offset=offset,
            sound=sound,
            levels_dbfs=levels,
            speaking=speaking,
            tonal=np.array([frame.verdict.tone_hz is not None for frame in frames]),
            floor_dbfs=self._floor.push(levels),
            speech=self._speech.push(sound, int(np.count_nonzero(speaking)) * FRAME_S),
            pauses=tuple(pauses),
        )
