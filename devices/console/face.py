"""What a console is to show, and what of it it has acknowledged: the difference is what is still to be said.

May not number or repeat a message. Keeps the newest wish only, so nothing piles up behind a slow console.
"""

from __future__ import annotations

from devices.console.messages import Hello, lamps_body, ring_body, show_body
from devices.console.text import fit
from state.commands import Lamps

DARK = Lamps()


class Face:
    """Lamps, ringer and display of one console."""

    def __init__(self) -> None:
        self.lamps = DARK
        self.lines: tuple[str, ...] = ()
        self.blinking = False
        """Every lamp flashes, to tell which console this is."""
        self.hidden = False
        """Dark, whatever is wished for."""
        self._shown: dict[str, str] = {}

    def forget(self) -> None:
        """The console knows nothing any more."""
        self._shown.clear()

    def again(self) -> None:
        """Lamps and ringer are to be said once more, whatever was acknowledged."""
        for part in ("lamps", "ring"):
            self._shown.pop(part, None)

    def next(self, hello: Hello) -> tuple[str, str] | None:
        """The first part that differs, lamps before ringer before rows, and its message; None: none."""
        for part, body in self._wanted(hello).items():
            if self._shown.get(part) != body:
                return part, body
        return None

    def settled(self, part: str, body: str) -> None:
        """The console has this, or refused it: it is not said again."""
        self._shown[part] = body

    def _wanted(self, hello: Hello) -> dict[str, str]:
        lamps, lines = (DARK, ()) if self.hidden else (self.lamps, self.lines)
        wanted = {"lamps": lamps_body(hello.lamps, lamps, blinking=self.blinking)}
        wanted["ring"] = ring_body(lamps.ring) if hello.ringer else ""
        for row, text in enumerate(fit(lines, hello.rows, hello.columns, hello.charset), 1):
            wanted[f"row {row}"] = show_body(row, text)
        return {part: body for part, body in wanted.items() if body}
