from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from audio.engines import DEFAULT, detector_factory
from tests.audio.sounds import RECORDINGS, recording
from training.tried import AROUND_S, LEVEL_DBFS, on_a_line, tried


@pytest.mark.parametrize("gain", [1.0, 0.1, 0.001])
def test_any_recording_is_brought_to_one_level(gain: float) -> None:
    tone = np.sin(np.arange(16000) * 0.3) * (np.arange(16000) < 8000)
    heard, loud_s = on_a_line((tone * 20000 * gain).astype(np.int16), 8000)
    assert loud_s == pytest.approx(1.0, abs=0.03)
    assert len(heard) == 16000 + 2 * AROUND_S * 8000
    level = 20 * np.log10(np.std(heard[8000:16000] / 32768.0))
    assert level == pytest.approx(LEVEL_DBFS, abs=0.3)


def test_who_talks_is_taken_for_speech_and_music_is_not(tmp_path: Path) -> None:
    for name, spoken in (("short_zh_16k.wav", 1), ("hold_music.wav", 0)):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(RECORDINGS / name, folder)
        found = tried(folder, 8000, detector_factory(DEFAULT))
        assert (found.files, found.taken) == (1, spoken)
        assert found.speech_s <= recording(name).duration_s
