"""What more than one test room needs: where the project and the larger test data are.

May not import a room of callseat: a broken room must not take the other rooms' tests with it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
"""The checkout under test."""


def shared_data() -> Path | None:
    """The folder of larger test data that is not ours to publish (CALLSEAT_DATA, or beside us), if there."""
    named = os.environ.get("CALLSEAT_DATA")
    place = Path(named) if named else ROOT.parent / "shared" / "data"
    if named and not place.is_dir():
        raise NotADirectoryError(f"CALLSEAT_DATA names no folder: {place}")
    return place if place.is_dir() else None


def need_shared_data(*parts: str) -> Path:
    """A file or folder of the larger test data; without it the test that asked is skipped, saying so."""
    data = shared_data()
    if data is None:
        pytest.skip("larger test data not here (set CALLSEAT_DATA to its folder)")
    place = data.joinpath(*parts)
    if not place.exists():
        pytest.skip(f"larger test data has no {'/'.join(parts)}")
    return place
