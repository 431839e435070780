"""The speech detectors there are, by name; which library and which file each needs.

May not load one that was not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from audio.analysis.vad import Vad
from state.errors import ConfigError

DetectorFactory = Callable[[int], Vad]
"""Makes a detector for a rate in Hz."""

DEFAULT = "default"
NEURAL = "neural"


@dataclass(frozen=True, slots=True)
class EngineKind:
    """One detector: how it is made from its model file, and what is said of it."""

    make: Callable[[Path | None], DetectorFactory]
    says: str


def detector_factory(name: str, model: Path | None = None) -> DetectorFactory:
    """The detector called `name`; ConfigError for an unknown one, or where its extra or model is missing."""
    kind = ENGINES.get(name)
    if kind is None:
        raise ConfigError(f"no speech engine {name!r}; there are: {', '.join(ENGINES)}")
    return kind.make(model)


def _default(model: Path | None) -> DetectorFactory:
    from audio.vad_webrtc import default_detector

    if model is not None:
        raise ConfigError(f"the {DEFAULT} engine takes no model file ({model})")
    return default_detector


def _neural(model: Path | None) -> DetectorFactory:
    from audio.silero import load_model
    from audio.vad_silero import SileroVad
    from audio.vad_webrtc import shipped_model

    if model is None:
        raise ConfigError(f"the {NEURAL} engine needs its model file; nothing is downloaded by itself")
    loaded = load_model(model)
    return lambda rate: SileroVad(rate, loaded, shipped_model())


ENGINES: Mapping[str, EngineKind] = {
    DEFAULT: EngineKind(_default, "built in: webrtcvad within a front end and a small voice model"),
    NEURAL: EngineKind(_neural, "Silero VAD on onnxruntime: the extra callseat[neural] and a model file"),
}
