"""Phrase templates: `{name}` is filled, `[a|b]` the first alternative whose names are all known.

May not evaluate anything: a name is looked up, never an expression, so a centre's own text is harmless.
"""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from state.errors import ConfigError

UNKNOWN = "?"
"""Shown in place of a fact nobody supplied: a gap is seen, never closed over."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")


class _Values(dict[str, str]):
    """Known values; a name that is not known reads `?`."""

    def __missing__(self, name: str) -> str:
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class _Alternative:
    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A choice between alternatives, or (not optional) plain text."""

    alternatives: tuple[_Alternative, ...]
    optional: bool

    def fill(self, values: _Values) -> str:
        for alternative in self.alternatives:
            if not self.optional or alternative.names <= values.keys():
                return alternative.text.format_map(values)
        return ""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template; `names` are all it may ask for."""

    text: str
    pieces: tuple[_Piece, ...]
    names: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with every known value in place."""
        known = _Values(values)
        return "".join(piece.fill(known) for piece in self.pieces)


def parse(text: str, allowed: Iterable[str]) -> Template:
    """Parse a template, or raise a ConfigError that says what is wrong with it."""
    pieces: list[_Piece] = []
    for index, part in enumerate(_CHOICE.split(text)):
        optional = index % 2 == 1
        if not optional and ("[" in part or "]" in part):
            raise ConfigError(f"a square bracket without its partner in {text!r}")
        options = part.split("|") if optional else [part]
        pieces.append(_Piece(tuple(_alternative(option) for option in options), optional))
    names = frozenset(name for piece in pieces for each in piece.alternatives for name in each.names)
    known = frozenset(allowed)
    for name in sorted(names):
        require(name, known, "placeholder")
    return Template(text, tuple(piece for piece in pieces if piece.alternatives != (_EMPTY,)), names)


def require(name: str, known: Iterable[str], what: str) -> None:
    """Raise a ConfigError that names the nearest known name, unless `name` is one of them."""
    names = sorted(known)
    if name in names:
        return
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    hint = f'; the nearest is "{found[0]}"' if found else "; none may be used here"
    raise ConfigError(f'unknown {what} "{name}"{hint}')


def _alternative(text: str) -> _Alternative:
    try:
        fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        raise ConfigError(f"{error} in {text!r}") from error
    for _, name, spec, conversion in fields:
        if spec or conversion or not (name or "").isidentifier():
            raise ConfigError(f"a placeholder is a plain name in braces, which {text!r} does not keep to")
    return _Alternative(text, frozenset(name for _, name, _, _ in fields if name))


_EMPTY = _Alternative("", frozenset())
