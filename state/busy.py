"""What a busy light shows: one table over the agent, one over the call, as a function of the snapshot.

May not know a light. The call comes before the agent's state: a light is for whoever walks up to the desk,
and asks "may I speak now, and who hears it?".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from state.snapshot import Snapshot
from state.words import AgentState, CallState, MuteState


class Colour(StrEnum):
    """Colours that can be told apart across a room; off is one of them."""

    OFF = "off"
    GREEN = "green"
    BLUE = "blue"
    RED = "red"
    YELLOW = "yellow"
    ORANGE = "orange"


@dataclass(frozen=True, slots=True)
class BusySign:
    """A colour, steady or flashing."""

    colour: Colour
    flash: bool = False


class Moment(StrEnum):
    """Where the seat's calls stand, as far as a passer-by is concerned."""

    RINGING = "ringing"
    TALKING = "talking"


DARK = BusySign(Colour.OFF)

MOMENTS: dict[CallState, Moment] = {
    CallState.RINGING: Moment.RINGING,
    CallState.WAITING: Moment.RINGING,
    CallState.DIALING: Moment.TALKING,
    CallState.RINGBACK: Moment.TALKING,
    CallState.CONNECTED: Moment.TALKING,
    CallState.HELD: Moment.TALKING,
}
"""Idle and failed calls are nobody's business. A held customer is still there, and back at one press."""

CALL_SIGNS: dict[tuple[Moment, MuteState], BusySign] = {
    (Moment.RINGING, MuteState.LIVE): BusySign(Colour.BLUE, flash=True),
    (Moment.RINGING, MuteState.MUTED): BusySign(Colour.BLUE, flash=True),
    (Moment.RINGING, MuteState.LOCKED): BusySign(Colour.BLUE, flash=True),
    (Moment.RINGING, MuteState.UNKNOWN): BusySign(Colour.BLUE, flash=True),
    (Moment.TALKING, MuteState.LIVE): BusySign(Colour.RED),
    (Moment.TALKING, MuteState.MUTED): BusySign(Colour.YELLOW),
    (Moment.TALKING, MuteState.LOCKED): BusySign(Colour.YELLOW),
    (Moment.TALKING, MuteState.UNKNOWN): BusySign(Colour.RED),
}
"""Red: the customer hears whoever speaks here. Yellow: in a call, but the microphone is off. Where mute is
unknown the customer may hear, so it is red."""

AGENT_SIGNS: dict[AgentState, BusySign] = {
    AgentState.LOGGED_OUT: DARK,
    AgentState.NOT_READY: BusySign(Colour.ORANGE),
    AgentState.READY: BusySign(Colour.GREEN),
    AgentState.BUSY: BusySign(Colour.RED),
    AgentState.AFTER_CALL_WORK: BusySign(Colour.ORANGE),
}
"""Without a call. Green: free, until a call comes. Orange: at work, takes no calls. Busy: as in a call."""


def busy_sign(snapshot: Snapshot) -> BusySign:
    """What the light shows now; a call under way comes before one that rings beside it."""
    moments = {MOMENTS[call.state] for call in snapshot.calls if call.state in MOMENTS}
    mute = MuteState(snapshot.mute.value)
    for moment in (Moment.TALKING, Moment.RINGING):
        if moment in moments:
            return CALL_SIGNS[moment, mute]
    return AGENT_SIGNS[snapshot.agent.state]
