"""One value against its option: the type, the bounds, the words allowed.

May not read a file; a wrong value is a sentence for a person, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from callseat.config.options import Kind, Option

MAX_TEXT = 4096
"""Longer than any path the kernel takes (PATH_MAX)."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_TELEPHONE = re.compile(r"[0-9*#+]{2,20}")
_TOML_TYPES: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a value."""

    text: str


def check_value(option: Option, value: object) -> Wrong | None:
    """What is wrong with `value` for this option, or None."""
    if not _is(option.kind, value):
        return Wrong(f"must be {expected(option)}, not {_type_name(value)} ({_short(value)})")
    return _RULES[option.kind](option, value)


def expected(option: Option) -> str:
    """What the option takes, for a person: type, words, bounds."""
    if option.choices:
        return "one of " + ", ".join(option.choices)
    if option.kind in (Kind.INTEGER, Kind.NUMBER) and option.low is not None:
        return f"{option.kind.value} from {_plain(option.low)} to {_plain(option.high)}"
    return option.kind.value


def nearest(word: str, words: Iterable[str]) -> str:
    """`, did you mean X` where something is near, else the choice in full."""
    known = sorted(words)
    return _did_you_mean(word, known) or f"; known are {', '.join(known)}"


def _did_you_mean(word: str, words: Iterable[str]) -> str:
    lowered = {each.lower(): each for each in words}
    near = get_close_matches(word.lower(), lowered, n=1, cutoff=0.5)
    return f", did you mean {lowered[near[0]]}?" if near else ""


def _is(kind: Kind, value: object) -> bool:
    if isinstance(value, bool):
        return kind is Kind.FLAG
    return isinstance(value, _PYTHON_TYPES[kind])


def _bounds(option: Option, value: Any) -> Wrong | None:
    if option.choices and str(value) not in option.choices:
        return Wrong(f"must be {expected(option)}, not {value}")
    # Written so that nan, which compares false with everything, is out of bounds.
    if option.low is not None and option.high is not None and not option.low <= value <= option.high:
        return Wrong(f"must be {expected(option)}, not {value}")
    return None


def _text(option: Option, value: Any) -> Wrong | None:
    low, high = int(option.low or 0), int(option.high or MAX_TEXT)
    if not low <= len(value) <= high:
        return Wrong(f"must have {low} to {high} characters, not {len(value)}")
    if not value.isprintable():
        return Wrong("must have no control characters")
    return None


def _name(option: Option, value: Any) -> Wrong | None:
    if _NAME.fullmatch(value) is None:
        return Wrong(f"must be {expected(option)}, not {_short(value)}")
    return _text(option, value)


def _path(option: Option, value: Any) -> Wrong | None:
    if value == "":
        return Wrong("must not be empty; leave the key out for the default")
    return _text(option, value)


def _choice(option: Option, value: Any) -> Wrong | None:
    if value in option.choices:
        return None
    return Wrong(f"must be {expected(option)}, not {_short(value)}{_did_you_mean(value, option.choices)}")


def _numbers(option: Option, value: Any) -> Wrong | None:
    low, high = int(option.low or 0), int(option.high or MAX_TEXT)
    if not low <= len(value) <= high:
        return Wrong(f"must have {low} to {high} numbers, not {len(value)}")
    for each in value:
        if not isinstance(each, str) or _TELEPHONE.fullmatch(each) is None:
            return Wrong(f'must be {expected(option)} such as ["110"], not {_short(each)}')
    return None


def _anything(_: Option, __: Any) -> Wrong | None:
    return None


# A rule is called with a value whose type _PYTHON_TYPES has vouched for.
_PYTHON_TYPES: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.FLAG: bool,
    Kind.INTEGER: int,
    Kind.NUMBER: (int, float),
    Kind.TEXT: str,
    Kind.NAME: str,
    Kind.CHOICE: str,
    Kind.PATH: str,
    Kind.NUMBERS: list,
}
_RULES: Mapping[Kind, Callable[[Option, Any], Wrong | None]] = {
    Kind.FLAG: _anything,
    Kind.INTEGER: _bounds,
    Kind.NUMBER: _bounds,
    Kind.TEXT: _text,
    Kind.NAME: _name,
    Kind.CHOICE: _choice,
    Kind.PATH: _path,
    Kind.NUMBERS: _numbers,
}


def _type_name(value: object) -> str:
    return _TOML_TYPES.get(type(value), "a date or time")


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 40 else text[:37] + "..."


def _plain(bound: float | None) -> str:
    return f"{bound:g}" if bound is not None and abs(bound) < 1e6 else f"{bound:.0f}"
