"""A key matrix: one row is pulled low at a time, a key that is down pulls its column with it.

May not know what a key means. A change counts once it has been seen twice.
"""

from machine import Pin


class Keypad:
    """The keys of a matrix by their names; an empty name is a place without a key."""

    def __init__(self, rows: list[Pin], columns: list[Pin], names: tuple[tuple[str, ...], ...]) -> None:
        """Rows are outputs, columns inputs with a pull-up."""
        self._rows = rows
        self._columns = columns
        self._names = names
        self._down = set()  # type: set[str]
        self._seen = set()  # type: set[str]

    def scan(self) -> list[tuple[str, bool]]:
        """Which keys moved since the last scan, and whether they are down; call it every few milliseconds."""
        now = self._look()
        steady = now & self._seen | (now | self._seen) & self._down
        moved = [(name, True) for name in steady - self._down]
        moved += [(name, False) for name in self._down - steady]
        self._seen, self._down = now, steady
        return sorted(moved)

    def _look(self) -> set[str]:
        found = set()
        for row, names in zip(self._rows, self._names):  # noqa: B905  MicroPython's zip has no strict
            row.value(0)
            for column, name in zip(self._columns, names):  # noqa: B905  the same
                if name and not column.value():
                    found.add(name)
            row.value(1)
        return found
