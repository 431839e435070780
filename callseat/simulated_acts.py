"""What somebody outside may do at the simulated devices of a running seat: ring, answer, press, talk.

May not decide anything for the seat: the far party and the agent's hands are played here, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from audio.resample import resampled
from audio.track import Track
from audio.wav import Samples, read_wav
from callseat import clock
from callseat.api.errors import RequestError
from callseat.api.params import ActParams
from callseat.simulated import SimulatedSeat
from devices.simulated.console import SimulatedConsole
from devices.simulated.headset import SimulatedHeadset
from devices.simulated.phone import SimulatedPhone
from firmware_bridge.simulated import SimulatedPort
from state.engine import Step
from state.errors import ConfigError, ProtocolError
from state.ids import LineId
from state.words import Button

LEVEL_DBFS = -24.0
"""Active level of what is said: a usual talker on a line (ITU-T P.56 nominal is -26 dBov)."""
SOON_S = 0.1
"""A recording begins this much later, so that none of it is behind the block being pulled."""
HOOK, MUTE = "hook", "mute"
DIGITS = "0123456789*#"

K = TypeVar("K", bound=str)
T = TypeVar("T")
Press = Callable[[SimulatedHeadset, float], Step]


async def act_on(seat: SimulatedSeat, params: Mapping[str, object]) -> Mapping[str, object]:
    """Do one act; RequestError when the seat has no such device, or when nobody is there to act."""
    asked = msgspec.convert(params, ActParams)
    if not seat.plugs:
        raise RequestError("not_supported", "no line or device of this seat is simulated")
    return {"act": asked.act, **await _ACTS[asked.act](seat, asked)}


async def _ring(seat: SimulatedSeat, asked: ActParams) -> dict[str, object]:
    line, port = _pick(seat.phones, asked.device, "line")
    before = len(port.model.calls)
    if not before:
        _hush(seat, line)
    port.act(lambda phone, at: phone.ring_in(asked.number, at, asked.name))
    if len(port.model.calls) == before:
        raise RequestError("invalid_state", f"line {line} is full: the caller hears busy")
    return {"line": line, "number": asked.number}


async def _far(seat: SimulatedSeat, asked: ActParams) -> dict[str, object]:
    line, port = _pick(seat.phones, asked.device, "line")
    before = [(call.index, call.stat) for call in port.model.calls]
    port.act(_FAR[asked.act])
    if [(call.index, call.stat) for call in port.model.calls] == before:
        missing = "has no call" if asked.act == "hangup" else "is not dialling"
        raise RequestError("invalid_state", f"line {line} {missing}")
    if not port.model.calls:
        _hush(seat, line)
    return {"line": line}


def _hush(seat: SimulatedSeat, line: LineId) -> None:
    """What the last customer still had to say is not for the next one's call."""
    if line in seat.audio:
        seat.audio[line].far.hush(clock.now())


async def _press(seat: SimulatedSeat, asked: ActParams) -> dict[str, object]:
    console = next((port for name, port in seat.consoles.items() if name == asked.device), None)
    if console is not None:
        return _press_console(console, asked)
    headset, port = _pick(seat.headsets, asked.device, "headset")
    press = _pressing(asked.button, asked.long)
    try:
        port.act(press)
    except ProtocolError as error:
        raise RequestError("not_supported", f"headset {headset}: {error}") from None
    return {"device": headset, "button": asked.button}


def _press_console(port: SimulatedPort[SimulatedConsole], asked: ActParams) -> dict[str, object]:
    try:
        port.act(lambda console, at: console.press(asked.button, at, long=asked.long))
    except ProtocolError as error:
        raise RequestError("not_supported", f"console {port.name}: {error}") from None
    return {"device": port.name, "button": asked.button}


async def _talk(seat: SimulatedSeat, asked: ActParams) -> dict[str, object]:
    line, audio = _pick(seat.audio, asked.device, "line with simulated sound")
    if not asked.file:
        raise RequestError("invalid_params", f"{asked.act} needs file, a WAV file")
    track = audio.far if asked.act == "say" else audio.near
    try:
        samples = await asyncio.to_thread(_read, Path(asked.file), track)
    except ConfigError as error:
        raise RequestError("invalid_params", str(error)) from None
    ends_at = track.say(samples, clock.now() + SOON_S, level_dbfs=LEVEL_DBFS)
    return {"line": line, "seconds": round(ends_at - clock.now(), 3)}


async def _plug(seat: SimulatedSeat, asked: ActParams) -> dict[str, object]:
    device, port = _pick(seat.plugs, asked.device, "device")
    if asked.act == "plug":
        port.plug()
    else:
        port.unplug()
    return {"device": device}


_ACTS = {
    "ring": _ring,
    "answer": _far,
    "busy": _far,
    "hangup": _far,
    "press": _press,
    "say": _talk,
    "speak": _talk,
    "plug": _plug,
    "unplug": _plug,
}
_FAR: dict[str, Callable[[SimulatedPhone, float], Step]] = {
    "answer": SimulatedPhone.far_answer,
    "busy": SimulatedPhone.far_busy,
    "hangup": SimulatedPhone.far_hang_up,
}


def _pick(ports: Mapping[K, T], named: str | None, what: str) -> tuple[K, T]:
    """The device of that name, or the first there is."""
    for name, port in ports.items():
        if named in {None, name}:
            return name, port
    known = f"; there are {', '.join(ports)}" if ports else ""
    raise RequestError("not_supported", f"no simulated {what} {named or ''}".rstrip() + known)


def _pressing(button: str, long: bool) -> Press:
    if button == HOOK:
        return SimulatedHeadset.press_hook
    if button == MUTE:
        return SimulatedHeadset.press_mute
    if len(button) == 1 and button in DIGITS:
        return lambda headset, at: headset.press_digit(button, at)
    if button in set(Button):
        return lambda headset, at: headset.press(Button(button), at, long)
    known = ", ".join((HOOK, MUTE, *Button))
    raise RequestError("invalid_params", f"no button {button!r}; there are {known}, and the digits 0-9 * #")


def _read(path: Path, track: Track) -> Samples:
    recording = read_wav(path)
    return resampled(recording.samples, recording.rate, track.rate)
