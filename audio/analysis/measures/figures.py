"""What is measured of a call's speech, as one frozen value, and how each figure is known.

May not measure. A level, a time or a count of speech is sensed; what it means of a person is only proposed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audio.analysis.active_level import ActiveLevel
from state.rows import SpeechFigure
from state.words import Basis, Channel

DECIMALS = 3
"""A frame is 0.02 s; nothing is known finer than a thousandth of anything here."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """How many there were, how long together, and the longest, in seconds."""

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0

    @property
    def mean_s(self) -> float | None:
        """Length of one; None where there was none."""
        return self.total_s / self.count if self.count else None

    def plus(self, length_s: float) -> Stretches:
        """With one more."""
        return Stretches(self.count + 1, self.total_s + length_s, max(self.longest_s, length_s))


@dataclass(frozen=True, slots=True)
class PitchRange:
    """Fundamental frequency of the voiced sound: median, 10th and 90th percentile."""

    median_hz: float
    low_hz: float
    high_hz: float
    range_semitones: float
    """From low to high; 12 semitones are an octave."""


@dataclass(frozen=True, slots=True)
class Taking:
    """How often a side began to talk while the other talked, and what came of it; only proposals."""

    interruptions: int = 0
    """Long, and the floor was taken."""
    back_channels: int = 0
    """Short, and the other went on."""


@dataclass(frozen=True, slots=True)
class SideMeasures:
    """One side of a call."""

    talk: Stretches
    """Decided speech, as it was: a pause over the hang-over ends a spurt."""
    longest_monologue_s: float
    """Pauses up to `turns.TURN_GAP_S` counted in."""
    taking: Taking
    level: ActiveLevel | None
    """Over the decided speech; None before there is enough."""
    pitch: PitchRange | None
    syllables: int
    """Nuclei found while the side spoke."""
    syllables_per_s: float | None
    """Over the time spoken; None before there are enough to tell."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Both sides of a call, from its answer until `at`."""

    at: float
    near: SideMeasures
    far: SideMeasures
    overlap: Stretches
    """Both sides speak."""
    dead_air: Stretches
    """Neither speaks outside a wait, for at least `turns.DEAD_AIR_S`, once the far side has spoken."""
    response: Stretches
    """From the end of a far turn to the begin of the near turn after it."""
    greeting_s: float | None
    """From the answer to the first near speech; None while there is none."""

    def side(self, channel: Channel) -> SideMeasures:
        """The measures of one side."""
        return self.near if channel is Channel.NEAR else self.far

    def figures(self) -> tuple[SpeechFigure, ...]:
        """Every figure that is known, by name: those of a side begin with `near.` or `far.`."""
        sides = (
            (f"{channel}.{name}", read(self.side(channel)), basis)
            for channel in Channel
            for name, (basis, read) in SIDE_FIGURES.items()
        )
        both = ((name, read(self), basis) for name, (basis, read) in CALL_FIGURES.items())
        return tuple(
            SpeechFigure(name, round(float(value), DECIMALS), basis)
            for name, value, basis in (*sides, *both)
            if value is not None
        )


SideFigure = tuple[Basis, Callable[[SideMeasures], float | None]]
CallFigure = tuple[Basis, Callable[[Measures], float | None]]

SIDE_FIGURES: dict[str, SideFigure] = {
    "spurts": (Basis.SENSED, lambda side: side.talk.count),
    "talk_s": (Basis.SENSED, lambda side: side.talk.total_s),
    "mean_spurt_s": (Basis.SENSED, lambda side: side.talk.mean_s),
    "longest_monologue_s": (Basis.SENSED, lambda side: side.longest_monologue_s),
    "interruptions": (Basis.PROPOSED, lambda side: side.taking.interruptions),
    "back_channels": (Basis.PROPOSED, lambda side: side.taking.back_channels),
    "level_dbov": (Basis.SENSED, lambda side: side.level.active_dbov if side.level else None),
    "pitch_median_hz": (Basis.PROPOSED, lambda side: side.pitch.median_hz if side.pitch else None),
    "pitch_low_hz": (Basis.PROPOSED, lambda side: side.pitch.low_hz if side.pitch else None),
    "pitch_high_hz": (Basis.PROPOSED, lambda side: side.pitch.high_hz if side.pitch else None),
    "pitch_range_semitones": (
        Basis.PROPOSED,
        lambda side: side.pitch.range_semitones if side.pitch else None,
    ),
    "syllables": (Basis.PROPOSED, lambda side: side.syllables),
    "syllables_per_s": (Basis.PROPOSED, lambda side: side.syllables_per_s),
}
"""Figures of one side; pitch and syllable rate hint at manner, so they are never more than proposed."""

CALL_FIGURES: dict[str, CallFigure] = {
    "overlaps": (Basis.SENSED, lambda call: call.overlap.count),
    "overlap_s": (Basis.SENSED, lambda call: call.overlap.total_s),
    "dead_airs": (Basis.SENSED, lambda call: call.dead_air.count),
    "dead_air_s": (Basis.SENSED, lambda call: call.dead_air.total_s),
    "longest_dead_air_s": (Basis.SENSED, lambda call: call.dead_air.longest_s),
    "responses": (Basis.SENSED, lambda call: call.response.count),
    "mean_response_s": (Basis.SENSED, lambda call: call.response.mean_s),
    "longest_response_s": (Basis.SENSED, lambda call: call.response.longest_s),
    "greeting_s": (Basis.SENSED, lambda call: call.greeting_s),
}
"""Figures of both sides together."""
