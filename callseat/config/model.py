"""The configuration as values: one frozen class per section of the TOML file.

May not read a file, an environment or a clock: `callseat.config.load` fills these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from state.ids import DeviceId, LineId
from state.settings import SeatSettings

BARESIP_CONTROL = "127.0.0.1:4444"
"""Where baresip's ctrl_tcp listens unless told otherwise."""


class LineBackend(StrEnum):
    """What serves a line."""

    SIMULATED = "simulated"
    AT = "at"
    APP = "app"
    BARESIP = "baresip"


class HeadsetBackend(StrEnum):
    """What serves a headset."""

    SIMULATED = "simulated"
    HIDRAW = "hidraw"


class ConsoleBackend(StrEnum):
    """What serves a console."""

    SIMULATED = "simulated"
    SERIAL = "serial"


class AudioBackend(StrEnum):
    """What listens and speaks; none: callseat knows devices and lines only."""

    SIMULATED = "simulated"
    PORTAUDIO = "portaudio"
    NONE = "none"


class AudioRouting(StrEnum):
    """Who carries the call between headset and line; prompts are callseat's in either case."""

    CALLSEAT = "callseat"
    SERVER = "server"


class BusyLightBackend(StrEnum):
    """What lights the busy light; library: a light of its own, by the package busylight-core."""

    NONE = "none"
    LIBRARY = "library"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class LineConfig:
    """One [[line]]: a desk phone, a modem or a simulated line."""

    id: LineId
    backend: LineBackend = LineBackend.SIMULATED
    profile: str = "27007"
    port: Path | None = None
    baud: int = 115200
    control: str = BARESIP_CONTROL
    listen: bool = True
    answer_after_s: float = 4.0
    audio_in: str | None = None
    audio_out: str | None = None


@dataclass(frozen=True, slots=True)
class HeadsetConfig:
    """One [[headset]]: a real one is the one that all of its pins fit.

    Pins are `path`, `vendor_id`, `product_id`, `serial`, `place`.
    """

    id: DeviceId
    backend: HeadsetBackend = HeadsetBackend.SIMULATED
    path: Path | None = None
    vendor_id: int | None = None
    product_id: int | None = None
    serial: str | None = None
    place: str | None = None
    model: str = "jabra_evolve_link"
    descriptor: Path | None = None


@dataclass(frozen=True, slots=True)
class ConsoleConfig:
    """One [[console]]: a box of one's own with keys, lamps and a display, on a serial line."""

    id: DeviceId
    backend: ConsoleBackend = ConsoleBackend.SIMULATED
    port: Path | None = None
    baud: int = 115200


class SpeechEngine(StrEnum):
    """What tells speech from everything else; the names are those of `audio.engines`."""

    DEFAULT = "default"
    NEURAL = "neural"


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """[audio]: who listens, how finely, and how loud a prompt may be."""

    backend: AudioBackend = AudioBackend.SIMULATED
    block_ms: int = 20
    near_rate_hz: int = 16000
    far_rate_hz: int = 8000
    prompt_cap_dbfs: float = -20.0
    prompt_peak_dbfs: float = -6.0
    headset_in: str | None = None
    headset_out: str | None = None
    routing: AudioRouting = AudioRouting.CALLSEAT
    engine: SpeechEngine = SpeechEngine.DEFAULT
    neural_model: Path | None = None


@dataclass(frozen=True, slots=True)
class PromptsConfig:
    """[prompts]: the words, and how they become sound."""

    cache_dir: Path
    phrases: Path | None = None
    recordings_dir: Path | None = None
    speak: bool = True


@dataclass(frozen=True, slots=True)
class JournalConfig:
    """[journal]: the bounded diagnostic; `max_bytes` is for both files together."""

    path: Path
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Config:
    """One whole configuration; `given` names what the file set, such as `seat.language` or `line.0.id`.

    `adopt_headsets`: a headset that no [[headset]] names is used too, as soon as it is plugged in.
    """

    path: Path
    seat: SeatSettings
    lines: tuple[LineConfig, ...]
    headsets: tuple[HeadsetConfig, ...]
    audio: AudioConfig
    prompts: PromptsConfig
    socket_path: Path
    records_path: Path
    journal: JournalConfig
    consoles: tuple[ConsoleConfig, ...] = ()
    adopt_headsets: bool = False
    headset_records_dir: Path | None = None
    tapes_dir: Path | None = None
    busy_light: BusyLightBackend = BusyLightBackend.NONE
    given: frozenset[str] = field(default_factory=frozenset)
