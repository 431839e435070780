"""A whole simulated seat, built from the configuration: headsets, phones and the sound of their calls.

May not know a scenario. A shipped backend: the daemon's real engines talk to these devices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from callseat.config import (
    AudioBackend,
    Config,
    ConsoleBackend,
    HeadsetBackend,
    HeadsetConfig,
    LineBackend,
    LineConfig,
)
from callseat.runtime.call_audio import (
    LINE_NOISE_DBFS,
    ROOM_NOISE_DBFS,
    SimulatedCallAudio,
    WavTap,
    noise_track,
)
from devices.simulated.busy_light import SimulatedBusyLight
from devices.simulated.console import SimulatedConsole
from devices.simulated.headset import SimulatedHeadset
from devices.simulated.headset_models import HEADSETS, HeadsetKit, simulate_headset
from devices.simulated.phone import SimulatedPhone
from firmware_bridge.simulated import SimulatedPort
from state.engine import Step
from state.errors import ConfigError, ProtocolError
from state.ids import DeviceId, LineId

Plug = SimulatedPort[SimulatedHeadset] | SimulatedPort[SimulatedPhone] | SimulatedPort[SimulatedConsole]

NEAR_SEED = 1
FAR_SEED = 2
MAX_DESCRIPTOR_BYTES = 4096
"""HID_MAX_DESCRIPTOR_SIZE of the Linux kernel (include/linux/hid.h)."""


class SimulatedSeat:
    """The far side of every simulated device of a configuration; scenarios press, ring and speak here."""

    def __init__(self, config: Config, *, wav_dir: Path | None = None) -> None:
        self.headsets: dict[DeviceId, SimulatedPort[SimulatedHeadset]] = {}
        self.phones: dict[LineId, SimulatedPort[SimulatedPhone]] = {}
        self.consoles: dict[DeviceId, SimulatedPort[SimulatedConsole]] = {}
        self.audio: dict[LineId, SimulatedCallAudio] = {}
        self.busy_light = SimulatedBusyLight()
        self.wav_dir = wav_dir
        self._config = config
        self._calls_heard: dict[LineId, int] = {}
        for headset in config.headsets:
            if headset.backend is HeadsetBackend.SIMULATED:
                self.headsets[headset.id] = SimulatedPort(headset.id, _headset(headset), feed=_feed_report)
        for console in config.consoles:
            if console.backend is ConsoleBackend.SIMULATED:
                self.consoles[console.id] = SimulatedPort(console.id, SimulatedConsole())
        for line in config.lines:
            if line.backend is LineBackend.SIMULATED:
                self.phones[line.id] = SimulatedPort(line.id, _phone(line), let_go=SimulatedPhone.host_gone)
            if config.audio.backend is AudioBackend.SIMULATED:
                self.audio[line.id] = self._call_audio(line.id)

    @property
    def plugs(self) -> Mapping[str, Plug]:
        """Everything with a cable, by its name."""
        plugs: dict[str, Plug] = dict(self.headsets.items())
        plugs.update(self.phones.items())
        plugs.update(self.consoles.items())
        return plugs

    def on_plug(self, name: str, wake: Callable[[], None]) -> None:
        """Be told when the device of this name is plugged in again."""
        if name in self.plugs:
            self.plugs[name].plugged_again = wake

    def _call_audio(self, line: LineId) -> SimulatedCallAudio:
        rates = self._config.audio
        return SimulatedCallAudio(
            noise_track(rates.near_rate_hz, ROOM_NOISE_DBFS, NEAR_SEED),
            noise_track(rates.far_rate_hz, LINE_NOISE_DBFS, FAR_SEED),
            muted=self.muted,
            line_muted=lambda: line in self.phones and self.phones[line].model.muted,
        )

    def muted(self) -> bool:
        """Whether no simulated headset that is plugged in lets the agent be heard."""
        plugged = [port.model for port in self.headsets.values() if port.plugged]
        return bool(self.headsets) and all(model.muted for model in plugged)

    def open_audio(self, line: LineId) -> SimulatedCallAudio:
        """The sound of this line's next call, kept as WAV files where a folder is named."""
        audio = self.audio[line]
        if self.wav_dir is not None:
            self._calls_heard[line] = self._calls_heard.get(line, 0) + 1
            audio.tap = WavTap(self.wav_dir, f"{line}-{self._calls_heard[line]:02d}")
        return audio


def headset_kit(config: HeadsetConfig) -> HeadsetKit:
    """Which headset a configuration simulates: one from a descriptor file, by USB ids, or its `model`."""
    if config.descriptor is not None:
        ids = (config.vendor_id or 0, config.product_id or 0)
        return HeadsetKit(config.descriptor.name, *ids, _read_descriptor(config.id, config.descriptor))
    if config.vendor_id is None:
        return HEADSETS[config.model]
    for kit in HEADSETS.values():
        if kit.vendor_id == config.vendor_id and config.product_id in {None, kit.product_id}:
            return kit
    wanted = f"{config.vendor_id:04x}:{config.product_id or 0:04x}"
    known = ", ".join(f"{kit.vendor_id:04x}:{kit.product_id:04x} ({kit.name})" for kit in HEADSETS.values())
    raise ConfigError(f"headset {config.id}: no simulated headset {wanted}; there are {known}")


def _feed_report(model: SimulatedHeadset, report: bytes, via: str, at: float) -> Step:
    return model.feed(report, at, via)


def _headset(config: HeadsetConfig) -> SimulatedHeadset:
    kit = headset_kit(config)
    try:
        return simulate_headset(kit)
    except ProtocolError as error:
        raise ConfigError(f"headset {config.id}: descriptor {config.descriptor}: {error}") from None


def _read_descriptor(headset: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_DESCRIPTOR_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"headset {headset}: descriptor {path}: cannot be read: {error.strerror}") from None
    if not 0 < len(data) <= MAX_DESCRIPTOR_BYTES:
        message = f"expected 1 to {MAX_DESCRIPTOR_BYTES} raw bytes, as sysfs has them in report_descriptor"
        raise ConfigError(f"headset {headset}: descriptor {path}: {message}")
    return data


def _phone(config: LineConfig) -> SimulatedPhone:
    return SimulatedPhone(answer_after_s=config.answer_after_s or None)
