"""`callseat devices replay`: a tape of a headset, heard by the engine that hears the real one.

May not open a device, and shows no keyed digit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callseat.cli.devices import devices
from callseat.cli.options import JsonFlag, print_json
from callseat.cli.phone import plain_event
from callseat.cli.text import happening_at
from state.errors import ConfigError


def add_to(_root: typer.Typer) -> None:
    """Add the command to `devices`, which the root has already."""
    devices.command("replay")(_replay)


def _replay(
    tape: Annotated[Path, typer.Argument(help="A tape: JSON lines {t, device, dir, hex[, via]}.")],
    descriptor: Annotated[
        Path,
        typer.Option(metavar="FILE", help="A JSON file with vendor_id, product_id, report_descriptor_hex."),
    ],
    json: JsonFlag = False,
) -> None:
    """Tell the events a tape of a headset gives, and the reports the engine would write."""
    from callseat.cli.decode import known_models
    from callseat.device_file import read_device
    from callseat.learning import read_descriptor, read_entries
    from devices.hid.engine import HeadsetEngine
    from devices.hid.replay import Said, Wrote, lamps_lit, replayed
    from firmware_bridge.tape import IN
    from state.engine import Write
    from state.ids import DeviceId

    parsed, ids = read_descriptor(descriptor), read_device(descriptor).ids
    record = known_models(None).find(*ids) if ids else None
    entries = read_entries(tape)
    names = sorted({entry.device for entry in entries})
    if len(names) > 1:
        raise ConfigError(f"{tape}: of several devices: {', '.join(names)}; a replay hears one")
    moments = [Said(e.t, e.data) if e.direction == IN else Wrote(e.t, Write(e.data, e.via)) for e in entries]
    engine = HeadsetEngine(DeviceId(names[0] if names else "tape"), parsed, record)
    happened = list(replayed(engine, lamps_lit(parsed, record, moments)))
    events = [plain_event(event) for happening in happened for event in happening.events]
    writes = [
        {"at": happening.at, "via": write.via, "hex": write.data.hex()}
        for happening in happened
        for write in happening.writes
    ]
    if json:
        print_json({"tape": str(tape), "events": events, "writes": writes})
        return
    for event in events:
        members = {name: value for name, value in event.items() if name not in ("type", "at", "source")}
        typer.echo(happening_at(event["at"], event["type"], members))
