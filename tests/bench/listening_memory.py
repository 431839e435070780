"""Memory of the listener over an hour of a call: both channels at 16 kHz, every analyser on, printed.

The sound goes round in tests/recordings: speech, silence, street, ring-back and hum, near and far apart.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audio.listener import Listener  # noqa: E402  the checkout must be found first
from audio.resample import resampled  # noqa: E402  the same
from audio.wav import read_wav  # noqa: E402  the same
from state.ids import LineId  # noqa: E402  the same
from state.words import Channel  # noqa: E402  the same

Samples = NDArray[np.int16]

RATE = 16000
BLOCK_S = 0.02
WARM_S = 300.0
"""By then every window is full and every part of numpy is loaded."""
CALL_S = 3600.0
NEAR = ("sentence_zh_16k", "silent_line", "short_zh_16k", "street_16k")
FAR = ("silent_line", "answer_4s", "ringback_cn", "digits", "silent_hum", "coffee_shop")


@dataclass(frozen=True, slots=True)
class Memory:
    """What an hour cost."""

    warm_bytes: int
    grown_bytes: int
    cpu_s: float
    events: int

    @property
    def share(self) -> float:
        """Of one core, for both channels."""
        return self.cpu_s / CALL_S


def main() -> None:
    """Print one line."""
    seen = measure()
    print(
        f"{CALL_S / 60:.0f} min, both channels at {RATE} Hz: resident memory "
        f"{seen.grown_bytes / 1e6:+.2f} MB on {seen.warm_bytes / 1e6:.0f} MB after the first "
        f"{WARM_S / 60:.0f} min, "
        f"{seen.events} events, {seen.share:.2%} of a core"
    )


def measure() -> Memory:
    """Push the hour as fast as it goes; what is resident at its end beyond what full windows take."""
    listener = Listener(LineId("bench"), RATE, RATE)
    near, far = blocks(NEAR), blocks(FAR)
    push(listener, near, far, 0.0, WARM_S)
    gc.collect()
    warm, begin = resident_bytes(), time.process_time()
    events = push(listener, near, far, WARM_S, CALL_S)
    cpu_s = time.process_time() - begin
    gc.collect()
    return Memory(warm, resident_bytes() - warm, cpu_s, events)


def push(
    listener: Listener, near: Iterator[Samples], far: Iterator[Samples], begin_s: float, lasts_s: float
) -> int:
    """So many seconds of both channels, as a call pushes them; how much was told."""
    told = 0
    for number in range(round(lasts_s / BLOCK_S)):
        at = begin_s + number * BLOCK_S
        told += len(tuple(listener.push(Channel.NEAR, next(near), at)))
        told += len(tuple(listener.push(Channel.FAR, next(far), at)))
    return told


def blocks(names: tuple[str, ...]) -> Iterator[Samples]:
    """Recordings one after the other, for ever."""
    wavs = [read_wav(ROOT / "tests/recordings" / f"{name}.wav") for name in names]
    sound = np.concatenate([resampled(wav.samples, wav.rate, RATE) for wav in wavs])
    size = round(BLOCK_S * RATE)
    while True:
        for begin in range(0, len(sound) - size + 1, size):
            yield sound[begin : begin + size]


def resident_bytes() -> int:
    """Of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
