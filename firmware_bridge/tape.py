"""Tapes: what passed at a headset, as JSON lines {t, device, dir, hex[, via]}; read strictly, kept bounded.

May not write down what a redactor did not let through: keyed digits and displayed text identify customers.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from state.errors import Blame, ProtocolError, ProtocolReason

log = logging.getLogger(__name__)

IN, OUT = "in", "out"
OUTPUT, FEATURE = "output", "feature"
MAX_BYTES = 4 << 20
"""One file: some 40 000 reports, more than a month of calls; the file before it is kept, nothing older."""
MAX_LINE = 64 << 10
"""A report has 4096 bytes at most (HID_MAX_BUFFER_SIZE of older kernels): 8192 digits and its head."""
LATEST_S = 1e12
"""Longer than any box is up."""
MAX_QUEUED = 4096
FILE_MODE = 0o640

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One report. `via` is output or feature for one the host wrote, and empty for one it read."""

    t: float
    device: str
    direction: str
    data: bytes
    via: str = ""

    def line(self) -> str:
        """The entry as a line of a tape, without its line end."""
        fields: dict[str, object] = {
            "t": round(self.t, 6),
            "device": self.device,
            "dir": self.direction,
            "hex": self.data.hex(),
        }
        if self.via == FEATURE:
            fields["via"] = FEATURE
        return json.dumps(fields)


def read_tape(lines: Iterable[str], name: str = "tape") -> tuple[Entry, ...]:
    """The entries of a tape; ProtocolError names the line that is none. Blank lines are none of it."""
    return tuple(
        _entry(line, f"{name} line {number}") for number, line in enumerate(lines, 1) if line.strip()
    )


def _entry(line: str, where: str) -> Entry:
    if len(line) > MAX_LINE:
        raise _malformed(where, f"longer than {MAX_LINE} characters")
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise _malformed(where, f"not JSON ({error})") from None
    except RecursionError:
        raise _malformed(where, "not JSON (nested too deeply)") from None
    if not isinstance(fields, dict):
        raise _malformed(where, "expected an object with t, device, dir and hex")
    unknown = fields.keys() - {"t", "device", "dir", "hex", "via"}
    if unknown:
        raise _malformed(where, f"unknown member {min(unknown)!r}")
    return _checked(fields, where)


def _checked(fields: dict[str, Any], where: str) -> Entry:
    t, device, direction = fields.get("t"), fields.get("device"), fields.get("dir")
    if isinstance(t, bool) or not isinstance(t, int | float) or not abs(t) < LATEST_S:
        raise _malformed(where, "t must be seconds")
    if not isinstance(device, str) or not device:
        raise _malformed(where, "device must be a name")
    if direction not in {IN, OUT}:
        raise _malformed(where, f"dir must be {IN} or {OUT}")
    via = fields.get("via", OUTPUT if direction == OUT else "")
    if via not in ({OUTPUT, FEATURE} if direction == OUT else {""}):
        raise _malformed(where, f"via must be {OUTPUT} or {FEATURE}, and only of what the host wrote")
    return Entry(float(t), device, direction, _bytes(fields.get("hex"), where), via)


def _bytes(text: object, where: str) -> bytes:
    if not isinstance(text, str) or not text or re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text) is None:
        raise _malformed(where, "hex must be the bytes of one report, two digits each")
    return bytes.fromhex(text)


def _malformed(where: str, why: str) -> ProtocolError:
    return ProtocolError(Blame.APP, ProtocolReason.MALFORMED, f"{where}: {why}")


def load_tape(path: Path) -> tuple[Entry, ...]:
    """The entries of a tape file; OSError where it cannot be read."""
    try:
        return read_tape(path.read_text(encoding="utf-8").splitlines(), str(path))
    except UnicodeDecodeError as error:
        raise _malformed(str(path), f"not UTF-8 at byte {error.start}") from None


class TapeWriter:
    """One tape file. It is new with every opening and when it is full; the one before it is kept as `.1`."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._fd = -1
        self._size = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open()

    def write(self, entry: Entry) -> None:
        """Append one entry; an OSError leaves no half line behind."""
        data = entry.line().encode() + b"\n"
        if self._size and self._size + len(data) > self._max_bytes:
            self.close()
        if self._fd < 0:
            self._open()
        written = os.write(self._fd, data)
        if written != len(data):
            os.ftruncate(self._fd, self._size)
            raise OSError(28, "No space left on device")
        self._size += written

    def close(self) -> None:
        """Close the file; another entry begins a new one."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _open(self) -> None:
        if self._path.exists():
            self._path.replace(self._path.with_name(self._path.name + ".1"))
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        self._size = 0


class Redacting(Protocol):
    """Says what of a device's reports may be written down (`devices.hid.redactor`)."""

    def read(self, report: bytes) -> bytes | None:
        """An input report without what nobody may know; None to leave it out."""
        ...

    def written(self, report: bytes, via: str) -> bytes | None:
        """The same of a report of the host."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """A report on its way to the file of its device."""

    entry: Entry
    redactor: Redacting


class TapeFolder:
    """The tapes of a daemon: one file per admitted device, redacted and written by a thread of its own.

    Call it with every report; it never blocks and never raises, what it cannot take is counted.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES, *, max_queued: int = MAX_QUEUED) -> None:
        self.dropped = 0
        """Reports that are on no tape because the disk was too slow, full or not writable."""
        self._folder = folder
        self._max_bytes = max_bytes
        self._redactors: dict[str, Redacting] = {}
        self._queue: queue.Queue[_Seen | None] = queue.Queue(max_queued)
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="tapes", daemon=True)
        self._thread.start()

    def admit(self, device: str, redactor: Redacting) -> None:
        """Tape this device from now on; one that was never admitted is not taped."""
        self._redactors[device] = redactor

    def __call__(self, device: str, direction: str, data: bytes, via: str, at: float) -> None:
        """A report passed at `at`: `direction` is in or out, `via` output or feature of one that went out."""
        redactor = self._redactors.get(device)
        if redactor is None:
            return
        entry = Entry(at, device, direction, data, via if direction == OUT else "")
        try:
            self._queue.put_nowait(_Seen(entry, redactor))
        except queue.Full:
            self.dropped += 1

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what is queued and end; blocks for `timeout_s` at most."""
        if not self._thread.is_alive():
            return
        try:
            self._queue.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._thread.join(timeout_s)

    def path(self, device: str) -> Path:
        """The file of a device; its name is made fit for any file system."""
        return self._folder / f"{_UNSAFE.sub('-', device).strip('.-') or 'device'}.jsonl"

    def _run(self) -> None:
        tapes: dict[str, TapeWriter] = {}
        while (seen := self._queue.get()) is not None:
            entry = _redacted(seen)
            if entry is None:
                continue
            try:
                tape = tapes.get(entry.device)
                if tape is None:
                    tape = tapes[entry.device] = TapeWriter(self.path(entry.device), self._max_bytes)
                tape.write(entry)
            except OSError as error:
                self.dropped += 1
                self._tell(str(error.strerror))
        for tape in tapes.values():
            tape.close()

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("tapes in %s: %s", self._folder, trouble)
        self._trouble = trouble


def _redacted(seen: _Seen) -> Entry | None:
    """The entry as it may be written down."""
    entry, redactor = seen.entry, seen.redactor
    data = redactor.read(entry.data) if entry.direction == IN else redactor.written(entry.data, entry.via)
    return None if data is None else Entry(entry.t, entry.device, entry.direction, data, entry.via)
