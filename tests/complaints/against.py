"""Runs one scenario with our engine, where it must hold, and with anchors' engines, where it must not.

May not hide a crash: an anchor has to fail by AssertionError, with the complaint's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from devices.hid.engine import HeadsetEngine
from tests.complaints.desk import RealDesk
from tests.complaints.kits import KITS


@dataclass(frozen=True, slots=True)
class Anchor:
    """Somebody's way of doing it, the words by which the scenario fails, and the kits on which it does."""

    engine: type[HeadsetEngine]
    because: str
    kits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the desk of one case; the scenario adds settings and manners of the headset."""

    kit: str
    engine: type[HeadsetEngine]

    def __call__(self, **options: Any) -> RealDesk:
        return RealDesk(KITS[self.kit], self.engine, **options)


Scenario = Callable[[Maker], None]


def holds_against(kits: Iterable[str], *anchors: Anchor) -> Callable[[Scenario], Callable[..., None]]:
    """The scenario holds on all these kits, and fails with every anchor on each of the anchor's."""
    cases = [pytest.param(name, HeadsetEngine, "", id=f"{name}-ours") for name in kits]
    cases += [
        pytest.param(name, anchor.engine, anchor.because, id=f"{name}-{anchor.engine.__name__}")
        for anchor in anchors
        for name in anchor.kits
    ]
    assert anchors, "a complaint needs somebody it was made of"
    assert all(anchor.kits for anchor in anchors)

    def decorate(scenario: Scenario) -> Callable[..., None]:
        @pytest.mark.parametrize(("kit", "engine", "because"), cases)
        def run(kit: str, engine: type[HeadsetEngine], because: str) -> None:
            make = Maker(kit, engine)
            if engine is HeadsetEngine:
                scenario(make)
                return
            with pytest.raises(AssertionError, match=because):
                scenario(make)

        run.__name__, run.__qualname__, run.__doc__ = scenario.__name__, scenario.__name__, scenario.__doc__
        run.__module__ = scenario.__module__
        return run

    return decorate
