"""A display of Microsoft's page FF99 (Lync and Teams phones), as far as its descriptor has one.

May not read keys. What is known: GOnnect src/usb/HeadsetDevice.cpp and HeadsetDeviceProxy.cpp (screens,
areas, icons, notifications), a gadget's hid_lync_display.h (screens, icon bits), agent-phone
docs/cx300-hid-descriptor.md (read from a phone and tried at it). Nobody has published the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.hid.display_page import Area, Attributes, DisplayPage
from devices.hid.display_text import Pager
from state.commands import Lamps
from state.engine import Write

ROWS = 2
WIDTH = 24
"""Columns of a row. The CX300 says 48 of itself and shows 24 (OpenPhone cx300.py, agent-phone) to 28
(cx300-control CX300Display.java): what a display claims can only make it narrower."""
PAGES = 2
"""The seat lays out its picture for so many pages: an alert of four rows is shown whole, in turns."""
ONLINE, BUSY, AWAY = 0x01, 0x03, 0x05
"""Presence, of nine numbers; the CX300 shows green, red, orange."""
CONNECT = (0x00, 0x10)
"""ASP notifications GOnnect sends when it opens a device; they wake the Teams button, and nobody says why."""
IDENTIFY_S = 3.0
SIGNAL = "#"
"""A display fills with it to show which device it is: a character that every font has."""


class Stage(StrEnum):
    """What a display is told about the call."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Screen:
    """The number that selects a screen, and the areas a text may take on it, best first."""

    number: int
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How one family shows a call."""

    screens: Mapping[Stage, Screen]
    presence: Mapping[Stage, int]
    language: tuple[int, int] | None = None
    """What it is told again and again to stay awake: LCID, and the two bytes after it."""
    awake_s: float = 25.0
    believed: bool = True
    """Whether what it says of its own areas is so."""
    icons_are_lamps: bool = False
    """Written whether or not there is a text."""
    screen_first: bool = False
    """A text goes to the screen that is shown; else it is there before its screen is."""


_OWN = (Area.LOCAL_NAME, Area.LOCAL_STATUS)
_OTHER = (Area.OTHER_NAME, Area.OTHER_NUMBER, Area.OTHER_TITLE, Area.NUMBER, Area.SUBJECT)
_CALL = (Area.CALL_STATUS, *_OTHER, *_OWN)
TEAMS = Manner(
    screens={
        Stage.IDLE: Screen(1, (*_OWN, *_OTHER)),
        Stage.RINGING: Screen(4, _CALL),
        Stage.TALKING: Screen(5, _CALL),
        Stage.HELD: Screen(6, _CALL),
    },
    presence={Stage.IDLE: ONLINE, Stage.RINGING: ONLINE, Stage.TALKING: BUSY, Stage.HELD: BUSY},
)
"""As GOnnect does: name and status on the home screen, status and other party during a call."""


class TeamsDisplay:
    """What one display was last told."""

    def __init__(
        self,
        page: DisplayPage,
        manner: Manner = TEAMS,
        features: frozenset[str] = frozenset(),
        attributes: Attributes | None = None,
    ) -> None:
        """`features`: lamps its icons stand for; `attributes`: what it said of itself."""
        self._lamp_features = features
        self._page = page
        self._manner = manner
        self._attributes = attributes
        self._pager = self._new_pager()
        self._lamps = Lamps()
        self._text: tuple[tuple[str, ...], Screen] | None = None
        self._icons: list[Write] = []
        self._greeted = False
        self._awake_until = 0.0
        self._signal_until: float | None = None

    @property
    def features(self) -> frozenset[str]:
        """A display, the size to lay out for (display_ROWSxCOLUMNS), and lamps."""
        size = f"display_{PAGES * self._pager.rows}x{self._pager.width}"
        return self._lamp_features | {"display", size}

    @property
    def question(self) -> bytes | None:
        """The feature report to ask for before anything is shown; None: there is nothing to ask."""
        return self._page.question if self._manner.believed else None

    def told(self, answer: bytes) -> None:
        """What the device answered; an answer that says nothing changes nothing."""
        self._attributes = self._page.attributes(answer)
        self._pager = self._new_pager()

    def fresh(self) -> TeamsDisplay:
        """The same display, of which nothing is known but what it said of itself."""
        return TeamsDisplay(self._page, self._manner, self._lamp_features, self._attributes)

    def farewell(self, lamps: Lamps) -> list[Write]:
        """The icons as they shall stay, and no text: it would outlive its call."""
        return [*self.fresh().show_lamps(lamps), self._page.control(None)]

    def _new_pager(self) -> Pager:
        rows, width = ROWS, WIDTH
        if self._attributes is not None:
            rows, width = min(rows, self._attributes.rows), min(width, self._attributes.columns)
        places = min(len(self._areas(screen)) for screen in self._manner.screens.values())
        return Pager(max(min(rows, places), 1), width)

    # what is shown -----------------------------------------------------------------------------

    def show_lamps(self, lamps: Lamps) -> list[Write]:
        """The icons where they differ, and the screen of the call where that changed."""
        self._lamps = lamps
        shows = self._manner.icons_are_lamps or self._text is not None
        return [*(self._show_icons() if shows else ()), *(self._show_text() if self._text else ())]

    def show_lines(self, lines: tuple[str, ...], at: float) -> list[Write] | None:
        """The display reports, when what is to be seen differs: screen, then each area's text."""
        self._pager.put(lines, at)
        self._signal_until = None
        return [*self._show_icons(), *self._show_text()]

    def identify(self, at: float) -> list[Write] | None:
        """Fill the display for a moment; what stood there comes back by itself."""
        self._signal_until = at + IDENTIFY_S
        return self._show_text()

    def _show_icons(self) -> list[Write]:
        icons = self._page.icons(
            self._manner.presence[self._stage],
            voice_mail=self._lamps.message_waiting,
            muted=self._lamps.mute,
        )
        if icons == self._icons:
            return []
        self._icons = icons
        return icons

    def _show_text(self) -> list[Write]:
        rows = self._pager.shown
        if self._signal_until is not None:
            rows = (SIGNAL * WIDTH,) * len(rows)
        screen = self._manner.screens[self._stage]
        if self._text == (rows, screen):
            return []
        self._text = rows, screen
        if not any(rows):
            return [self._page.control(None)]
        places = zip(self._areas(screen), rows, strict=False)
        texts = [write for area, row in places for write in self._page.text(area, row)]
        shown = self._page.control(screen.number)
        return [shown, *texts] if self._manner.screen_first else [*texts, shown]

    def _areas(self, screen: Screen) -> list[Area]:
        """The areas of a screen that the device has."""
        said = self._page.areas if self._attributes is None else self._attributes.areas
        return [area for area in screen.areas if area in said and area in self._page.areas]

    @property
    def _stage(self) -> Stage:
        lamps = self._lamps if self._signal_until is None else Lamps()
        if lamps.hold:
            return Stage.HELD
        if lamps.off_hook:
            return Stage.TALKING
        return Stage.RINGING if lamps.ring else Stage.IDLE

    # time --------------------------------------------------------------------------------------

    def advance(self, at: float) -> list[Write]:
        """What is due: the greeting, the language again, the next page, the end of the signal."""
        writes: list[Write] = []
        if not self._greeted:
            self._greeted = True
            writes += [each for code in CONNECT for each in self._page.notify(code)]
        if self._manner.language is not None and at >= self._awake_until:
            self._awake_until = at + self._manner.awake_s
            writes += self._page.language(*self._manner.language)
        ended = self._signal_until is not None and at >= self._signal_until
        if ended:
            self._signal_until = None
        if self._pager.advance(at) or ended:
            writes += self._show_text()
        return writes

    def next_deadline(self) -> float | None:
        """When something is due; the first of it at once."""
        dues = [self._signal_until, self._pager.next_deadline()]
        dues += [] if self._greeted else [0.0]
        dues += [] if self._manner.language is None else [self._awake_until]
        return min((due for due in dues if due is not None), default=None)
