"""The display of a simulated phone: Microsoft's page FF99, wherever its descriptor has the reports.

May not know what is shown or why. It forgets its host as a CX300 does: 30 s without the language report, and
what was shown is gone.
"""

from __future__ import annotations

from devices.hid.bits import get_bits
from devices.hid.display_page import (
    CHARACTERS,
    COLUMNS,
    ENABLE,
    FIRST_AREA,
    LANGUAGE,
    LAST,
    LAST_AREA,
    ROWS,
    SCREEN,
    TEXT_FOLLOWS,
    DisplayPage,
    is_phone,
    read_page,
)
from devices.hid.fields import Descriptor, ReportKind

PATIENCE_S = 30.0
"""How long a CX300 believes in its host (OpenPhone cx300.py, agent-phone docs/cx300-hid-protocol.md)."""
SHOWN_ON: dict[int, tuple[int, ...]] = {1: (1, 2), 2: (5, 10), 4: (5, 6), 5: (5, 6), 6: (5, 6)}
"""Screen -> its areas from top to bottom; 2 as seen on a CX300, the others as GOnnect fills them."""
SIZE = (2, 48)
"""Rows and columns as a CX300 says (agent-phone docs/cx300-hid-descriptor.md)."""


class SimulatedDisplay:
    """What one display shows; a device without the reports shows nothing."""

    def __init__(self, descriptor: Descriptor, areas: frozenset[int] = frozenset(range(1, 11))) -> None:
        """`areas`: those it says it has."""
        self._page = read_page(descriptor)
        self._patient = not is_phone(descriptor)
        self._areas = areas
        self._texts: dict[int, str] = {}
        self._area: int | None = None
        self._text = ""
        self._screen = 0
        self._awake_until = float("-inf")

    @property
    def lines(self) -> tuple[str, ...]:
        """The texts of the screen that is shown, from top to bottom; none when it is off."""
        return tuple(self._texts.get(area, "") for area in SHOWN_ON.get(self._screen, ()))

    @property
    def screen(self) -> int:
        """The number of the screen that is shown, 0 when the display is off."""
        return self._screen

    def feed(self, report: bytes, via: str, at: float) -> None:
        """Take one report the host wrote; those of other ids are nothing to a display."""
        page = self._page
        if page is None:
            return
        if not self._patient and at > self._awake_until:
            self._screen, self._texts = 0, {}
        if _carries(page, LANGUAGE, report, via):
            self._awake_until = at + PATIENCE_S
        elif self._patient or at <= self._awake_until:
            self._take(page, report, via)

    def _take(self, page: DisplayPage, report: bytes, via: str) -> None:
        if _carries(page, SCREEN, report, via):
            self._screen = _value(page, SCREEN, report) if _value(page, ENABLE, report) else 0
        elif _carries(page, TEXT_FOLLOWS, report, via):
            number = get_bits(report[1:], page.selector.bit, page.selector.size)
            self._area = next((area for area, value in page.areas.items() if value == number), None)
            self._text = ""
        elif _carries(page, CHARACTERS, report, via) and self._area in self._areas:
            field = page.fields[CHARACTERS]
            units = get_bits(report[1:], field.bit, field.size * field.count)
            self._text += (
                units.to_bytes(2 * field.count, "little").decode("utf-16-le", "replace").rstrip("\0")
            )
            if _value(page, LAST, report):
                self._texts[self._area] = self._text.rstrip()

    def answer(self, report_id: int) -> bytes | None:
        """The feature report of this id, id first: what the display says of itself; None: another's."""
        page = self._page
        if page is None or page.question is None or page.question[0] != report_id:
            return None
        said = dict(zip((ROWS, COLUMNS), SIZE, strict=True))
        said |= {area + FIRST_AREA - 1: 1 for area in self._areas if area + FIRST_AREA - 1 <= LAST_AREA}
        bits = sum(
            said.get(usage, 0) << field.bit
            for usage, field in page.fields.items()
            if field.kind is ReportKind.FEATURE and field.report_id == report_id
        )
        return bytes((report_id, *bits.to_bytes(len(page.question) - 1, "little")))


def _carries(page: DisplayPage, usage: int, report: bytes, via: str) -> bool:
    field = page.fields.get(usage)
    return field is not None and (field.kind.value, field.report_id) == (via, report[0])


def _value(page: DisplayPage, usage: int, report: bytes) -> int:
    field = page.fields[usage]
    return get_bits(report[1:], field.bit, field.size)
