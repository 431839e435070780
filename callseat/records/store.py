"""The record store: rows are queued on the loop and written by one thread of its own.

May not lose a row: a full queue is fatal, a full or locked disk is waited out, a damaged file is moved aside.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from callseat.records.file import RecordFile, Restored, Seen, is_damage
from state.errors import ConfigError, SeatError
from state.rows import Row

log = logging.getLogger(__name__)

MAX_QUEUED = 4096
"""A call makes some twenty rows; this many waiting is hours without a disk, and a restart is safe."""
MAX_BATCH = 256
RETRY_S = 1.0
"""Pause before a disk that is full or locked is tried again."""


class RecordsOverflow(RuntimeError):
    """Rows came faster than the disk took them: the daemon has to stop, the phone works on."""


class RecordsLost(SeatError):
    """Rows could not be written before the end."""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """How the store is: `trouble` is empty, or why rows wait; `notices` are for the operator."""

    written: int
    queued: int
    trouble: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Flush:
    done: Future[None]


@dataclass(frozen=True, slots=True)
class _Load:
    done: Future[Restored]


class _Stop:
    pass


_Item = Row | Seen | _Flush | _Load | _Stop


class RecordStore:
    """Keeps rows in `path`; `session` must be new for every run of the daemon."""

    def __init__(
        self,
        path: Path,
        session: str,
        boot_id: str,
        *,
        max_queued: int = MAX_QUEUED,
        retry_s: float = RETRY_S,
    ) -> None:
        self._path = path
        self._session = session
        self._boot_id = boot_id
        self._retry_s = retry_s
        self._queue: queue.Queue[_Item] = queue.Queue(max_queued)
        self._opened: Future[None] = Future()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        self._file: RecordFile | None = None
        self._failure: BaseException | None = None
        self._batch: list[_Item] = []
        self._written = 0
        self._trouble = ""

    def start(self) -> None:
        """Open the file and start the writer; blocks; a file that cannot be used is a ConfigError."""
        self._thread.start()
        self._opened.result()

    def write(self, row: Row) -> None:
        """Queue a row; never blocks. A full queue is RecordsOverflow, a dead writer is its own error."""
        self._put(row)

    def seen(self, at: float, wall_s: float, synced: bool) -> None:
        """Note that the daemon is alive, so that a later run knows how long it was gone; droppable."""
        if self._queue.qsize() < self._queue.maxsize // 2:
            self._put(Seen(at, wall_s, synced))

    def flush(self) -> Future[None]:
        """Resolves when every row queued before is on the disk."""
        done: Future[None] = Future()
        self._put(_Flush(done))
        return done

    def load_open(self) -> Restored:
        """What earlier runs left behind; blocks, so call it before the loop runs or in a thread."""
        done: Future[Restored] = Future()
        self._put(_Load(done))
        return done.result()

    def status(self) -> StoreStatus:
        """How the store is; never blocks."""
        notices = self._file.notices if self._file is not None else ()
        return StoreStatus(self._written, self._queue.qsize(), self._trouble, notices)

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what is queued and stop; blocks. Rows a broken disk did not take are RecordsLost."""
        if not self._thread.is_alive():
            return
        self._stopping.set()
        try:
            self._queue.put(_Stop(), timeout=timeout_s)
        except queue.Full:
            raise RecordsLost(f"records {self._path}: {self._queue.qsize()} rows not written") from None
        self._thread.join(timeout_s)
        if self._thread.is_alive() or self._trouble:
            raise RecordsLost(f"records {self._path}: rows not written: {self._trouble or 'the disk hangs'}")

    def _put(self, item: _Item) -> None:
        if (failure := self._ended_by()) is not None:
            raise RuntimeError("the record writer has ended") from failure
        try:
            self._queue.put_nowait(item)
            if (failure := self._ended_by()) is not None:
                # The writer ended between the check and the put: nobody else will answer what waits.
                self._fail(self._drain(), failure)
        except queue.Full:
            raise RecordsOverflow(
                f"{self._queue.maxsize} rows wait for {self._path}: {self._trouble}"
            ) from None

    def _ended_by(self) -> BaseException | None:
        return self._failure

    def _run(self) -> None:
        try:
            self._file = RecordFile(self._path, self._session, self._boot_id)
        except ConfigError as error:
            self._opened.set_exception(error)
            return
        except (sqlite3.Error, OSError) as error:
            self._opened.set_exception(ConfigError(f"[records] path: {self._path} cannot be opened: {error}"))
            return
        finally:
            if (fault := sys.exception()) is not None and not self._opened.done():
                self._opened.set_exception(fault)
        for notice in self._file.notices:
            log.warning(notice)
        self._opened.set_result(None)
        try:
            self._serve(self._file)
        finally:
            self._file.close()
            if (failure := sys.exception()) is not None:
                self._failure = failure
                self._fail(self._batch + self._drain(), failure)

    def _serve(self, file: RecordFile) -> None:
        while True:
            batch = self._batch = self._take()
            written = self._commit(
                file, [item for item in batch if not isinstance(item, _Flush | _Load | _Stop)]
            )
            for item in batch:
                match item:
                    case _Flush() if written:
                        item.done.set_result(None)
                    case _Flush():
                        item.done.set_exception(RecordsLost(self._trouble))
                    case _Load():
                        item.done.set_result(file.restored())
                    case _Stop():
                        return
                    case _:
                        self._written += written

    def _take(self) -> list[_Item]:
        batch = [self._queue.get()]
        while len(batch) < MAX_BATCH and not isinstance(batch[-1], _Stop):
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch

    def _commit(self, file: RecordFile, rows: list[Row | Seen]) -> bool:
        """Write the rows, trying until it works or the store is closed; whether they are on the disk."""
        while rows:
            last_try = self._stopping.is_set()
            try:
                file.commit(rows)
                break
            except sqlite3.OperationalError as error:
                self._trouble = str(error)
                log.error("records %s: %s; %d rows wait", self._path, error, len(rows))
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                file.replace(error)
                log.error(file.notices[-1])
                continue
            if last_try:
                return False
            self._stopping.wait(self._retry_s)
        self._trouble = ""
        return True

    def _drain(self) -> list[_Item]:
        waiting: list[_Item] = []
        while True:
            try:
                waiting.append(self._queue.get_nowait())
            except queue.Empty:
                return waiting

    def _fail(self, items: list[_Item], error: BaseException) -> None:
        for item in items:
            if isinstance(item, _Flush | _Load) and not item.done.done():
                item.done.set_exception(error)
