"""The two-line display of a simulated USB phone (CX300 reports 13, 14 and 15).

May not know what is shown or why.
"""

from __future__ import annotations

TOP, BOTTOM = 0x05, 0x0A
LAST = 0x80


class SimulatedDisplay:
    """What one display shows."""

    def __init__(self) -> None:
        self._lines = {TOP: "", BOTTOM: ""}
        self._area = TOP
        self._text = ""

    @property
    def lines(self) -> tuple[str, str]:
        """Top and bottom line."""
        return self._lines[TOP], self._lines[BOTTOM]

    def feed(self, report: bytes) -> None:
        """Take one output report; those of other ids are nothing to a display."""
        match report[0]:
            case 0x13 if report[1] == 0:
                self._lines = {TOP: "", BOTTOM: ""}
            case 0x14 if report[1] in self._lines:
                self._area, self._text = report[1], ""
            case 0x15:
                self._text += report[2:].decode("utf-16-le", "replace").rstrip("\0")
                if report[1] & LAST:
                    self._lines[self._area] = self._text.rstrip()
            case _:
                pass
