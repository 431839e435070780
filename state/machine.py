"""Runs decision tables on `transitions.Machine`: the only file that may import `transitions`.

May not hold a table or an action. A guard or action is a method of the region, named in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar, cast

from transitions import EventData, Machine

from state.chart import Move, Refuse, Row, Table

StateT = TypeVar("StateT", bound=StrEnum)


class Region(Generic[StateT]):
    """One running region: a table's state plus the methods its rows name.

    `payload` is whatever the event carries, for the actions of the row that is decided.
    """

    table: ClassVar[Table]
    _fire: ClassVar[dict[StrEnum, Callable[[object], bool]]]

    def __init_subclass__(cls) -> None:
        """Build the machine of the region kind once, when its class is made."""
        super().__init_subclass__()
        cls._fire = _machine(cls, cls.table)

    def __init__(self) -> None:
        self.state = cast("StateT", self.table.initial)
        self.payload: object = None
        self.decided: Row = self.table.rows[0]

    def fire(self, event: StrEnum, payload: object = None) -> Row:
        """Decide one event; returns the row that decided it, its actions done."""
        self.payload = payload
        self._fire[event](self)
        return self.decided


class _Run:
    """What a decided row does: remember itself, then its actions in order."""

    def __init__(self, region: type[Region[StateT]], row: Row) -> None:
        self._row = row
        self._actions = tuple(getattr(region, name) for name in getattr(row, "do", ()))

    def __call__(self, event: EventData) -> None:
        region = cast("Region[StrEnum]", event.model)
        region.decided = self._row
        for action in self._actions:
            action(region)


class _Guard:
    """A guard method of a region as a condition of `transitions`."""

    def __init__(self, region: type[Region[StateT]], name: str) -> None:
        self._test = getattr(region, name)

    def __call__(self, event: EventData) -> bool:
        return bool(self._test(event.model))


def _machine(region: type[Region[StateT]], table: Table) -> dict[StrEnum, Callable[[object], bool]]:
    machine = Machine(
        model=None,
        states=table.states,
        initial=table.initial,
        auto_transitions=False,
        send_event=True,
        queued=False,
    )
    for row in table.rows:
        machine.add_transition(
            trigger=row.on.value,
            source=row.state,
            dest=row.to if isinstance(row, Move) else None,
            conditions=[_Guard(region, row.when)] if row.when else None,
            after=_Run(region, row),
        )
    return {event: machine.events[event.value].trigger for event in table.events}


def refusal(row: Row) -> str:
    """The error kind of a refused request, or empty when it was taken."""
    return row.kind.value if isinstance(row, Refuse) else ""
