"""Call-progress tones: which tone a channel carries, by its lines and their cadence, country by country.

May not look at samples: lines are measured by the detector, and a cadence is a matter of counting frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.tone_plan import BUSY, PLAN, RING, UNLISTED, Step, Tone, is_key
from state.words import SignalCondition

TOLD_S = 0.2
"""A tone must have sounded so long before it is told: no vowel has stood still for half of that."""
STRANGE_TOLD_S = 1.0
"""The same for lines that no listed country uses: notes of music stand still for half a second."""
ALONE_S = 0.8
"""A single mark so long is no busy tone's; a shorter one could be any beep, unless its lines say all."""
STRANGE_MARKS = 3
"""So many marks of such lines must keep a cadence before it is named; a melody hardly does."""
OPEN_FRAMES = 2
"""Frames of the same lines that make a mark: 60 ms, the shortest beep of a cadence being 100 ms."""
OPEN_KEY_FRAMES = 1
"""The same for a DTMF pair: the shortest digit lasts 40 ms (ITU-T Q.24)."""
SAME_SHARE = 0.025
SAME_HZ = 15.0
"""So far apart two frames of one tone may be measured; 440 and 480 Hz are not the same."""
GAP_S = 0.05
"""A shorter break is a click in a tone, not a pause of its cadence."""
EDGE_S = 0.01
"""Half a frame: an edge lies somewhere in the frame after the last, or before the first, that is all tone."""
CUT_S = 0.06
"""Sound that was there longer before the lines is another; a mark within it of the first frame is cut off."""
OTHER_S = 0.15
"""Louder sound that follows a mark at once and for longer is what the mark was part of: a voice, or music."""
KEY_PAUSE_S = 1.0
"""A tone that fits no cadence is over after so long a pause."""
HOLD_S = 6.0
"""Longest silent interval of a ringing tone that ITU-T E.180 accepts: nothing is held longer."""

KINDS = {SignalCondition.RINGBACK: RING, SignalCondition.BUSY: BUSY, SignalCondition.TONE: "tone"}


@dataclass(frozen=True, slots=True)
class Carried:
    """What the channel carries from `since` (monotonic s) on, and why, for a person to read."""

    condition: SignalCondition
    since: float
    evidence: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """One sounding stretch of the same lines."""

    hz: tuple[float, ...]
    """Ascending."""
    begin: float
    end: float
    cut: bool
    """Its begin was not heard."""
    torn: bool = False
    """It came out of other sound."""
    sure: bool = False
    """Its lines were seen for 0.1 s; before, an edge may pass for a close pair."""

    @property
    def on_s(self) -> float:
        return self.end - self.begin


_Place = tuple[Tone, int]
"""A tone of the plan, and the step of its cadence that sounds or has sounded last."""


@dataclass(frozen=True, slots=True)
class _Series:
    """Marks that follow each other in at least one cadence; the last of them, and what they fit."""

    mark: _Mark
    fitting: tuple[_Place, ...]
    since: float
    marks: int = 1
    period_s: float = 0.0
    """From the begin of the mark before to this one's."""
    telling: bool = False
    """The lines alone say what it is: whoever uses them means the same."""

    @property
    def listed(self) -> bool:
        """Whether a listed country has such a tone."""
        return bool(self.fitting) and self.fitting[0][0] not in UNLISTED

    @property
    def is_cadence(self) -> bool:
        """Whether enough was heard to name it, if all that fits is of one kind."""
        if not self.listed:
            return self.marks >= STRANGE_MARKS
        return self.telling or self.marks > 1 or self.mark.on_s >= ALONE_S

    def still(self, keeps: Callable[[Step], bool]) -> _Series:
        """What is left of it."""
        return replace(self, fitting=tuple(place for place in self.fitting if keeps(_step(place))))


class CallProgress:
    """Follows one channel's marks and pauses through every cadence they fit."""

    carries: Carried | None

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self._began: float | None = None
        self._loud_since: float | None = None
        self._quiet_since: float | None = None
        self._forget()

    def _forget(self) -> None:
        """Nothing sounds, nothing is expected."""
        self.carries = None
        self._run: _Mark | None = None
        self._run_frames = 0
        self._series: _Series | None = None
        self._before: _Series | None = None
        self._sounds = False
        self._paused = False
        self._on_s = 0.0
        self._story: object = None

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        verdict = frame.verdict
        self._follow_level(frame.begin, verdict.loud)
        if verdict.lines_hz:
            self._line(tuple(sorted(verdict.lines_hz)), frame.begin, verdict.tone_hz is not None)
        else:
            self._run = None
            if self._series is None:
                return
            if frame.speaking and verdict.voiced:
                self._forget()
                return
            silent_s = frame.begin + FRAME_S - self._series.mark.end
            if self._sounds and silent_s > GAP_S:
                self._series = self._closed(self._series)
            if silent_s > OTHER_S and not self._paused:
                self._forget()
                return
        if self._series is not None:
            self._follow(self._series, frame.begin + FRAME_S)

    def _follow_level(self, begin: float, loud: bool) -> None:
        if self._began is None:
            self._began = begin
        if not loud:
            self._loud_since, self._paused = None, True
            self._quiet_since = begin if self._quiet_since is None else self._quiet_since
        elif self._loud_since is None:
            self._loud_since, self._quiet_since = begin, None

    def _line(self, hz: tuple[float, ...], begin: float, sure: bool) -> None:
        """Steady lines: of the mark that sounds, of a new one, or too few frames yet to say."""
        end = begin + FRAME_S
        series = self._series
        if series is not None and self._sounds and _same(hz, series.mark.hz):
            self._paused = False
            mark = replace(series.mark, end=end, sure=series.mark.sure or sure)
            if sure and len(hz) != len(mark.hz):
                self._series = self._opened(self._before, replace(mark, hz=hz))
            else:
                self._series = replace(series, mark=mark)
            return
        if self._run is None or not _same(hz, self._run.hz):
            self._run, self._run_frames = self._begun(hz, begin), 0
        self._run_frames += 1
        enough = self._run_frames >= (OPEN_KEY_FRAMES if is_key(hz) else OPEN_FRAMES)
        if sure or (enough and not self._run.torn):
            self._before = self._closed(series) if series is not None and self._sounds else series
            self._series = self._opened(self._before, replace(self._run, hz=hz, end=end, sure=sure))
            self._run = None

    def _begun(self, hz: tuple[float, ...], begin: float) -> _Mark:
        """A mark whose lines have sounded for 40 ms when this frame ends: its edge is where it got loud."""
        loud_since = begin if self._loud_since is None else self._loud_since
        heard_since = begin - FRAME_S
        if heard_since - loud_since > CUT_S:
            return _Mark(hz, heard_since, begin + FRAME_S, cut=True, torn=True)
        cut = self._began is None or loud_since - self._began < CUT_S
        return _Mark(hz, loud_since + EDGE_S, begin + FRAME_S, cut)

    def _opened(self, before: _Series | None, mark: _Mark) -> _Series:
        """The mark goes on in cadences whose next step it may be; where there is none, it begins a series."""
        self._sounds, self._paused = True, False
        if before is not None:
            pause_s = mark.begin - before.mark.end
            places = tuple(
                (tone, (at + 1) % len(tone.steps))
                for tone, at in before.fitting
                if tone.steps[at].paused(pause_s) and tone.steps[(at + 1) % len(tone.steps)].heard(mark.hz)
            )
            if places:
                period_s = mark.begin - before.mark.begin
                return _Series(mark, places, before.since, before.marks + 1, period_s, before.telling)
        places = _beginning(mark, PLAN)
        telling = len({tone.condition for tone, _ in places}) == 1
        return _Series(mark, places or _beginning(mark, UNLISTED), mark.begin, telling=telling)

    def _closed(self, series: _Series) -> _Series:
        """The mark has ended: cadences of another length are out; where none is left, it begins a series."""
        mark = series.mark
        if self._quiet_since is not None and abs(self._quiet_since - mark.end) < CUT_S:
            mark = replace(mark, end=self._quiet_since - EDGE_S)
        self._sounds, self._on_s = False, mark.on_s
        ended = replace(series, mark=mark).still(lambda step: step.ended(mark.on_s, mark.cut))
        if ended.fitting:
            return ended
        anew = _Series(mark, _beginning(mark, PLAN) + _beginning(mark, UNLISTED), mark.begin)
        return anew.still(lambda step: step.ended(mark.on_s, mark.cut))

    def _follow(self, series: _Series, now: float) -> None:
        """Drop what has lasted too long, and say what is left."""
        mark = series.mark
        if self._sounds:
            left = series.still(lambda step: mark.on_s <= step.on[1])
            if not left.fitting:
                left = _Series(mark, _beginning(mark, UNLISTED), mark.begin)
                left = left.still(lambda step: mark.on_s <= step.on[1])
        else:
            pause_s = (self._run.begin if self._run is not None else now) - mark.end
            left = series.still(lambda step: pause_s <= min(step.off[1], HOLD_S))
            if not left.fitting and pause_s > KEY_PAUSE_S:
                self._forget()
                return
        self._series = left
        if self._is_heard_enough(left):
            self._tell(left)

    def _is_heard_enough(self, series: _Series) -> bool:
        """Whether the last mark may change what is told."""
        mark = series.mark
        if is_key(mark.hz):
            return True
        if not (mark.sure if self._sounds else series.fitting and self._paused):
            return False
        if not series.listed:
            return mark.on_s >= STRANGE_TOLD_S or series.marks >= STRANGE_MARKS
        return self.carries is not None or mark.on_s >= TOLD_S or series.marks > 1

    def _tell(self, series: _Series) -> None:
        """What all cadences that still fit agree on; until they do, what was told, if one of them says so."""
        told = self.carries
        conditions = {tone.condition for tone, _ in series.fitting}
        agreed = len(conditions) == 1 and series.is_cadence
        if not agreed and told is not None and told.condition in conditions:
            return
        condition = next(iter(conditions)) if agreed else SignalCondition.TONE
        names = {tone.name for tone, _ in series.fitting} if agreed else set()
        story = (condition, names, series.marks > 1)
        if story != self._story:
            self._story = story
            since = told.since if told is not None and told.condition is condition else series.since
            self.carries = Carried(condition, since, self._evidence(series, names))

    def _evidence(self, series: _Series, names: set[str]) -> str:
        """What it is, by its nearest kin in the plan, and its cadence as measured."""
        lines = "+".join(f"{hz:.0f}" for hz in series.mark.hz) + " Hz"
        if not names:
            return f"tone: {lines}"
        on_s = series.mark.on_s if series.marks == 1 else self._on_s
        nearest = min(series.fitting, key=lambda place: _step(place).distance(series.mark.hz, on_s))[0]
        if len(names) > 1:
            return f"{KINDS[nearest.condition]}: {lines}"
        vague = self._sounds and series.marks == 1 and len({tone.where for tone, _ in series.fitting}) > 1
        where = f" ({nearest.where})" if nearest.where and not vague else ""
        return f"{nearest.name}: {lines}{self._cadence(series, nearest)}{where}"

    def _cadence(self, series: _Series, tone: Tone) -> str:
        if series.marks == 1 and self._sounds:
            return ""
        every = f" every {_seconds(series.period_s)}" if series.marks > 1 and len(tone.steps) == 1 else ""
        return f", {_seconds(self._on_s)}{every}"


def _step(place: _Place) -> Step:
    return place[0].steps[place[1]]


def _beginning(mark: _Mark, tones: tuple[Tone, ...]) -> tuple[_Place, ...]:
    """Everywhere in the plan where such lines sound."""
    return tuple((tone, at) for tone in tones for at, step in enumerate(tone.steps) if step.heard(mark.hz))


def _seconds(length_s: float) -> str:
    return f"{length_s:.1f} s" if length_s > 0.95 else f"{length_s:.2f} s"


def _same(hz: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether these may be frames of one tone; a close pair is now and then measured as one line."""
    fewer, more = sorted((hz, other), key=len)
    return all(min(abs(a - b) for b in more) <= max(SAME_HZ, SAME_SHARE * a) for a in fewer)
