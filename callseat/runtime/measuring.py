"""How one call is spoken, over every stretch of it that is listened to, with the holds left out.

May not listen or post: it is handed frames and events, and hands out `SpeechMeasured`. One thread at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from audio.analysis.channel import SOURCE
from audio.analysis.frame import Frame
from audio.analysis.measures.call import CallMeasures
from state.events import CallHeld, CallRetrieved, Event, SpeechMeasured, SpeechStopped
from state.ids import CallId, LineId
from state.words import Channel

EVERY_S = 10.0
"""Figures of minutes of talk: nobody follows them faster (ours)."""


class CallMeasuring:
    """Kept for as long as there is the call; `call` is its newest name."""

    def __init__(self, line: LineId, call: CallId) -> None:
        self.call = call
        self._line = line
        self._measures: CallMeasures | None = None
        self._by: object | None = None
        """Who listens to it now."""
        self._due = 0.0
        self._paused_at = 0.0

    def begin(self, by: object, at: float, near_rate: int, far_rate: int) -> None:
        """Listened to from `at` on: answered, or back from hold. Whoever listened before does no more."""
        if self._measures is None:
            self._measures = CallMeasures(near_rate, far_rate)
            self._measures.reset(at)
        else:
            if self._by is not None:
                self._pause(self._measures, at)
            # Of one moment a retrieve would come before its hold.
            back_at = max(at, math.nextafter(self._paused_at, math.inf))
            self._measures.push_event(CallRetrieved(back_at, SOURCE, self._line, self.call))
        self._by, self._due = by, at + EVERY_S

    def hear(self, channel: Channel, frames: Iterable[Frame]) -> None:
        """The next frames of a side."""
        if self._measures is not None:
            for frame in frames:
                self._measures.push_frame(channel, frame)

    def follow(self, events: Iterable[Event]) -> None:
        """What the listener, or a prompt, has told."""
        if self._measures is not None:
            for event in events:
                self._measures.push_event(event)

    def due(self, at: float) -> list[SpeechMeasured]:
        """The figures, every `EVERY_S`."""
        if self._measures is None or at < self._due:
            return []
        self._due = at + EVERY_S
        return [self._told(self._measures, at)]

    def end(self, by: object, at: float) -> list[SpeechMeasured]:
        """Nobody listens any more: on hold, or over. Nothing where somebody else listens already."""
        if self._measures is None or self._by is not by:
            return []
        told = self._told(self._measures, at)
        self._pause(self._measures, at)
        self._by = None
        return [told]

    def _pause(self, measures: CallMeasures, at: float) -> None:
        """A new listener knows nothing of speech that was not over: it ends here."""
        for channel in Channel:
            measures.push_event(SpeechStopped(at, SOURCE, self._line, channel, at))
        self._paused_at = at
        measures.push_event(CallHeld(at, SOURCE, self._line, self.call))

    def _told(self, measures: CallMeasures, at: float) -> SpeechMeasured:
        return SpeechMeasured(at, SOURCE, self._line, self.call, measures.summary(at).figures())
