"""What every open headset must be told should this process be killed, kept in a file while it lives.

A killed process runs nothing: `callseat devices quiet` reads the file after it and writes the reports. May
not open a device, and nothing here waits on the loop: the file is written by a thread of its own.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from callseat.api.paths import default_socket_path
from firmware_bridge.inventory import HidNode
from state.engine import Write
from state.errors import ConfigError

NAME = "farewell.json"
VERSION = 1
MAX_FILE_BYTES = 1 << 16
"""A device needs about 300 bytes."""
STARTED_FIELD = 22
"""Start time of a process in /proc/PID/stat, proc(5)."""
VIAS = ("output", "feature")

_log = logging.getLogger("callseat.farewell")


@dataclass(frozen=True, slots=True)
class Farewell:
    """The last words to one device; `identity` is who must be behind the node to hear them."""

    device: str
    node: Path
    identity: str
    reports: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from a later one with the same number by its start, in kernel ticks."""

    pid: int
    started: int


def farewell_path(environ: Mapping[str, str]) -> Path:
    """Beside the default socket: in the unit's runtime directory, kept until ExecStopPost= has run."""
    return default_socket_path(environ).with_name(NAME)


def owner_of(pid: int, proc: Path = Path("/proc")) -> Owner | None:
    """The process of this number; None where there is none."""
    try:
        stat = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        # The second field is a name in brackets and may hold anything.
        return Owner(pid, int(stat[stat.rindex(")") + 2 :].split()[STARTED_FIELD - 3]))
    except (OSError, ValueError, IndexError):
        return None


class FarewellFile:
    """The file of this process; absent while no device is open. Calls come from the loop's thread alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wanted: dict[str, Farewell] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._failed = ""

    def set(self, device: str, node: HidNode, writes: tuple[Write, ...]) -> None:
        """Keep these reports for the device opened at `node`; whole, in the order they are to be written."""
        entry = Farewell(device, node.path, node.identity, writes)
        if self._wanted.get(device) != entry:
            self._change({**self._wanted, device: entry})

    def drop(self, device: str) -> None:
        """The device is gone, or was told already."""
        if device in self._wanted:
            self._change({name: entry for name, entry in self._wanted.items() if name != device})

    def close(self) -> None:
        """Wait until the file says the last of it; blocks, called off the loop."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def _change(self, wanted: dict[str, Farewell]) -> None:
        self._wanted = wanted
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="farewell")
        self._pool.submit(self._write, wanted)

    def _write(self, wanted: dict[str, Farewell]) -> None:
        """In the thread. What has been overtaken meanwhile is not written."""
        if wanted is not self._wanted:
            return
        try:
            if wanted:
                _replace(self._path, encode(tuple(wanted.values()), owner_of(os.getpid())))
            else:
                self._path.unlink(missing_ok=True)
            self._failed = ""
        except OSError as error:
            if self._failed != str(error):
                self._failed = str(error)
                told = "%s: cannot be written: %s; after a kill a headset would go on ringing"
                _log.warning(told, self._path, error.strerror)


def encode(farewells: tuple[Farewell, ...], owner: Owner | None) -> bytes:
    """The file's text."""
    devices = [
        {
            "device": each.device,
            "node": str(each.node),
            "identity": each.identity,
            "reports": [{"via": report.via, "hex": report.data.hex()} for report in each.reports],
        }
        for each in farewells
    ]
    started = {"pid": owner.pid, "started": owner.started} if owner is not None else None
    return json.dumps({"version": VERSION, "owner": started, "devices": devices}).encode()


def read_farewells(path: Path) -> tuple[tuple[Farewell, ...], Owner | None]:
    """What a file says, and whose it is; ConfigError where there is none or it cannot be understood."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file: no headset was left behind") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return _decode(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a farewell of callseat: {error}") from None


def _decode(data: bytes) -> tuple[tuple[Farewell, ...], Owner | None]:
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"more than {MAX_FILE_BYTES} bytes")
    tree = json.loads(data)
    if tree["version"] != VERSION:
        raise ValueError(f"version {tree['version']!r}, not {VERSION}")
    farewells = tuple(
        Farewell(
            str(each["device"]),
            Path(each["node"]),
            str(each["identity"]),
            tuple(_report(report["via"], report["hex"]) for report in each["reports"]),
        )
        for each in tree["devices"]
    )
    owner = tree["owner"]
    return farewells, Owner(int(owner["pid"]), int(owner["started"])) if owner is not None else None


def _report(via: str, text: str) -> Write:
    if via not in VIAS or not text:
        raise ValueError(f"no report: {via!r} {text!r}")
    return Write(bytes.fromhex(text), via)


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all: whoever reads sees the file before or after."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)
