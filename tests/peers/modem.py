"""Debian's iaxmodem: a real Hayes modem on a pty, with our exchange for its line.

May not be asked for voice: it is a fax modem, so an answered call is CONNECT once its answer tone was sent.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

from firmware_bridge.serial_port import open_serial
from tests.peers.iax import PATIENCE_S, Exchange
from tests.peers.install import apt

NAME = "desk"
CONFIGURATION = """
device {device}
owner root:root
mode 660
port 0
refresh 60
server 127.0.0.1:{exchange}
peername {name}
secret none
cidname Desk
cidnumber 100
codec slinear
nodaemon
"""
FAX_CLASS = b"AT+FCLASS=1\r"
"""In the data class it answers and then neither says nor hears anything: its data mode was never written."""


class Modem:
    """One modem and its exchange; `port` is a path that is there while the modem is."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.folder = Path(tempfile.mkdtemp(prefix="cs-modem-"))  # short: a device's name has 63 bytes
        self.port = self.folder / "by-id"
        self._device = self.folder / "tty"
        self._configuration = self.folder / "configuration"
        self._configuration.write_text(
            CONFIGURATION.format(device=self._device, exchange=exchange.port, name=NAME), encoding="ascii"
        )
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    async def open(cls) -> Self:
        """A modem that is on, and known to an exchange of its own."""
        await asyncio.to_thread(apt, "iaxmodem")
        modem = cls(await Exchange.open())
        try:
            await modem.switch_on()
        except BaseException:
            await modem.close()
            raise
        return modem

    async def switch_on(self) -> None:
        """Start it; its port appears once it has registered and is in the fax class."""
        known = self.exchange.registrations
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "iaxmodem",
                f"../..{self._configuration}",  # looked for in /etc/iaxmodem, which a name may climb out of
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            await self.exchange.until(lambda: self.exchange.registrations > known)
        except AssertionError as error:
            raise AssertionError(f"the modem never registered\n{self.log()}") from error
        await _told(str(self._device), FAX_CLASS)
        self.port.symlink_to(self._device.readlink())

    async def pull(self) -> None:
        """Its cable is pulled: the device and its name are gone at once."""
        self.port.unlink(missing_ok=True)
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    def log(self) -> str:
        """What it said of itself."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    async def close(self) -> None:
        """Take modem and exchange away."""
        await self.pull()
        self.exchange.close()
        shutil.rmtree(self.folder)


async def _told(device: str, command: bytes) -> None:
    """Write a command and read until it is carried out, as whoever set the modem up did."""
    transport = await open_serial(device)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await transport.write(command)
            said = b""
            while b"OK" not in said:
                said += await transport.read()
    finally:
        await transport.aclose()
