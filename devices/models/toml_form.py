"""A model record written as the TOML of a site record: what differs from the defaults, and why.

May not write a file. What it writes, `callseat.site_records` reads back as an equal record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from devices.models.record import ModelRecord, deviations

TABLES = ("usages", "evidence")
"""Fields that are tables of their own."""


def record_toml(record: ModelRecord) -> str:
    """A file with this one record."""
    return "\n".join(_lines(record)) + "\n"


def usage_key(usage: int) -> str:
    """A usage as page and id: `000B:0007`."""
    return f"{usage >> 16:04X}:{usage & 0xFFFF:04X}"


def _lines(record: ModelRecord) -> Iterator[str]:
    yield f"name = {_text(record.name)}"
    yield f"vendor_id = 0x{record.vendor_id:04x}"
    yield f"product_id = 0x{record.product_id:04x}"
    for name in deviations(record):
        if name not in TABLES:
            yield f"{name} = {_value(getattr(record, name))}"
    if record.usages:
        yield from ("", "[usages]")
        yield from (f'"{usage_key(usage)}" = {_text(key or "")}' for usage, key in record.usages.items())
    if record.evidence:
        yield from ("", "[evidence]")
        yield from (f"{name} = {_text(line)}" for name, line in record.evidence.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
