"""How handlers are registered: one function per event class.

May not dispatch; `state.handlers` merges the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from state.events import Event
from state.seat import Seat

EventT = TypeVar("EventT", bound=Event)
Handler = Callable[[Seat, Event], None]


class Handlers:
    """A table filled by decorators; two handlers of one event are an error."""

    def __init__(self) -> None:
        self.table: dict[type[Event], Handler] = {}

    def __call__(
        self, kind: type[EventT]
    ) -> Callable[[Callable[[Seat, EventT], None]], Callable[[Seat, EventT], None]]:
        """Register the decorated function for `kind`."""

        def register(function: Callable[[Seat, EventT], None]) -> Callable[[Seat, EventT], None]:
            if kind in self.table:
                raise ValueError(f"two handlers for {kind.__name__}")
            self.table[kind] = cast("Handler", function)
            return function

        return register
