"""The generated parts of docs/api.md: methods, errors, notifications and the snapshot, from their tables.

May not say anything the tables do not. `python -m callseat.api.reference docs/api.md` writes them anew.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from callseat.api.document import KEYED
from callseat.api.errors import ERROR_KINDS
from callseat.api.methods import METHODS
from callseat.api.topics import TOPICS
from state import snapshot
from state.commands import Lamps
from state.rows import SpeechFigure

PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

_VIEWS = (
    snapshot.Snapshot,
    snapshot.AgentView,
    snapshot.CallView,
    SpeechFigure,
    snapshot.LineView,
    snapshot.FaultView,
    snapshot.SignalView,
    snapshot.DeviceView,
    snapshot.MuteView,
    snapshot.FocusView,
    snapshot.CueView,
    Lamps,
)


def render(text: str) -> str:
    """Give docs/api.md with every generated part made new."""
    return PART.sub(lambda match: f"{match[1]}{_PARTS[match[2]]()}{match[3]}", text)


def _methods() -> str:
    rows = [("method", "does", "result", "refused with, besides the standard ones")]
    rows += [
        (f"`{one.name}`", one.meaning, one.result, ", ".join(f"`{kind}`" for kind in one.kinds) or "-")
        for one in METHODS.values()
    ]
    return _table(rows) + "\n" + _parameters()


def _parameters() -> str:
    rows = [("method", "parameter", "type", "default", "meaning")]
    for method in METHODS.values():
        (_,), components = msgspec.json.schema_components([method.params])
        schema = components[method.params.__name__]
        for name, field in schema["properties"].items():
            default = "required" if name in schema.get("required", ()) else f"`{_json(field.get('default'))}`"
            kinds = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
            meaning = field.get("description") or kinds[0].get("description", "")
            rows.append((f"`{method.name}`", f"`{name}`", _type_of(kinds[0]), default, meaning))
    return _table(rows)


def _type_of(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return " or ".join(f"`{_json(value)}`" for value in field["enum"])
    if field["type"] == "array":
        inner = field["items"]
        return f"array of {_type_of(inner) if 'type' in inner or 'enum' in inner else 'object'}"
    words = str(field["type"])
    if "minimum" in field and "maximum" in field:
        words += f", {field['minimum']} to {field['maximum']}"
    if "maxLength" in field:
        words += f", up to {field['maxLength']} characters"
    return words


def _errors() -> str:
    rows = [("kind", "code", "meaning")]
    rows += [(f"`{one.kind}`", str(one.code), one.meaning) for one in ERROR_KINDS.values()]
    return _table(rows)


def _topics() -> str:
    return _table([("topic", "meaning"), *((f"`{topic}`", meaning) for topic, meaning in TOPICS.items())])


def _snapshot() -> str:
    return "\n".join(_view(view) for view in _VIEWS)


def _view(view: type[Any]) -> str:
    rows = [("member", "type")]
    for name, hint in get_type_hints(view).items():
        words = _plain_type(hint)
        if view is snapshot.Snapshot and name in KEYED:
            words = f"object of {words.removeprefix('array of ')}, by its `{KEYED[name]}`"
        rows.append((f"`{name}`", words))
    return f"**{view.__name__}**: {inspect.getdoc(view)}\n\n{_table(rows)}"


def _plain_type(hint: Any) -> str:
    options = [one for one in getattr(hint, "__args__", ()) if one is not type(None)]
    if type(None) in getattr(hint, "__args__", ()):
        return f"{_plain_type(options[0])}, left out when there is none"
    if getattr(hint, "__origin__", None) is tuple:
        return f"array of {_plain_type(options[0])}"
    supertype = getattr(hint, "__supertype__", None)
    if supertype is not None:
        return "string"
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint.__name__
    members = getattr(hint, "__members__", None)
    if members is not None:
        return ", ".join(f"`{member.value}`" for member in members.values())
    return {str: "string", bool: "boolean", float: "number", int: "integer"}[hint]


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * lines[0].replace("\\|", "").count(" | ") + "---|")
    return "\n".join(lines) + "\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_PARTS: Mapping[str, Callable[[], str]] = {
    "methods": _methods,
    "errors": _errors,
    "notifications": _topics,
    "snapshot": _snapshot,
}


def main(arguments: list[str]) -> None:
    """Rewrite the file named on the command line."""
    path = Path(arguments[0])
    path.write_text(render(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
