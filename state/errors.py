"""The error tree: whose fault it is, and why.

A device that disappears is an event, not an error. A programming error is none of these and ends the daemon.
"""

from __future__ import annotations

from enum import StrEnum


class SeatError(Exception):
    """Root of every error callseat raises on purpose."""


class ConfigError(SeatError):
    """The operator's fault: a file, a key or a value; the message names all three."""


class Blame(StrEnum):
    """Who broke the protocol."""

    DEVICE = "device"
    APP = "app"
    SELF = "self"


class ProtocolReason(StrEnum):
    """What was wrong with the bytes or the request."""

    MALFORMED = "malformed"
    WRONG_LENGTH = "wrong_length"
    NOT_SUPPORTED = "not_supported"
    INVALID_STATE = "invalid_state"
    UNKNOWN = "unknown"


class ProtocolError(SeatError):
    """Bytes or a request that break a protocol; carries by whom and a reason."""

    def __init__(self, by: Blame, reason: ProtocolReason, message: str) -> None:
        super().__init__(message)
        self.by = by
        self.reason = reason


class TransportReason(StrEnum):
    """Why bytes could not be moved."""

    GONE = "gone"
    BUSY = "busy"
    DENIED = "denied"
    TIMEOUT = "timeout"


class TransportError(SeatError):
    """Bytes could not be moved to or from a device."""

    def __init__(self, reason: TransportReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class UpdateError(SeatError):
    """A device's firmware could not be updated."""
