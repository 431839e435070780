"""A TCP connection as a transport: the control channel of a softphone on this machine.

May not interpret bytes, and starts no program: nobody listening there is a device that is gone.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from firmware_bridge.transport import from_os_error, gone
from state.errors import ConfigError, TransportError, TransportReason

CHUNK = 4096
CONNECT_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 5.0
"""A program that takes no bytes for this long is wedged: what it is told fits any socket buffer."""
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
"""Linux only. Without it an answer that follows a notice waits for our acknowledgement, 40 ms (tcp(7))."""


class TcpTransport:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
        self._reader = reader
        self._writer = writer
        self._name = name
        self._closed = False

    async def read(self) -> bytes:
        """The next chunk; the other side's closing and every error of the connection mean it is gone."""
        self._acknowledge_at_once()
        try:
            data = await self._reader.read(CHUNK)
        except OSError as error:
            raise from_os_error(error, self._name) from error
        if not data:
            raise gone(self._name, "closed" if self._closed else "closed by the other side")
        return data

    async def write(self, data: bytes, via: str = "output") -> None:
        """Send all bytes; a side that takes none for WRITE_TIMEOUT_S is a timeout."""
        if self._closed:
            raise gone(self._name, "closed")
        self._writer.write(data)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writer.drain()
        except TimeoutError as error:
            message = f"{self._name}: took no bytes for {WRITE_TIMEOUT_S:g} s"
            raise TransportError(TransportReason.TIMEOUT, message) from error
        except OSError as error:
            raise from_os_error(error, self._name) from error

    async def aclose(self) -> None:
        """Close the connection; waiting bytes are dropped."""
        if self._closed:
            return
        self._closed = True
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()

    def _acknowledge_at_once(self) -> None:
        """The kernel forgets it after a while, so it is said before every read."""
        endpoint = self._writer.get_extra_info("socket")
        if endpoint is not None and _QUICKACK is not None:
            with suppress(OSError):
                endpoint.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)


async def open_tcp(address: str) -> TcpTransport:
    """Connect to `host:port`; refused means gone: the program is not there, or not yet."""
    host, port = split_address(address)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
    except TimeoutError as error:
        message = f"{address}: no connection within {CONNECT_TIMEOUT_S:g} s"
        raise TransportError(TransportReason.TIMEOUT, message) from error
    except OSError as error:
        raise from_os_error(error, address) from error
    return TcpTransport(reader, writer, address)


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[v6]:port`; ConfigError for anything else."""
    host, colon, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"{address!r} is not host:port, such as 127.0.0.1:4444")
    return bare, int(port)
