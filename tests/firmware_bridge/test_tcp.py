"""A TCP transport against real sockets: bytes both ways, and every way for the other side to be gone."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from firmware_bridge import tcp
from firmware_bridge.tcp import TcpTransport, open_tcp, split_address
from state.errors import ConfigError, TransportError, TransportReason


def on_pair(test: Callable[[TcpTransport, socket.socket], Coroutine[Any, Any, None]]) -> None:
    """Run a test on a transport and the other end's plain socket."""

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            transport = await open_tcp(f"127.0.0.1:{server.getsockname()[1]}")
            other, _ = server.accept()
            try:
                async with asyncio.timeout(10):
                    await test(transport, other)
            finally:
                await transport.aclose()
                other.close()

    asyncio.run(main())


def test_bytes_go_both_ways() -> None:
    async def test(transport: TcpTransport, other: socket.socket) -> None:
        await transport.write(b"5:hello,")
        assert other.recv(100) == b"5:hello,"
        other.sendall(b"2:{},")
        assert await transport.read() == b"2:{},"

    on_pair(test)


def test_a_side_that_closes_is_gone() -> None:
    async def test(transport: TcpTransport, other: socket.socket) -> None:
        other.close()
        with pytest.raises(TransportError, match="closed by the other side") as lost:
            await transport.read()
        assert lost.value.reason is TransportReason.GONE

    on_pair(test)


def test_a_side_that_is_killed_is_gone() -> None:
    async def test(transport: TcpTransport, other: socket.socket) -> None:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()  # a reset instead of an end
        with pytest.raises(TransportError) as lost:
            await transport.read()
        assert lost.value.reason is TransportReason.GONE

    on_pair(test)


def test_a_side_that_takes_nothing_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "WRITE_TIMEOUT_S", 0.05)

    async def test(transport: TcpTransport, _other: socket.socket) -> None:
        with pytest.raises(TransportError, match="took no bytes") as lost:
            await transport.write(b"x" * (32 << 20))
        assert lost.value.reason is TransportReason.TIMEOUT

    on_pair(test)


def test_a_closed_transport_is_gone_and_closes_once() -> None:
    async def test(transport: TcpTransport, other: socket.socket) -> None:
        await transport.aclose()
        await transport.aclose()
        assert other.recv(10) == b""
        with pytest.raises(TransportError, match="closed"):
            await transport.write(b"x")
        with pytest.raises(TransportError, match="closed"):
            await transport.read()

    on_pair(test)


def test_nobody_listening_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransportError) as lost:
        asyncio.run(open_tcp(f"127.0.0.1:{port}"))
    assert lost.value.reason is TransportReason.GONE


def test_addresses() -> None:
    assert split_address("127.0.0.1:4444") == ("127.0.0.1", 4444)
    assert split_address("[::1]:4444") == ("::1", 4444)
    for wrong in ("", "4444", ":4444", "host", "host:", "host:0", "host:65536", "host:x", "host:٤"):
        with pytest.raises(ConfigError, match=r"is not host:port"):
            split_address(wrong)
