"""What the demo shows, gathered: the newest picture of the seat, its timeline, its levels, its lamps.

May not draw; written on the loop, read by whoever draws, maybe in another thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from callseat.demo.words import Said, line_of
from callseat.scenario.marks import START
from callseat.scenario.timeline import Entry, Timeline
from state.commands import Lamps
from state.snapshot import Snapshot
from state.words import Channel


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline, `at` seconds from the demo's start."""

    at: float
    said: Said


@dataclass(slots=True)
class View:
    """The demo as it stands."""

    language: str
    speed: float
    command: str
    """How the command line of a second terminal reads; `{verb}` stands for its verb."""
    timeline: Timeline
    titles: tuple[str, ...]
    number: int = 0
    snapshot: Snapshot | None = None
    lines: list[Line] = field(default_factory=list)
    on_line: list[Callable[[Line], None]] = field(default_factory=list)
    lamps: Callable[[], Lamps | None] = lambda: None
    origin: float = 0.0
    begun: bool = False

    def show(self, snapshot: Snapshot) -> None:
        """Take the newest picture."""
        self.snapshot = snapshot

    def add(self, entry: Entry) -> None:
        """Take an entry of the timeline, where it says something to a person; the first call begins at 0."""
        if entry.mark == START and not self.begun:
            self.origin, self.begun = entry.at, True
        said = line_of(entry)
        if said is not None:
            line = Line(entry.at - self.origin if self.begun else 0.0, said)
            self.lines.append(line)
            for tell in self.on_line:
                tell(line)

    def level(self, channel: Channel) -> float | None:
        """The newest level of a channel, whichever line; None while nobody is connected."""
        if self.snapshot is None or not any(line.listening for line in self.snapshot.lines):
            return None
        return next((v for (_, c), v in reversed(self.timeline.levels.items()) if c is channel), None)
