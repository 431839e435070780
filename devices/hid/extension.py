"""What a device needs beyond hook, mute, keys and LEDs: lamps of a vendor page, a display, a keepalive.

May not touch hook, mute or keys: those stay with the engine.
"""

from __future__ import annotations

from typing import Protocol, Self

from devices.hid.cx300 import CX300, FEATURES
from devices.hid.display_page import is_phone, read_page
from devices.hid.fields import Descriptor
from devices.hid.teams_display import TeamsDisplay
from devices.models.record import Extension
from state.commands import Lamps
from state.engine import Write


class ModelExtension(Protocol):
    """Turns wishes into the device's own reports; every write is whole, with its report id first."""

    @property
    def features(self) -> frozenset[str]:
        """Names of what it can show."""
        ...

    @property
    def question(self) -> bytes | None:
        """A feature report to ask the device for once it is open; None: nothing is asked."""
        ...

    def told(self, answer: bytes) -> None:
        """What it answered, the id first."""
        ...

    def fresh(self) -> Self:
        """The same of a device that has been shown nothing yet."""
        ...

    def farewell(self, lamps: Lamps) -> list[Write]:
        """Writes that leave these lamps and nothing else, whatever was shown before."""
        ...

    def show_lamps(self, lamps: Lamps) -> list[Write]:
        """Writes for lamps the descriptor does not name."""
        ...

    def show_lines(self, lines: tuple[str, ...], at: float) -> list[Write] | None:
        """Writes for the display, None when there is no display."""
        ...

    def identify(self, at: float) -> list[Write] | None:
        """Writes that show which device it is, None when it has nothing to show it by."""
        ...

    def advance(self, at: float) -> list[Write]:
        """Writes that are due by now."""
        ...

    def next_deadline(self) -> float | None:
        """When the next write is due, or None."""
        ...


class NoExtension:
    """A device whose LEDs say it all."""

    features: frozenset[str] = frozenset()
    question: bytes | None = None

    def told(self, answer: bytes) -> None:
        """Nothing was asked."""

    def fresh(self) -> Self:
        """There is nothing to forget."""
        return self

    def farewell(self, lamps: Lamps) -> list[Write]:
        """Nothing is left on it."""
        return []

    def show_lamps(self, lamps: Lamps) -> list[Write]:
        """No lamps of its own."""
        return []

    def show_lines(self, lines: tuple[str, ...], at: float) -> list[Write] | None:
        """No display."""
        return None

    def identify(self, at: float) -> list[Write] | None:
        """Nothing to show it by."""
        return None

    def advance(self, at: float) -> list[Write]:
        """Nothing is ever due."""
        return []

    def next_deadline(self) -> float | None:
        """Never."""
        return None


def make_extension(descriptor: Descriptor, name: Extension) -> ModelExtension:
    """The extension of a device: by its descriptor, in the manner of its model where that has a name.

    A phone that tells its state as the CX300 does is of its make, whatever its ids (Plantronics Calisto
    P540-M, snom UC600: the same phone, whose ids nobody has published).
    """
    page = read_page(descriptor)
    if page is None:
        return NoExtension()
    if name is Extension.CX300 or is_phone(descriptor):
        return TeamsDisplay(page, CX300, FEATURES)
    return TeamsDisplay(page)
