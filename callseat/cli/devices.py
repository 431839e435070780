"""`callseat devices`: what is plugged in here, what the running seat has of it, and one device in full.

May not open a device itself: the seat has it.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from callseat.cli.check import check
from callseat.cli.decode import decode
from callseat.cli.door import ask
from callseat.cli.options import ConfigOption, JsonFlag, SocketOption, print_json, subcommands
from callseat.cli.quiet import quiet
from callseat.cli.status import lamps
from callseat.cli.text import table

devices = subcommands("devices", "Headsets, phones and lines of the seat.")

DeviceArgument = Annotated[
    str, typer.Argument(metavar="DEVICE", help="Its name or identity in `callseat devices list`.")
]


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(devices)


devices.command("decode")(decode)


@devices.command("list")
def _list(config: ConfigOption = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Attached devices and configured lines, and every other HID device with why it is not used.

    Without a running seat: what is plugged in here.
    """
    from callseat.cli.doctor import look, nodes_json

    facts, _, _ = look(socket, config)
    snapshot = facts.daemon.snapshot
    attached, lines = list(snapshot.get("devices", {}).values()), list(snapshot.get("lines", {}).values())
    nodes = nodes_json(facts)
    if json:
        print_json({"devices": attached, "lines": lines, "nodes": nodes})
        return
    rows = [[each["device"], each["kind"], each["name"], _state(each)] for each in attached]
    for line in lines:
        state = "in service" if line["in_service"] else f"out of service: {line['reason']}"
        rows.append([line["line"], "line", state, "can " + (", ".join(line["capabilities"]) or "nothing")])
    rows += [[each["identity"], "hid", each["name"], _unused(each)] for each in nodes if not each["used_by"]]
    typer.echo(table(("name", "kind", "what", "state"), rows))
    if facts.daemon.message:
        typer.echo(facts.daemon.message)


def _state(device: Any) -> str:
    """Lamps, and who else is at the device."""
    holder = f"; held by {device['holder']}" if device["holder"] else ""
    contended = f"; contended: {device['contended']}" if device["contended"] else ""
    return lamps(device["lamps"]) + holder + contended


def _unused(node: Any) -> str:
    return f"not used ({node['node']}): {node['why']}"


@devices.command("show")
def _show(
    device: DeviceArgument,
    config: ConfigOption = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """One device in full: keys, lamps, model record, what it can do, and how it is now."""
    from callseat.cli.doctor import look
    from callseat.cli.portrait import describe, lines_of

    shown = describe(device, *look(socket, config))
    if json:
        print_json(shown)
        return
    for line in lines_of(shown):
        typer.echo(line)


@devices.command("identify")
def _identify(device: DeviceArgument, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Blink a lamp of this headset for three seconds: it is the one."""
    result = ask(socket, "device.identify", {"device": device})
    if json:
        print_json(result)
    else:
        typer.echo(f"{device} blinks")


devices.command("check")(check)
devices.command("quiet")(quiet)
