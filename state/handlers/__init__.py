"""What each event does to the seat: one table from event class to handler.

May not keep state; handlers only translate an event for the regions.
"""

from __future__ import annotations

from state.events import Event
from state.handlers import audio, calls, devices, headsets, requests, world
from state.handlers.registry import Handler
from state.seat import Seat

HANDLERS: dict[type[Event], Handler] = {
    **calls.ON.table,
    **devices.ON.table,
    **headsets.ON.table,
    **audio.ON.table,
    **requests.ON.table,
    **world.ON.table,
}


def handle(seat: Seat, event: Event) -> None:
    """Decide one event and fire what it made due; times never run backwards."""
    desk = seat.desk
    desk.at = max(desk.at, event.at)
    HANDLERS[type(event)](seat, event)
    if desk.timers.due(desk.at):
        seat.advance(desk.at)
