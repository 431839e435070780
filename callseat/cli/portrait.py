"""One device in full for `callseat devices show`: what its descriptor says, and how it is at the seat.

May not open a device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from callseat.cli.status import lamps, mute
from callseat.cli.text import table
from callseat.diagnosis import Facts, NodeFacts
from callseat.diagnosis.gather import Wanted
from callseat.diagnosis.portrait import portrait
from callseat.diagnosis.seat import simulated_kit
from devices.models import ModelRegistry

Shown = Mapping[str, Any]


def describe(named: str, facts: Facts, wanted: Wanted, models: ModelRegistry) -> dict[str, Any]:
    """The device of this name, identity or node; typer.BadParameter where there is none."""
    node = next((each for each in facts.nodes if named in _names(each)), None)
    if node is not None:
        found = node.node
        model = models.find(found.vendor_id, found.product_id)
        device = node.device or found.identity
        told = {"identity": found.identity, "node": str(found.path), "name": found.name}
        return {"device": device, **told, **portrait(found.descriptor, model), "seat": _live(facts, device)}
    kit = simulated_kit(wanted, named)
    if kit is None:
        known = [*facts.daemon.devices, *(each.node.identity for each in facts.nodes)]
        raise typer.BadParameter(f"no device {named}; there are: {', '.join(dict.fromkeys(known)) or 'none'}")
    model = models.find(kit.vendor_id, kit.product_id)
    told = {"identity": f"{kit.vendor_id:04x}:{kit.product_id:04x}", "node": "", "name": kit.name}
    return {"device": named, **told, **portrait(kit.descriptor, model), "seat": _live(facts, named)}


def _names(node: NodeFacts) -> tuple[str, ...]:
    """What a person may call a node; nothing is nobody's name."""
    return tuple(filter(None, (node.device, node.node.identity, str(node.node.path))))


def _live(facts: Facts, device: str) -> dict[str, Any] | None:
    """How the device is at the running seat; None where the seat does not have it."""
    daemon = facts.daemon
    view = daemon.devices.get(device)
    if view is None:
        return None
    at_seat = {
        name: view[name] for name in ("lamps", "holder", "contended", "battery_percent") if name in view
    }
    counted = {
        "losses": daemon.info.get("losses", {}).get(device, 0),
        "ack_ms": daemon.info.get("ack_ms", {}).get(device),
    }
    return {**at_seat, "mute": daemon.snapshot["mute"], **counted}


def lines_of(shown: Shown) -> Iterator[str]:
    """The same for a person."""
    yield f"{shown['device']}: {shown['name']} ({shown['identity']}) {shown['node']}".rstrip()
    yield f"score {shown['score']} of 100: {shown['why']}"
    for name, words in shown["abilities"].items():
        yield f"  {name}: {words}"
    keys = [[c["name"], c["usage"], c["kind"], *_place(c), _text(c["value"])] for c in shown["controls"]]
    yield from ("", table(("key", "usage", "kind", "report", "bit", "size", "value"), keys))
    lit = [[c["name"], c["usage"], c["via"], *_place(c)] for c in shown["lamps"]]
    yield from ("", table(("lamp", "usage", "via", "report", "bit", "size"), lit), "")
    yield from _record(shown["record"])
    yield from _seat(shown["seat"])


def _place(entry: Shown) -> list[str]:
    return [str(entry[name]) for name in ("report_id", "bit", "size")]


def _text(value: int | None) -> str:
    """The value by which an array names a key."""
    return "" if value is None else str(value)


def _record(record: Shown | None) -> Iterator[str]:
    if record is None:
        yield "model record: none; everything is read from the descriptor"
        return
    yield f"model record: {record['name']}"
    for name, source in record["evidence"].items():
        said = f" = {record['differs'][name]}" if name in record["differs"] else ""
        yield f"  {name}{said}: {source}"


def _seat(seat: Shown | None) -> Iterator[str]:
    if seat is None:
        yield "at the seat: not attached"
        return
    yield f"at the seat: {lamps(seat['lamps'])}"
    yield f"  mute: {mute(seat['mute'])}"
    yield f"  held by: {seat.get('holder') or 'nobody'}"
    yield f"  another writer: {seat.get('contended') or 'not noticed'}"
    if seat.get("battery_percent") is not None:
        yield f"  battery: {seat['battery_percent']} %"
    yield f"  lost {seat['losses']} times since the daemon started"
    if seat["ack_ms"] is not None:
        ack_ms = seat["ack_ms"]
        yield f"  {ack_ms['count']} presses acknowledged: p50 {ack_ms['p50']} ms, p99 {ack_ms['p99']} ms"
