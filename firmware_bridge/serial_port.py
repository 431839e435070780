"""A serial line as a transport: pyserial opens it, the loop watches its descriptor.

May not interpret bytes. A pty works too: it has no modem lines and no parity, so none are asked for.
"""

from __future__ import annotations

import asyncio
import os
import termios

import serial

from firmware_bridge.descriptors import read_some, write_all
from firmware_bridge.transport import from_os_error, gone
from state.errors import TransportError, TransportReason

CHUNK = 4096
WRITE_TIMEOUT_S = 5.0
"""A modem that takes no bytes for this long is wedged: at 115200 baud five seconds carry 57 kB."""


class SerialTransport:
    """One exclusively opened serial line."""

    def __init__(self, port: serial.Serial, path: str) -> None:
        self._port = port
        self._path = path
        self._fd: int | None = port.fileno()
        os.set_blocking(port.fileno(), False)
        _empty_is_not_the_end(port.fileno())

    async def read(self) -> bytes:
        """The next chunk; end of file and EIO mean the line is gone."""
        return await read_some(self._descriptor(), CHUNK, self._path)

    async def write(self, data: bytes, via: str = "output") -> None:
        """Send all bytes; a line that takes none for WRITE_TIMEOUT_S is a timeout."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await write_all(self._descriptor(), data, self._path)
        except TimeoutError as error:
            message = f"{self._path}: took no bytes for {WRITE_TIMEOUT_S:g} s"
            raise TransportError(TransportReason.TIMEOUT, message) from error

    async def aclose(self) -> None:
        """Close the line; waiting bytes are dropped."""
        if self._fd is None:
            return
        self._fd = None
        self._port.close()

    def _descriptor(self) -> int:
        if self._fd is None:
            raise gone(self._path, "closed")
        return self._fd


async def open_serial(path: str, baud: int = 115200, *, lasting: bool = False) -> SerialTransport:
    """Open `path` exclusively, off the loop: some drivers take long to open.

    `lasting`: DTR stays up when the port is closed, for a board that resets whenever DTR rises.
    """
    try:
        port = await asyncio.to_thread(_open, path, baud)
    except OSError as error:  # SerialException is an OSError with errno where the system gave one
        raise from_os_error(error, path) from error
    if lasting:
        _keep_dtr_up(port.fileno())
    return SerialTransport(port, path)


def _keep_dtr_up(fd: int) -> None:
    """DTR falls at the last close only where HUPCL is set (termios(3))."""
    settings = termios.tcgetattr(fd)
    settings[2] &= ~termios.HUPCL
    termios.tcsetattr(fd, termios.TCSANOW, settings)


def _empty_is_not_the_end(fd: int) -> None:
    """Undo pyserial's VMIN 0: with it a read of nothing cannot be told from a hang-up."""
    settings = termios.tcgetattr(fd)
    settings[6][termios.VMIN] = 1
    termios.tcsetattr(fd, termios.TCSANOW, settings)


def _open(path: str, baud: int) -> serial.Serial:
    return serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
