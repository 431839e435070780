"""Brings one source's recordings to what the other programs read: mono 16 kHz WAV files of 60 s at most.

`python -m training.convert KIND SOURCE FAMILY` reads every recording below SOURCE with ffmpeg and writes the
folder FAMILY. May not choose between recordings, but for their order and the minutes it stops at.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from training.material import RATE

SOUNDS = {".wav", ".ogg", ".oga", ".mp3", ".flac", ".opus", ".gsm", ".m4a"}
PIECE_S = 60.0
MUSIC_PIECE_S = 30.0
MUSIC_FROM = (0.12, 0.45, 0.75)
"""Three places of a long piece of music: not its beginning, which is often the softest."""
LEAST_MUSIC_S = 8.0
MOST_NOISE_S = 120.0
GAIN = 0.9
"""Before the mix to mono: two channels at full scale must not clip."""
LEAST_S = 0.1
KINDS = ("speech", "music", "noise", "bursts")


def pieces(kind: str, length_s: float) -> Iterator[tuple[float, float]]:
    """Begin and length of what is taken of a recording, in seconds."""
    if kind == "music" and length_s > PIECE_S:
        yield from ((length_s * part, MUSIC_PIECE_S) for part in MUSIC_FROM)
        return
    if kind == "music" and length_s < LEAST_MUSIC_S:
        return
    most_s = min(length_s, MOST_NOISE_S) if kind == "noise" else length_s
    begin_s = 0.0
    while most_s - begin_s >= LEAST_S:
        yield begin_s, min(PIECE_S, most_s - begin_s)
        begin_s += PIECE_S


def length_of(path: Path) -> float:
    """Seconds of a recording; 0 where ffprobe cannot tell."""
    ask = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    told = subprocess.run(ask, check=False, capture_output=True, text=True).stdout.strip()
    return float(told) if re.fullmatch(r"[\d.]+", told) else 0.0


def convert(path: Path, out: Path, begin_s: float, length_s: float) -> None:
    """One piece of a recording; CalledProcessError where ffmpeg cannot read it."""
    cut = ["-ss", f"{begin_s:.2f}", "-t", f"{length_s:.2f}", "-i", str(path), "-map", "0:a:0"]
    form = ["-af", f"volume={GAIN}", "-ac", "1", "-ar", str(RATE), "-c:a", "pcm_s16le", "-bitexact", str(out)]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *cut, *form], check=True)


def convert_all(kind: str, source: Path, family: Path, most_minutes: float) -> float:
    """Convert in an order drawn once; the minutes written."""
    found = sorted(path for path in source.rglob("*") if path.suffix.lower() in SOUNDS)
    random.Random(1).shuffle(found)  # noqa: S311 -- an order that is the same for everyone, nothing secret
    family.mkdir(parents=True, exist_ok=True)
    written_s = 0.0
    for path in found:
        if written_s > most_minutes * 60:
            break
        name = re.sub(r"[^\w.-]", "_", str(path.relative_to(source).with_suffix("")).replace("/", "-"))
        for number, (begin_s, length_s) in enumerate(pieces(kind, length_of(path))):
            convert(path, family / f"{name}_{number}.wav", begin_s, length_s)
            written_s += length_s
    return written_s / 60


def main() -> None:
    """Read the arguments and convert."""
    parser = argparse.ArgumentParser(prog="python -m training.convert")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("source", type=Path, help="folder of recordings")
    parser.add_argument("family", type=Path, help="folder to write, MATERIAL/KIND/<family>")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    told = parser.parse_args()
    print(f"{convert_all(told.kind, told.source, told.family, told.minutes):.1f} minutes")


if __name__ == "__main__":
    main()
