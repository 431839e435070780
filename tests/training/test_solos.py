from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.wav import read_wav
from tests.peers.install import apt, program
from training.solos import ANY_PROGRAM, FEWEST_NOTES, SINGING, draw_program, melodies, render, solo

mido = pytest.importorskip("mido", reason="songs are read with mido (training/requirements.txt)")


def song() -> Any:
    """A melody on channel 2, drums, and a bass of three notes; the melody begins after a second."""
    made = mido.MidiFile(ticks_per_beat=480)
    track = made.add_track()
    track.append(mido.Message("program_change", channel=2, program=5))
    for channel, notes, wait in ((9, FEWEST_NOTES * 2, 12), (2, FEWEST_NOTES, 480), (1, 3, 10)):
        for note in range(notes):
            track.append(
                mido.Message("note_on", channel=channel, note=40 + note % 30, velocity=90, time=wait)
            )
            track.append(mido.Message("note_off", channel=channel, note=40 + note % 30, time=wait))
    return made


def test_a_melody_has_notes_and_is_no_drum() -> None:
    assert melodies(song()) == [2]


def test_a_solo_is_one_channel_by_one_program_from_its_first_note_on() -> None:
    alone = [message for message in solo(song(), 2, 73).tracks[0] if not message.is_meta]
    assert {message.channel for message in alone} == {2}
    assert [message.program for message in alone if message.type == "program_change"] == [73]
    notes = [message for message in alone if message.type == "note_on"]
    assert len(notes) == FEWEST_NOTES
    assert notes[0].time == 0
    assert notes[1].time == 480


def test_most_solos_sing() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_program(rng) for _ in range(400)]
    assert all(0 <= program < 128 for program in drawn)
    assert sum(program in SINGING for program in drawn) > (1 - ANY_PROGRAM) * len(drawn)


def test_a_solo_sounds(tmp_path: Path) -> None:
    font = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
    program("fluidsynth")
    program("ffmpeg")
    apt("fluid-soundfont-gm")
    render(solo(song(), 2, 73), font, tmp_path / "solo.wav", 1.0)
    made = read_wav(tmp_path / "solo.wav")
    assert made.rate == 16000
    assert 20 <= made.duration_s <= 25
    assert np.sqrt(np.mean((made.samples / 32768.0) ** 2)) > 1e-3
