"""Model records of a site: one folder of TOML files, read as strictly as a configuration, without code.

May not stop the daemon: what is wrong is one sentence each, and only the record it stands in is left out.
A file has one record, or several as [[model]]. Fields, bounds and evidence are those of shipped records.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec

from callseat.config.options import Kind, Option
from callseat.config.values import check_value, nearest
from devices.models.record import (
    BOUNDS,
    EVIDENCE_CHARACTERS,
    Extension,
    HoldStyle,
    ModelRecord,
    deviations,
)
from devices.models.toml_form import TABLES
from state.words import Button

MAX_FILE_BYTES = 1 << 16
"""A record has about 1 kB; a larger file is not one."""
MANY = "model"
IDS = ("vendor_id", "product_id")
REQUIRED = ("name", *IDS)

Values = Mapping[str, Any]

_KINDS: Mapping[str, Kind] = {
    "str": Kind.TEXT,
    "bool | None": Kind.FLAG,
    "bool": Kind.FLAG,
    "float": Kind.NUMBER,
    "int": Kind.INTEGER,
    "int | None": Kind.INTEGER,
    "HoldStyle": Kind.CHOICE,
    "Button | None": Kind.CHOICE,
    "Extension": Kind.CHOICE,
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "HoldStyle": tuple(HoldStyle),
    "Button | None": tuple(Button),
    "Extension": tuple(word for word in Extension if word),
}
_BUTTONS = tuple(Button)

_HEX_ID = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,4})")
_USAGE = re.compile(r"([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})")
_HEADER = re.compile(r"\s*\[(\[?)\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_:-]+)["']?\s*=""")


def _options() -> dict[str, Option]:
    """The fields a record may have, by their types and bounds."""
    options = {}
    for each in fields(ModelRecord):
        if each.name in TABLES:
            continue
        kind, (low, high) = _KINDS[str(each.type)], BOUNDS.get(each.name, (None, None))
        if kind is Kind.TEXT:
            low, high = 1, 80
        default = None if each.default is MISSING else each.default
        choices = _CHOICES.get(str(each.type), ())
        options[each.name] = Option(
            each.name, kind, default, "", low, high, choices, required=each.name in REQUIRED
        )
    return options


OPTIONS = _options()


@dataclass(frozen=True, slots=True)
class SiteRecords:
    """What a folder says, and every sentence on what of it could not be used."""

    records: tuple[ModelRecord, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """The files read so far."""

    records: dict[tuple[int, int], ModelRecord] = field(default_factory=dict)
    places: dict[tuple[int, int], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_site_records(folder: Path) -> SiteRecords:
    """Every record in the *.toml files of `folder`, by the order of names; what they say never raises."""
    reading = _Reading()
    if not folder.is_dir():
        return SiteRecords(problems=(f"{folder}: no such folder; site records are *.toml files in it",))
    try:
        paths = sorted(folder.glob("*.toml"))
    except OSError as error:
        return SiteRecords(problems=(f"{folder}: cannot be read: {error.strerror}",))
    for path in paths:
        _read_file(reading, path)
    return SiteRecords(tuple(reading.records.values()), tuple(reading.problems))


def _read_file(reading: _Reading, path: Path) -> None:
    try:
        text = _read_text(path)
        tree = tomllib.loads(text)
    except OSError as error:
        reading.problems.append(f"{path}: cannot be read: {error.strerror}")
        return
    except (ValueError, RecursionError) as error:
        reading.problems.append(f"{path}: not valid TOML: {str(error) or 'nested too deeply'}")
        return
    lines = _find_lines(text)
    many = tree.get(MANY)
    if many is None:
        _read_model(reading, _Model(path, tree, "0", "", lines))
        return
    if not isinstance(many, list) or not all(isinstance(each, dict) for each in many):
        reading.problems.append(f"{path}: write [[{MANY}]], one for each model")
        return
    reading.problems.extend(
        f"{path}: {key}: stands outside of every [[{MANY}]]; move it into one" for key in tree if key != MANY
    )
    for index, values in enumerate(many):
        _read_model(reading, _Model(path, values, str(index), f"[[{MANY}]] number {index + 1} ", lines))


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"more than {MAX_FILE_BYTES} bytes: not a model record")
    return data.decode("utf-8-sig")


@dataclass(slots=True)
class _Model:
    """One table of a file on its way to a record."""

    path: Path
    values: Values
    index: str
    place: str
    lines: Mapping[str, int]
    problems: list[str] = field(default_factory=list)

    def report(self, key: str, text: str) -> None:
        """Add a problem with the line of the key, or of its table."""
        names = (f"{self.index}.{key}", f"{self.index}.{key.partition('.')[0]}", self.index)
        line = next((self.lines[name] for name in names if name in self.lines), None)
        at = f"{self.path}:{line}" if line is not None else str(self.path)
        self.problems.append(f"{at}: {self.place}{key}: {text}")


def _read_model(reading: _Reading, model: _Model) -> None:
    record = _record(model)
    reading.problems.extend(model.problems)
    if record is None:
        return
    ids = (record.vendor_id, record.product_id)
    if (earlier := reading.places.get(ids)) is not None:
        model.report("product_id", f"{ids[0]:04x}:{ids[1]:04x} is already recorded in {earlier}")
        reading.problems.append(model.problems[-1])
        return
    reading.records[ids] = record
    reading.places[ids] = f"{model.path.name} {model.place}".strip()


def _record(model: _Model) -> ModelRecord | None:
    """The record of a table; None when something in it is wrong."""
    found: dict[str, object] = {}
    for key, value in model.values.items():
        if key in TABLES:
            continue
        option = OPTIONS.get(key)
        if option is None:
            model.report(key, f"unknown{nearest(key, [*OPTIONS, *TABLES])}")
        elif (settled := _settle(model, option, value)) is not None:
            found[key] = settled
    for key in REQUIRED:
        if key not in model.values:
            model.report(key, "is missing")
    usages, evidence = _table(model, "usages", _usage), _table(model, "evidence", _evidence)
    if model.problems:
        return None
    record = msgspec.convert(found | {"usages": usages, "evidence": evidence}, ModelRecord)
    _check_evidence(model, record)
    return None if model.problems else record


def _settle(model: _Model, option: Option, value: object) -> object:
    """A checked value as the record has it; None after reporting what is wrong."""
    if option.key in IDS and isinstance(value, str):
        if (match := _HEX_ID.fullmatch(value)) is None:
            model.report(option.key, f'must be a USB id such as 0x0b0e or "0b0e", not "{value}"')
            return None
        value = int(match[1], 16)
    if (wrong := check_value(option, value)) is not None:
        model.report(option.key, wrong.text)
        return None
    return float(value) if option.kind is Kind.NUMBER and isinstance(value, int) else value


def _table(
    model: _Model, name: str, settle: Callable[[_Model, str, object], tuple[Any, Any] | None]
) -> dict[Any, Any]:
    table = model.values.get(name, {})
    if not isinstance(table, dict):
        model.report(name, f"must be a table [{name}]")
        return {}
    settled = (settle(model, key, value) for key, value in table.items())
    return dict(pair for pair in settled if pair is not None)


def _usage(model: _Model, key: str, value: object) -> tuple[int, str | None] | None:
    place = f"usages.{key}"
    if (match := _USAGE.fullmatch(key)) is None:
        model.report(place, 'must be page:id in hexadecimal, such as "000B:0007"')
    elif value not in ("", *_BUTTONS):
        hint = nearest(str(value), _BUTTONS)
        model.report(place, f'{value!r} is no key{hint}; "" means that the usage is not a key')
    else:
        return int(match[1], 16) << 16 | int(match[2], 16), str(value) or None
    return None


def _evidence(model: _Model, key: str, value: object) -> tuple[str, str] | None:
    if not isinstance(value, str) or len(value) < EVIDENCE_CHARACTERS or not value.isprintable():
        least = f"one line of at least {EVIDENCE_CHARACTERS} characters"
        model.report(f"evidence.{key}", f"must say what was seen and where that is written, {least}")
        return None
    return key, value


def _check_evidence(model: _Model, record: ModelRecord) -> None:
    """One line for every deviation, as for shipped records, and none for what is as usual."""
    deviating = deviations(record)
    for name in deviating:
        if name not in record.evidence:
            model.report(name, f"differs from the default and needs its line in [evidence]: {name} = ...")
    for name in record.evidence:
        if name != "name" and name not in deviating:
            hint = nearest(name, [*deviating, "name"]) if name not in OPTIONS else ", which is as usual here"
            model.report(f"evidence.{name}", f"is about no field that differs{hint}")


def _find_lines(text: str) -> dict[str, int]:
    """Where keys stand, as `0.hold` or `1.evidence.hold`: good for messages, not a parser."""
    lines: dict[str, int] = {}
    index, prefix = 0, "0"
    seen = False
    for number, line in enumerate(text.splitlines(), 1):
        if (header := _HEADER.match(line)) is not None:
            first, *rest = header[2].split(".")
            if first == MANY and header[1]:
                index, seen = index + seen, True
            inner = rest if first == MANY else [first, *rest]
            prefix = ".".join((str(index), *inner))
            lines.setdefault(prefix, number)
        elif (key := _KEY.match(line)) is not None:
            lines.setdefault(f"{prefix}.{key[1]}", number)
    return lines
