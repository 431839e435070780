"""The world outside calls: civil time, and what an earlier run left behind.

May not guess: an unsynced clock stays unsynced.
"""

from __future__ import annotations

from state.commands import SetNotReady, SignIn
from state.events import CivilTimeKnown, SeatRestored
from state.handlers.registry import Handlers
from state.seat import Seat
from state.tables import AgentOn
from state.words import AgentState

ON = Handlers()


@ON(CivilTimeKnown)
def _civil_time(seat: Seat, event: CivilTimeKnown) -> None:
    seat.desk.wall = (event.at, event.wall_s, event.synced)


@ON(SeatRestored)
def _restored(seat: Seat, event: SeatRestored) -> None:
    seat.open_records = list(event.open_records)
    seat.promises = {p.promise: p for p in event.open_promises if not p.closed}
    seat.desk.changed = True
    if event.agent and event.agent_state not in ("", AgentState.LOGGED_OUT):
        seat.agent.fire(AgentOn.SIGN_IN, SignIn(event.agent))
        if event.agent_state == AgentState.NOT_READY:
            seat.agent.fire(AgentOn.SET_NOT_READY, SetNotReady(event.agent_reason))
        else:
            seat.agent.fire(AgentOn.SET_READY)
