"""Polycom CX300: presence lamp, two-line display and keepalive on the Microsoft page FF99.

May not read input reports. Facts: OE4AMW/cx300-control CX300Status.java, tSIP-plugin-PhonePolycomCX300, and
the phone's own report descriptor (529 bytes).
"""

from __future__ import annotations

from state.commands import Lamps
from state.engine import Write

KEEPALIVE = Write(bytes((0x17, 0x09, 0x04, 0x01, 0x02)), via="feature")
"""Language 0x0409; without it the phone shows that its host is gone and asks for an upgrade."""
KEEPALIVE_S = 25.0
"""The phone gives up after about 30 s."""
COLUMNS = 24
LAYOUT_TWO_LINES, LAYOUT_NONE = 0x15, 0x00
LINES = (0x05, 0x0A)
CHARACTERS = 8
"""A character report carries eight UTF-16 units; LAST marks the end of a line."""
LAST = 0x80
AVAILABLE, BUSY, RINGING = 0x01, 0x03, 0x05
"""Presence colours: green, red, orange."""
MIC_LIVE, MIC_MUTED, MESSAGE = 0x10, 0x30, 0x06


class Cx300:
    """What one CX300 was last told."""

    features: frozenset[str] = frozenset({"display", "lamp_ring", "lamp_mute", "lamp_message_waiting"})

    def __init__(self) -> None:
        self._presence: bytes | None = None
        self._lines: tuple[str, ...] | None = None
        self._keepalive_due = 0.0

    def show_lamps(self, lamps: Lamps) -> list[Write]:
        """The presence report, when it differs: colour, microphone lamp during a call, message lamp."""
        in_call = lamps.off_hook or lamps.hold
        colour = BUSY if in_call else RINGING if lamps.ring else AVAILABLE
        marks = MESSAGE if lamps.message_waiting else 0
        if in_call:
            marks |= MIC_MUTED if lamps.mute else MIC_LIVE
        report = bytes((0x16, colour, marks))
        if report == self._presence:
            return []
        self._presence = report
        return [Write(report)]

    def show_lines(self, lines: tuple[str, ...]) -> list[Write] | None:
        """The display reports, when the text differs: layout, then area and characters of each line."""
        shown = tuple(line[:COLUMNS] for line in lines[: len(LINES)])
        if shown == self._lines:
            return []
        self._lines = shown
        if not any(shown):
            return [Write(bytes((0x13, LAYOUT_NONE)))]
        writes = [Write(bytes((0x13, LAYOUT_TWO_LINES)))]
        for area, text in zip(LINES, (*shown, "", "")[: len(LINES)], strict=True):
            writes.append(Write(bytes((0x14, area, LAST))))
            writes += _characters(text)
        return writes

    def advance(self, at: float) -> list[Write]:
        """The keepalive, when it is due."""
        if at < self._keepalive_due:
            return []
        self._keepalive_due = at + KEEPALIVE_S
        return [KEEPALIVE]

    def next_deadline(self) -> float | None:
        """When the next keepalive is due; the first one at once."""
        return self._keepalive_due


def _characters(text: str) -> list[Write]:
    """Character reports of one line; an empty line is one blank, else the phone would keep the old text."""
    plain = "".join(c if c.isprintable() and ord(c) <= 0xFFFF else "?" for c in text) or " "
    chunks = [plain[n : n + CHARACTERS] for n in range(0, len(plain), CHARACTERS)]
    return [
        Write(
            bytes((0x15, LAST if number == len(chunks) else 0))
            + chunk.encode("utf-16-le", "replace").ljust(2 * CHARACTERS, b"\0")
        )
        for number, chunk in enumerate(chunks, 1)
    ]
