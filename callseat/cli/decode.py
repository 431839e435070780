"""`callseat devices decode`: what a headset can do and say, from its report descriptor alone.

May not open a device or judge one: it reads a file and prints what `devices.hid.decode` makes of it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callseat.cli.options import JsonFlag, print_json
from callseat.cli.text import table
from callseat.device_file import HEX, SHAPE, hex_bytes, read_device
from state.commands import Lamps
from state.errors import ConfigError, ProtocolError

if TYPE_CHECKING:
    from devices.hid.decode import Decoded
    from devices.models import ModelRegistry

SHORT_NAMES = {"mic": "microphone", "message": "message_waiting", "ringer": "ring"}
"""Other names of lamps; the ringer sounds where the ring lamp is lit."""


def decode(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help=f"Of a device; {SHAPE}.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="HEX", help="An input report; several follow each other, the first was before."
        ),
    ] = None,
    lamps: Annotated[
        str | None,
        typer.Option(
            metavar="LAMP,...",
            help="What the device shows: off_hook, ring, mute, hold, mic, message; tells what is written.",
        ),
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Model records of the site; default: the configured or usual folder, if any."
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Explain a device by its report descriptor: keys, lamps, what inputs ask for, what is written."""
    from devices.hid.decode import decode as explain

    device = read_device(file)
    model = known_models(records).find(*device.ids) if device.ids else None
    reports = [_report(text, number) for number, text in enumerate(inputs or [], 1)]
    shown = None if lamps is None else lamps_of(lamps)
    try:
        decoded = explain(device.descriptor, model, reports, shown)
    except ProtocolError as error:
        raise ConfigError(f"{file}: {HEX}: {error}") from None
    for number in decoded.ignored:
        typer.echo(
            f"--input {number}: none of this device's reports, ignored: {reports[number - 1].hex(' ')}",
            err=True,
        )
    name = device.name or (model.name if model else "unnamed device")
    if json:
        print_json({"name": name, **plain(decoded)})
        return
    typer.echo("\n".join(_lines(name, decoded)))


def known_models(folder: Path | None) -> ModelRegistry:
    """The shipped records with the site's own over them; one of them that is wrong is told and left out.

    A configuration that cannot be used is not asked: a device can be explained without one.
    """
    from callseat.config import find_config, load_config
    from callseat.config.places import places
    from callseat.site_records import read_site_records
    from devices.models import REGISTRY

    if folder is not None and not folder.is_dir():
        raise ConfigError(f"--records: {folder} is no folder; it holds one TOML file per model record")
    if folder is None:
        usual = places().headset_records
        try:
            folder = load_config(find_config()).headset_records_dir
        except (ConfigError, OSError):
            folder = usual if usual.is_dir() else None
    if folder is None:
        return REGISTRY
    site = read_site_records(folder)
    for problem in site.problems:
        typer.echo(problem, err=True)
    return REGISTRY.overlaid(site.records)


def plain(decoded: Decoded) -> dict[str, Any]:
    """The members of the JSON object; the raw value of an array key is for people only."""

    def members(entry: Any) -> dict[str, Any]:
        return {each.name: getattr(entry, each.name) for each in fields(entry) if each.name != "value"}

    return {
        "call_control": decoded.call_control,
        "why": decoded.why,
        "score": decoded.score,
        "controls": [members(control) for control in decoded.controls],
        "lamps": [members(lamp) for lamp in decoded.lamps],
        "events": [{"event": event.event, "value": event.value} for event in decoded.events],
        "writes": [members(write) for write in decoded.writes],
    }


def _lines(name: str, decoded: Decoded) -> Iterable[str]:
    """What people read."""
    yield f"{name}: score {decoded.score} of 100"
    yield decoded.why
    controls = [
        (
            each.usage,
            each.name,
            f"{each.report_id:02x}",
            str(each.bit),
            str(each.size),
            each.kind,
            _value(each.value),
        )
        for each in decoded.controls
    ]
    yield "\n" + table(("control", "name", "report", "bit", "size", "kind", "value"), controls)
    lamps = [
        (each.usage, each.name, f"{each.report_id:02x}", str(each.bit), str(each.size), each.via)
        for each in decoded.lamps
    ]
    yield "\n" + table(("lamp", "name", "report", "bit", "size", "via"), lamps)
    if decoded.events:
        yield "\n" + table(
            ("event", "value"), [(each.event, str(each.value).lower()) for each in decoded.events]
        )
    if decoded.writes:
        rows = [(each.via, bytes.fromhex(each.hex).hex(" ")) for each in decoded.writes]
        yield "\n" + table(("write via", "bytes"), rows)


def _value(value: int | None) -> str:
    return "" if value is None else str(value)


# what was asked ------------------------------------------------------------------------------------


def lamps_of(text: str) -> Lamps:
    """The lamps of a list of names."""
    known = [each.name for each in fields(Lamps)]
    lit = set()
    for word in filter(None, (each.strip() for each in text.split(","))):
        name = SHORT_NAMES.get(word, word)
        if name not in known:
            near = difflib.get_close_matches(word, [*known, *SHORT_NAMES], 1, 0)[0]
            raise ConfigError(f"--lamps: there is no lamp {word!r}; did you mean {near}?")
        lit.add(name)
    return Lamps(**dict.fromkeys(lit, True))


def _report(text: str, number: int) -> bytes:
    data = hex_bytes(text)
    if not data:
        raise ConfigError(f"--input {number}: {text!r} is no hex, such as 020100 or '02 01 00'")
    return data
