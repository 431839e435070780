"""One voice of a song alone, on another instrument: what sings without being anyone, as WAV by FluidSynth.

`python -m training.solos MIDI_FOLDER SOUND_FONT OUT` needs fluidsynth and ffmpeg on the path.
May not choose by ear: the seed draws voice, instrument and place.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from training.material import RATE, Rng

SOLOS = 8
"""Of each song."""
LASTS_S = 25.0
PERCUSSION = 9
"""The channel General MIDI keeps for drums, counted from 0."""
FEWEST_NOTES = 40
"""Fewer are no melody."""
SINGING = (*range(16, 24), *range(40, 45), *range(48, 88))
"""General MIDI programs whose notes hold: organs, strings, choirs, brass, reeds, pipes, synthesisers."""
ANY_PROGRAM = 0.25
"""Share of solos on any of the 128."""


def melodies(song: Any) -> list[int]:
    """Channels of a song (mido.MidiFile) that play enough notes."""
    counts = np.zeros(16, int)
    for message in song:
        if message.type == "note_on" and message.velocity:
            counts[message.channel] += 1
    counts[PERCUSSION] = 0
    return [int(channel) for channel in np.flatnonzero(counts >= FEWEST_NOTES)]


def solo(song: Any, channel: int, program: int) -> Any:
    """A song with one channel left, played by one program; nothing before its first note."""
    import mido

    alone = mido.MidiFile(ticks_per_beat=song.ticks_per_beat)
    track = alone.add_track()
    track.append(mido.Message("program_change", channel=channel, program=program, time=0))
    begun, late = False, 0
    for message in mido.merge_tracks(song.tracks):
        late += message.time
        if message.type == "program_change" or getattr(message, "channel", channel) != channel:
            continue
        track.append(message.copy(time=late if begun else 0))
        begun, late = begun or message.type == "note_on", 0
    return alone


def render(song: Any, font: Path, out: Path, start_s: float) -> None:
    """A part of a song as mono WAV."""
    with tempfile.TemporaryDirectory() as folder:
        score, played = Path(folder) / "solo.mid", Path(folder) / "solo.wav"
        song.save(score)
        play = ["fluidsynth", "-ni", "-g", "0.5", "-r", "32000", "-F", str(played), str(font), str(score)]
        subprocess.run(play, check=True, capture_output=True)
        cut = ["-ss", f"{start_s:.2f}", "-t", f"{LASTS_S}", "-ac", "1", "-ar", str(RATE), "-y", str(out)]
        subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(played), *cut], check=True)


def draw_program(rng: Rng) -> int:
    """A General MIDI program, mostly one that sings."""
    return int(rng.integers(128) if rng.random() < ANY_PROGRAM else rng.choice(SINGING))


def main() -> None:
    """Read the arguments and render."""
    import mido

    parser = argparse.ArgumentParser(prog="python -m training.solos")
    parser.add_argument("songs", type=Path, help="folder with .mid files")
    parser.add_argument("font", type=Path, help="sound font (.sf2)")
    parser.add_argument("out", type=Path, help="folder for the WAV files")
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for path in sorted(told.songs.rglob("*.mid")):
        song = mido.MidiFile(path)
        voices = melodies(song)
        for number in range(SOLOS if voices else 0):
            channel, program = int(rng.choice(voices)), draw_program(rng)
            start_s = float(rng.uniform(0, max(0.0, song.length / 2)))
            render(solo(song, channel, program), told.font, told.out / f"{path.stem}_{number}.wav", start_s)


if __name__ == "__main__":
    main()
