"""One scenario table against its keys: types, choices, nearest names; a mistake is a sentence with its line.

May not build a scenario; `callseat.scenario.load` does that from what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callseat.config.document import Document
from callseat.config.values import nearest
from callseat.scenario.options import Key, Kind

Values = dict[str, object]

_TYPES: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.FLAG: bool,
    Kind.WHOLE: int,
    Kind.NUMBER: (int, float),
    Kind.TABLE: dict,
    Kind.MOMENT: (str, datetime),
}
"""Python types of what TOML gives; every other kind is a text or a list of texts."""
_LISTS = (Kind.TEXTS, Kind.MARKS, Kind.PLUGS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands: how a message calls it, and its prefix in the document's lines."""

    document: Document
    title: str
    prefix: str

    def report(self, key: str, text: str) -> None:
        """A problem with one key."""
        where = (f"{self.prefix}.{key}".removeprefix("."), self.prefix, self.prefix.partition(".")[0])
        self.document.report(f"{self.title} {key}".strip(), text, *where)


def tables_of(document: Document, name: str, *, many: bool) -> list[tuple[Place, Mapping[str, object]]]:
    """The tables of this name with their places; one of the wrong shape is reported."""
    value = document.foreign.get(name)
    if value is None:
        return []
    title = f"[[{name}]]" if many else f"[{name}]"
    wanted = list if many else dict
    if not isinstance(value, wanted):
        shape = f"write [[{name}]], one for each" if many else f"must be one table [{name}]"
        document.report(title, shape, f"{name}.0", name)
        return []
    found: list[tuple[Place, Mapping[str, object]]] = []
    for index, table in enumerate(value if isinstance(value, list) else [value]):
        place = Place(document, f"{title} number {index + 1}" if many else title, f"{name}.{index}")
        if isinstance(table, dict):
            found.append((place, table))
        else:
            place.report("", "must be a table")
    return found


def checked(place: Place, table: Mapping[str, object], keys: Sequence[Key]) -> Values:
    """The values that are right; everything else is reported."""
    known = {key.name: key for key in keys}
    values: Values = {}
    for name, value in table.items():
        key = known.get(name)
        if key is None:
            place.report(name, f"unknown{nearest(name, known)}")
        elif (wrong := _wrong(key, value)) is not None:
            place.report(name, wrong)
        else:
            values[name] = float(value) if key.kind is Kind.NUMBER and isinstance(value, int) else value
    for key in keys:
        if key.required and key.name not in table:
            place.report(key.name, "is missing")
    return values


def one_of(known: Sequence[str], what: str) -> Callable[[str], str | None]:
    """A check of a name against the names there are."""

    def wrong(name: str) -> str | None:
        return None if name in known else f"no {what} {name}{nearest(name, known)}"

    return wrong


def _wrong(key: Key, value: object) -> str | None:
    if not _is(key.kind, value):
        return f"must be {key.kind.value}, not {_short(value)}"
    if key.choices and value not in key.choices:
        return f"{_short(value)} is none of its words{nearest(str(value), key.choices)}"
    if key.low is not None and isinstance(value, int | float) and not value >= key.low:
        return f"must be {key.low:g} or more, not {value}"
    return None


def _is(kind: Kind, value: object) -> bool:
    if isinstance(value, bool):
        return kind is Kind.FLAG
    if kind in _LISTS:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, _TYPES.get(kind, str))


def _short(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
