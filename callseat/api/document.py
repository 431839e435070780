"""The snapshot as a JSON document, and the difference of two documents (RFC 7386 merge patch).

May not know a client or a socket. A member without a value is left out: in a merge patch null means "remove".
"""

from __future__ import annotations

from typing import Any

import msgspec

from state.snapshot import Snapshot

Document = dict[str, Any]

KEYED = {"calls": "call", "lines": "line", "devices": "device"}
"""Lists of the snapshot that become objects, keyed by this member: so a patch touches one call, not all."""


def document(snapshot: Snapshot) -> Document:
    """Give the JSON form of a snapshot, as docs/api.md describes it."""
    plain: Document = msgspec.to_builtins(snapshot)
    for name, key in KEYED.items():
        plain[name] = {item[key]: item for item in plain[name]}
    return _without_nulls(plain)


def difference(old: Document, new: Document) -> Document:
    """Give the smallest merge patch that makes `old` into `new` (neither holds nulls)."""
    patch: Document = {name: None for name in old if name not in new}
    for name, value in new.items():
        before = old.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            inner = difference(before, value)
            if inner:
                patch[name] = inner
        elif name not in old or before != value:
            patch[name] = value
    return patch


def merged(target: object, patch: object) -> Any:
    """Apply a merge patch as RFC 7386 section 2 says; neither argument is changed."""
    if not isinstance(patch, dict):
        return patch
    result: Document = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _without_nulls(value: Document) -> Document:
    return {
        name: _without_nulls(item) if isinstance(item, dict) else item
        for name, item in value.items()
        if item is not None
    }
