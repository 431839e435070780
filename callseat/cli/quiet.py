"""`callseat devices quiet`: headsets that a killed daemon left ringing are told to stop.

May not need a running seat, a configuration or more than a second for a headset that hangs. The unit runs it
after every stop (ExecStopPost=), so there is nothing that makes it fail.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from state.errors import SeatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from callseat.runtime.farewell import Farewell

PATIENCE_S = 1.0
"""The kernel waits 5 s for a wedged device (USB_CTRL_SET_TIMEOUT); a stop is not held up for that."""


def quiet(
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="What the daemon left; default: beside its socket."),
    ] = None,
) -> None:
    """Stop what a killed seat left ringing; mute, hold and off-hook stay as they are. Status is always 0."""
    from callseat.runtime.farewell import farewell_path

    for line in hush(file or farewell_path(os.environ)):
        typer.echo(line)


def hush(
    path: Path, write: Callable[[Farewell], None] | None = None, patience_s: float = PATIENCE_S
) -> Iterable[str]:
    """Write what the file says and remove it, if it is a farewell; one sentence for each device."""
    from callseat.runtime.farewell import owner_of, read_farewells

    try:
        farewells, owner = read_farewells(path)
    except SeatError as error:
        return [str(error)]
    if owner is not None and owner_of(owner.pid) == owner:
        return [f"{path}: the seat is running (process {owner.pid}): it looks after its headsets itself"]
    told = _Told(write or _write)
    for farewell in farewells:
        Thread(target=told.tell, args=(farewell,), name="quiet", daemon=True).start()
    answers = told.wait(len(farewells), patience_s)
    with suppress(OSError):
        path.unlink()
    hung = f"no answer within {patience_s:g} s; unplug the headset"
    return [f"{each.device} ({each.node}): {answers.get(each.device, hung)}" for each in farewells]


class _Told:
    """What came of each device, by its name."""

    def __init__(self, write: Callable[[Farewell], None]) -> None:
        self._write = write
        self._changed = Condition()
        self._answers: dict[str, str] = {}

    def tell(self, farewell: Farewell) -> None:
        """In a thread of the device's own, which may never come back."""
        try:
            self._write(farewell)
            answer = f"quiet, {len(farewell.reports)} reports"
        except SeatError as error:
            answer = str(error)
        with self._changed:
            self._answers[farewell.device] = answer
            self._changed.notify()

    def wait(self, count: int, patience_s: float) -> dict[str, str]:
        """The answers there are once all have answered or patience is over."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._answers) == count, patience_s)
            return dict(self._answers)


def _write(farewell: Farewell) -> None:
    from firmware_bridge.parting import write_reports

    write_reports(farewell.node, farewell.identity, farewell.reports)
