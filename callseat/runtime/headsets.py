"""Real headsets: how nodes are found, judged and opened, and what an opened one is to the seat.

May not keep anything: `callseat.runtime.keeper` does.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from callseat.config import Config, HeadsetBackend, HeadsetConfig
from callseat.runtime.roster import Judged, Pins
from callseat.supervisor import Link
from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.extension import make_extension
from devices.hid.score import capability
from devices.models import REGISTRY, ModelRegistry
from devices.models.record import DEFAULT, ModelRecord
from firmware_bridge.hidraw import open_node
from firmware_bridge.hotplug import DeviceWatch, watch_devices
from firmware_bridge.inventory import HidNode, list_hid_nodes, plain
from firmware_bridge.transport import AskingTransport, Transport
from state.errors import ProtocolError, TransportError, TransportReason
from state.ids import DeviceId

SUBSYSTEMS = ("hidraw",)


async def watch_hidraw() -> DeviceWatch:
    """Hot-plug of HID devices."""
    return await watch_devices(SUBSYSTEMS)


@dataclass(frozen=True, slots=True)
class HidSystem:
    """The system's HID devices; a test brings its own."""

    list_nodes: Callable[[], tuple[HidNode, ...]] = list_hid_nodes
    """Blocks; called off the loop."""
    open_node: Callable[[HidNode], Awaitable[Transport]] = open_node
    watch: Callable[[], Awaitable[DeviceWatch]] = watch_hidraw
    registry: ModelRegistry = REGISTRY


def pins_of(config: Config) -> tuple[Pins, ...]:
    """What the configuration says of real headsets."""
    return tuple(_pins(each) for each in config.headsets if each.backend is HeadsetBackend.HIDRAW)


def _pins(headset: HeadsetConfig) -> Pins:
    serial, place = headset.serial, headset.place
    return Pins(
        device=headset.id,
        path=headset.path,
        vendor_id=headset.vendor_id,
        product_id=headset.product_id,
        serial=None if serial is None else plain(serial),
        place=None if place is None else plain(place),
    )


def followed(pins: Iterable[Pins]) -> tuple[Pins, ...]:
    """The pins with names such as /dev/headset followed to the node they name now; blocks."""
    return tuple(
        entry if entry.path is None else replace(entry, path=Path(os.path.realpath(entry.path)))
        for entry in pins
    )


def judge(node: HidNode, registry: ModelRegistry) -> Judged:
    """Whether a node can control calls, from its descriptor and the record of its model."""
    try:
        descriptor = parse_descriptor(node.descriptor)
    except ProtocolError as error:
        return Judged(node, False, f"its report descriptor cannot be read: {error}")
    model = registry.find(node.vendor_id, node.product_id)
    controls = read_controls(descriptor, model)
    extension = make_extension(descriptor, (model or DEFAULT).extension)
    judged = capability(controls, extension.features)
    return Judged(node, judged.call_control, controls.verdict.reason, judged.score)


async def open_headset(device: DeviceId, node: HidNode, system: HidSystem) -> Link:
    """Open a node as a headset of the seat; DENIED in words where it cannot control calls."""
    model = system.registry.find(node.vendor_id, node.product_id)
    name = node.name if model is None else model.name
    engine = await asyncio.to_thread(make_engine, device, node.descriptor, model, name)
    transport = await system.open_node(node)
    async with AsyncExitStack() as unless_opened:
        unless_opened.push_async_callback(transport.aclose)
        if engine.question is not None and isinstance(transport, AskingTransport):
            engine.told(await transport.ask(engine.question))
        unless_opened.pop_all()
    return headset_link(transport, engine, name, node.descriptor, node)


def make_engine(device: DeviceId, descriptor: bytes, model: ModelRecord | None, name: str) -> HeadsetEngine:
    """The engine of a headset; TransportError (denied) says why a device cannot be one."""
    try:
        engine = HeadsetEngine(device, descriptor, model)
    except ProtocolError as error:
        raise TransportError(TransportReason.DENIED, f"{device}: {name}: {error}") from error
    if not engine.verdict.usable:
        message = f"{device}: {name} cannot control calls: {engine.verdict.reason}"
        raise TransportError(TransportReason.DENIED, message)
    return engine


def headset_link(
    transport: Transport, engine: HeadsetEngine, name: str, descriptor: bytes, node: HidNode | None = None
) -> Link:
    """An open headset, as its supervisor serves it."""
    return Link(
        transport,
        engine,
        start=engine.advance,
        name=name,
        features=engine.features,
        farewell=engine.farewell,
        ignored=lambda: engine.ignored_reports,
        node=node,
        descriptor=descriptor,
    )
