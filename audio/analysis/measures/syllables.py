"""Syllables, counted as nuclei of the loudness contour, in the manner of de Jong and Wempe (2009).

May not look further ahead than the dip that ends a nucleus, and may not know a language: Mandarin has one
nucleus to a syllable, English nearly so. Their script works on whole recordings; this one keeps few numbers.
Source: N. H. de Jong, T. Wempe, Praat script to detect syllable nuclei and measure speech rate automatically,
Behavior Research Methods 41 (2), 2009.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from audio.analysis.framing import FRAME_S
from audio.analysis.measures.spectrum import TOP_HZ, Lines, line

BAND_HZ = (300.0, TOP_HZ)
"""Vowels carry it; what is below tells the talker's pitch, what is above is the hiss of consonants."""
DIP_DB = 2.0
"""A nucleus stands out so far from the dips on both sides (de Jong and Wempe)."""
DEPTH_DB = 25.0
"""A nucleus is at most so far below the loudest (de Jong and Wempe: 25 dB)."""
PEAK_FALL_DB_PER_S = 6.0
"""How fast the loudest is forgotten: a talker may turn away, as in `audio.analysis.decision`."""
VOICED = 0.2
"""Periodicity at the top of a nucleus: a hiss or a click has less."""
PENDING_FRAMES = 25
"""0.5 s: how long before the decision that speech has begun its first nuclei may lie."""
_BAND = slice(line(BAND_HZ[0]), line(BAND_HZ[1]) + 1)


def band_db(lines: Lines) -> float:
    """Level of the band, in dB over one step; what is silent is 0."""
    return 20.0 * math.log10(1.0 + float(lines[_BAND].sum()))


class SyllableCounter:
    """Follows the loudness contour of one channel, one value per frame."""

    count: int
    """Nuclei found within speech."""
    _loudest_db: float
    _rising: bool
    _turn_db: float
    """Lowest level since the last nucleus, or the highest of the one that is rising."""
    _top: Lines | None
    """The spectrum there, where it is loud enough."""

    def __init__(self, periodicity: Callable[[Lines], float]) -> None:
        self._periodicity = periodicity
        self._pending: deque[int] = deque(maxlen=PENDING_FRAMES)
        self.reset()

    def push(self, lines: Lines | None, *, speaking: bool) -> None:
        """Take a frame: its spectrum, or None where nothing is loud, and whether it lies within speech."""
        level_db = 0.0 if lines is None else band_db(lines)
        self._frame += 1
        self._loudest_db = max(level_db, self._loudest_db - PEAK_FALL_DB_PER_S * FRAME_S)
        if not self._rising:
            self._turn_db = min(self._turn_db, level_db)
            if level_db >= self._turn_db + DIP_DB:
                self._rising, self._turn_db = True, -1.0
        if self._rising:
            if level_db > self._turn_db:
                self._turn_db = level_db
                self._top = lines if level_db > self._loudest_db - DEPTH_DB else None
            elif level_db <= self._turn_db - DIP_DB:
                self._rising, self._turn_db = False, level_db
                if self._top is not None and self._periodicity(self._top) >= VOICED:
                    self._pending.append(self._frame)
        if speaking and self._pending:
            self.count += sum(found > self._frame - PENDING_FRAMES for found in self._pending)
            self._pending.clear()

    def reset(self) -> None:
        """A new call begins."""
        self._pending.clear()
        self.count = 0
        self._frame = 0
        self._loudest_db = 0.0
        self._turn_db = 0.0
        self._rising = False
        self._top = None
