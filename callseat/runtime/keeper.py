"""Keeps one supervisor per real headset that is wanted: looks, draws up the roster, starts and ends.

May not decide which node is whose (`roster`) or talk to a device. What is plugged in now is all that counts,
not the order of the events: each of them only means "look again".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from callseat.runtime.headsets import HidSystem, followed, judge, open_headset
from callseat.runtime.roster import Judged, Left, NodeKey, Pins, Roster, draw_up, key_of
from callseat.supervisor import Endpoint, Link, Supervisor
from firmware_bridge.hotplug import DeviceWatch
from firmware_bridge.inventory import HidNode
from firmware_bridge.transport import gone
from state.errors import TransportError, TransportReason
from state.ids import DeviceId


@dataclass(slots=True)
class HeadsetKeeper:
    """Started once by the app; `supervisors` and `roster` are as of the last look."""

    pins: Sequence[Pins]
    adopt: bool
    system: HidSystem
    supervise: Callable[[Endpoint], Supervisor]
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once everything that was plugged in at the start has its supervisor."""
    roster: Roster = field(default_factory=lambda: Roster({}))
    _kept: dict[DeviceId, tuple[Supervisor, asyncio.Task[None]]] = field(default_factory=dict)
    _last: dict[DeviceId, NodeKey] = field(default_factory=dict)
    _judged: dict[HidNode, Judged] = field(default_factory=dict)
    _watch: DeviceWatch | None = None

    @property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """Of every configured real headset, and of every adopted one that is plugged in."""
        return tuple(supervisor for supervisor, _ in self._kept.values())

    def health(self) -> Mapping[str, object]:
        """How plugging is noticed, who is which node, and why the other nodes are nobody's headset."""
        return {
            "hotplug": "" if self._watch is None else self._watch.how,
            "nodes": {device: str(node.path) for device, node in self.roster.nodes.items()},
            "left": [_told(left) for left in self.roster.left],
        }

    async def run(self) -> None:
        """Look at the start, at every event and now and then, until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._watch = watch = await self.system.watch()
            try:
                heard = False
                while True:
                    await self._look(group, heard)
                    self.looked.set()
                    heard = await watch.changed()
            finally:
                watch.close()

    async def _look(self, group: asyncio.TaskGroup, heard: bool) -> None:
        seen, pins = await asyncio.to_thread(self._see)
        before = self.roster.nodes
        self.roster = draw_up(seen, pins, adopt=self.adopt, last=self._last)
        now = self.roster.nodes
        named = [entry.device for entry in self.pins]
        self._last = {device: key for device, key in self._last.items() if device in named}
        self._last.update((device, key_of(node)) for device, node in now.items())
        there = {each.node for each in seen}
        # A node that is still there and another's by now would be open twice; one that left ends by itself.
        moved = {device for device, node in before.items() if node in there and now.get(device) != node}
        for device in [each for each in self._kept if each in moved or each not in (*now, *named)]:
            await self._end(device)
        for device in dict.fromkeys((*named, *now)):
            if device not in self._kept:
                self._start(group, device)
            elif device in now:
                supervisor, _ = self._kept[device]
                if before.get(device) != now[device] or (heard and not supervisor.attached):
                    supervisor.wake()

    def _see(self) -> tuple[tuple[Judged, ...], tuple[Pins, ...]]:
        """What is plugged in, and the pins as of now; blocks."""
        judged = self._judged
        registry = self.system.registry
        seen = {node: judged.get(node) or judge(node, registry) for node in self.system.list_nodes()}
        self._judged = seen
        return tuple(seen.values()), followed(self.pins)

    def _start(self, group: asyncio.TaskGroup, device: DeviceId) -> None:
        async def connect() -> Link:
            return await self._connect(device)

        supervisor = self.supervise(Endpoint(device, connect, device=device))
        self._kept[device] = supervisor, group.create_task(supervisor.run(), name=f"supervisor {device}")

    async def _end(self, device: DeviceId) -> None:
        supervisor, task = self._kept.pop(device)
        task.cancel()
        await asyncio.wait([task])
        supervisor.ended()

    async def _connect(self, device: DeviceId) -> Link:
        node = self.roster.nodes.get(device)
        if node is None:
            raise gone(device, "no such device is plugged in")
        try:
            return await open_headset(device, node, self.system)
        except TransportError as error:
            if error.reason is TransportReason.GONE and self._watch is not None:
                self._watch.look_again()
            raise


def _told(left: Left) -> dict[str, str]:
    node = left.node
    return {"node": str(node.path), "device": node.identity, "name": node.name, "reason": left.reason}
