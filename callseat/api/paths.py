"""Where the socket is, and whose it is: default place, one owner, no stale file, mode and group.

May not speak the protocol. Errors are the operator's to mend and name the path.
"""

from __future__ import annotations

import fcntl
import grp
import logging
import os
import socket
import stat
import struct
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from state.errors import ConfigError

NAME = "callseat.sock"
SYSTEM_DIRECTORY = Path("/run/callseat")
"""RuntimeDirectory= of the shipped systemd unit."""
GROUP = "callseat"
MODE = 0o660

_log = logging.getLogger("callseat.api")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end, as the kernel says (unix(7), SO_PEERCRED)."""

    pid: int
    uid: int
    gid: int


def peer_of(connected: socket.socket) -> Peer:
    """Read the credentials of the process at the other end."""
    raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return Peer(*struct.unpack("3i", raw))


def default_socket_path(environ: Mapping[str, str], system: Path = SYSTEM_DIRECTORY) -> Path:
    """Where a daemon listens when nothing is configured."""
    if system.is_dir() and os.access(system, os.W_OK | os.X_OK):
        return system / NAME
    return next(_own_places(environ))


def existing_socket_path(environ: Mapping[str, str], system: Path = SYSTEM_DIRECTORY) -> Path:
    """Where a client finds the daemon: the first place with a socket, else where one would be."""
    for path in (system / NAME, *_own_places(environ)):
        if path.is_socket():
            return path
    return default_socket_path(environ, system)


def _own_places(environ: Mapping[str, str]) -> Iterator[Path]:
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK | os.X_OK):
        yield Path(runtime) / "callseat" / NAME
    yield Path(environ.get("TMPDIR") or tempfile.gettempdir()) / f"callseat-{os.geteuid()}" / NAME


@dataclass(slots=True)
class Claim:
    """A bound socket nobody else owns; `release` gives path and lock back."""

    path: Path
    listener: socket.socket
    lock: int
    inode: int

    def release(self) -> None:
        """Close the socket and remove its file, unless somebody replaced it."""
        self.listener.close()
        if self.path.is_socket() and self.path.stat().st_ino == self.inode:
            self.path.unlink()
        os.close(self.lock)


def claim(path: Path, group: str = GROUP) -> Claim:
    """Bind `path`, removing a stale socket; ConfigError when it is owned, foreign or impossible."""
    _prepare_directory(path.parent)
    lock = _lock(path)
    try:
        _remove_stale(path)
        listener = _bind(path, group)
    except (ConfigError, OSError):
        os.close(lock)
        raise
    return Claim(path, listener, lock, path.stat().st_ino)


def _prepare_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        entries = (directory.lstat(), directory.stat())
    except OSError as error:
        raise ConfigError(f"socket directory {directory}: {error.strerror}") from None
    for entry in entries:
        if entry.st_uid not in (0, os.geteuid()):
            raise ConfigError(f"socket directory {directory} belongs to another user (uid {entry.st_uid})")
    if entries[1].st_mode & stat.S_IWOTH and not entries[1].st_mode & stat.S_ISVTX:
        raise ConfigError(
            f"socket directory {directory} is writable by everybody: anyone could pose as callseat"
        )


def _lock(path: Path) -> int:
    """Hold `<path>.lock` for life: two daemons starting at once cannot both find the socket stale."""
    name = path.with_name(path.name + ".lock")
    try:
        lock = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(f"socket lock {name}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigError(_owned(path, _listener_of(path))) from None
    return lock


def _owned(path: Path, owner: Peer | None) -> str:
    who = f" (process {owner.pid})" if owner else ""
    return f"another callseat{who} is listening on {path}: stop it, or configure another socket path"


def _listener_of(path: Path) -> Peer | None:
    """Who listens on `path`; None when nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as probe:
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        return peer_of(probe)


def _remove_stale(path: Path) -> None:
    if not (path.exists() or path.is_symlink()):
        return
    if not path.is_socket() or path.is_symlink():
        raise ConfigError(
            f"{path} exists and is not a socket: move it away, or configure another socket path"
        )
    try:
        owner = _listener_of(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be tried: {error.strerror}") from None
    if owner:
        raise ConfigError(_owned(path, owner))
    _log.info("removed the stale socket %s", path)
    path.unlink()


def _bind(path: Path, group: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        listener.bind(str(path))
        _hand_to_group(path, group)
        path.chmod(MODE)
    except OSError as error:
        listener.close()
        raise ConfigError(f"cannot listen on {path}: {error.strerror or error}") from None
    return listener


def _hand_to_group(path: Path, group: str) -> None:
    """Give the socket to `group` where it exists and we may; else it stays with our own group."""
    try:
        os.chown(path, -1, grp.getgrnam(group).gr_gid)
    except (KeyError, PermissionError) as error:
        _log.info("socket %s stays with our own group: %s", path, error)
