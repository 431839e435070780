"""`callseat devices`: what is attached to the running seat.

May not open a device itself: the seat has it.
"""

from __future__ import annotations

import typer

from callseat.cli.door import ask
from callseat.cli.options import JsonFlag, SocketOption, print_json, subcommands
from callseat.cli.status import lamps
from callseat.cli.text import table

devices = subcommands("devices", "Headsets, phones and lines of the seat.")


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(devices)


@devices.command("list")
def _list(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Attached devices and configured lines, with what they can do."""
    snapshot = ask(socket, "state.get")["snapshot"]
    attached, lines = list(snapshot["devices"].values()), list(snapshot["lines"].values())
    if json:
        print_json({"devices": attached, "lines": lines})
        return
    rows = [[each["device"], each["kind"], each["name"], lamps(each["lamps"])] for each in attached]
    for line in lines:
        state = "in service" if line["in_service"] else f"out of service: {line['reason']}"
        rows.append([line["line"], "line", state, "can " + (", ".join(line["capabilities"]) or "nothing")])
    typer.echo(table(("name", "kind", "what", "state"), rows))
