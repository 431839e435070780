"""Meters of channels: what each shows, from the socket's notifications or from events of a listener.

May not draw, wait or read a clock: times are handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from state.events import Event

HOLD_S = 3.0
"""A peak stays for so long: two of the seat's measurements, and long enough to be read (ours)."""


@dataclass(slots=True)
class Meter:
    """One channel of one line; None: not known yet."""

    line: str
    channel: str
    level_dbfs: float | None = None
    floor_dbfs: float | None = None
    peak_dbfs: float | None = None
    speaking: bool | None = None
    """The socket tells it when it changes, and not before."""
    condition: str | None = None
    """What the channel carries as a whole."""
    faults: dict[str, str] = field(default_factory=dict)
    """Evidence of each fault that holds."""
    _peak_at: float = 0.0

    def show(self, level_dbfs: float, peak_dbfs: float, at: float) -> None:
        """A new level; an older peak is held while it is higher, and not too old."""
        self.level_dbfs = level_dbfs
        if self.peak_dbfs is None or peak_dbfs >= self.peak_dbfs or at - self._peak_at > HOLD_S:
            self.peak_dbfs, self._peak_at = peak_dbfs, at

    def as_json(self) -> dict[str, Any]:
        """As docs/audio-commands.md describes it."""
        return {
            "line": self.line,
            "channel": self.channel,
            "level_dbfs": _rounded(self.level_dbfs),
            "peak_dbfs": _rounded(self.peak_dbfs),
            "floor_dbfs": _rounded(self.floor_dbfs),
            "speaking": self.speaking,
            "condition": self.condition,
            "faults": dict(self.faults),
        }


class Board:
    """Every meter there is, in the order they came: near before far on each line."""

    def __init__(self) -> None:
        self._meters: dict[tuple[str, str], Meter] = {}

    def __iter__(self) -> Iterator[Meter]:
        return iter(sorted(self._meters.values(), key=lambda each: (each.line, each.channel != "near")))

    def meter(self, line: str, channel: str) -> Meter:
        """The meter of a channel, made when it is first asked for."""
        return self._meters.setdefault((line, channel), Meter(line, channel))

    @property
    def complete(self) -> bool:
        """Whether there is a level of every channel there is."""
        return bool(self._meters) and all(each.level_dbfs is not None for each in self)

    def take_snapshot(self, snapshot: Mapping[str, Any]) -> None:
        """Meters for the lines that are listened to, and for no other; faults and condition as pictured."""
        lines = {name: line for name, line in snapshot["lines"].items() if line["listening"]}
        for key in [key for key in self._meters if key[0] not in lines]:
            del self._meters[key]
        for name, line in lines.items():
            for channel in ("near", "far"):
                held = [each for each in line.get("faults", ()) if each["channel"] == channel]
                meter = self.meter(name, channel)
                meter.faults = {each["fault"]: each["evidence"] for each in held}
                meter.condition = line.get(channel, {}).get("condition")

    def take_topic(self, topic: str, params: Mapping[str, Any], snapshot: Mapping[str, Any]) -> bool:
        """Follow one notification of the socket; whether it changed a meter."""
        if topic == "audio.level":
            meter = self.meter(params["line"], params["channel"])
            meter.floor_dbfs = params["floor_dbfs"]
            # The socket tells a second's level, not its largest sample.
            meter.show(params["level_dbfs"], params["level_dbfs"], params["ts"]["monotonic"])
            return True
        if topic in ("speech.started", "speech.stopped"):
            call = snapshot["calls"].get(params["call"])
            if call is not None:
                self.meter(call["line"], params["channel"]).speaking = topic == "speech.started"
            return call is not None
        if topic == "state.changed":
            self.take_snapshot(snapshot)
            return True
        return False

    def take_event(self, event: Event) -> None:
        """Follow one event of a listener."""
        from state.events import (
            AudioFaultEnded,
            AudioFaultFound,
            LevelMeasured,
            SignalChanged,
            SpeechStarted,
            SpeechStopped,
        )

        match event:
            case SpeechStarted() | SpeechStopped():
                self.meter(event.line, event.channel).speaking = isinstance(event, SpeechStarted)
            case LevelMeasured():
                self.meter(event.line, event.channel).floor_dbfs = event.floor_dbfs
            case SignalChanged():
                self.meter(event.line, event.channel).condition = event.condition.value
            case AudioFaultFound():
                self.meter(event.line, event.channel).faults[event.fault.value] = event.evidence
            case AudioFaultEnded():
                self.meter(event.line, event.channel).faults.pop(event.fault.value, None)
            case _:
                pass


def _rounded(level: float | None) -> float | None:
    return None if level is None else round(level, 1)
