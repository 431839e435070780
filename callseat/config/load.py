"""From a TOML file to a Config: what is not said is the default, what is wrong is one clear ConfigError.

May not open a device, a socket or a database: a configuration is judged by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from callseat.config.document import Document, Values, read_document
from callseat.config.model import (
    BARESIP_CONTROL,
    AudioBackend,
    AudioConfig,
    BusyLightBackend,
    Config,
    ConsoleBackend,
    ConsoleConfig,
    HeadsetBackend,
    HeadsetConfig,
    JournalConfig,
    LineBackend,
    LineConfig,
    PromptsConfig,
    SpeechEngine,
)
from callseat.config.places import Places, find_config, places
from firmware_bridge.tcp import split_address
from state.errors import ConfigError
from state.settings import SeatSettings

T = TypeVar("T")

PINS = frozenset({"path", "vendor_id", "serial", "place"})
"""Any of them finds a real headset; a product number alone does not: every vendor counts its own."""


def load_config(path: Path, env: Mapping[str, str] = os.environ) -> Config:
    """The configuration in `path`; a ConfigError names the first problem and how many more there are."""
    document = _judged(path)
    if document.problems:
        first, *more = document.problems
        rest = f" (and {len(more)} more: `callseat config check` lists them)" if more else ""
        raise ConfigError(first + rest)
    return build(document, places(env))


def config_in_effect(given: Path | None = None, env: Mapping[str, str] = os.environ) -> Config:
    """The configuration given or found; where there is none: no line, no headset, the shipped phrases."""
    try:
        path = find_config(given, env)
    except ConfigError:
        if given is not None:
            raise
        return build(Document(Path("(no file)")), places(env))
    return load_config(path, env)


def check(path: Path) -> tuple[str, ...]:
    """Every problem of the file, one sentence each; empty: it is good."""
    try:
        return tuple(_judged(path).problems)
    except ConfigError as error:
        return (str(error),)


def _judged(path: Path) -> Document:
    document = read_document(path)
    judge(document)
    return document


def judge(document: Document) -> None:
    """Add to a document's problems whatever its tables say together that cannot be."""
    _check_ids(document)
    _check_needs(document)
    _check_controls(document)
    _check_sound(document)


def _check_ids(document: Document) -> None:
    """Ids name the source of events, so no two lines or devices share one; nor may two share a node."""
    owners: dict[tuple[str, object], str] = {}
    unique = {"line": ("id", "port"), "headset": ("id", "path"), "console": ("id", "port")}
    for name, key in ((name, key) for name, keys in unique.items() for key in keys):
        for index, table in enumerate(document.tables.get(name, ())):
            if (value := table.get(key)) is None:
                continue
            place = f"[[{name}]] number {index + 1}"
            kind = "id" if key == "id" else "node"
            if (owner := owners.setdefault((kind, value), place)) != place:
                where = (f"{name}.{index}.{key}", f"{name}.{index}")
                document.report(f"{place} {key}", f'"{value}" is already the {key} of {owner}', *where)


def _check_needs(document: Document) -> None:
    for index, line in enumerate(document.tables.get("line", ())):
        if line.get("backend") == LineBackend.AT and "port" not in line:
            place = f"[[line]] number {index + 1} port"
            document.report(place, "is missing: an `at` line needs it", f"line.{index}")
    for index, console in enumerate(document.tables.get("console", ())):
        if console.get("backend") == ConsoleBackend.SERIAL and "port" not in console:
            place = f"[[console]] number {index + 1} port"
            document.report(place, "is missing: a `serial` console needs it", f"console.{index}")
    for index, headset in enumerate(document.tables.get("headset", ())):
        place, where = f"[[headset]] number {index + 1}", f"headset.{index}"
        if headset.get("backend") == HeadsetBackend.HIDRAW and not PINS & headset.keys():
            document.report(place, "a `hidraw` headset needs path, vendor_id, serial or place", where)
        if "product_id" in headset and "vendor_id" not in headset:
            document.report(f"{place} product_id", "needs vendor_id beside it", f"{where}.product_id", where)


def _check_controls(document: Document) -> None:
    """A softphone listens where its line says, and has one control channel for one line."""
    owners: dict[str, str] = {}
    for index, line in enumerate(document.tables.get("line", ())):
        if line.get("backend") != LineBackend.BARESIP:
            continue
        place, where = f"[[line]] number {index + 1}", (f"line.{index}.control", f"line.{index}")
        control = str(line.get("control", BARESIP_CONTROL))
        try:
            split_address(control)
        except ConfigError as error:
            document.report(f"{place} control", str(error), *where)
        if (owner := owners.setdefault(control, place)) != place:
            document.report(f"{place} control", f'"{control}" is already the control of {owner}', *where)


def _check_sound(document: Document) -> None:
    """Live sound needs both ends of the headset; a line that is listened to needs both of its own or none."""
    audio = _one(document, "audio")
    if audio.get("engine") == SpeechEngine.NEURAL and "neural_model" not in audio:
        document.report("[audio] neural_model", "is missing: the `neural` engine needs its file", "audio.0")
    if audio.get("backend") != AudioBackend.PORTAUDIO:
        return
    for key in ("headset_in", "headset_out"):
        if key not in audio:
            document.report(f"[audio] {key}", "is missing: `portaudio` needs it", "audio.0")
    for index, line in enumerate(document.tables.get("line", ())):
        given = {key for key in ("audio_in", "audio_out") if key in line}
        if len(given) == 1:
            missing = "audio_in" if "audio_out" in given else "audio_out"
            place = f"[[line]] number {index + 1} {missing}"
            document.report(place, f"is missing: {given.pop()} alone is half a line", f"line.{index}")


def build(document: Document, default: Places) -> Config:
    """The configuration of a document without problems."""
    procedures: Values = {"silent_call": _one(document, "silent_call"), "closing": _one(document, "closing")}
    if document.keys is not None:
        procedures["keys"] = tuple(document.keys.items())
    return Config(
        path=document.path,
        seat=_make(SeatSettings, _one(document, "seat") | procedures),
        lines=tuple(_make(LineConfig, table) for table in document.tables.get("line", ())),
        headsets=tuple(_make(HeadsetConfig, table) for table in document.tables.get("headset", ())),
        audio=_make(AudioConfig, _one(document, "audio")),
        prompts=_make(PromptsConfig, {"cache_dir": default.prompt_cache} | _one(document, "prompts")),
        socket_path=_path_of(document, "socket", default.socket),
        records_path=_path_of(document, "records", default.records),
        journal=_make(JournalConfig, {"path": default.journal} | _one(document, "journal")),
        consoles=tuple(_make(ConsoleConfig, table) for table in document.tables.get("console", ())),
        adopt_headsets=_adopts(document),
        headset_records_dir=_optional_path(document, "headsets", "records_dir", default.headset_records),
        tapes_dir=_optional_path(document, "tapes", "dir", None),
        busy_light=BusyLightBackend(str(_one(document, "busy_light").get("backend", "none"))),
        given=frozenset(_given(document)),
    )


def _make(kind: type[T], values: Values) -> T:
    return msgspec.convert(values, kind, dec_hook=_decode_path)


def _decode_path(_: type, value: object) -> object:
    """Paths are the one type msgspec does not know; the document has made them already."""
    return value


def _one(document: Document, name: str) -> Values:
    tables = document.tables.get(name)
    return tables[0] if tables else {}


def _path_of(document: Document, name: str, default: Path) -> Path:
    return msgspec.convert(_one(document, name).get("path", default), Path, dec_hook=_decode_path)


def _optional_path(document: Document, name: str, key: str, default: Path | None) -> Path | None:
    """What the file says, else the default where it is a folder."""
    table = _one(document, name)
    if key in table:
        return msgspec.convert(table[key], Path, dec_hook=_decode_path)
    return default if default is not None and default.is_dir() else None


def _adopts(document: Document) -> bool:
    """What the file says; a seat with a simulated headset is a trial and leaves real ones alone."""
    simulated = (
        table.get("backend", HeadsetBackend.SIMULATED) == HeadsetBackend.SIMULATED
        for table in document.tables.get("headset", ())
    )
    return bool(_one(document, "headsets").get("adopt", not any(simulated)))


def _given(document: Document) -> Iterable[str]:
    for name, tables in document.tables.items():
        for index, table in enumerate(tables):
            yield from (f"{name}.{index}.{key}" for key in table)
    yield from (f"keys.0.{key}" for key in document.keys or ())
