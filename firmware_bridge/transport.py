"""The one shape of every transport, and how the system's errors become ours.

May not interpret bytes. One transport object is one connection: it is never reopened, a new one is made.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from state.errors import TransportError, TransportReason


class Transport(Protocol):
    """An open connection to a device; a method raises TransportError when the device cannot be reached."""

    async def read(self) -> bytes:
        """The next bytes: one whole HID report, or any chunk of a stream; never empty."""
        ...

    async def write(self, data: bytes, via: str) -> None:
        """Send all of `data`; `via` is output or feature for HID and output elsewhere."""
        ...

    async def aclose(self) -> None:
        """Let the device go; a second call does nothing."""
        ...


@runtime_checkable
class PromptTransport(Transport, Protocol):
    """A transport that costs no turn of the loop: it hands on what arrives, and begins to write when told."""

    async def listen(self, heard: Callable[[bytes], None]) -> None:
        """Hand every report to `heard` as it arrives; ends only with the error that ends the connection."""
        ...

    def begin(self, data: bytes, via: str) -> Awaitable[float]:
        """Begin to send `data`; awaited, the loop's time when it was sent, or what `write` would raise."""
        ...


@runtime_checkable
class AskingTransport(Transport, Protocol):
    """A transport that can ask the device for a report."""

    async def ask(self, question: bytes) -> bytes:
        """The feature report of this id and length as the device has it; empty where it gives none."""
        ...


REASONS = {
    errno.EACCES: TransportReason.DENIED,
    errno.EPERM: TransportReason.DENIED,
    errno.EBUSY: TransportReason.BUSY,
    errno.EAGAIN: TransportReason.BUSY,
    errno.EWOULDBLOCK: TransportReason.BUSY,
    errno.ETIMEDOUT: TransportReason.TIMEOUT,
}
"""Everything not named here (ENOENT, ENODEV, ENXIO, EIO, EPIPE, ...) means the device is gone."""


def from_os_error(error: OSError, what: str) -> TransportError:
    """The TransportError that says the same, naming the device."""
    reason = REASONS.get(error.errno or 0, TransportReason.GONE)
    return TransportError(reason, f"{what}: {error.strerror or error}")


def gone(what: str, why: str) -> TransportError:
    """A TransportError for a device that is no longer there."""
    return TransportError(TransportReason.GONE, f"{what}: {why}")
