"""From the configuration to endpoints and hearings: which backend serves each device, line and ear.

May not open anything by itself: an endpoint is opened by its supervisor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from audio.listener import Listener
from audio.mixer import CallMixer, MixerSettings
from callseat.config import Config, HeadsetBackend, HeadsetConfig, LineBackend, LineConfig
from callseat.listening import CallAudio, Hearing
from callseat.simulated import SimulatedSeat, headset_kit
from callseat.supervisor import Endpoint, Link
from devices.at.engine import AtEngine
from devices.at.profiles import profile_named
from devices.hid.engine import HeadsetEngine
from devices.models import find_model
from firmware_bridge.hidraw import find_hidraw, open_hidraw
from firmware_bridge.serial_port import open_serial
from firmware_bridge.transport import Transport, gone
from state.errors import (
    Blame,
    ConfigError,
    ProtocolError,
    ProtocolReason,
    TransportError,
    TransportReason,
)
from state.ids import DeviceId, LineId


def endpoints(config: Config, simulated: SimulatedSeat | None) -> tuple[Endpoint, ...]:
    """One endpoint per line and headset of the configuration."""
    lines = [_line_endpoint(line, simulated) for line in config.lines]
    return (*lines, *(_headset_endpoint(headset, simulated) for headset in config.headsets))


def hearings(config: Config, simulated: SimulatedSeat | None) -> dict[LineId, Hearing]:
    """How each line is listened to; a line without sound of any backend is not."""
    if simulated is None:
        return {}
    return {
        line.id: _hearing(config, line.id, partial(simulated.open_audio, line.id))
        for line in config.lines
        if line.listen and line.id in simulated.audio
    }


def _hearing(config: Config, line: LineId, open_audio: Callable[[], CallAudio]) -> Hearing:
    audio = config.audio
    settings = MixerSettings(prompt_cap_dbfs=audio.prompt_cap_dbfs, prompt_peak_dbfs=audio.prompt_peak_dbfs)
    return Hearing(
        open_audio=open_audio,
        open_listener=lambda audio: Listener(line, audio.near_rate, audio.far_rate),
        open_mixer=lambda audio: CallMixer(audio.near_rate, audio.far_rate, settings, line),
    )


def _line_endpoint(line: LineConfig, simulated: SimulatedSeat | None) -> Endpoint:
    engine = AtEngine(line.id, profile_named(line.profile))

    async def connect() -> Link:
        return Link(await _open_line(line, simulated), engine, start=engine.start, stop=engine.stop)

    return Endpoint(line.id, connect, line=line.id)


async def _open_line(line: LineConfig, simulated: SimulatedSeat | None) -> Transport:
    if line.backend is LineBackend.SIMULATED:
        return await _seat(simulated, line.id).phones[line.id].open()
    if line.port is None:
        raise ConfigError(f"line {line.id}: an at line needs a port")
    return await open_serial(str(line.port), line.baud)


def _headset_endpoint(headset: HeadsetConfig, simulated: SimulatedSeat | None) -> Endpoint:
    async def connect() -> Link:
        transport: Transport
        if headset.backend is HeadsetBackend.SIMULATED:
            kit = headset_kit(headset)
            transport = await _seat(simulated, headset.id).headsets[headset.id].open()
            descriptor, ids, name = kit.descriptor, (kit.vendor_id, kit.product_id), kit.name
        else:
            transport, info = await open_hidraw(str(await asyncio.to_thread(_node, headset)))
            descriptor, ids, name = info.descriptor, (info.vendor, info.product), info.name
        try:
            return _headset_link(headset.id, transport, descriptor, ids, name)
        except ProtocolError as error:
            await transport.aclose()
            raise TransportError(TransportReason.DENIED, f"{headset.id}: {error}") from error

    return Endpoint(headset.id, connect, device=headset.id)


def _headset_link(
    device: DeviceId, transport: Transport, descriptor: bytes, ids: tuple[int, int], name: str
) -> Link:
    model = find_model(*ids)
    engine = HeadsetEngine(device, descriptor, model)
    known = model.name if model is not None else name
    if not engine.verdict.usable:
        message = f"{known} cannot control calls: {engine.verdict.reason}"
        raise ProtocolError(Blame.DEVICE, ProtocolReason.NOT_SUPPORTED, message)
    return Link(transport, engine, name=known, features=engine.features)


def _node(headset: HeadsetConfig) -> Path:
    """Where the headset is now; blocks, for sysfs is read."""
    if headset.path is not None:
        return headset.path
    nodes = () if headset.vendor_id is None else find_hidraw(headset.vendor_id, headset.product_id)
    if not nodes:
        raise gone(headset.id, "no such device is plugged in")
    return nodes[0]


def _seat(simulated: SimulatedSeat | None, name: str) -> SimulatedSeat:
    if simulated is None:
        raise ConfigError(f"{name} is simulated, but no simulated seat was built")
    return simulated
