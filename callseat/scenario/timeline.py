"""The timeline: every decision of a running seat as marks, with the time each thing truly happened.

May not decide or judge anything: it is an observer, and wakes whoever waits for a mark.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from callseat.masking import HIDDEN
from state.commands import Command, SendDigits
from state.effects import CallCommand, Effect, PlayPrompt, Publish, Record, SendToDevice
from state.events import AudioAnalysedUntil, CommandRequested, Event, LevelMeasured, PromptStarted
from state.ids import LineId, PromptId
from state.words import Channel

_TRUE_TIMES = ("began_at", "ended_at")
_KEPT_OUT = ("at", "digit")
"""Keyed digits are told to nobody."""
LEVEL = "audio.level"


@dataclass(frozen=True, slots=True)
class Entry:
    """One happening: `at` is when it truly was, `seen_at` when it was decided (seconds of the loop)."""

    index: int
    at: float
    seen_at: float
    mark: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Waiter:
    nth: int
    woken: asyncio.Future[Entry]


class Timeline:
    """Collects entries; one per running seat."""

    def __init__(self) -> None:
        self.at = 0.0
        self.entries: list[Entry] = []
        self.levels: dict[tuple[LineId, Channel], float] = {}
        self.on_entry: list[Callable[[Entry], None]] = []
        self._by_mark: defaultdict[str, list[Entry]] = defaultdict(list)
        self._waiters: defaultdict[str, list[_Waiter]] = defaultdict(list)
        self._phrases: dict[PromptId, str] = {}

    def consumed(self, at: float, event: Event | None, effects: tuple[Effect, ...]) -> None:
        """A decision of the core, in order."""
        self.at = at
        if event is not None and not isinstance(event, AudioAnalysedUntil):
            self._event(at, event)
        for effect in effects:
            self._effect(at, effect)

    def add(self, mark: str, at: float, seen_at: float, data: Mapping[str, object] | None = None) -> Entry:
        """Note a happening and wake whoever waits for it."""
        entry = Entry(len(self.entries), at, seen_at, mark, data or {})
        self.entries.append(entry)
        same = self._by_mark[mark]
        same.append(entry)
        for waiter in self._waiters.pop(mark, []):
            if len(same) <= waiter.nth:
                self._waiters[mark].append(waiter)
            elif not waiter.woken.done():
                waiter.woken.set_result(entry)
        for tell in self.on_entry:
            tell(entry)
        return entry

    def mentions(self, mark: str, since: int = 0) -> list[Entry]:
        """Every entry of a mark from index `since` on."""
        return [entry for entry in self._by_mark[mark] if entry.index >= since]

    async def reached(self, mark: str, nth: int = 1, since: int = 0) -> Entry:
        """The `nth` entry of a mark counted from index `since` on, now or when it comes."""
        earlier = len(self._by_mark[mark]) - len(self.mentions(mark, since))
        wanted = earlier + nth - 1
        if len(self._by_mark[mark]) > wanted:
            return self._by_mark[mark][wanted]
        waiter = _Waiter(wanted, asyncio.get_running_loop().create_future())
        self._waiters[mark].append(waiter)
        return await waiter.woken

    def _event(self, at: float, event: Event) -> None:
        if isinstance(event, LevelMeasured):
            self.levels[event.line, event.channel] = event.level_dbfs
            return
        if isinstance(event, PromptStarted) and event.prompt in self._phrases:
            data = {"prompt": event.prompt, "audience": event.audience}
            self.add(f"prompt:{self._phrases[event.prompt]}", event.at, at, data)
        names = [name for name in type(event).__dataclass_fields__ if name not in _KEPT_OUT]
        data_of = {name: getattr(event, name) for name in names}
        if isinstance(event, CommandRequested):
            data_of["command"] = _without_digits(event.command)
        self.add(f"event:{type(event).__name__}", _true_time(data_of, event.at), at, data_of)

    def _effect(self, at: float, effect: Effect) -> None:
        match effect:
            case Record():
                return
            case Publish(topic, data):
                self._published(at, topic, data)
                return
            case CallCommand(target, command):
                asked = {"line": target, "command": _without_digits(command)}
                self.add(f"effect:{type(command).__name__}", at, at, asked)
                return
            case SendToDevice(device, shown):
                self.add(f"effect:{type(shown).__name__}", at, at, {"device": device, "command": shown})
                return
            case PlayPrompt(prompt=prompt, phrase=phrase):
                self._phrases[prompt] = _cue_of(phrase)
            case _:
                pass
        values = {name: getattr(effect, name) for name in type(effect).__dataclass_fields__}
        self.add(f"effect:{type(effect).__name__}", at, at, values)

    def _published(self, at: float, topic: str, data: Mapping[str, object]) -> None:
        if topic == LEVEL:
            return
        self.add(topic, _true_time(data, at), at, data)
        if topic == "cue.given":
            self.add(f"cue:{data['cue']}", at, at, data)


def _true_time(data: Mapping[str, object], at: float) -> float:
    """Facts known late carry their true time; durations are measured from that."""
    for name in _TRUE_TIMES:
        value = data.get(name)
        if isinstance(value, float):
            return value
    return at


def _without_digits(command: Command) -> Command:
    return replace(command, digits=HIDDEN) if isinstance(command, SendDigits) else command


def _cue_of(phrase: str) -> str:
    """The cue a phrase belongs to: `silent.stage_2.inbound.ear` says `silent.stage_2`."""
    parts = phrase.split(".")
    return parts[0] if parts[0] == "opening" else ".".join(parts[:2])
