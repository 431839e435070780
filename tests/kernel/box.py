"""callseat installed in the guest as on a box: unit, user, rules and key map of `udev/`, run by systemd.

May not take a short cut a technician could not take: what is tested is what is shipped.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from devices.hid.echo import BASELINE_S
from tests.kernel.kit.waiting import TIMEOUT_S, await_until
from tests.support import ROOT

ROOMS = ("state", "devices", "prompts", "audio", "firmware_bridge", "callseat")
PLACE = Path("/opt/callseat")
PROGRAM = Path("/usr/local/bin/callseat")
SOCKET = Path("/run/callseat/callseat.sock")
CONFIG_FILE = Path("/etc/callseat/callseat.toml")
CONFIG = """
[prompts]
speak = false
[[line]]
id = "desk"
answer_after_s = 0
"""
INSTALLED = {
    "70-callseat.rules": "/etc/udev/rules.d/70-callseat.rules",
    "70-callseat.hwdb": "/etc/udev/hwdb.d/70-callseat.hwdb",
    "callseat.service": "/etc/systemd/system/callseat.service",
    "callseat.sysusers": "/etc/sysusers.d/callseat.conf",
    "callseat.modules-load": "/etc/modules-load.d/callseat.conf",
}
PAUSE_S = 0.8
"""Longer than any window in which a report may be the answer to a write of ours (devices/hid/echo.py)."""
PLUGGED_S = BASELINE_S + 0.5
"""After this a first press is no longer taken for what a device reports because it was opened."""
START_S = 120.0
"""Starting Python with all it imports takes ten seconds and more where every instruction is emulated."""


def sh(command: str) -> str:
    """Run a command as root; what it printed."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def pause(seconds: float = PAUSE_S) -> None:
    """Let echo windows close: a person does not press faster either."""
    deadline = time.monotonic() + seconds
    await_until(lambda: time.monotonic() >= deadline, seconds + 1.0)


@dataclass(frozen=True, slots=True)
class Told:
    """One line from the daemon, and when it was read."""

    at: float
    topic: str
    params: dict[str, Any]


class SeatSocket:
    """A client of the seat's socket that stamps what it reads: no loop of its own is in the way."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._link = socket.socket(socket.AF_UNIX)
        try:
            self._link.connect(str(path))
        except OSError:
            self._link.close()
            raise
        self._changed = threading.Condition()
        self._told: list[Told] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._number = 0
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up on the daemon, as a crash would."""
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        self._link.close()

    @property
    def told(self) -> tuple[Told, ...]:
        """Everything that was told so far."""
        with self._changed:
            return tuple(self._told)

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """The whole answer: `result` or `error`."""
        self._number += 1
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._link.sendall(json.dumps(request).encode() + b"\n")
        with self._changed:
            there = self._changed.wait_for(lambda: self._number in self._answers or self._ended, TIMEOUT_S)
            assert there, f"{method}: no answer"
            assert self._number in self._answers, f"{method}: the daemon hung up"
            return self._answers.pop(self._number)

    def call(self, method: str, **params: object) -> Any:
        """The result; AssertionError where it was refused."""
        answer = self.ask(method, **params)
        assert "result" in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def snapshot(self) -> dict[str, Any]:
        """The seat as it is now."""
        picture: dict[str, Any] = self.call("state.get")["snapshot"]
        return picture

    def end_calls(self) -> None:
        """Have every customer hang up."""
        for _ in self.snapshot()["calls"]:
            self.ask("simulated.act", act="hangup")
        await_until(lambda: not self.snapshot()["calls"], what="no calls")

    def await_told(
        self, topic: str, *, since: int = 0, timeout_s: float = TIMEOUT_S, **members: object
    ) -> Told:
        """The first notification of this topic with these members, from the `since`-th on."""

        def found() -> Told | None:
            for told in self._told[since:]:
                if told.topic == topic and told.params.items() >= members.items():
                    return told
            return None

        with self._changed:
            told = self._changed.wait_for(found, timeout_s)
            assert told is not None, f"no {topic} {members}; told: {[t.topic for t in self._told[since:]]}"
            return told

    def _read(self) -> None:
        with suppress(OSError), self._link.makefile("rb") as lines:
            for line in lines:
                at = time.monotonic()
                message = json.loads(line)
                with self._changed:
                    if "method" in message:
                        self._told.append(Told(at, message["method"], message["params"]))
                    else:
                        self._answers[message["id"]] = message
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class Box:
    """The installed seat."""

    def install(self) -> None:
        """Copy the rooms and what `udev/` holds, as the guide for technicians says."""
        for room in ROOMS:
            shutil.copytree(ROOT / room, PLACE / room, ignore=shutil.ignore_patterns("__pycache__"))
        PROGRAM.write_text(
            f'#!/bin/sh\nPYTHONPATH={PLACE} exec python3 -P -m callseat "$@"\n', encoding="ascii"
        )
        for file, target in INSTALLED.items():
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / "udev" / file, target)
        CONFIG_FILE.parent.mkdir()
        CONFIG_FILE.write_text(CONFIG, encoding="utf-8")
        sh(f"chmod -R a+rX {PLACE} /etc/callseat; chmod 755 {PROGRAM}; python3 -m compileall -q {PLACE}")
        sh("systemd-sysusers; systemd-hwdb update; udevadm control --reload; systemctl daemon-reload")

    def start(self) -> None:
        """Start the unit; returns when it says that it serves."""
        sh("systemctl start callseat")

    def stop(self) -> None:
        """Stop the unit."""
        sh("systemctl stop callseat")

    def kill(self) -> None:
        """Kill the daemon as the kernel or a watchdog would, and wait until systemd has another one start."""
        before = self.pid
        sh("systemctl kill --signal=KILL --kill-whom=main callseat")
        await_until(lambda: self.pid not in (0, before), START_S, "another daemon")

    @property
    def pid(self) -> int:
        """The daemon's process."""
        return int(sh("systemctl show --property=MainPID --value callseat"))

    def connect(self) -> SeatSocket:
        """A client, as soon as somebody listens."""

        def connected() -> SeatSocket | None:
            try:
                return SeatSocket()
            except OSError:
                return None

        return await_until(connected, START_S, "the seat's socket")

    def subscribe(self) -> SeatSocket:
        """A client that is told of everything."""
        client = self.connect()
        client.call("events.subscribe")
        return client

    def log(self) -> str:
        """What the daemon said."""
        return sh("journalctl -u callseat -o cat --no-pager | tail -n 60")
