"""How a decision table is written: every (state, event) cell is a move, a stay with a reason, or a refusal.

May not decide anything itself; `state.tables` holds the rows, `state.machine` runs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Because(StrEnum):
    """Why an event changes no state."""

    ALREADY = "already so"
    ALLOWED = "allowed, nothing to change"
    ASKED = "asked of the line; its answer moves the state"
    CONTRADICTED = "the line says something that cannot follow; its next list settles it"
    HELD = "held back with a warning"
    LATER = "kept until the call is over"
    NOBODY = "nobody is signed in"
    NOT_LISTENING = "this call is not listened to, or the procedure is off"
    NOT_RUNNING = "the procedure does not run for this call"
    ON = "the stage goes on"
    OVER = "the call is over"
    STALE = "late news of something already settled"


class Refusal(StrEnum):
    """Why a request is refused: the error kinds an app sees."""

    INVALID_STATE = "invalid_state"
    NO_SUCH_CALL = "no_such_call"
    NOT_SIGNED_IN = "not_signed_in"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Move:
    """In `state`, `on` moves to `to` and then does the named actions; `when` names a guard."""

    state: StrEnum
    on: StrEnum
    to: StrEnum
    do: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """In `state`, `on` changes no state, for a reason; actions may still be done."""

    state: StrEnum
    on: StrEnum
    because: Because
    do: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """In `state`, `on` is an error of whoever asked."""

    state: StrEnum
    on: StrEnum
    kind: Refusal
    when: str = ""


Row = Move | Stay | Refuse


@dataclass(frozen=True, slots=True)
class Table:
    """One region kind: its states, its events, and a decision for every pair."""

    name: str
    states: type[StrEnum]
    events: type[StrEnum]
    initial: StrEnum
    rows: tuple[Row, ...]

    def cells(self) -> Iterator[tuple[StrEnum, StrEnum, tuple[Row, ...]]]:
        """Every (state, event) pair with the rows that decide it, in order."""
        for state in self.states:
            for event in self.events:
                yield state, event, tuple(r for r in self.rows if r.state is state and r.on is event)


def stays(
    state: StrEnum, because: Because, *events: StrEnum, do: tuple[str, ...] = (), when: str = ""
) -> tuple[Row, ...]:
    """Several stays of one state for one reason, each named."""
    return tuple(Stay(state, event, because, do, when) for event in events)


def refuses(state: StrEnum, kind: Refusal, *events: StrEnum) -> tuple[Row, ...]:
    """Several refusals of one state, each named."""
    return tuple(Refuse(state, event, kind) for event in events)


def moves(states: tuple[StrEnum, ...], on: StrEnum, to: StrEnum, do: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """The same move from several states, each named."""
    return tuple(Move(state, on, to, do) for state in states)
