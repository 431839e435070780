"""How well and how cheaply speech is found, beside webrtcvad, a plain front end around it, and Silero.

Accuracy and Silero need the larger data (CALLSEAT_DATA); coughs and cost need the recordings kept here.
`--fast` leaves out noise.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import webrtcvad

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audio.engines import DEFAULT, NEURAL, DetectorFactory, detector_factory  # noqa: E402  the checkout first
from audio.listener import Listener  # noqa: E402  the same
from audio.segments import segments  # noqa: E402  the same
from audio.wav import Recording, Samples, read_wav  # noqa: E402  the same
from state.errors import ConfigError  # noqa: E402  the same
from state.ids import LineId  # noqa: E402  the same
from state.words import Channel  # noqa: E402  the same
from tests.scoring.peers import ahybrid, silero_r, webrtc3_30h  # noqa: E402  the same
from tests.scoring.run import Detect, score_clean, score_noisy  # noqa: E402  the same
from tests.support import shared_data  # noqa: E402  the same

RATES = (8000, 16000)
NOISE_DB = 10
QUIET_DB = -30
KINDS = ("noise", "babble", "music", "tone")
RECORDINGS = ("silent_line.wav", "answer_4s.wav", "sentence_zh.wav", "sentence_zh_16k.wav")
COUGHS = "coughs.wav"
FIRST_COUGH_S, COUGH_EACH_S = 2.0, 3.0
"""tests/recordings/ATTRIBUTION.md: one in each of these slots."""
ROUNDS = 3
"""The best of so many counts: another process only ever slows a round down."""
COLUMNS = (
    "engine",
    "kHz",
    "first5 (cut)",
    "5 s on time; false",
    "short",
    "onset ms 50/95 %",
    "false % " + "/".join(KINDS),
    "F1",
    "F1 talks",
    f"office {NOISE_DB} dB",
    f"babble {NOISE_DB} dB",
    f"{QUIET_DB} dB: short; false; cut",
)


def main() -> None:
    """Print accuracy, then what is made of coughs, then cost."""
    data = shared_data()
    if data is None or not (data / "vad").is_dir():
        print("accuracy: larger data not here (set CALLSEAT_DATA to its folder); cost only")
    else:
        print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
        for name, detect in _detectors(data):
            for rate in RATES:
                print(_row(name, detect, data / "vad", rate), flush=True)
    print()
    for name, detect in _detectors(data):
        print(_coughs(name, detect), flush=True)
    print()
    for line in _costs(data):
        print(line)


def _detectors(data: Path | None) -> Iterator[tuple[str, Detect]]:
    yield "webrtc3_30h", webrtc3_30h
    yield "ahybrid", ahybrid
    yield DEFAULT, _of(detector_factory(DEFAULT))
    if data is None:
        return
    model = data / "models" / "silero_vad.onnx"
    with suppress(ConfigError):
        yield "silero_r", silero_r(model)
        yield NEURAL, _of(detector_factory(NEURAL, model))


def _of(factory: DetectorFactory) -> Detect:
    return lambda samples, rate: segments(Recording(samples, rate), factory)


def _row(name: str, detect: Detect, root: Path, rate: int) -> str:
    score, quiet = score_clean(root, detect, rate), score_clean(root, detect, rate, QUIET_DB)
    cells = [
        name,
        str(rate // 1000),
        f"{score.first5} ({score.cut})",
        f"{score.silence}; {score.false_silences}",
        str(score.short),
        f"{score.onset_ms(50):.0f}/{score.onset_ms(95):.0f}",
        "/".join(f"{100 * score.false_share[kind].value:.1f}" for kind in KINDS),
        f"{score.frames.f1:.3f}",
        f"{score.talks.f1:.3f}",
    ]
    if "--fast" not in sys.argv:
        cells += [
            str(score_noisy(root, detect, rate, kind, NOISE_DB).silence) for kind in ("office", "babble")
        ]
    else:
        cells += ["-", "-"]
    cells.append(f"{quiet.short}; {quiet.false_silences}; {quiet.cut}")
    return "| " + " | ".join(cells) + " |"


def _coughs(name: str, detect: Detect) -> str:
    """How many coughs are taken for speech, and for how long."""
    recording = read_wav(ROOT / "tests" / "recordings" / COUGHS)
    found = detect(recording.samples, recording.rate)
    slots = np.arange(FIRST_COUGH_S, recording.duration_s, COUGH_EACH_S)
    taken = {int(np.searchsorted(slots, one.start_s, "right")) for one in found}
    seconds = sum(one.end_s - one.start_s for one in found)
    return f"{name:12} {len(taken - {0}):2} of {len(slots)} coughs taken for speech, {seconds:4.1f} s"


def _costs(data: Path | None) -> Iterator[str]:
    """CPU beside raw webrtcvad on the same frames, and what a call's two channels take."""
    factories: list[tuple[str, DetectorFactory]] = [(DEFAULT, detector_factory(DEFAULT))]
    if data is not None:
        with suppress(ConfigError):
            factories.append((NEURAL, detector_factory(NEURAL, data / "models" / "silero_vad.onnx")))
    for file in RECORDINGS:
        recording = read_wav(ROOT / "tests" / "recordings" / file)
        raw = _best(lambda recording=recording: _raw_s(recording))
        for name, factory in factories:
            took = _best(lambda recording=recording, factory=factory: _detector_s(recording, factory))
            yield (
                f"{file:20} {recording.rate:5} Hz {name:8} {took / recording.duration_s:.3%} of a core, "
                f"{took / raw:5.1f} x webrtcvad"
            )
    recording = read_wav(ROOT / "tests" / "recordings" / "sentence_zh_16k.wav")
    raw = 2 * _best(lambda: _raw_s(recording))
    took = _best(lambda: _call_s(recording))
    yield (
        "a call: two channels at 16 kHz, both talking, every analyser on: "
        f"{took / recording.duration_s:.2%} of a core, "
        f"{took / raw:.1f} x webrtcvad on both"
    )


def _best(measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(ROUNDS))


def _frames(recording: Recording, length: int) -> list[Samples]:
    whole = len(recording.samples) - length + 1
    return [recording.samples[start : start + length] for start in range(0, whole, length)]


def _raw_s(recording: Recording) -> float:
    """CPU seconds of webrtcvad alone, strictest mode, frames of 30 ms."""
    frames, vad = _frames(recording, recording.rate * 3 // 100), webrtcvad.Vad(3)
    begin = time.process_time()
    for frame in frames:
        vad.is_speech(frame.tobytes(), recording.rate)
    return time.process_time() - begin


def _detector_s(recording: Recording, factory: DetectorFactory) -> float:
    """CPU seconds of a detector alone."""
    frames, detector = _frames(recording, recording.rate // 50), factory(recording.rate)
    begin = time.process_time()
    for frame in frames:
        detector.push(frame)
    return time.process_time() - begin


def _call_s(recording: Recording) -> float:
    """CPU seconds of a whole listener: the far side is the near one, later by a third."""
    near = recording.samples
    far: Samples = np.roll(near, len(near) // 3)
    listener, block = Listener(LineId("bench"), recording.rate, recording.rate), recording.rate // 50
    begin = time.process_time()
    for start in range(0, len(near) - block + 1, block):
        at = start / recording.rate
        listener.push(Channel.NEAR, near[start : start + block], at)
        listener.push(Channel.FAR, far[start : start + block], at)
    return time.process_time() - begin


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
