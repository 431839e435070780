"""A synthetic working day of one seat, the same every time: what its devices, line, ears and apps tell.

May not measure anything; `tests/bench/core_day.py` runs it.
"""

from __future__ import annotations

import random
from dataclasses import replace

from state.commands import NoteCall, SetReady, SignIn
from state.events import (
    AudioAnalysedUntil,
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CivilTimeKnown,
    CommandRequested,
    DeviceAttached,
    Event,
    HookChanged,
    LevelMeasured,
    LineInService,
    ListeningStarted,
    ListeningStopped,
    MuteRequested,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.ids import CallId, DeviceId, LineId
from state.words import Basis, By, CallState, Cause, Channel, DeviceKind, Direction

HOURS = 7.0
CALLS = 300
LINE, HEADSET = LineId("l1"), DeviceId("hs")
_KINDS = ("talk",) * 13 + ("hold",) * 2 + ("mute",) + ("silent",) + ("abandoned",) * 2 + ("outbound",)
"""One call in twenty is silent, two are abandoned, two are held: a plain day of an inbound centre (ours)."""


class Day:
    """Gathers events in any order; `events` is the day as it is told."""

    def __init__(self, watermarks_per_s: float) -> None:
        self._chance = random.Random(7)
        self._watermarks_per_s = watermarks_per_s
        self._events: list[tuple[float, int, Event]] = []

    def events(self) -> list[Event]:
        """The day in order of time."""
        return [event for _, _, event in sorted(self._events, key=lambda entry: entry[:2])]

    def at(self, at: float, event: Event) -> None:
        """One event at a time of the day."""
        self._events.append((at, len(self._events), replace(event, at=at)))

    def begins(self) -> None:
        """The seat before the first call."""
        self.at(0.0, CivilTimeKnown(0.0, "clock", 1_790_000_000.0, 28800, True))
        features = frozenset({"hook", "mute", "lamps", "display"})
        self.at(0.0, DeviceAttached(0.0, "hs", HEADSET, DeviceKind.HEADSET, "Jabra", features))
        abilities = frozenset({"answer", "reject", "hang_up", "dial", "hold", "retrieve", "digits"})
        self.at(0.0, LineInService(0.0, LINE, LINE, abilities))
        self.at(1.0, CommandRequested(0.0, "app", SignIn("8001")))
        self.at(1.1, CommandRequested(0.0, "app", SetReady()))

    def call(self, number: int, begin: float) -> None:
        """One call of the day."""
        kind = self._chance.choice(_KINDS)
        call = CallId(f"l1-{number}")
        phone = f"138{self._chance.randrange(10**8):08}"
        ring_s = self._chance.uniform(2.0, 6.0)
        if kind == "outbound":
            self.at(begin, CallOriginated(0.0, LINE, LINE, call, phone))
            ringback = CallDelivered(0.0, LINE, LINE, call, CallState.RINGBACK, Direction.OUTBOUND, phone)
            self.at(begin + 0.5, ringback)
        else:
            ringing = CallDelivered(0.0, LINE, LINE, call, CallState.RINGING, Direction.INBOUND, phone)
            self.at(begin, ringing)
        up = begin + ring_s
        if kind == "abandoned":
            self.at(up, CallCleared(0.0, LINE, LINE, call, Cause.CALL_CANCELLED, By.REMOTE))
            return
        if kind != "outbound":
            self.at(up - 0.1, HookChanged(0.0, "hs", HEADSET, True))
        self.at(up, CallEstablished(0.0, LINE, LINE, call))
        end = self._silence(up) if kind == "silent" else self._talk(call, up, kind)
        self._listens(up, end)
        if self._chance.random() < 0.3 or kind == "silent":
            self.at(end - 0.1, HookChanged(0.0, "hs", HEADSET, False))
        self.at(end, CallCleared(0.0, LINE, LINE, call, Cause.NORMAL_CLEARING, By.UNKNOWN))
        self.at(end + 3.0, CommandRequested(0.0, "app", NoteCall(category="question"), Basis.APP))

    def _silence(self, up: float) -> float:
        """The agent says what is due; nobody answers."""
        for begin, end in ((0.8, 3.0), (9.0, 11.5), (17.5, 21.5)):
            self._speech(Channel.NEAR, up + begin, up + end)
        return up + 25.0

    def _talk(self, call: CallId, up: float, kind: str) -> float:
        """Turns of both sides; somewhere in the middle a hold or a mute."""
        at, near = up + 0.5, True
        turns = self._chance.randrange(8, 20)
        for turn in range(turns):
            end = at + self._chance.uniform(0.8, 5.0)
            self._speech(Channel.NEAR if near else Channel.FAR, at, end)
            at, near = end + self._chance.uniform(0.2, 1.5), not near
            if turn == turns // 2 and kind == "hold":
                self.at(at, CallHeld(0.0, LINE, LINE, call))
                at += 15.0
                self.at(at, CallRetrieved(0.0, LINE, LINE, call))
                at += 0.5
            if turn == turns // 2 and kind == "mute":
                self.at(at, MuteRequested(0.0, "hs", HEADSET, True))
                self.at(at + 4.0, MuteRequested(0.0, "hs", HEADSET, False))
                at += 4.5
        return at + 1.0

    def _speech(self, channel: Channel, begin: float, end: float) -> None:
        self.at(begin + 0.02, SpeechSuspected(0.0, "audio", LINE, channel, begin))
        self.at(begin + 0.1, SpeechStarted(0.0, "audio", LINE, channel, begin))
        self.at(end + 0.3, SpeechStopped(0.0, "audio", LINE, channel, end))

    def _listens(self, up: float, end: float) -> None:
        """Watermarks and once-a-second levels of both channels."""
        self.at(up, ListeningStarted(0.0, "audio", LINE))
        for count in range(1, int((end - up) * self._watermarks_per_s)):
            at = up + count / self._watermarks_per_s
            for channel in Channel:
                self.at(at, AudioAnalysedUntil(0.0, "audio", LINE, channel, at))
        for second in range(1, int(end - up)):
            for channel in Channel:
                self.at(up + second, LevelMeasured(0.0, "audio", LINE, channel, -30.0, -60.0))
        self.at(end, ListeningStopped(0.0, "audio", LINE, "not connected"))


def a_day(watermarks_per_s: float) -> list[Event]:
    """The whole day in order."""
    day = Day(watermarks_per_s)
    day.begins()
    every_s = (HOURS * 3600.0 - 120.0) / CALLS
    for number in range(1, CALLS + 1):
        day.call(number, number * every_s - every_s / 2)
    return day.events()
