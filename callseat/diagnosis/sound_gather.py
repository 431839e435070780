"""The facts of this machine's sound: the sound server by pactl, every configured stream tried.

May not judge or change anything. A stream is open for a third of a second and plays silence.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from audio.live.card import Card
from audio.live.process import CardSpec, list_devices
from audio.live.ring import BlockReader, BlockWriter
from audio.live.view import LaneView
from callseat.config import AudioBackend, Config
from callseat.diagnosis.sound_facts import Place, ServerFacts, SoundFacts, Stream

LISTEN_S = 0.3
"""Long enough for a level and for the server's latency to settle."""
PACTL_S = 3.0
_STREAMS = {"capture": ("source-outputs", "source"), "playback": ("sink-inputs", "sink")}


def gather_sound(config: Config) -> SoundFacts:
    """Every fact; without live sound in the configuration only that."""
    live = config.audio.backend is AudioBackend.PORTAUDIO
    if not live:
        return SoundFacts(config.path, live, "", ServerFacts())
    missing = str(list_devices().get("missing", ""))
    server = ask_server()
    without = tuple(str(line.id) for line in config.lines if line.listen and line.audio_in is None)
    streams = () if missing else asyncio.run(_try_all(tuple(_wanted(config)), server))
    return SoundFacts(config.path, live, missing, server, streams, without)


def _wanted(config: Config) -> Iterator[Stream]:
    """Every configured name, not tried yet."""
    audio = config.audio
    names = [("headset_in", audio.headset_in, "capture", audio.near_rate_hz)]
    names += [("headset_out", audio.headset_out, "playback", audio.near_rate_hz)]
    for line in config.lines:
        names += [(f"{line.id} audio_in", line.audio_in, "capture", audio.far_rate_hz)]
        names += [(f"{line.id} audio_out", line.audio_out, "playback", audio.far_rate_hz)]
    return (Stream(setting, name, side, rate) for setting, name, side, rate in names if name is not None)


async def _try_all(streams: tuple[Stream, ...], server: ServerFacts) -> tuple[Stream, ...]:
    return tuple([await _try(stream, server) for stream in streams])


async def _try(stream: Stream, server: ServerFacts) -> Stream:
    """Open one stream as a call would, look at it, close it."""
    captures = stream.direction == "capture"
    spec = CardSpec(stream.name if captures else None, None if captures else stream.name, stream.rate_hz)
    card = Card(spec, asyncio.get_running_loop().time)
    card.want(True)
    keeping = asyncio.create_task(card.run())
    try:
        await card.tried.wait()
        if card.process is not None:
            await asyncio.sleep(LISTEN_S)
        child = card.process
        if child is None:
            return replace(stream, error=card.health.error, unknown=card.health.unknown)
        at = await asyncio.to_thread(_led_to, stream.direction, child.pid, server)
        lane = child.capture or child.playback
        return replace(stream, at=at, **({} if lane is None else _seen(lane, captures)))
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


def _seen(lane: LaneView, captures: bool) -> Mapping[str, Any]:
    """Level and latency of an open stream."""
    margin_s = BlockReader.LEAST_S if captures else BlockWriter.LEAST_S
    heard = lane.samples[: min(lane.frames, len(lane.samples))].astype(np.int32)
    peak = int(np.abs(heard).max(initial=0)) if captures else None
    return {"peak": peak, "latency_s": margin_s + lane.latency_s}


def ask_server() -> ServerFacts:
    """The sound server, or why it cannot be asked."""
    try:
        info = _pactl("info")
        sinks, sources = _pactl("list", "sinks"), _pactl("list", "sources")
    except FileNotFoundError:
        return ServerFacts(asked=False)
    except (subprocess.SubprocessError, ValueError) as error:
        said = getattr(error, "stderr", "") or "it does not answer"
        return ServerFacts(error=str(said).strip().splitlines()[0])
    return ServerFacts(
        name=str(info["server_name"]),
        sinks=tuple(Place(each["name"], _rate(each), "", _silenced(each)) for each in sinks),
        sources=tuple(
            Place(each["name"], _rate(each), _monitor_of(each), _silenced(each)) for each in sources
        ),
    )


def _led_to(direction: str, pid: int, server: ServerFacts) -> Place | None:
    """The sink or source the streams of the process are at; None where the server does not say."""
    listing, kind = _STREAMS[direction]
    if not server.asked or server.error:
        return None
    try:
        streams, places = _pactl("list", listing), _pactl("list", f"{kind}s")
    except (subprocess.SubprocessError, ValueError):
        return None
    ours = {each[kind] for each in streams if each["properties"].get("application.process.id") == str(pid)}
    names = {each["name"] for each in places if each["index"] in ours}
    known = server.sources if kind == "source" else server.sinks
    return next((place for place in known if place.name in names), None)


def _pactl(*arguments: str) -> Any:
    done = subprocess.run(
        ["pactl", "--format=json", *arguments],
        capture_output=True,
        text=True,
        timeout=PACTL_S,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return json.loads(done.stdout)


def _rate(place: Mapping[str, Any]) -> int:
    """Of "s16le 2ch 48000Hz"."""
    return int(str(place["sample_specification"]).split()[-1].removesuffix("Hz"))


def _silenced(place: Mapping[str, Any]) -> bool:
    """Whether nothing gets through: muted, or every channel's volume at 0."""
    volumes = [each["value"] for each in place.get("volume", {}).values()]
    return bool(place.get("mute")) or (bool(volumes) and not any(volumes))


def _monitor_of(source: Mapping[str, Any]) -> str:
    """The sink a source is the monitor of; empty for a microphone."""
    sink = str(source.get("monitor_source") or "")
    return "" if sink in ("", "n/a") else sink
