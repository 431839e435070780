"""Real headsets without a system: nodes that come and go, a hot-plug watch by hand, and an app that follows.

May not decide anything.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from callseat import clock
from callseat.app import App
from callseat.config import HeadsetBackend, HeadsetConfig
from callseat.runtime.headsets import HidSystem
from callseat.runtime.parts import Parts
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from devices.models import REGISTRY
from firmware_bridge.inventory import USB_BUS, HidNode
from firmware_bridge.transport import gone
from state.errors import TransportError
from state.events import DeviceAttached, DeviceDetached
from tests.callseat.runtime.seat_kit import PipeTransport, ScriptedCore, config
from tests.support import ROOT

CIVIL = StageClock(ClockSetting(1_760_000_000.0, 28_800))


def descriptor(name):
    """A real one."""
    found = json.loads((ROOT / "tests/data/hid" / name).read_text(encoding="utf-8"))
    return bytes.fromhex(found["report_descriptor_hex"])


BIZ = descriptor("0b0e-2453_jabra_biz_2400_ii.json")
BRIO = descriptor("046d-0944_logitech_mx_brio.json")


def node(number, *, place="1-1", serial="", raw=BIZ, ids=(0x0B0E, 0x2453), interface=3):
    return HidNode(Path(f"/dev/hidraw{number}"), USB_BUS, *ids, "Jabra", serial, place, interface, raw)


A, B = node(0).identity, node(0, place="1-2").identity


class FakeWatch:
    """Hot-plug by the test's hand."""

    how = "udev"

    def __init__(self):
        self.looked_again = 0
        self.closed = False
        self._wake = asyncio.Event()
        self._heard = False

    async def changed(self):
        try:
            async with asyncio.timeout(10):
                await self._wake.wait()
        except TimeoutError:
            pass
        heard, self._heard = self._heard, False
        self._wake.clear()
        return heard

    def event(self):
        self._heard = True
        self._wake.set()

    def look_again(self):
        self.looked_again += 1
        self._wake.set()

    def close(self):
        self.closed = True


class World:
    """What is plugged in, and what opening it gives."""

    def __init__(self, *nodes):
        self.nodes = list(nodes)
        self.refusing = {}
        self.opened = []
        self.open = {}
        self.looks = 0
        self.watch = FakeWatch()
        self.registry = REGISTRY

    def plug(self, *nodes, told=True):
        self.nodes += nodes
        if told:
            self.watch.event()

    def pull(self, number, *, told=True, heard_first=False):
        """The device goes: its transport fails and udev tells, in either order."""
        self.nodes = [each for each in self.nodes if each.path.name != f"hidraw{number}"]
        transport = self.open.pop(number, None)
        if heard_first:
            asyncio.get_running_loop().call_later(0.1, transport.fail)
        elif transport is not None:
            transport.fail()
        if told:
            self.watch.event()

    def list_nodes(self):
        self.looks += 1
        return tuple(self.nodes)

    async def open_node(self, wanted):
        self.opened.append((round(clock.now(), 3), wanted.path.name))
        if (reason := self.refusing.get(wanted.path.name)) is not None:
            raise TransportError(reason, "test")
        if wanted not in self.nodes:
            raise gone(str(wanted.path), "another device has this node now")
        transport = PipeTransport()
        self.open[int(wanted.path.name.removeprefix("hidraw"))] = transport
        return transport

    async def watching(self):
        return self.watch

    def system(self):
        return HidSystem(self.list_nodes, self.open_node, self.watching, self.registry)


def named(**pins):
    return HeadsetConfig("h1", HeadsetBackend.HIDRAW, **pins)


async def lived(world, script, *headsets, adopt=True, core=None, **parts):
    core = core or ScriptedCore()
    settings = config(lines=(), headsets=headsets, adopt_headsets=adopt)
    app = App(settings, core, parts=Parts(civil=CIVIL, hid=world.system(), **parts))
    await app.run(script)
    return core, app


def story(core):
    """When which device came and went."""
    return [
        (round(event.at, 3), "+" if isinstance(event, DeviceAttached) else "-", event.device)
        for event in core.heard
        if isinstance(event, DeviceAttached | DeviceDetached)
    ]
