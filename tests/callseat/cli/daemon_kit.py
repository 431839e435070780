"""A real daemon in its own process and folder, heard by its notify socket; and the command line beside it.

May not sleep: readiness is a datagram, everything else a condition of the seat with a deadline.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from callseat.api.client import ApiClient
from callseat.cli.root import root
from tests.support import ROOT

PATIENCE_S = 30.0
"""A test that waits longer has failed; two busy cores start a daemon in a few seconds."""

SIMULATED_SEAT = """
[[line]]
id = "desk"
answer_after_s = 0
[[headset]]
id = "headset"
"""
FILES = """
[prompts]
cache_dir = "cache"
[socket]
path = "s"
[records]
path = "records.sqlite"
[journal]
path = "journal.jsonl"
"""


class Daemon:
    """`callseat run` in a folder; it may be started again after it ended, with everything it left there."""

    def __init__(self, seat: str = SIMULATED_SEAT) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cs-"))  # short: a socket's path has 107 bytes
        self.config = self.folder / "callseat.toml"
        self.config.write_text(seat + FILES, encoding="utf-8")
        self.socket = self.folder / "s"
        self.process: subprocess.Popen[bytes] | None = None
        self.heard: list[str] = []
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(self.folder / "notify"))
        self._notified.settimeout(PATIENCE_S)

    def start(self, **more: str) -> None:
        """Start it, with `more` in its environment, and wait until it serves."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("CALLSEAT_")}
        env |= {"NOTIFY_SOCKET": str(self.folder / "notify"), **more}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "callseat", "run", "--config", str(self.config)],
                cwd=ROOT,
                env=env,
                stderr=log,
                stdout=log,
            )
        self.told("READY=1")

    def told(self, word: str) -> str:
        """The next notification with `word` in it."""
        while True:
            self.heard.append(self._notified.recv(4096).decode())
            if word in self.heard[-1]:
                return self.heard[-1]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def close(self) -> None:
        """End it, whatever it does, and forget its folder."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(PATIENCE_S)
        self._notified.close()
        shutil.rmtree(self.folder)

    def cli(self, *arguments: str, status: int = 0) -> Result:
        """A command with this daemon's socket; its exit status is checked."""
        return command(*arguments, "--socket", str(self.socket), status=status)

    def json(self, *arguments: str) -> Any:
        """What a command with --json answers."""
        return json.loads(self.cli(*arguments, "--json").stdout)


async def until(condition: Callable[[Any], bool], client: ApiClient) -> Any:
    """Follow the seat until its picture meets the condition; the picture."""
    happenings = await client.subscribe()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition(client.snapshot):
                await anext(happenings)
    except TimeoutError:
        raise AssertionError(f"never so: {client.snapshot}") from None
    return client.snapshot


def command(*arguments: str, status: int = 0) -> Result:
    """`callseat ARGUMENTS` in this process, far from any configuration or seat of the machine."""
    nowhere = {
        "HOME": "/nonexistent",
        "XDG_CONFIG_HOME": "/nonexistent",
        "XDG_RUNTIME_DIR": "/nonexistent",
        "TMPDIR": "/nonexistent",
        "CALLSEAT_CONFIG": "",
        "CALLSEAT_SOCKET": "",
    }
    result = CliRunner().invoke(root, list(arguments), env={**nowhere, "COLUMNS": "120"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, (arguments, result.stdout, result.stderr)
    return result
