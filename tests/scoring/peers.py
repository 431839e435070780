"""Detectors to stand beside ours: webrtcvad as it is, a plain DSP front end around it, Silero as it is.

May not use our front end, model or decision: only what a user of the libraries would write.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from audio.segments import Segment
from audio.silero import CHUNK_S
from tests.scoring.items import Samples

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]

HANG_OVER_S = 0.3


def webrtc3_30h(samples: Samples, rate: int) -> list[Segment]:
    """webrtcvad, strictest mode, 30 ms: on after 2 of 3 frames, off after 0.3 s."""
    vad, length = webrtcvad.Vad(3), rate * 3 // 100
    flags = [
        vad.is_speech(samples[start : start + length].tobytes(), rate)
        for start in range(0, len(samples) - length + 1, length)
    ]
    return _stretches(_hung(np.array(flags), 0.03, on=2, within=3), 0.03)


def plain_silero(model: Path) -> Callable[[Floats, Floats, int], tuple[float, Floats]]:
    """Silero by onnxruntime alone: likelihood of a voice in (1, context + chunk), and memory after it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def likely(heard: Floats, memory: Floats, rate: int) -> tuple[float, Floats]:
        shown = {"input": heard, "state": memory, "sr": np.array(rate, np.int64)}
        voice, after = session.run(None, shown)
        return float(voice[0, 0]), after

    return likely


def silero_r(model: Path) -> Callable[[Samples, int], list[Segment]]:
    """Silero at 0.5, its state cleared after 2 s of quiet, off after 0.3 s."""
    likely = plain_silero(model)

    def detect(samples: Samples, rate: int) -> list[Segment]:
        chunk, context = round(rate * CHUNK_S), round(rate * 0.004)
        heard = np.concatenate((np.zeros(context), samples)).astype(np.float32) / np.float32(32768)
        memory, quiet, flags = np.zeros((2, 1, 128), np.float32), 0, []
        for start in range(0, len(samples) - chunk + 1, chunk):
            voice, memory = likely(heard[None, start : start + context + chunk], memory, rate)
            flags.append(voice > 0.5)
            quiet = quiet + 1 if voice < 0.15 else 0
            if quiet >= round(2.0 / CHUNK_S):
                memory, quiet = np.zeros((2, 1, 128), np.float32), 0
                for again in range(max(0, start - 4 * chunk), start + 1, chunk):
                    _, memory = likely(heard[None, again : again + context + chunk], memory, rate)
        return _stretches(_hung(np.array(flags, bool), CHUNK_S, on=1, within=1), CHUNK_S)

    return detect


def ahybrid(samples: Samples, rate: int) -> list[Segment]:
    """webrtcvad 3/20 ms behind a slow gain and a high-pass, with floors, periodicity and a one-line veto.

    Speech begins with 3 periodic frames among 10 and ends 0.3 s after the last that passes.
    """
    hop, length, vad = 0.02, rate // 50, webrtcvad.Vad(3)
    sound = _high_passed(_lifted(samples, rate), rate)
    frames = sound[: len(sound) // length * length].reshape(-1, length)
    opinion = np.array(
        [vad.is_speech(row.astype(np.int16).tobytes(), rate) for row in np.clip(frames, -32768, 32767)]
    )
    level = 10 * np.log10(np.mean((frames / 32768) ** 2, axis=1) + 1e-12)
    passing = opinion & (level > _floor(level, hop) + 7.0) & (level > -55.0)
    low = _low_passed(sound, rate)[:: rate // 4000]
    voiced = np.array([ok and _periodic(low, row) for row, ok in enumerate(passing)])
    speaking, last, flags = False, -99, np.zeros(len(frames), bool)
    for row in range(len(frames)):
        if voiced[row] or (speaking and passing[row]):
            last = row
        if not speaking:
            speaking = bool(voiced[max(0, row - 9) : row + 1].sum() >= 3)
        elif row - last >= round(HANG_OVER_S / hop):
            speaking = False
        flags[row] = speaking
    return _stretches(flags, hop)


def _periodic(low: NDArray[np.float64], row: int) -> bool:
    part = low[max(0, row * 80 - 80) : row * 80 + 80]
    if len(part) < 160:
        return False
    part = part - part.mean()
    spectrum = np.abs(np.fft.rfft(part * np.hanning(160))) ** 2
    top = int(np.argmax(spectrum))
    if spectrum[max(0, top - 2) : top + 3].sum() > 0.93 * spectrum.sum():
        return False
    likeness = [
        float(
            part[:-lag] @ part[lag:] / np.sqrt((part[:-lag] @ part[:-lag]) * (part[lag:] @ part[lag:]) + 1e-6)
        )
        for lag in range(10, 58)
    ]
    return max(likeness) > 0.45


def _floor(level: NDArray[np.float64], hop: float) -> NDArray[np.float64]:
    floor, rows = min(float(level[0]), -50.0), []
    for now in level.tolist():
        floor = max(now, floor - 300 * hop) if now < floor else min(now, floor + 3 * hop)
        floor = min(max(floor, -90.0), -30.0)
        rows.append(floor)
    return np.array(rows)


def _lifted(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Recent peak to -22 dBFS, by 30 dB at most, the noise floor never over -58."""
    length = rate * 3 // 100
    frames = samples[: len(samples) // length * length].reshape(-1, length).astype(np.float64)
    level = 10 * np.log10(np.mean((frames / 32768) ** 2, axis=1) + 1e-12)
    floor, peak, gain, gains = _floor(level, 0.03), -40.0, 0.0, np.zeros(len(level))
    for row, now in enumerate(level.tolist()):
        peak = max(now, peak - 0.09, floor[row] + 12.0)
        wanted = min(max(min(-22.0 - peak, -58.0 - floor[row]), 0.0), 30.0)
        gain += min(max(wanted - gain, -6.0), 0.6)
        gains[row] = gain
    return np.clip(frames * 10 ** (gains[:, None] / 20), -32768, 32767).ravel()


def _high_passed(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    return _brick(samples, rate, 120.0, rate / 2)


def _low_passed(sound: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    return _brick(sound, rate, 0.0, 1500.0)


def _brick(sound: NDArray[np.generic], rate: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    # Off line and of the whole recording: a peer is allowed the better filter.
    spectrum = np.fft.rfft(sound.astype(np.float64))
    places = np.fft.rfftfreq(len(sound), 1 / rate)
    spectrum[(places < low_hz) | (places > high_hz)] = 0
    return np.fft.irfft(spectrum, len(sound))


def _hung(voiced: Flags, hop: float, on: int, within: int) -> Flags:
    speaking, last, flags = False, -99, np.zeros(len(voiced), bool)
    for row in range(len(voiced)):
        if voiced[row]:
            last = row
        if not speaking:
            speaking = bool(voiced[max(0, row - within + 1) : row + 1].sum() >= on)
        elif row - last >= round(HANG_OVER_S / hop):
            speaking = False
        flags[row] = speaking
    return flags


def _stretches(flags: Flags, hop: float) -> list[Segment]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [
        Segment(begin * hop, end * hop, "speech", (begin + 1) * hop)
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]
