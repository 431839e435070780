"""The configuration written out: in effect (`config show`), as an example, as the reference page.

May not read a file; everything is made from the table of options.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path

from callseat.config.model import Config
from callseat.config.options import ACTIONS, KEYS, KEYS_DOC, LONG, REQUIRED, SECTIONS, Kind, Option, Section
from callseat.config.values import expected
from state.settings import SeatSettings
from state.words import Button

HEX_KEYS = ("vendor_id", "product_id")

OTHER_DEFAULTS: Mapping[tuple[str, str], str] = {
    ("prompts", "cache_dir"): "$CACHE_DIRECTORY/prompts, else ~/.cache/callseat/prompts",
    ("socket", "path"): "/run/callseat/callseat.sock, else in $XDG_RUNTIME_DIR/callseat",
    ("records", "path"): "$STATE_DIRECTORY/records.sqlite, else ~/.local/state/callseat/records.sqlite",
    ("headsets", "adopt"): "true, unless a [[headset]] is simulated",
    ("headsets", "records_dir"): "/etc/callseat/headsets.d where it exists",
    ("journal", "path"): "$STATE_DIRECTORY/journal.jsonl, else ~/.local/state/callseat/journal.jsonl",
}
"""Defaults that depend on who runs the daemon and on what else is configured.

The unit sets the variables (systemd.exec(5)).
"""

EXAMPLE_VALUES: Mapping[tuple[str, str], str] = {
    ("line", "id"): '"desk"',
    ("headset", "id"): '"headset"',
    ("console", "id"): '"console"',
}
"""What the example gives that has no default: the file runs a simulated seat as it is."""

EXAMPLE_HEAD = """\
# callseat: the configuration of one seat. `callseat config check` judges it, `callseat config show`
# tells what is in effect. A line that begins with `#` before a key shows its default.
"""

REFERENCE_HEAD = """\
# Configuration

One TOML file: the one given with `--config`, else `$CALLSEAT_CONFIG`, else
`~/.config/callseat/callseat.toml`, else `/etc/callseat/callseat.toml`. `callseat config example` prints a
commented one, `callseat config check` lists every mistake with its line, `callseat config show` prints
what is in effect and whether the file or the default says so. Relative paths are relative to the file.
An unknown key is an error. This page is made from the table of options in `callseat/config/options.py`.
"""


def show(config: Config, origin: bool = True) -> str:
    """The configuration in effect as TOML; `origin` adds whether the file or the default says so."""
    lines: list[str] = [f"# {config.path}"] if origin else []
    for section in SECTIONS:
        for index, table in enumerate(_tables(config)[section.name]):
            lines += ["", f"[[{section.name}]]" if section.many else f"[{section.name}]"]
            for option in section.options:
                mark = _mark(config, f"{section.name}.{index}.{option.key}") if origin else ""
                lines.append(_effective(option, table[option.key]) + mark)
    lines += ["", f"[{KEYS}]"]
    for key, action in config.seat.keys:
        lines.append(_key_line(key, action) + (_mark(config, f"{KEYS}.0.{key}") if origin else ""))
    return "\n".join(lines).lstrip("\n") + "\n"


def digest(config: Config) -> str:
    """A hash of what is in effect: equal digests behave the same."""
    return hashlib.sha256(show(config, origin=False).encode()).hexdigest()[:16]


def example() -> str:
    """A commented configuration that runs a simulated seat as it is."""
    lines = [EXAMPLE_HEAD]
    for section in SECTIONS:
        mark = "" if section.trial else "# "
        name = f"[[{section.name}]]" if section.many else f"[{section.name}]"
        lines += [f"# {section.doc}", mark + name]
        for option in section.options:
            line = _example_line(section, option)
            lines += [f"# {option.doc}{_limits(option)}", line if line.startswith("#") else mark + line]
        lines.append("")
    lines += [f"# {KEYS_DOC}", f"# Actions: {', '.join(ACTIONS)}.", f"[{KEYS}]"]
    lines += [_key_line(key, action) for key, action in SeatSettings().keys]
    lines.append(f"# Also possible: {_key_line(Button.FLASH.value + LONG, 'begin_closing')}")
    return "\n".join(lines) + "\n"


def reference() -> str:
    """docs/configuration.md, whole."""
    lines = [REFERENCE_HEAD]
    for section in SECTIONS:
        name = f"[[{section.name}]]" if section.many else f"[{section.name}]"
        lines += [f"## {name}", "", section.doc, ""]
        lines += ["| key | takes | default | meaning |", "|---|---|---|---|"]
        lines += [_row(section, option) for option in section.options]
        lines.append("")
    buttons = ", ".join(f"`{button.value}`" for button in Button)
    defaults = ", ".join(f"`{_key_line(key, action)}`" for key, action in SeatSettings().keys)
    lines += [
        f"## [{KEYS}]",
        "",
        KEYS_DOC,
        "",
        f'- Keys: {buttons}; with `{LONG}` in quotes: `"{Button.FLASH.value}{LONG}"`.',
        f"- Actions: {', '.join(f'`{action}`' for action in ACTIONS)}.",
        f"- Default: {defaults}. A section [{KEYS}] replaces it whole.",
    ]
    return "\n".join(lines) + "\n"


def _tables(config: Config) -> Mapping[str, Sequence[Mapping[str, object]]]:
    whole: Mapping[str, Iterable[object]] = {
        "seat": (config.seat,),
        "silent_call": (config.seat.silent_call,),
        "closing": (config.seat.closing,),
        "line": config.lines,
        "headset": config.headsets,
        "console": config.consoles,
        "audio": (config.audio,),
        "prompts": (config.prompts,),
        "journal": (config.journal,),
    }
    tables = {name: [dict(_fields(name, each)) for each in values] for name, values in whole.items()}
    headsets = {"adopt": config.adopt_headsets, "records_dir": config.headset_records_dir}
    return tables | {
        "headsets": [headsets],
        "busy_light": [{"backend": config.busy_light}],
        "socket": [{"path": config.socket_path}],
        "records": [{"path": config.records_path}],
        "tapes": [{"dir": config.tapes_dir}],
    }


def _fields(name: str, value: object) -> Iterator[tuple[str, object]]:
    section = next(each for each in SECTIONS if each.name == name)
    return ((option.key, getattr(value, option.key)) for option in section.options)


def _effective(option: Option, value: object) -> str:
    return f"# {option.key} is unset" if value is None else f"{option.key} = {_toml(value, option.key)}"


def _mark(config: Config, name: str) -> str:
    return "  # file" if name in config.given else "  # default"


def _key_line(key: str, action: str) -> str:
    return f"{_toml(key) if LONG in key else key} = {_toml(action)}"


def _example_line(section: Section, option: Option) -> str:
    place = (section.name, option.key)
    if place in EXAMPLE_VALUES:
        return f"{option.key} = {EXAMPLE_VALUES[place]}"
    if option.default is None:
        return f"# {option.key} ="
    shown = f"{option.key} = {_toml(option.default, option.key)}"
    return shown if option.key == "backend" else f"# {shown}"


def _limits(option: Option) -> str:
    if option.choices or option.kind in (Kind.INTEGER, Kind.NUMBER):
        return f" ({expected(option)})"
    return ""


def _row(section: Section, option: Option) -> str:
    default = f"`{_toml(option.default, option.key)}`" if option.default is not None else "unset"
    default = OTHER_DEFAULTS.get((section.name, option.key), REQUIRED if option.required else default)
    return f"| `{option.key}` | {expected(option)} | {default} | {option.doc} |"


def _toml(value: object, key: str = "") -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and key in HEX_KEYS:
        return f"0x{value:04x}"
    if isinstance(value, Path | str | Enum):
        text = value.value if isinstance(value, Enum) else str(value)
        return json.dumps(text, ensure_ascii=False)
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return repr(value)
