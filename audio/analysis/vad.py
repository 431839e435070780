"""The detector interface, and the default detector: an engine's opinion, level, floors, voicing, tone veto.

May not import an engine, and may not let one decide alone: webrtcvad calls the first 0.1 s of most calls,
and a third of call-progress tones, speech.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.framing import FRAME_S
from audio.analysis.frontend import FrontEnd
from audio.analysis.pitch import Pitch, PitchMeter

Samples = NDArray[np.int16]

START_GUARD_S = 0.5
"""After a reset an engine's opinion counts for nothing so long: its noise model starts empty."""
LOUD_DBFS = -55.0
"""Absolute floor, after the pre-gain."""
OVER_FLOOR_DB = 7.0
VOICED_PERIODICITY = 0.45
TONE_LINE_SHARE = 0.93
"""One 125 Hz line with this much of the power below 2 kHz is a machine."""
TONE_PAIR_SHARE = 0.95
"""The same for two lines (DTMF, 480+620 Hz)."""
TONE_STILL_FRAMES = 5
"""0.1 s, over which a machine's line stands still and a voice glides; also one beat pattern of 440+480 Hz."""
TONE_STILL_HZ = 8.0
"""A telephone passes one harmonic of many vowels, but it moves by 10 to 40 Hz in 0.1 s (spoken digits)."""
VOICE_RISE_DB_PER_S = 1.0
"""A voice lifts the noise floor more slowly than noise: a long sentence's soft end stays above it."""
TONE_RISE_DB_PER_S = 0.0
"""A tone does not: it stays a tone for as long as it lasts."""
QUIET_LINE_GAIN_DB = 6.0
"""From here on a likely frame is enough: at -56 dBFS the strict opinion misses every third short answer."""
TONE_MIN_HZ = 300.0
"""Below lies mains hum: noise, not a call-progress tone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a detector says of one frame."""

    level_dbfs: float
    """Without pre-gain."""
    floor_dbfs: float
    loud: bool
    """Over the absolute and the adaptive floor."""
    passes: bool
    """May be speech: continues speech that has begun."""
    voiced: bool
    """Surely voice-like: begins speech."""
    tone_hz: float | None = None
    """A steady tone, by its strongest line."""


class Opinion(IntEnum):
    """How sure an engine is that a frame is speech."""

    NO = 0
    LIKELY = 1
    SURE = 2


class Engine(Protocol):
    """A raw frame classifier, such as webrtcvad."""

    def opinion(self, frame: Samples) -> Opinion:
        """What a 20 ms frame sounds like."""
        ...

    def reset(self) -> None:
        """Forget the channel."""
        ...


class Vad(Protocol):
    """A detector of one channel: 20 ms frames in, verdicts out, no look-ahead."""

    def push(self, frame: Samples) -> Verdict:
        """Judge the next frame."""
        ...

    def reset(self) -> None:
        """A new call begins."""
        ...


class GuardedVad:
    """The default detector: front end, engine, floors, voicing and tone veto."""

    def __init__(self, rate: int, engine: Engine) -> None:
        self._engine = engine
        self._front = FrontEnd(rate)
        self._pitch = PitchMeter(rate)
        self._frames = 0
        self._floor_rise = RISE_DB_PER_S
        self._lines: deque[Pitch | None] = deque(maxlen=TONE_STILL_FRAMES + 1)

    def push(self, frame: Samples) -> Verdict:
        """Judge the next frame."""
        sound = self._front.push(frame, self._floor_rise)
        self._pitch.push(sound.filtered)
        opinion = self._engine.opinion(sound.gained)
        self._frames += 1
        audible = sound.level_dbfs + sound.gain_db > LOUD_DBFS
        loud = audible and sound.level_dbfs > sound.floor_dbfs + OVER_FLOOR_DB
        if not loud:
            self._lines.append(None)
            self._floor_rise = RISE_DB_PER_S
            return Verdict(sound.level_dbfs, sound.floor_dbfs, False, False, False)
        pitch = self._pitch.measure()
        settled = bool(self._lines) and self._lines[-1] is not None
        bare, still = self._lines_of(pitch)
        tone_hz = pitch.line_hz if still and pitch.line_hz >= TONE_MIN_HZ else None
        needed = Opinion.LIKELY if sound.gain_db >= QUIET_LINE_GAIN_DB else Opinion.SURE
        passes = opinion >= needed and not still and self._frames * FRAME_S > START_GUARD_S
        # A tone's first frame fills half of the pitch window and splatters: no voice or line can be told.
        voiced = passes and settled and not bare and pitch.periodicity > VOICED_PERIODICITY
        self._floor_rise = TONE_RISE_DB_PER_S if tone_hz else VOICE_RISE_DB_PER_S if voiced else RISE_DB_PER_S
        return Verdict(sound.level_dbfs, sound.floor_dbfs, True, passes, voiced, tone_hz)

    def reset(self) -> None:
        """A new call begins."""
        self._engine.reset()
        self._front.reset()
        self._pitch.reset()
        self._frames = 0
        self._floor_rise = RISE_DB_PER_S
        self._lines.clear()

    def _lines_of(self, pitch: Pitch) -> tuple[bool, bool]:
        """Whether the sound is one or two lines not seen to move, and whether they surely stand still."""
        self._lines.append(pitch)
        single = pitch.line_share >= TONE_LINE_SHARE
        bare = single or pitch.two_line_share >= TONE_PAIR_SHARE
        before = self._lines[0] if len(self._lines) > TONE_STILL_FRAMES else None
        if not bare or before is None:
            return bare, False
        moved = abs(pitch.line_hz - before.line_hz)
        if not single:  # of two equal lines, now one and now the other is the stronger
            moved = min(moved, abs(pitch.line_hz - before.second_hz))
        return moved <= TONE_STILL_HZ, moved <= TONE_STILL_HZ
