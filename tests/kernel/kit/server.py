"""The loop of a virtual device's own process: commands as JSON lines in, events as JSON lines out.

May not know what kind of device it is. Ends when its input ends, so a device never outlives its test. `at` is
CLOCK_MONOTONIC in seconds, which every process of the guest shares.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

from state.errors import SeatError

Command = dict[str, Any]
Tell = Callable[..., None]


class RefusedError(Exception):
    """The device cannot do what it was asked; the message says why."""


class Device(Protocol):
    """What a server drives: one caller, no thread."""

    def sources(self) -> dict[int, Callable[[float], None]]:
        """Descriptors to watch, and what to call when one can be read."""
        ...

    def perform(self, command: Command, at: float) -> Command:
        """Do what the test asks; what it answers. RefusedError where it cannot."""
        ...

    def advance(self, at: float) -> None:
        """Let time pass."""
        ...

    def next_deadline(self) -> float | None:
        """When `advance` has something to do."""
        ...

    def close(self) -> None:
        """Leave the kernel."""
        ...


def tell(said: str, **data: object) -> None:
    """One event for the test, with its time unless `at` is given."""
    line = json.dumps({"at": time.monotonic(), "said": said} | data) + "\n"
    os.write(sys.stdout.fileno(), line.encode())


def serve(device: Device) -> None:
    """Drive a device until the input ends."""
    typed = bytearray()
    tell("ready")
    try:
        while _turn(device, typed):
            pass
    finally:
        device.close()


def _turn(device: Device, typed: bytearray) -> bool:
    """Wait for whatever comes first and do it; false when the input has ended."""
    sources = device.sources()
    deadline = device.next_deadline()
    wait_s = None if deadline is None else max(0.0, deadline - time.monotonic())
    readable, _, _ = select.select([sys.stdin.fileno(), *sources], [], [], wait_s)
    now = time.monotonic()
    for source in readable:
        if source in sources:
            sources[source](now)
    if deadline is not None and now >= deadline:
        device.advance(now)
    if sys.stdin.fileno() not in readable:
        return True
    piece = os.read(sys.stdin.fileno(), 1 << 16)
    typed += piece
    *lines, rest = bytes(typed).split(b"\n")
    typed[:] = rest
    for line in lines:
        _perform(device, json.loads(line))
    return bool(piece)


def _perform(device: Device, command: Command) -> None:
    try:
        answer = {} if command["do"] == "ping" else device.perform(command, time.monotonic())
    except (RefusedError, SeatError, OSError) as error:
        tell("refused", number=command["number"], why=str(error))
        return
    tell("done", number=command["number"], **answer)
