"""Which PortAudio device a name means: the name itself, an ALSA card by its id, a node of the sound server.

May not open a device. Numbers are nobody's name: PortAudio counts anew at every start, the kernel at
every plug.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDES = {"capture": "inputs", "playback": "outputs"}
_HARDWARE = re.compile(r"\(hw:(\d+),(\d+)\)$")
"""How PortAudio ends the name of a kernel device, after the card's long name."""
_BY_ID = re.compile(r"(?:plug)?hw:(?:CARD=)?([A-Za-z_][\w-]*)(?:,(?:DEV=)?(\d+))?$")
"""How `arecord -L` writes a card by its id."""
_NODE = "pulse:"
"""Before the name of a sink or source of the sound server, PipeWire's included (its nodes)."""
SERVER = "pulse"
"""ALSA's way to the sound server (alsa-plugins)."""
NODE_VARIABLE = {"capture": "PULSE_SOURCE", "playback": "PULSE_SINK"}
"""pulseaudio(1): where streams go that name no device; those of ALSA's way to the server name none."""


@dataclass(frozen=True, slots=True)
class Device:
    """One PortAudio device: channels it offers in each direction, the rate it prefers."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate_hz: int

    def as_json(self) -> dict[str, Any]:
        """For the parent."""
        return {
            "index": self.index,
            "name": self.name,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "rate_hz": self.rate_hz,
        }


class NoSuchDevice(LookupError):
    """No device has this name in this direction; the message names the nearest."""


def stable_name(device: Device, ids: Mapping[int, str]) -> str:
    """The name to write into a configuration: it means the same after the next start and the next plug."""
    found = _HARDWARE.search(device.name)
    if found is None or int(found[1]) not in ids:
        return device.name
    return f"hw:CARD={ids[int(found[1])]},DEV={found[2]}"


def choose(wanted: str, direction: str, devices: Sequence[Device], ids: Mapping[int, str]) -> Device:
    """The device `wanted` names; `direction` is capture or playback, `ids` are card ids by number."""
    usable = [device for device in devices if getattr(device, SIDES[direction])]
    target = _canonical(wanted)
    for device in usable:
        if target in (device.name, stable_name(device, ids)):
            return device
    others = [device for device in devices if device not in usable]
    if any(target in (device.name, stable_name(device, ids)) for device in others):
        raise NoSuchDevice(f'"{wanted}" has no {direction}')
    names = [stable_name(device, ids) for device in usable]
    nearest = difflib.get_close_matches(wanted, names, 1, 0.4)
    hint = f'; the nearest is "{nearest[0]}"' if nearest else "" if names else "; there is none at all"
    raise NoSuchDevice(f'no {direction} device is called "{wanted}"{hint}')


def server_node(wanted: str | None) -> str | None:
    """The sink or source of the sound server that is meant; None: a device of PortAudio's list."""
    return wanted.removeprefix(_NODE) if wanted is not None and wanted.startswith(_NODE) else None


def _canonical(wanted: str) -> str:
    if server_node(wanted) is not None:
        return SERVER
    found = _BY_ID.match(wanted)
    return wanted if found is None else f"hw:CARD={found[1]},DEV={found[2] or 0}"


def read_card_ids(folder: Path) -> dict[int, str]:
    """The ids of ALSA's cards by their number of now, from /proc/asound; without ALSA none."""
    ids = {}
    for place in sorted(folder.glob("card[0-9]*/id")):
        ids[int(place.parent.name.removeprefix("card"))] = place.read_text(encoding="utf-8").strip()
    return ids
