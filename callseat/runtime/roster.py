"""Which headset is which: from what is plugged in and what is configured to the devices of the seat.

May not read sysfs or a clock, or open anything: a function of what it is handed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.inventory import USB_BUS, HidNode
from state.ids import DeviceId

NodeKey = tuple[str, int]
"""What of a node outlives a re-plug into the same port: identity and interface; its number does not."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What a configuration says of the node of one headset; what it does not say, any node fits."""

    device: DeviceId
    path: Path | None = None
    vendor_id: int | None = None
    product_id: int | None = None
    serial: str | None = None
    place: str | None = None

    @property
    def strength(self) -> tuple[bool, ...]:
        """How exactly the pins say which node: the more exact entry chooses first."""
        given = (self.path, self.serial, self.place, self.product_id, self.vendor_id)
        return tuple(pin is not None for pin in given)

    def fit(self, node: HidNode) -> bool:
        """Whether every pin holds for the node."""
        return (
            self.path in (None, node.path)
            and self.vendor_id in (None, node.vendor_id)
            and self.product_id in (None, node.product_id)
            and self.serial in (None, node.serial)
            and self.place in (None, node.place)
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A node, whether it can control calls, why or why not, and how much it can do."""

    node: HidNode
    usable: bool
    reason: str
    score: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """A node that is nobody's headset, and why."""

    node: HidNode
    reason: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Every headset of the seat that is there, by its id, and every node that is none."""

    nodes: Mapping[DeviceId, HidNode]
    left: tuple[Left, ...] = ()


def key_of(node: HidNode) -> NodeKey:
    """What of a node outlives a re-plug."""
    return node.identity, node.interface


def draw_up(
    seen: Sequence[Judged], pins: Sequence[Pins], *, adopt: bool, last: Mapping[DeviceId, NodeKey]
) -> Roster:
    """Who is who now. `last`: who had which node, so that what another one does changes nobody's name.

    Who was there keeps its node; then the configured choose, the most exact first; the rest is adopted.
    """
    seen = sorted(seen, key=_merit)
    nodes: dict[DeviceId, HidNode] = {}
    for device, key in last.items():
        _take(nodes, device, (each for each in seen if _still(device, key, each, pins, adopt)))
    for entry in sorted(pins, key=lambda entry: entry.strength, reverse=True):
        _take(nodes, entry.device, (each for each in seen if _may_have(entry, each.node, nodes)))
    left = []
    for each in seen:
        if each.node in nodes.values():
            continue
        reason = _why_left(each, adopt, nodes)
        if reason is None:
            nodes[DeviceId(each.node.identity)] = each.node
        else:
            left.append(Left(each.node, reason))
    return Roster(nodes, tuple(left))


def _merit(each: Judged) -> tuple[object, ...]:
    """Usable first, then port by port, the most capable interface of a device first."""
    node = each.node
    return (
        not each.usable,
        node.place,
        node.serial,
        -each.score,
        node.interface,
        len(node.path.name),
        node.path,
    )


def _take(nodes: dict[DeviceId, HidNode], device: DeviceId, fitting: Iterable[Judged]) -> None:
    """Give the device the best of what fits, unless it has a node."""
    free = (each.node for each in fitting if each.node not in nodes.values())
    if device not in nodes and (node := next(free, None)) is not None:
        nodes[device] = node


def _still(device: DeviceId, key: NodeKey, each: Judged, pins: Sequence[Pins], adopt: bool) -> bool:
    """Whether this is the node a device had, and may go on having."""
    entry = next((entry for entry in pins if entry.device == device), None)
    return key_of(each.node) == key and (entry.fit(each.node) if entry is not None else adopt and each.usable)


def _may_have(entry: Pins, node: HidNode, nodes: Mapping[DeviceId, HidNode]) -> bool:
    """Whether a node fits and is free: one device is one headset, unless a path says otherwise."""
    taken = nodes.values()
    busy = node in taken if entry.path is not None else node.identity in {other.identity for other in taken}
    return entry.fit(node) and not busy


def _why_left(each: Judged, adopt: bool, nodes: Mapping[DeviceId, HidNode]) -> str | None:
    """Why a node that no configured headset has is not used; None: it is adopted."""
    if not each.usable:
        return each.reason
    owner = next((device for device, node in nodes.items() if node.identity == each.node.identity), None)
    if owner is not None:
        return f"another interface of {owner}, which has the better one"
    if each.node.bus != USB_BUS:
        return "not on USB: only a [[headset]] that names it is used"
    return None if adopt else "no [[headset]] names it, and [headsets] adopt is false"
