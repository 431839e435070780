"""CPU of the listener as a multiple of raw webrtcvad on the same audio, printed with its parts."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import webrtcvad

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audio.listener import Listener  # noqa: E402  the checkout must be found first
from audio.wav import read_wav  # noqa: E402  the same
from state.ids import LineId  # noqa: E402  the same
from state.words import Channel  # noqa: E402  the same

RECORDINGS = ("silent_line.wav", "answer_4s.wav", "sentence_zh.wav", "sentence_zh_16k.wav")
ROUNDS = 3
"""The best of so many counts: another process only ever slows a round down."""


def main() -> None:
    """Print one line per recording."""
    for name in RECORDINGS:
        recording = read_wav(ROOT / "tests" / "recordings" / name)
        frame = recording.rate // 50
        frames = [
            recording.samples[start : start + frame]
            for start in range(0, len(recording.samples) - frame + 1, frame)
        ]
        raw = min(raw_s(frames, recording.rate) for _ in range(ROUNDS))
        ours = min(listener_s(frames, recording.rate) for _ in range(ROUNDS))
        per_frame = 1e6 / len(frames)
        print(
            f"{name:20} {recording.rate} Hz: listener {ours * per_frame:6.1f} us/frame, "
            f"webrtcvad {raw * per_frame:5.1f}, ratio {ours / raw:5.1f}, "
            f"one channel is {ours / recording.duration_s:.2%} of a core"
        )


def raw_s(frames: list[np.ndarray], rate: int) -> float:
    """CPU seconds of webrtcvad alone."""
    vad = webrtcvad.Vad(3)
    begin = time.process_time()
    for frame in frames:
        vad.is_speech(frame.tobytes(), rate)
    return time.process_time() - begin


def listener_s(frames: list[np.ndarray], rate: int) -> float:
    """CPU seconds of one channel of the listener."""
    listener = Listener(LineId("bench"), rate, rate)
    begin = time.process_time()
    for number, frame in enumerate(frames):
        listener.push(Channel.FAR, frame, number * 0.02)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
