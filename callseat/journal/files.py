"""The journal's two files: one is written, the one before it is kept; together they stay within a bound.

May not know events: lines of bytes only.
"""

from __future__ import annotations

import os
from pathlib import Path

FILE_MODE = 0o640


def previous(path: Path) -> Path:
    """The file before this one."""
    return path.with_name(path.name + ".1")


class RotatingFile:
    """Appends lines; at half of `max_bytes` the file becomes the previous one and `header` opens the next."""

    def __init__(self, path: Path, max_bytes: int, header: bytes) -> None:
        self._path = path
        self._half = max_bytes // 2
        self._header = header
        path.parent.mkdir(parents=True, exist_ok=True)
        self._size = 0
        self._descriptor = -1
        self._open()
        if self._size > self._half:
            self._roll()

    def append(self, line: bytes) -> None:
        """Write one line, on a new file where this one is full; an OSError leaves no half line behind."""
        if self._size + len(line) + 1 > self._half and self._size > len(self._header) + 1:
            self._roll()
        self._write(line)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, FILE_MODE)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            # A run that was killed while writing left a torn line: it must not swallow the next one.
            size += os.write(descriptor, b"\n")
        self._descriptor, self._size = descriptor, size
        self._write(self._header)

    def _roll(self) -> None:
        os.close(self._descriptor)
        self._path.replace(previous(self._path))
        self._open()

    def _write(self, line: bytes) -> None:
        data = line + b"\n"
        written = os.write(self._descriptor, data)
        if written != len(data):
            os.ftruncate(self._descriptor, self._size)
            raise OSError(28, "No space left on device")
        self._size += written
