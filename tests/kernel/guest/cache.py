"""Where built guests are kept: one folder for each fingerprint, shared by every checkout of this user.

May not know what is in a folder. It appears whole, by rename, and is removed only when nobody runs from it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.kernel.guest.host import LabError

KEPT = 2
"""Folders that stay: this checkout's, and the one used before, so that two do not build in turns."""


def cache_folder() -> Path:
    """The cache of this user, made if need be and closed to others."""
    place = _named()
    try:
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise LabError(
            f"cannot keep the guest in {place} ({error.strerror}): set CALLSEAT_LAB_CACHE"
        ) from error
    return place


def _named() -> Path:
    """CALLSEAT_LAB_CACHE, else XDG_CACHE_HOME, else ~/.cache; without a home, a temporary folder."""
    if named := os.environ.get("CALLSEAT_LAB_CACHE"):
        return Path(named).absolute()
    if caches := os.environ.get("XDG_CACHE_HOME"):
        return Path(caches).absolute() / "callseat-lab"
    home = os.environ.get("HOME", "")
    if not home:
        with contextlib.suppress(KeyError):
            home = pwd.getpwuid(os.getuid()).pw_dir
    if home and os.access(home, os.W_OK):
        return Path(home).absolute() / ".cache/callseat-lab"
    return Path(tempfile.gettempdir()) / f"callseat-lab-{os.getuid()}"


@contextlib.contextmanager
def locked(cache: Path) -> Iterator[None]:
    """One at a time builds, saves and removes."""
    with (cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """While a guest runs from a folder, nobody removes it."""
    with (folder / "used").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        os.utime(folder)
        yield


def make_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a temporary folder and give it its name when it is whole; to be called locked."""
    for left in folder.parent.glob("*.making"):
        shutil.rmtree(left)
    making = folder.with_name(f"{folder.name}.making")
    making.mkdir()
    try:
        fill(making)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    making.replace(folder)


def prune(folder: Path) -> None:
    """Remove what is old and not in use; to be called locked."""
    others = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[KEPT - 1 :]:
        with contextlib.suppress(BlockingIOError):
            remove(path, fcntl.LOCK_NB)


def remove(folder: Path, how: int = 0) -> None:
    """Remove a folder when no guest runs from it any more; with LOCK_NB, BlockingIOError while one does."""
    if folder.is_dir():
        with (folder / "used").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | how)
            shutil.rmtree(folder)
