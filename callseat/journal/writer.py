"""The journal: every decision in order, bounded, without digits, written by a thread of its own.

May not hold up the loop and may not stop the daemon: what it cannot take is counted and told in the journal.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from pathlib import Path

import msgspec

from callseat.journal.codec import Plain, encode_event, outline
from callseat.journal.files import RotatingFile
from state.effects import Effect
from state.events import Event

log = logging.getLogger(__name__)

FORMAT = 1
MAX_QUEUED = 8192
"""Half a minute of a busy seat; the thread needs some ten microseconds for a line."""


@dataclass(frozen=True, slots=True)
class Header:
    """What one has to know to replay a journal; written again at the head of every file."""

    session: str
    boot_id: str
    config: str
    phrases: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class JournalStatus:
    """How the journal is: `dropped` lines were never written, `trouble` says why files fail."""

    written: int
    dropped: int
    trouble: str


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    event: Event | None
    effects: tuple[Effect, ...]
    before: int
    """How many entries had been dropped when this one was taken."""


class Journal:
    """Watches the consumer: hand `consumed` to it."""

    def __init__(self, path: Path, max_bytes: int, header: Header, *, max_queued: int = MAX_QUEUED) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._header = msgspec.json.encode(
            {"type": "Journal", "format": FORMAT} | msgspec.to_builtins(header)
        )
        self._queue: queue.Queue[_Entry | None] = queue.Queue(max_queued)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._written = 0
        self._dropped = 0
        self._failed = 0
        self._trouble = ""
        self._closed = False

    def start(self) -> None:
        """Start the writer; a file that cannot be opened is told in `status`, not raised."""
        self._thread.start()

    def consumed(self, at: float, event: Event | None, effects: tuple[Effect, ...]) -> None:
        """Note a decision: `event` (None: time passed) gave `effects`; never blocks, drops when it must."""
        try:
            self._queue.put_nowait(_Entry(at, event, effects, self._dropped))
        except queue.Full:
            self._dropped += 1

    def status(self) -> JournalStatus:
        """How the journal is; never blocks."""
        ended = self._thread.ident is not None and not self._thread.is_alive() and not self._closed
        trouble = self._trouble or ("the writer has ended" if ended else "")
        return JournalStatus(self._written, self._dropped + self._failed, trouble)

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what is queued and stop; blocks for `timeout_s` at most."""
        if not self._thread.is_alive():
            return
        self._closed = True
        try:
            self._queue.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._thread.join(timeout_s)

    def _run(self) -> None:
        file: RotatingFile | None = None
        told = 0
        while (entry := self._queue.get()) is not None:
            lost = entry.before + self._failed
            try:
                file = file or RotatingFile(self._path, self._max_bytes, self._header)
                if lost > told:
                    file.append(msgspec.json.encode({"type": "Dropped", "count": lost - told}))
                    told = lost
                file.append(msgspec.json.encode(_plain(entry)))
            except OSError as error:
                self._failed += 1
                self._fail(str(error.strerror))
            else:
                self._written += 1
                self._trouble = ""
        if file is not None:
            file.close()

    def _fail(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("journal %s: %s", self._path, trouble)
        self._trouble = trouble


def _plain(entry: _Entry) -> Plain:
    plain: Plain = {"at": entry.at}
    if entry.event is not None:
        plain["event"] = encode_event(entry.event)
    if entry.effects:
        plain["effects"] = [outline(effect) for effect in entry.effects]
    return plain
