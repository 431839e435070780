"""The seams of the daemon: what the consumer, the executor and the app expect of their neighbours.

May not hold behaviour: Protocols only, so that a core, a store or a server can be replaced by another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from devices.hid.redactor import Redactor
from firmware_bridge.inventory import HidNode
from state.commands import DeviceCommand, LineCommand
from state.effects import Effect, PlayPrompt, PreparePrompt, Publish, Reply, StopPrompt
from state.engine import Write
from state.events import CivilTimeKnown, Event, SeatRestored
from state.rows import Row
from state.snapshot import Snapshot

Post = Callable[[Event], None]
"""Hand an event to the consumer; to be called on the loop's thread only."""


class CorePort(Protocol):
    """Every decision of the seat, pure: time and facts go in, effects come out."""

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Decide one event; `advance(event.at)` has been called before."""
        ...

    def advance(self, at: float) -> tuple[Effect, ...]:
        """Fire the timers that are due at `at`."""
        ...

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        ...

    def snapshot(self) -> Snapshot:
        """The seat as it stands now; immutable."""
        ...


class Observer(Protocol):
    """Somebody who is told of every decision, in consumption order (journal, demo timeline)."""

    def consumed(self, at: float, event: Event | None, effects: tuple[Effect, ...]) -> None:
        """`event` was decided at `at` (None: only time passed) and gave `effects`."""
        ...


class CommandPort(Protocol):
    """Where the executor sends a command for a line or a device; what came of it returns as events."""

    def request(self, command: LineCommand | DeviceCommand) -> None:
        """Start carrying out `command`; never blocks and never raises for the device's sake."""
        ...

    def part(self) -> None:
        """Begin to leave the device as it is shown, but silent; nothing asked later is carried out."""
        ...

    async def drained(self) -> None:
        """Return once everything asked so far has been sent."""
        ...


class Tap(Protocol):
    """Somebody who is shown the traffic of headsets (tapes), and keeps what its redactor lets through."""

    def admit(self, device: str, redactor: Redactor) -> None:
        """The device is opened; reports of it follow."""
        ...

    def __call__(self, device: str, direction: str, data: bytes, via: str, at: float) -> None:
        """`direction` is in (from the device) or out; never blocks."""
        ...


class Farewell(Protocol):
    """Where it is kept what a device must be told should this process be killed."""

    def set(self, device: str, node: HidNode, writes: tuple[Write, ...]) -> None:
        """Keep these reports for the device opened at `node`; never blocks for long."""
        ...

    def drop(self, device: str) -> None:
        """The device is gone, or was told already."""
        ...


class PromptPort(Protocol):
    """Where prompts are said."""

    def play(self, effect: PlayPrompt) -> None:
        """Say it; PromptStarted and PromptFinished follow as events.

        What was meant for the line and cannot be spoken there is an EffectFailed instead.
        """
        ...

    def ready(self, effect: PreparePrompt) -> None:
        """Have it rendered before it is due."""
        ...

    def stop(self, effect: StopPrompt) -> None:
        """Stop it; PromptFinished with completed=False follows if it was running."""
        ...


class PublicPort(Protocol):
    """The socket server, as the runtime sees it."""

    def publish(self, effect: Publish) -> None:
        """Tell subscribers of `effect.topic`."""
        ...

    def reply(self, effect: Reply) -> None:
        """Answer a request that a client is waiting for."""
        ...

    def show(self, snapshot: Snapshot) -> None:
        """Take the newest picture of the seat; deltas are the server's work."""
        ...


class RestoredPort(Protocol):
    """What an earlier run left behind."""

    def event(self, at: float, *, now: CivilTimeKnown) -> SeatRestored:
        """The same, as the core is told; `now` says what of it is out of date."""
        ...


class StorePort(Protocol):
    """Where rows are kept; the write is queued, never done on the loop."""

    def start(self) -> None:
        """Open the file; blocks, called off the loop."""
        ...

    def load_open(self) -> RestoredPort:
        """What earlier runs left behind; blocks, called off the loop."""
        ...

    def write(self, row: Row) -> None:
        """Queue a row; never blocks."""
        ...

    def seen(self, at: float, wall_s: float, synced: bool) -> None:
        """Note that the daemon is alive; never blocks."""
        ...

    def close(self) -> None:
        """Write what is queued; blocks, called off the loop."""
        ...
