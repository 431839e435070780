"""What the two sides say: HELLO with its fields, and the bodies the host sends.

May not keep anything: a function of a body, or a body of values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from devices.console.text import Charset, escape, unescape
from state.commands import Lamps
from state.errors import Blame, ProtocolError, ProtocolReason
from state.words import Button

VERSION = 1
"""The newest version this host speaks; it speaks all before it too."""
KEYS_MAX, LAMPS_MAX, ROWS_MAX, COLUMNS_MAX, NAME_MAX = 40, 8, 8, 40, 32
OF_CONSOLES = frozenset({"HELLO", "KEY", "HOOK"})
OF_HOSTS = frozenset({"LAMPS", "RING", "SHOW", "PING", "ASK", "BYE"})
DIGITS = "0123456789*#"
HOOK_KEY, MUTE_KEY = "hook", "mute"
LAMPS = tuple(field.name for field in fields(Lamps))
FLASHING = frozenset({"ring", "hold"})
"""Lamps that flash when they are on: somebody waits."""

_SIZE = re.compile(r"([1-9]\d?)x([1-9]\d?)")
_HOOKS = {"on": False, "off": True}


@dataclass(frozen=True, slots=True)
class Hello:
    """What a console says it is; `hook` is its handset off the cradle, None where there is no cradle."""

    version: int
    name: str = "console"
    keys: tuple[str, ...] = ()
    lamps: tuple[str, ...] = ()
    rows: int = 0
    columns: int = 0
    charset: Charset = Charset.ASCII
    ringer: bool = False
    hook: bool | None = None

    @property
    def features(self) -> frozenset[str]:
        """What it is to the seat, in the words a headset's features have."""
        buttons = {key for key in self.keys if key in set(Button)}
        found = buttons | {f"lamp_{lamp}" for lamp in self.lamps if lamp in LAMPS}
        present = {
            "hook": HOOK_KEY in self.keys or self.hook is not None,
            "mute_key": MUTE_KEY in self.keys,
            "digits": any(key in DIGITS for key in self.keys),
            "ringer": self.ringer,
            "display": bool(self.rows),
            f"display_{self.rows}x{self.columns}": bool(self.rows),
            f"display_{self.charset.value}": bool(self.rows),
        }
        return frozenset(found | {name for name, there in present.items() if there})


def version_of(rest: str) -> int:
    """The version a HELLO is of, whatever else it says; ProtocolError where it is no HELLO of a console."""
    word = rest.partition(" ")[0]
    kind, _, number = word.partition("/")
    if kind != "console" or not re.fullmatch(r"[1-9]\d{0,3}", number):
        raise _malformed(f"{word!r} is no version of a console")
    return int(number)


def read_hello(rest: str) -> Hello:
    """A HELLO of a version we speak; ProtocolError says which field is wrong."""
    given = dict(part.partition("=")[::2] for part in rest.split()[1:])
    rows, columns = _size(given.get("lcd"))
    return Hello(
        version_of(rest),
        name=_name(given),
        keys=_names(given, "keys", KEYS_MAX),
        lamps=_names(given, "lamps", LAMPS_MAX),
        rows=rows,
        columns=columns,
        charset=_charset(given),
        ringer=given.get("ringer") == "1",
        hook=None if "hook" not in given else read_hook(given["hook"]),
    )


def read_hook(word: str) -> bool:
    """Whether the handset is off; ProtocolError where it is neither on nor off."""
    if word not in _HOOKS:
        raise _malformed(f"a hook is on or off, not {word!r}")
    return _HOOKS[word]


def read_key(rest: str) -> tuple[str, bool]:
    """Which key, and whether it is down; ProtocolError where it is neither down nor up."""
    name, _, move = rest.partition(" ")
    if move not in ("down", "up") or not name:
        raise _malformed(f"a key goes down or up, not {rest!r}")
    return name, move == "down"


def lamps_body(names: tuple[str, ...], lamps: Lamps, *, blinking: bool = False) -> str:
    """LAMPS for those of `names` that a host knows; `blinking`: all of them flash. Empty: there are none."""
    known = [name for name in names if name in LAMPS]
    modes = {name: "flash" if blinking else _mode(name, lamps) for name in known}
    return " ".join(["LAMPS", *(f"{name}={mode}" for name, mode in modes.items())]) if modes else ""


def ring_body(on: bool) -> str:
    """RING."""
    return f"RING {'on' if on else 'off'}"


def show_body(row: int, text: str) -> str:
    """SHOW; the first row is 1."""
    return f"SHOW {row} {escape(text)}".rstrip()


def _mode(name: str, lamps: Lamps) -> str:
    if not getattr(lamps, name):
        return "off"
    return "flash" if name in FLASHING else "on"


def _names(given: Mapping[str, str], field: str, most: int) -> tuple[str, ...]:
    names = tuple(name for name in given.get(field, "").split(",") if name)
    if len(names) > most:
        raise _malformed(f"{len(names)} {field}, at most {most}")
    return names


def _size(value: str | None) -> tuple[int, int]:
    if value is None:
        return 0, 0
    size = _SIZE.fullmatch(value)
    if size is None or int(size[1]) > ROWS_MAX or int(size[2]) > COLUMNS_MAX:
        raise _malformed(f"lcd={value}: rows x columns, at most {ROWS_MAX}x{COLUMNS_MAX}")
    return int(size[1]), int(size[2])


def _charset(given: Mapping[str, str]) -> Charset:
    try:
        return Charset(given.get("charset", Charset.ASCII))
    except ValueError:
        raise _malformed(f"charset={given['charset']}: ascii or utf8") from None


def _name(given: Mapping[str, str]) -> str:
    try:
        text = unescape(given.get("name", ""))
    except ValueError:
        raise _malformed("name is no text") from None
    return "".join(char for char in text if char.isprintable())[:NAME_MAX] or "console"


def _malformed(message: str) -> ProtocolError:
    return ProtocolError(Blame.DEVICE, ProtocolReason.MALFORMED, message)
