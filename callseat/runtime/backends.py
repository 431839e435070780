"""From the configuration to endpoints and hearings: which backend serves each device, line and ear.

May not open anything by itself: an endpoint is opened by its supervisor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial

from audio.engines import DetectorFactory, detector_factory
from audio.listener import Listener
from audio.mixer import CallMixer, MixerSettings
from callseat.config import (
    AudioRouting,
    Config,
    ConsoleBackend,
    ConsoleConfig,
    HeadsetBackend,
    HeadsetConfig,
    LineBackend,
    LineConfig,
)
from callseat.listening import BlockListener, CallAudio, Hearing
from callseat.runtime.headsets import headset_link, make_engine
from callseat.runtime.live_audio import LiveSound, TrueTimes
from callseat.simulated import SimulatedSeat, headset_kit
from callseat.supervisor import Endpoint, Link
from devices.at.engine import AtEngine
from devices.at.profiles import profile_named
from devices.console.engine import ConsoleEngine
from devices.models import find_model
from devices.models.record import ModelRecord
from devices.sip.engine import SipEngine
from firmware_bridge.serial_port import open_serial
from firmware_bridge.tcp import open_tcp
from firmware_bridge.transport import Transport
from state.errors import ConfigError
from state.ids import LineId
from state.words import DeviceKind

FindModel = Callable[[int, int], ModelRecord | None]


def endpoints(
    config: Config, simulated: SimulatedSeat | None, find: FindModel = find_model
) -> tuple[Endpoint, ...]:
    """One endpoint per configured line, console and simulated headset; real headsets come and go."""
    served = (line for line in config.lines if line.backend is not LineBackend.APP)
    lines = (_line_endpoint(line, simulated) for line in served)
    trials = (each for each in config.headsets if each.backend is HeadsetBackend.SIMULATED)
    headsets = (_simulated_headset(each, simulated, find) for each in trials)
    return (*lines, *headsets, *(_console_endpoint(each, simulated) for each in config.consoles))


def hearings(config: Config, simulated: SimulatedSeat | None) -> dict[LineId, Hearing]:
    """How each line is listened to; a line without sound of any backend is not."""
    if simulated is None:
        return {}
    return {
        line.id: _hearing(config, line.id, partial(simulated.open_audio, line.id))
        for line in config.lines
        if line.listen and line.id in simulated.audio
    }


def live_hearings(config: Config, sound: LiveSound) -> dict[LineId, Hearing]:
    """How the lines with sound devices are listened to."""
    detector = detector_factory(config.audio.engine, config.audio.neural_model)
    return {
        line: replace(
            _hearing(config, line, partial(sound.open_audio, line)),
            open_listener=partial(_true_times, line, detector),
        )
        for line in sound.lines
    }


def _hearing(config: Config, line: LineId, open_audio: Callable[[], CallAudio]) -> Hearing:
    sound = config.audio
    detector = detector_factory(sound.engine, sound.neural_model)
    settings = MixerSettings(prompt_cap_dbfs=sound.prompt_cap_dbfs, prompt_peak_dbfs=sound.prompt_peak_dbfs)
    return Hearing(
        open_audio=open_audio,
        open_listener=lambda audio: Listener(line, audio.near_rate, audio.far_rate, detector),
        open_mixer=lambda audio: CallMixer(
            audio.near_rate,
            audio.far_rate,
            settings,
            line,
            latency_s=audio.output_latency_s,
            carries=sound.routing is AudioRouting.CALLSEAT,
        ),
    )


def _true_times(line: LineId, detector: DetectorFactory, audio: CallAudio) -> BlockListener:
    return TrueTimes(Listener(line, audio.near_rate, audio.far_rate, detector), audio.input_latency_s)


def _line_endpoint(line: LineConfig, simulated: SimulatedSeat | None) -> Endpoint:
    if line.backend is LineBackend.BARESIP:
        return _endpoint_of(line, SipEngine(line.id), simulated)
    engine = AtEngine(line.id, profile_named(line.profile))
    return _endpoint_of(line, engine, simulated, counts=lambda: asdict(engine.counts))


def _endpoint_of(
    line: LineConfig,
    engine: AtEngine | SipEngine,
    simulated: SimulatedSeat | None,
    counts: Callable[[], Mapping[str, int]] = dict,
) -> Endpoint:
    async def connect() -> Link:
        return Link(await _open_line(line, simulated), engine, start=engine.start, stop=engine.stop)

    return Endpoint(line.id, connect, line=line.id, counts=counts)


async def _open_line(line: LineConfig, simulated: SimulatedSeat | None) -> Transport:
    if line.backend is LineBackend.SIMULATED:
        return await _seat(simulated, line.id).phones[line.id].open()
    if line.backend is LineBackend.BARESIP:
        return await open_tcp(line.control)
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


def _console_endpoint(console: ConsoleConfig, simulated: SimulatedSeat | None) -> Endpoint:
    engine = ConsoleEngine(console.id)

    async def connect() -> Link:
        transport = await _open_console(console, simulated)
        return Link(
            transport,
            engine,
            start=engine.start,
            stop=engine.stop,
            kind=DeviceKind.CONSOLE,
            announces=True,
            farewell=engine.farewell,
            ignored=lambda: engine.damaged_lines,
        )

    return Endpoint(console.id, connect, device=console.id)


async def _open_console(console: ConsoleConfig, simulated: SimulatedSeat | None) -> Transport:
    if console.backend is ConsoleBackend.SIMULATED:
        return await _seat(simulated, console.id).consoles[console.id].open()
    if console.port is None:
        raise ConfigError(f"console {console.id}: a serial console needs a port")
    return await open_serial(str(console.port), console.baud, lasting=True)


def _seat(simulated: SimulatedSeat | None, name: str) -> SimulatedSeat:
    if simulated is None:
        raise ConfigError(f"{name} is simulated, but no simulated seat was built")
    return simulated
