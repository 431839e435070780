"""The numbered feed: every notification gets the next `seq`; a picture names the `seq` it is valid at.

May not know a client: whoever takes a picture and then every line after it has missed and doubled nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from callseat.api.codec import encode_notification
from callseat.api.document import Document, difference, document
from callseat.api.topics import STATE_CHANGED
from state.snapshot import Snapshot


class Feed:
    """The document as subscribers know it, and the number of the last line they were sent."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.seq = 0
        self._document = document(snapshot)

    def changed(self, snapshot: Snapshot, wall: float | None = None) -> bytes | None:
        """Give the delta to `snapshot`; None when nothing but its time differs."""
        new = document(snapshot)
        patch = difference(self._document, new)
        if not patch.keys() - {"at"}:
            return None
        self._document = new
        return self._next(STATE_CHANGED, {"patch": patch}, snapshot.at, wall)

    def happened(self, topic: str, data: Mapping[str, object], at: float, wall: float | None = None) -> bytes:
        """Give the line that tells of `topic`."""
        return self._next(topic, data, at, wall)

    def picture(self) -> Document:
        """The document and the seq it is valid at."""
        return {"snapshot": self._document, "seq": self.seq}

    def _next(self, topic: str, data: Mapping[str, object], at: float, wall: float | None) -> bytes:
        line = encode_notification(
            topic, {**data, "seq": self.seq + 1, "ts": {"monotonic": at, "wall": wall}}
        )
        self.seq += 1
        return line
