"""What was found out about live sound on this machine, as values.

May not judge, and may not find out anything: `callseat.diagnosis.sound_gather` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A sink or source of the sound server; `monitor_of` is the sink whose sound a source is.

    `silenced`: the server has it muted, or at volume 0.
    """

    name: str
    rate_hz: int
    monitor_of: str = ""
    silenced: bool = False


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The sound server as pactl tells it; `error`: why it does not answer; not `asked`: there is no pactl."""

    asked: bool = True
    error: str = ""
    name: str = ""
    sinks: tuple[Place, ...] = ()
    sources: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """One configured name, tried: `setting` is where it stands, `at` the server's device it led to.

    `peak` is the largest sample heard, of 32768; None: it plays, or was not opened. `latency_s` is what
    callseat and server hold, of sound on its way.
    """

    setting: str
    name: str
    direction: str
    rate_hz: int
    error: str = ""
    unknown: bool = False
    at: Place | None = None
    peak: int | None = None
    latency_s: float | None = None


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """Everything a diagnosis of sound is drawn from."""

    path: Path | None
    live: bool
    missing: str
    server: ServerFacts
    streams: tuple[Stream, ...] = ()
    lines_without: tuple[str, ...] = ()
