"""The one shape of every protocol engine: bytes or commands in, events and bytes out, time handed in.

May not be driven by more than one caller; an engine keeps no reference to a transport or a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from state.events import Event

CommandT = TypeVar("CommandT", contravariant=True)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes for a device. `via` is output or feature for HID, output elsewhere."""

    data: bytes
    via: str = "output"


@dataclass(frozen=True, slots=True)
class Step:
    """What one call of an engine produced, in order."""

    events: tuple[Event, ...] = ()
    writes: tuple[Write, ...] = ()


NOTHING = Step()


class Engine(Protocol[CommandT]):
    """A protocol engine; errors of the device become events, never exceptions."""

    def feed(self, data: bytes, at: float) -> Step:
        """Take bytes (a whole HID report, or any chunk of a stream) that arrived at `at`."""
        ...

    def request(self, command: CommandT, at: float) -> Step:
        """Carry out a command; a command the device cannot do is an EffectFailed event."""
        ...

    def advance(self, at: float) -> Step:
        """Let time pass: fire every deadline that is due at `at`."""
        ...

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        ...
