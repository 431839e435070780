from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("soundfile", reason="recordings are read with it (training/requirements.txt)")

from training.coughs import LONGEST_S, choose, longest_voice_s
from training.material import LABEL_HOP, RATE

HOP_S = LABEL_HOP / RATE


@pytest.mark.parametrize(
    ("voiced", "blocks"),
    [
        ([], 0),
        ([3], 1),
        ([3, 4, 5], 3),
        ([3, 4, 10, 11, 12, 13], 11),
        ([3, 4, 14, 15, 16], 3),
        ([0, 1, 20, 21, 22, 60], 3),
    ],
)
def test_the_longest_voice_bridges_what_is_no_pause(voiced: list[int], blocks: int) -> None:
    likely = np.zeros(80, np.float32)
    likely[voiced] = 0.9
    assert longest_voice_s(likely) == pytest.approx(blocks * HOP_S)


class Model:
    """Takes loud blocks for a voice."""

    def run(self, _: None, given: dict[str, Any]) -> tuple[Any, Any]:
        loud = np.abs(given["input"][0, 64:]).mean() > 0.1
        return np.array([[float(loud)]], np.float32), given["state"]


def test_every_tenth_is_kept_aside_and_what_is_long_or_talks_is_left_out(tmp_path: Path) -> None:
    import soundfile

    seconds = [0.5] * 20
    seconds[4], seconds[6] = LONGEST_S + 0.1, 1.5
    for number, length_s in enumerate(seconds):
        sound = np.full(round(length_s * RATE), 0.3, np.float32)
        (tmp_path / "all").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "all" / f"{number:02}.wav", sound, RATE)
    assert choose(tmp_path / "all", Model(), tmp_path / "some", tmp_path / "held") == (16, 2)
    assert sorted(path.stem for path in (tmp_path / "held").iterdir()) == ["09", "19"]
    learned = {path.stem for path in (tmp_path / "some").iterdir()}
    assert not learned & {"04", "06", "09", "19"}
