"""From the configuration to endpoints and hearings: which backend serves each device, line and ear.

May not open anything by itself: an endpoint is opened by its supervisor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from audio.listener import Listener
from audio.mixer import CallMixer, MixerSettings
from callseat.config import Config, HeadsetBackend, HeadsetConfig, LineBackend, LineConfig
from callseat.listening import CallAudio, Hearing
from callseat.runtime.headsets import headset_link, make_engine
from callseat.simulated import SimulatedSeat, headset_kit
from callseat.supervisor import Endpoint, Link
from devices.at.engine import AtEngine
from devices.at.profiles import profile_named
from devices.models import find_model
from devices.models.record import ModelRecord
from firmware_bridge.serial_port import open_serial
from firmware_bridge.transport import Transport
from state.errors import ConfigError
from state.ids import LineId

FindModel = Callable[[int, int], ModelRecord | None]


def endpoints(
    config: Config, simulated: SimulatedSeat | None, find: FindModel = find_model
) -> tuple[Endpoint, ...]:
    """One endpoint per line and simulated headset of the configuration; real ones come and go."""
    lines = (_line_endpoint(line, simulated) for line in config.lines)
    trials = (each for each in config.headsets if each.backend is HeadsetBackend.SIMULATED)
    return (*lines, *(_simulated_headset(each, simulated, find) for each in trials))


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


def _simulated_headset(headset: HeadsetConfig, simulated: SimulatedSeat | None, find: FindModel) -> Endpoint:
    async def connect() -> Link:
        kit = headset_kit(headset)
        model = find(kit.vendor_id, kit.product_id)
        name = kit.name if model is None else model.name
        engine = make_engine(headset.id, kit.descriptor, model, name)
        transport = await _seat(simulated, headset.id).headsets[headset.id].open()
        return headset_link(transport, engine, name, kit.descriptor)

    return Endpoint(headset.id, connect, device=headset.id)


def _seat(simulated: SimulatedSeat | None, name: str) -> SimulatedSeat:
    if simulated is None:
        raise ConfigError(f"{name} is simulated, but no simulated seat was built")
    return simulated
