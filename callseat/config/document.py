"""A TOML file as checked values: every problem of the file in its own sentence, with file and line.

May not build configuration objects; `callseat.config.load` does that from a document without problems.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callseat.config.options import ACTIONS, KEYS, LONG, SECTIONS, Kind, Option, Section, section
from callseat.config.values import Wrong, check_value, nearest
from state.errors import ConfigError
from state.words import Button

MAX_FILE_BYTES = 1 << 20
"""A configuration has a few kilobytes; a larger file is not one."""

Values = dict[str, object]

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_:-]+)["']?\s*=""")


@dataclass(slots=True)
class Document:
    """The values of a file by section, and what is wrong with it."""

    path: Path
    tables: dict[str, list[Values]] = field(default_factory=dict)
    keys: dict[str, str] | None = None
    problems: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    foreign: dict[str, object] = field(default_factory=dict)
    """Top-level names that the caller reads itself (a scenario's own tables), unchecked."""

    def report(self, place: str, text: str, *where: str) -> None:
        """Add a problem; the first name of `where` that stands in the file gives the line."""
        line = next((self.lines[name] for name in where if name in self.lines), None)
        at = f"{self.path}:{line}" if line is not None else str(self.path)
        self.problems.append(f"{at}: {place}: {text}")


def read_document(path: Path, foreign: Collection[str] = ()) -> Document:
    """Read and check a file; unreadable, not UTF-8 or not TOML is a ConfigError at once.

    Names in `foreign` are somebody else's: handed over as they are.
    """
    text = _read_text(path)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from None
    document = Document(path, lines=_find_lines(text))
    for name, value in tree.items():
        if name in foreign:
            document.foreign[name] = value
        elif name == KEYS:
            _read_keys(document, value)
        elif (known := section(name)) is not None:
            document.tables[name] = _read_section(document, known, value)
        else:
            names = [*(each.name for each in SECTIONS), KEYS, *foreign]
            document.report(f"[{name}]", f"unknown{nearest(name, names)}", f"{name}.0", name)
    return document


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; make one with `callseat config example > {path}`") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path}: more than {MAX_FILE_BYTES} bytes: not a configuration")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise ConfigError(f"{path}:{line}: not UTF-8 (byte 0x{byte:02x}); save the file as UTF-8") from None


def _read_section(document: Document, known: Section, value: object) -> list[Values]:
    if known.many and not isinstance(value, list):
        document.report(f"[{known.name}]", f"write [[{known.name}]], one for each", f"{known.name}.0")
        return []
    if not known.many and not isinstance(value, dict):
        document.report(f"[{known.name}]", f"must be one table [{known.name}]", f"{known.name}.0", known.name)
        return []
    tables = value if isinstance(value, list) else [value]
    return [_read_table(document, known, index, table) for index, table in enumerate(tables)]


def _read_table(document: Document, known: Section, index: int, table: object) -> Values:
    place = f"[[{known.name}]] number {index + 1}" if known.many else f"[{known.name}]"
    prefix = f"{known.name}.{index}"
    values: Values = {}
    if not isinstance(table, dict):
        document.report(place, "must be a table", prefix, known.name)
        return values
    for key, value in table.items():
        option = known.option(key)
        where = (f"{prefix}.{key}", prefix)
        if option is None:
            hint = nearest(key, [each.key for each in known.options])
            document.report(f"{place} {key}", f"unknown{hint}", *where)
        elif (wrong := check_value(option, value)) is not None:
            document.report(f"{place} {key}", wrong.text, *where)
        else:
            values[key] = _settle(option, value, document.path)
    for option in known.options:
        if option.required and option.key not in table:
            document.report(f"{place} {option.key}", "is missing", prefix)
    return values


def _settle(option: Option, value: object, path: Path) -> object:
    """Relative paths are relative to the file that names them."""
    if option.kind is Kind.PATH:
        return path.absolute().parent / Path(str(value)).expanduser()
    return float(value) if option.kind is Kind.NUMBER and isinstance(value, int) else value


def _read_keys(document: Document, value: object) -> None:
    if not isinstance(value, dict):
        document.report(f"[{KEYS}]", f"must be one table [{KEYS}]", f"{KEYS}.0", KEYS)
        return
    document.keys = {}
    for key, action in value.items():
        if (wrong := _wrong_key(key, action)) is not None:
            document.report(f"[{KEYS}] {key}", wrong.text, f"{KEYS}.0.{key}", f"{KEYS}.0")
        else:
            document.keys[key] = str(action)


def _wrong_key(key: str, action: object) -> Wrong | None:
    button = key.removesuffix(LONG)
    if button not in set(Button):
        return Wrong(f"unknown button{nearest(button, [each.value for each in Button])}")
    if not isinstance(action, str) or action not in ACTIONS:
        return Wrong(f"{action!r} is not an action{nearest(str(action), ACTIONS)}")
    return None


def _find_lines(text: str) -> dict[str, int]:
    """Where tables and keys stand, as `line.0` and `line.0.id`: good for messages, not a parser."""
    lines: dict[str, int] = {}
    seen: Mapping[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), 1):
        if (header := _HEADER.match(line)) is not None:
            name = header.group(1)
            seen = {**seen, name: seen.get(name, -1) + 1}
            prefix = f"{name}.{seen[name]}."
            lines.setdefault(prefix[:-1], number)
        elif (key := _KEY.match(line)) is not None:
            lines.setdefault(prefix + key.group(1), number)
    return lines
