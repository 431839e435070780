"""A device described by a JSON file: its report descriptor, and where it says so its name and ids.

May not interpret the descriptor.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from state.errors import ConfigError

HEX = "report_descriptor_hex"
SHAPE = f'a file has at least {{"{HEX}": "05 0b ..."}}'
MAX_ID = 0xFFFF


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """What a file says of a device."""

    name: str
    ids: tuple[int, int] | None
    descriptor: bytes


def read_device(path: Path) -> DeviceFile:
    """Read a device file; raises ConfigError naming file, place and what would be valid."""
    raw = _object(path)
    text = raw.get(HEX)
    if text is None:
        near = difflib.get_close_matches(HEX, [key for key in raw if key], 1, 0.5)
        found = f"{near[0]!r} is not known; " if near else ""
        raise ConfigError(f"{path}: {HEX} is missing; {found}{SHAPE}")
    descriptor = hex_bytes(text) if isinstance(text, str) else None
    if descriptor is None:
        raise ConfigError(f"{path}: {HEX}: not pairs of hex digits{_place(text)}; {SHAPE}")
    name = raw.get("name")
    if name is not None and not isinstance(name, str):
        raise ConfigError(f"{path}: name: {name!r} is no text; leave it out, or write it in quotes")
    ids = (_id(path, raw, "vendor_id"), _id(path, raw, "product_id"))
    vendor_id, product_id = ids
    known = None if vendor_id is None or product_id is None else (vendor_id, product_id)
    return DeviceFile(name or "", known, descriptor)


def _object(path: Path) -> dict[str, Any]:
    import json

    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}; {SHAPE}") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}; {SHAPE}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not JSON that can be read: nested too deep; {SHAPE}") from None
    except ValueError:
        raise ConfigError(f"{path}: not JSON that can be read: a number without end; {SHAPE}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: holds no JSON object; {SHAPE}")
    return raw


def _place(text: object) -> str:
    """Where the first character stands that is no hex digit."""
    if not isinstance(text, str):
        return f" but {type(text).__name__}"
    wrong = next(
        (n for n, character in enumerate(text) if character not in "0123456789abcdefABCDEF ,:x\n\t"), None
    )
    return ", an odd number of them" if wrong is None else f" at character {wrong + 1} ({text[wrong]!r})"


def _id(path: Path, raw: dict[str, Any], member: str) -> int | None:
    """A USB id as 0x0b0e, 0b0e, a number, or nothing."""
    given = raw.get(member)
    if given is None or given == "":
        return None
    try:
        number = int(given, 16) if isinstance(given, str) else given
    except ValueError:
        number = None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MAX_ID:
        raise ConfigError(f'{path}: {member}: {given!r} is no USB id; write it as "0x0b0e" or leave it out')
    return number


def hex_bytes(text: str) -> bytes | None:
    """Pairs of hex digits, however they are parted; None where there are others."""
    try:
        return bytes.fromhex(text.replace(":", " ").replace("0x", " ").replace(",", " "))
    except ValueError:
        return None
