"""Configuration: one TOML file, every option in one table, every mistake one clear sentence.

May not be imported by a room below callseat; a pure room is handed its settings.
"""

from callseat.config.load import check, config_in_effect, load_config
from callseat.config.model import (
    AudioBackend,
    AudioConfig,
    AudioRouting,
    BusyLightBackend,
    Config,
    ConsoleBackend,
    ConsoleConfig,
    HeadsetBackend,
    HeadsetConfig,
    JournalConfig,
    LineBackend,
    LineConfig,
    PromptsConfig,
    SpeechEngine,
)
from callseat.config.places import Places, find_config, places
from callseat.config.text import digest, example, reference, show

__all__ = [
    "AudioBackend",
    "AudioConfig",
    "AudioRouting",
    "BusyLightBackend",
    "Config",
    "ConsoleBackend",
    "ConsoleConfig",
    "HeadsetBackend",
    "HeadsetConfig",
    "JournalConfig",
    "LineBackend",
    "LineConfig",
    "Places",
    "PromptsConfig",
    "SpeechEngine",
    "check",
    "config_in_effect",
    "digest",
    "example",
    "find_config",
    "load_config",
    "places",
    "reference",
    "show",
]
