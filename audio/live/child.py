"""The child process of one sound card: opens its streams by name and moves samples until it is killed.

    python -m audio.live.child serve PARENT CONTROL RING '{"capture": ..., "playback": ..., "rate": 16000}'
    python -m audio.live.child list

The only file that imports PyAudio. May not end in good order: PortAudio can hang or crash in `close()` and
`terminate()` once a card is gone, so the kernel takes everything at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import mmap
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from audio.live.layout import LANE_BYTES, RING_BYTES, Lane
from audio.live.names import (
    NODE_VARIABLE,
    Device,
    NoSuchDevice,
    choose,
    read_card_ids,
    server_node,
    stable_name,
)

PERIOD_S = 0.01
"""One callback: 20 ms would cost 10 ms in each direction and save 2 % of a slow core (ours)."""
LOOK_S = 0.1
"""How often it is looked whether the streams still run."""
PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""
PROC = Path("/proc/asound")
PA_INT16 = 8
"""portaudio.h: paInt16"""
PA_INVALID_RATE = -9997
"""portaudio.h: paInvalidSampleRate"""
PA_XRUN = 0xF
"""portaudio.h: paInputUnderflow, paInputOverflow, paOutputUnderflow, paOutputOverflow; priming is none."""
RATES = (48000, 44100, 16000, 8000)
"""What a card without a sound server is tried at, after the rate that was asked for and its own favourite."""


def main(arguments: list[str]) -> NoReturn:
    """Serve one card, or list the devices; never returns."""
    _hush()
    match arguments:
        case ["list"]:
            sys.stdout.write(json.dumps(_listing()) + "\n")
            sys.stdout.flush()
        case ["serve", parent, control, ring, spec]:
            _die_with(int(parent))
            _serve(socket.socket(fileno=int(control)), int(ring), json.loads(spec))
        case _:
            sys.exit(__doc__)
    os._exit(0)


def _die_with(parent: int) -> None:
    """Be killed when the daemon is, however it ends; it may have ended before we could ask for that."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _hush() -> None:
    """ALSA, JACK and PortAudio tell stderr about all that is not there; from now on it is Python's alone."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def _portaudio() -> Any:
    import pyaudio

    return pyaudio.PyAudio()


def _listing() -> Mapping[str, Any]:
    """Every device with its stable name; why there is none, where PyAudio cannot be loaded."""
    try:
        devices = _devices(_portaudio())
    except ImportError as error:
        return {"devices": [], "missing": str(error)}
    ids = read_card_ids(PROC)
    return {"devices": [device.as_json() | {"stable": stable_name(device, ids)} for device in devices]}


def _devices(portaudio: Any) -> list[Device]:
    infos = (portaudio.get_device_info_by_index(index) for index in range(portaudio.get_device_count()))
    return [
        Device(
            index=info["index"],
            name=str(info["name"]),
            inputs=int(info["maxInputChannels"]),
            outputs=int(info["maxOutputChannels"]),
            rate_hz=int(info["defaultSampleRate"]),
        )
        for info in infos
    ]


def _serve(control: socket.socket, ring: int, spec: Mapping[str, Any]) -> None:
    """Open, tell, and run until told or until a stream ends by itself."""
    memory = memoryview(mmap.mmap(ring, RING_BYTES))
    for direction, variable in NODE_VARIABLE.items():
        if (node := server_node(spec[direction])) is not None:
            os.environ[variable] = node
    try:
        streams = _open(_portaudio(), memory, spec)
    except (NoSuchDevice, ImportError, OSError, ValueError) as error:
        # PyAudio says ValueError of an argument that cannot be, OSError of whatever PortAudio refuses.
        said = " ".join(str(part) for part in error.args)
        nodes = [spec[direction] for direction in NODE_VARIABLE if server_node(spec[direction]) is not None]
        if nodes and isinstance(error, OSError):
            said = f"the sound server does not open {' and '.join(nodes)}: {said}"
        _tell(control, {"failed": said, "unknown": isinstance(error, NoSuchDevice)})
        return
    _tell(control, {"opened": [name for name, _ in streams]})
    control.settimeout(LOOK_S)
    while all(stream.is_active() for _, stream in streams):
        with contextlib.suppress(TimeoutError):
            if not control.recv(1):
                return
    _tell(control, {"failed": "the sound server or the card ended the stream"})


def _open(portaudio: Any, memory: memoryview, spec: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The streams the spec names, running."""
    devices, ids = _devices(portaudio), read_card_ids(PROC)
    rate = int(spec["rate"])
    streams = []
    for direction, at in (("capture", 0), ("playback", LANE_BYTES)):
        if spec[direction] is None:
            continue
        device = choose(spec[direction], direction, devices, ids)
        place = memory[at : at + LANE_BYTES]
        streams.append((device.name, _open_stream(portaudio, device, direction, rate, place)))
    return streams


def _open_stream(portaudio: Any, device: Device, direction: str, wanted: int, place: memoryview) -> Any:
    """One direction, running at the rate wanted, else at one the device takes; PortAudio adapts channels."""
    hears = direction == "capture"
    refusals = []
    for rate in dict.fromkeys((wanted, device.rate_hz, *RATES)):
        lane = Lane(place, rate)
        try:
            return portaudio.open(
                rate=rate,
                channels=1,
                format=PA_INT16,
                input=hears,
                output=not hears,
                input_device_index=device.index if hears else None,
                output_device_index=None if hears else device.index,
                frames_per_buffer=round(rate * PERIOD_S),
                stream_callback=_capture(lane, rate) if hears else _playback(lane, rate),
            )
        except OSError as error:
            if error.errno != PA_INVALID_RATE:
                raise
            refusals.append(error)
    raise refusals[0]


def _capture(lane: Lane, rate: int) -> Any:
    def heard(data: bytes, count: int, times: Mapping[str, float], flags: int) -> tuple[None, int]:
        stamp = time.monotonic()
        lane.put(data)
        late_s = times["current_time"] - times["input_buffer_adc_time"] - count / rate
        lane.mark(stamp, late_s, bool(flags & PA_XRUN))
        return None, 0

    return heard


def _playback(lane: Lane, rate: int) -> Any:
    def wanted(_: None, count: int, times: Mapping[str, float], flags: int) -> tuple[bytes, int]:
        stamp = time.monotonic()
        data = lane.take(count)
        late_s = times["output_buffer_dac_time"] - times["current_time"] + count / rate
        lane.mark(stamp, late_s, bool(flags & PA_XRUN))
        return data, 0

    return wanted


def _tell(control: socket.socket, message: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError):
        control.send(json.dumps(message).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
