"""What the two-channel analysers make of a call, and calls without a fault: for the tests and the matrix.

May not know a threshold: when a fault must be found is in PAIR_FOUND_WITHIN.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from audio.analysis.channel import ChannelAnalyser
from audio.analysis.envelopes import PairHistory
from audio.analysis.faults.panel import Change
from audio.analysis.faults.thresholds import CONFIDENCE_WARN
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.pair import PairFaults
from audio.vad_webrtc import default_detector
from audio.wav import Samples, read_wav
from state.ids import LineId
from state.words import AudioFault, Channel
from tests.audio.faults.inject_pair import FAR_HZ, NEAR_HZ, TwoChannels, dialogue
from tests.audio.sounds import recording
from tests.support import shared_data

CALL_S = 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """A fault told of a channel, when, how surely and why."""

    at: float
    channel: Channel
    fault: AudioFault
    confidence: float
    evidence: str


def frames(sound: Samples, rate: int, channel: Channel) -> list[Frame]:
    """As the channel's analyser makes them; a channel that a fault leaves alone is judged once."""
    return _frames(sound.tobytes(), rate, channel)


@lru_cache(maxsize=6)
def _frames(data: bytes, rate: int, channel: Channel) -> list[Frame]:
    analyser = ChannelAnalyser(LineId("trial"), channel, rate, default_detector(rate), faults=False)
    analyser.reset(0.0)
    analyser.push(np.frombuffer(data, np.int16), 0.0)
    return analyser.frames


def pair_changes(call: TwoChannels) -> Iterator[tuple[float, Channel, Change]]:
    near, far = call.samples()
    history = PairHistory(NEAR_HZ, FAR_HZ)
    faults = PairFaults(history)
    both = zip(frames(near, NEAR_HZ, Channel.NEAR), frames(far, FAR_HZ, Channel.FAR), strict=False)
    for one, other in both:
        history.push(one, other)
        for channel, change in faults.push(one, other):
            yield other.begin + FRAME_S, channel, change


def alarms(call: TwoChannels) -> list[Told]:
    """Faults found at least at a warning's confidence."""
    return [
        Told(at, channel, change.finding.fault, change.finding.confidence, change.finding.evidence)
        for at, channel, change in pair_changes(call)
        if change.ended_at is None and change.finding.confidence >= CONFIDENCE_WARN - 1e-9
    ]


def ours(seconds: float = CALL_S, seed: int = 1) -> TwoChannels:
    """A dialogue of a Mandarin speaker at the desk and spoken digits on the line."""
    return dialogue(recording("sentence_zh_16k.wav").samples, recording("digits.wav").samples, seconds, seed)


def voices(kinds: tuple[str, ...], rate: int) -> dict[str, Samples]:
    """Recordings of the larger data by the start of their names."""
    data = shared_data()
    if data is None:
        return {}
    found = sorted(
        path for kind in kinds for path in (data / "vad" / f"wav{rate // 1000}").glob(f"{kind}*.wav")
    )
    return {path.stem: read_wav(path, rate).samples for path in found}


def own_snr_db() -> dict[str, float]:
    data = shared_data()
    if data is None:
        return {}
    with (data / "vad" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: float(row["own_snr_db"]) for row in csv.DictReader(file) if row["own_snr_db"]}


def dialogues(seconds: float = CALL_S) -> list[tuple[str, TwoChannels]]:
    """Dialogues of two different clean voices."""
    snr = own_snr_db()
    names = [name for name in voices(("ten", "zh", "prompt"), FAR_HZ) if snr[name] >= 11.0]
    near, far = voices(("ten", "zh", "prompt"), NEAR_HZ), voices(("ten", "zh", "prompt"), FAR_HZ)
    pairs = [(one, names[(i + 5) % len(names)]) for i, one in enumerate(names) if i % 2 == 0]
    return [(f"{a} with {b}", dialogue(near[a], far[b], seconds, i)) for i, (a, b) in enumerate(pairs)]


def clean_calls() -> Iterator[tuple[str, TwoChannels]]:
    """Composed customer channels, each with several agents who talk on regardless, at several levels."""
    near, far = voices(("ami", "ten", "zh"), NEAR_HZ), voices(("call",), FAR_HZ)
    agents = sorted(near)
    for number, (name, customer) in enumerate(far.items()):
        for turn in range(5):
            agent = agents[(number * 5 + turn) % len(agents)]
            gain = 10.0 ** ((0.0, -6.0, -12.0, 6.0, 0.0)[turn] / 20.0)
            count = len(customer) * NEAR_HZ // FAR_HZ
            talk = np.take(near[agent].astype(np.float64), np.arange(count), mode="wrap")
            noise = np.random.default_rng(number).standard_normal(count) * 16.0
            yield f"{name} with {agent}", TwoChannels(talk * gain + noise, customer.astype(np.float64))
