"""From the checked keys of a step to its action: ids are resolved, recordings read, commands built.

May not play anything. What is not there is a ConfigError whose text begins with the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from audio.wav import read_wav
from callseat.api.errors import RequestError
from callseat.api.methods import parse
from callseat.config import Config
from callseat.config.values import nearest
from callseat.scenario.model import (
    Action,
    AppAsks,
    Background,
    Clip,
    ClockJumps,
    FarAnswers,
    FarBusy,
    FarHangsUp,
    MoveBoom,
    MutePhone,
    Press,
    PressHook,
    PressMute,
    Replug,
    RingIn,
    Says,
    Stall,
    Unplug,
)
from callseat.scenario.options import FROZEN, ZEROS
from state.errors import ConfigError
from state.ids import DeviceId, LineId
from state.words import Button, Channel

STUCK_AT = 37
"""A value no noise gate and no codec rests at."""


@dataclass(slots=True)
class Cast:
    """Who plays: the lines and headsets of the configuration, and the recordings beside the file."""

    config: Config
    folder: Path
    _read: dict[tuple[Path, int], Clip] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """Ids of the lines."""
        return [line.id for line in self.config.lines]

    @property
    def headsets(self) -> list[str]:
        """Ids of the headsets."""
        return [headset.id for headset in self.config.headsets]

    @property
    def plugs(self) -> list[str]:
        """Ids of everything with a cable."""
        return [*self.headsets, *self.lines]

    def line(self, given: Mapping[str, Any]) -> LineId:
        """The line named, or the first."""
        return LineId(_named(given, "line", self.lines))

    def headset(self, given: Mapping[str, Any]) -> DeviceId:
        """The headset named, or the first."""
        return DeviceId(_named(given, "headset", self.headsets))

    def plug(self, given: Mapping[str, Any]) -> DeviceId:
        """The device or line named, or the first headset."""
        return DeviceId(_named(given, "device", self.plugs))

    def clip(self, given: Mapping[str, Any], channel: Channel) -> Clip:
        """The recording named, or its part."""
        rate = self._rate(channel)
        path = (self.folder / Path(given["file"]).expanduser()).resolve()
        if (path, rate) not in self._read:
            try:
                self._read[path, rate] = Clip(path, read_wav(path, rate).samples, rate)
            except ConfigError as error:
                raise ConfigError(f"file: {error}") from None
        whole = self._read[path, rate]
        first, last = given.get("from_s", 0.0), given.get("to_s", whole.duration_s)
        if not 0 <= first < last <= whole.duration_s + 1 / rate:
            length = f"{path.name} has {whole.duration_s:.2f} s"
            raise ConfigError(f"from_s: {first:g} to {last:g} s is no part of the recording: {length}")
        return Clip(path, whole.samples[round(first * rate) : round(last * rate)], rate)

    def background(self, given: Mapping[str, Any], channel: Channel) -> Clip:
        """The recording named, or one value that never changes."""
        if given["file"] != FROZEN:
            return self.clip(given, channel)
        return Clip(Path(FROZEN), np.full(1, STUCK_AT, np.int16), self._rate(channel))

    def _rate(self, channel: Channel) -> int:
        audio = self.config.audio
        return audio.near_rate_hz if channel is Channel.NEAR else audio.far_rate_hz


def _named(given: Mapping[str, Any], key: str, known: Sequence[str]) -> str:
    name = given.get(key, known[0])
    if name not in known:
        raise ConfigError(f"{key}: no {key} {name}{nearest(name, known)}")
    return str(name)


def _app(cast: Cast, given: Mapping[str, Any]) -> Action:
    try:
        method, params = parse(given["method"], given.get("params", {}))
        if method.build is None:
            raise ConfigError(f"method: {method.name} asks for nothing that happens")
        return AppAsks(method.name, method.build(params), given.get("refused", ""))
    except RequestError as error:
        raise ConfigError(f"method: {error}") from None


def _says(channel: Channel) -> Maker:
    def make(cast: Cast, given: Mapping[str, Any]) -> Action:
        line = cast.line(given) if channel is Channel.FAR else None
        return Says(channel, cast.clip(given, channel), line, given.get("level_dbfs"))

    return make


def _goes(channel: Channel) -> Maker:
    def make(cast: Cast, given: Mapping[str, Any]) -> Action:
        clip = None if given["file"] == ZEROS else cast.background(given, channel)
        line = cast.line(given) if channel is Channel.FAR and "line" in given else None
        return Background(channel, clip, line, given.get("level_dbfs"))

    return make


Maker = Callable[[Cast, Mapping[str, Any]], Action]

MAKERS: Mapping[str, Maker] = {
    "ring_in": lambda c, g: RingIn(c.line(g), g.get("number", ""), g.get("name", "")),
    "far_answers": lambda c, g: FarAnswers(c.line(g)),
    "far_busy": lambda c, g: FarBusy(c.line(g)),
    "far_hangs_up": lambda c, g: FarHangsUp(c.line(g), g.get("index")),
    "press_hook": lambda c, g: PressHook(c.headset(g), g.get("to", "press")),
    "press_mute": lambda c, g: PressMute(c.headset(g)),
    "boom": lambda c, g: MoveBoom(c.headset(g), g["up"]),
    "press": lambda c, g: Press(c.headset(g), Button(g["button"]), g.get("long", False)),
    "unplug": lambda c, g: Unplug(c.plug(g)),
    "replug": lambda c, g: Replug(c.plug(g)),
    "phone_mute": lambda c, g: MutePhone(c.line(g), g["muted"]),
    "line_gone": lambda c, g: Unplug(c.line(g)),
    "line_back": lambda c, g: Replug(c.line(g)),
    "app": _app,
    "agent_says": _says(Channel.NEAR),
    "customer_says": _says(Channel.FAR),
    "near_goes": _goes(Channel.NEAR),
    "far_goes": _goes(Channel.FAR),
    "clock_jumps": lambda c, g: ClockJumps(g["by_s"], g.get("synced", True)),
    "stall": lambda c, g: Stall(g["of"], g["for_s"]),
}
"""One maker for each action of the table in `callseat.scenario.options`."""
