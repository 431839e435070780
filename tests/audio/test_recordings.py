from __future__ import annotations

import pytest

from tests.audio.sounds import RECORDINGS, recording

NAMES = sorted(path.name for path in RECORDINGS.glob("*.wav"))


@pytest.mark.parametrize("name", NAMES)
def test_each_recording_is_attributed_and_has_the_rate_its_name_says(name: str) -> None:
    assert f"`{name}`" in (RECORDINGS / "ATTRIBUTION.md").read_text("utf-8")
    assert recording(name).rate == (16000 if name.endswith("_16k.wav") else 8000)


def test_the_set_stays_small() -> None:
    assert len(NAMES) >= 10
    assert sum((RECORDINGS / name).stat().st_size for name in NAMES) < 4_000_000
