"""Running a table: rows in order, guards, actions of the decided row only, refusals, and nothing else."""

from __future__ import annotations

from enum import StrEnum

import pytest

from state.chart import Because, Move, Refusal, Refuse, Stay, Table, moves, refuses, stays
from state.machine import Region, refusal


class Door(StrEnum):
    """States of the sample region."""

    SHUT = "shut"
    OPEN = "open"


class On(StrEnum):
    """Events of the sample region."""

    PUSHED = "pushed"
    PULLED = "pulled"
    LOCKED = "locked"


TABLE = Table(
    "door",
    Door,
    On,
    Door.SHUT,
    (
        Refuse(Door.SHUT, On.PUSHED, Refusal.LOCKED, when="locked"),
        Move(Door.SHUT, On.PUSHED, Door.OPEN, ("creak", "note")),
        Stay(Door.SHUT, On.PULLED, Because.ALREADY),
        Stay(Door.SHUT, On.LOCKED, Because.ON, ("turn_key",)),
        Stay(Door.OPEN, On.PUSHED, Because.ALREADY, ("note",)),
        Move(Door.OPEN, On.PULLED, Door.SHUT),
        Refuse(Door.OPEN, On.LOCKED, Refusal.INVALID_STATE),
    ),
)


class DoorRegion(Region[Door]):
    """A door that remembers what happened to it."""

    table = TABLE

    def __init__(self) -> None:
        super().__init__()
        self.log: list[object] = []
        self.key = False

    def locked(self) -> bool:
        """Guard."""
        return self.key

    def turn_key(self) -> None:
        """Action."""
        self.key = True

    def creak(self) -> None:
        """Action: it sees the new state."""
        self.log.append(self.state)

    def note(self) -> None:
        """Action: it sees what the event carries."""
        self.log.append(self.payload)


def test_a_region_begins_where_its_table_says() -> None:
    assert DoorRegion().state is Door.SHUT


def test_a_move_moves_and_does_its_actions_in_order_in_the_new_state() -> None:
    door = DoorRegion()
    row = door.fire(On.PUSHED, "hand")
    assert row is TABLE.rows[1]
    assert door.state is Door.OPEN
    assert door.log == [Door.OPEN, "hand"]


def test_a_stay_stays_and_may_act() -> None:
    door = DoorRegion()
    door.fire(On.PUSHED)
    door.log.clear()
    row = door.fire(On.PUSHED, "again")
    assert isinstance(row, Stay)
    assert (door.state, door.log) == (Door.OPEN, ["again"])


def test_a_guarded_row_decides_only_when_its_guard_holds() -> None:
    door = DoorRegion()
    door.fire(On.LOCKED)
    row = door.fire(On.PUSHED)
    assert refusal(row) == "locked"
    assert (door.state, door.log) == (Door.SHUT, [])
    door.key = False
    assert refusal(door.fire(On.PUSHED)) == ""
    assert door.state is Door.OPEN


def test_a_refusal_changes_and_does_nothing() -> None:
    door = DoorRegion()
    door.fire(On.PUSHED)
    door.log.clear()
    assert refusal(door.fire(On.LOCKED)) == "invalid_state"
    assert (door.state, door.log, door.key) == (Door.OPEN, [], False)


def test_regions_of_one_kind_share_the_machine_and_not_the_state() -> None:
    one, two = DoorRegion(), DoorRegion()
    one.fire(On.PUSHED, "hand")
    assert (one.state, two.state) == (Door.OPEN, Door.SHUT)
    assert two.log == []


def test_an_action_may_fire_another_region() -> None:
    inner = DoorRegion()

    class Outer(DoorRegion):
        """A door that opens another one."""

        table = TABLE

        def creak(self) -> None:
            """Action."""
            inner.fire(On.PUSHED, "draught")

    outer = Outer()
    row = outer.fire(On.PUSHED, "hand")
    assert row is TABLE.rows[1]
    assert outer.state is inner.state is Door.OPEN
    assert inner.log == [Door.OPEN, "draught"]


def test_an_error_in_an_action_is_not_swallowed() -> None:
    class Broken(DoorRegion):
        """A door whose action fails."""

        table = TABLE

        def creak(self) -> None:
            """Action."""
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Broken().fire(On.PUSHED)


def test_a_missing_guard_or_action_is_noticed_when_the_region_is_made() -> None:
    with pytest.raises(AttributeError, match="locked"):

        class Silent(Region[Door]):  # the class statement itself must fail
            """A door without the guards and actions of its table."""

            table = TABLE


def test_helpers_name_every_row() -> None:
    assert stays(Door.OPEN, Because.ON, On.PUSHED, On.PULLED, do=("a",), when="b") == (
        Stay(Door.OPEN, On.PUSHED, Because.ON, ("a",), "b"),
        Stay(Door.OPEN, On.PULLED, Because.ON, ("a",), "b"),
    )
    assert refuses(Door.OPEN, Refusal.LOCKED, On.PUSHED) == (Refuse(Door.OPEN, On.PUSHED, Refusal.LOCKED),)
    assert moves((Door.OPEN, Door.SHUT), On.PUSHED, Door.SHUT, ("a",)) == (
        Move(Door.OPEN, On.PUSHED, Door.SHUT, ("a",)),
        Move(Door.SHUT, On.PUSHED, Door.SHUT, ("a",)),
    )


def test_cells_keep_the_order_of_their_rows() -> None:
    cells = {(state, event): rows for state, event, rows in TABLE.cells()}
    assert cells[Door.SHUT, On.PUSHED] == TABLE.rows[:2]
    assert len(cells) == 6


@pytest.mark.parametrize("row", [TABLE.rows[1], TABLE.rows[2]])
def test_only_refusals_have_a_kind(row: Move | Stay) -> None:
    assert refusal(row) == ""
