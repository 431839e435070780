"""The handle of a Bluetooth audio gateway that runs in an environment of its own (gateway_program.py).

May not know what an answer looks like on the wire: it plays the far parties and the radio.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.peers.install import pypi
from tests.support import ROOT

PACKAGE = "bumble==0.0.236"
PATIENCE_S = 30.0
"""A condition that is not met by then never will be."""
Calls = list[tuple[str, str]]
"""Number and 27.007 status of every call of the phone."""


class Gateway:
    """The phone; `port` is a path that is there while the radio link is."""

    def __init__(self, python: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cs-gateway-"))
        self.port = self.folder / "by-id"
        self.calls: Calls = []
        self.linked = False
        self._python = python
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    @classmethod
    async def open(cls) -> Self:
        """A phone with no call, linked."""
        gateway = cls(await asyncio.to_thread(pypi, PACKAGE))
        try:
            await gateway.switch_on()
        except BaseException:
            await gateway.close()
            raise
        return gateway

    async def switch_on(self, *talking: str) -> None:
        """Start it; `talking`: numbers it talks with when the link comes up."""
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._python,
                ROOT / "tests/peers/gateway_program.py",
                self.port,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        self._reading = asyncio.create_task(self._read(self._process.stdout))
        for number in talking:
            self.do("talk", number=number)
        self.do("link")
        await self.until(lambda: self.linked)

    def do(self, what: str, **more: str) -> None:
        """Let the far party, or the radio, do something; see the `do_` methods of the program."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something of the phone to be so; AssertionError after PATIENCE_S."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(f"never so: {self.calls}, linked: {self.linked}\n{self.log()}") from None

    async def has(self, *calls: tuple[str, str]) -> None:
        """Wait until the phone has these calls."""
        await self.until(lambda: sorted(self.calls) == sorted(calls))

    async def kill(self) -> None:
        """The phone is off at once, and its port with it; its calls are lost."""
        self.port.unlink(missing_ok=True)
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading
        self.calls, self.linked = [], False
        self._process = self._reading = None

    def log(self) -> str:
        """What it complained of."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    async def close(self) -> None:
        """Take it away."""
        await self.kill()
        shutil.rmtree(self.folder)

    async def _read(self, stdout: asyncio.StreamReader) -> None:
        async for line in stdout:
            told = json.loads(line)
            if "calls" in told:
                self.calls = [(number, status) for number, status in told["calls"]]
            self.linked = bool(told.get("linked", self.linked))
            self._moved.set()
