"""What a model needs beyond its descriptor: lamps of a vendor page, a display, a keepalive.

May not touch hook, mute or keys: those stay with the engine.
"""

from __future__ import annotations

from typing import Protocol

from devices.hid.cx300 import Cx300
from devices.models.record import Extension
from state.commands import Lamps
from state.engine import Write


class ModelExtension(Protocol):
    """Turns wishes into the model's own reports; every write is whole, with its report id first."""

    features: frozenset[str]

    def show_lamps(self, lamps: Lamps) -> list[Write]:
        """Writes for lamps the descriptor does not name."""
        ...

    def show_lines(self, lines: tuple[str, ...]) -> list[Write] | None:
        """Writes for the display, None when there is no display."""
        ...

    def advance(self, at: float) -> list[Write]:
        """Writes that are due by now."""
        ...

    def next_deadline(self) -> float | None:
        """When the next write is due, or None."""
        ...


class NoExtension:
    """A model whose descriptor says it all."""

    features: frozenset[str] = frozenset()

    def show_lamps(self, lamps: Lamps) -> list[Write]:
        """No lamps of its own."""
        return []

    def show_lines(self, lines: tuple[str, ...]) -> list[Write] | None:
        """No display."""
        return None

    def advance(self, at: float) -> list[Write]:
        """Nothing is ever due."""
        return []

    def next_deadline(self) -> float | None:
        """Never."""
        return None


def make_extension(name: Extension) -> ModelExtension:
    """A fresh extension of this name."""
    return Cx300() if name is Extension.CX300 else NoExtension()
