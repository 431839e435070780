"""The way to the running seat: which socket, and one request over it.

May not start a daemon. TransportError says which socket was tried and how to start one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from state.errors import ConfigError, TransportError, TransportReason

if TYPE_CHECKING:
    from callseat.api.client import ApiClient


def socket_path(given: Path | None) -> Path:
    """The socket meant: the one given, else the configured one, else where a seat usually listens."""
    if given is not None:
        return given
    from callseat.api.paths import existing_socket_path
    from callseat.config import find_config, load_config

    try:
        config = load_config(find_config())
    except ConfigError:
        return existing_socket_path(os.environ)
    return config.socket_path if "socket.0.path" in config.given else existing_socket_path(os.environ)


async def connect(given: Path | None) -> ApiClient:
    """A connection to the running seat."""
    from callseat.api.client import ApiClient

    path = socket_path(given)
    try:
        return await ApiClient.connect(path)
    except TransportError as error:
        if error.reason is not TransportReason.GONE:
            raise
        start = "callseat run" if given is None else f"callseat run --socket {path}"
        message = (
            f"no seat is running: nobody listens on {path}; start one with `{start}`, or name its --socket"
        )
        raise TransportError(TransportReason.GONE, message) from None


def ask(given: Path | None, method: str, params: Mapping[str, object] | None = None) -> Any:
    """One request and its result."""
    return ask_all(given, (method, params or {}))[0]


def ask_all(given: Path | None, *requests: tuple[str, Mapping[str, object]]) -> list[Any]:
    """Several requests over one connection, in order."""
    import asyncio

    async def main() -> list[Any]:
        async with await connect(given) as client:
            return [await client.call(method, params) for method, params in requests]

    return asyncio.run(main())


def without_none(**params: object) -> dict[str, object]:
    """Parameters that were given; what was left out is left to the seat."""
    return {name: value for name, value in params.items() if value is not None}
