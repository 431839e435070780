"""The test's end of a virtual device: starts its process, asks it to act, keeps everything it tells.

May not touch the kernel itself. Every event has `at`, CLOCK_MONOTONIC of the guest.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.kernel.kit.nursery import start
from tests.kernel.kit.server import RefusedError
from tests.kernel.kit.waiting import TIMEOUT_S

SHOWN = 40
"""Events printed when a test fails inside a device's context."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a device told: `said` names it, `data` is the rest."""

    at: float
    said: str
    data: dict[str, Any]

    @property
    def report(self) -> bytes:
        """The bytes of a report or a piece of a stream."""
        return bytes.fromhex(self.data["hex"])


class VirtualDevice:
    """One virtual device; its process ends, and the device leaves the kernel, when the context ends."""

    def __init__(self, kind: str, settings: dict[str, Any]) -> None:
        self._link = start(kind, settings)
        self._events: list[Event] = []
        self._changed = threading.Condition()
        self._ended = False
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.await_event("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is not None:
            for event in self._events[-SHOWN:]:
                print(f"{event.at:.4f} {event.said} {event.data}", file=sys.stderr)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything told so far. What the kernel got an answer to has been told before."""
        if not self._ended:
            self.ask("ping")
        with self._changed:
            return tuple(self._events)

    def await_event(
        self, said: str, *, since: int = 0, timeout_s: float = TIMEOUT_S, **data: object
    ) -> Event:
        """The first event of this name and with these data, from the `since`-th event on."""
        with self._changed:
            seen = since

            def found() -> Event | None:
                nonlocal seen
                while seen < len(self._events):
                    event = self._events[seen]
                    seen += 1
                    if event.said == said and event.data.items() >= data.items():
                        return event
                if self._ended:
                    raise AssertionError(f"the device's process ended; told: {self._events[-5:]}")
                return None

            event = self._changed.wait_for(found, timeout_s)
            if event is None:
                raise AssertionError(f"no {said} {data} within {timeout_s:g} s; told: {self._events[-5:]}")
            return event

    def ask(self, do: str, **arguments: object) -> Event:
        """Have the device do something, and wait until it has; RefusedError when it cannot."""
        # A test may ask from several threads: its own, and one that waits in the kernel.
        with self._changed:
            self._number += 1
            number = self._number
        command = {"do": do, "number": number} | arguments
        self._link.sendall(json.dumps(command).encode() + b"\n")
        answer = self._await_answer(number)
        if answer.said == "refused":
            raise RefusedError(answer.data["why"])
        return answer

    def close(self) -> None:
        """End the process; the kernel sees a device pulled out."""
        with contextlib.suppress(OSError):
            self._link.shutdown(socket.SHUT_WR)
        self._reader.join(TIMEOUT_S)
        self._link.close()

    def _await_answer(self, number: int) -> Event:
        with self._changed:
            answered = self._changed.wait_for(lambda: self._answer(number) or self._ended, TIMEOUT_S)
            answer = self._answer(number)
            if answer is None:
                raise AssertionError(
                    f"no answer ({'ended' if answered else 'time is up'}): {self._events[-5:]}"
                )
            return answer

    def _answer(self, number: int) -> Event | None:
        answers = (event for event in reversed(self._events) if event.said in {"done", "refused"})
        return next((event for event in answers if event.data["number"] == number), None)

    def _read(self) -> None:
        with self._link.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                data = json.loads(line)
                with self._changed:
                    self._events.append(Event(data.pop("at"), data.pop("said"), data))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
