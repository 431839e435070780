"""No detector looks ahead: a decision comes from the sound up to it, in blocks of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio.engines import DEFAULT, NEURAL, DetectorFactory, detector_factory
from audio.listener import Listener
from audio.segments import segments
from audio.wav import Recording, read_wav
from state.events import AudioAnalysedUntil, Event
from state.ids import LineId
from state.words import Channel
from tests.support import ROOT, need_shared_data

RECORDINGS = sorted((ROOT / "tests" / "recordings").glob("*.wav"))
LARGER = ("wav8/call_noisy_mobile", "wav8/call_hold_music", "wav16/ten03", "wav16/ami_dev01", "wav8/zh_ali1")


def factory(engine: str) -> DetectorFactory:
    model = need_shared_data("models", "silero_vad.onnx") if engine == NEURAL else None
    return detector_factory(engine, model)


def cut_short(recording: Recording, at: float) -> Recording:
    """The recording up to `at`."""
    return Recording(recording.samples[: round(at * recording.rate)], recording.rate)


def hold_to_it(recording: Recording, detector: DetectorFactory) -> int:
    """Cut at every decision: the same begin is decided at the same time. How many there were."""
    whole = segments(recording, detector)
    for number, found in enumerate(whole):
        again = segments(cut_short(recording, found.decided_s), detector)
        assert len(again) == number + 1
        assert (again[-1].start_s, again[-1].decided_s) == (found.start_s, found.decided_s)
        assert again[:-1] == whole[:number]
    return len(whole)


@pytest.mark.parametrize("engine", [DEFAULT, NEURAL])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_cut_at_a_decision_gives_the_same_one(path: Path, engine: str) -> None:
    silent = path.stem.startswith(("silent", "ringback", "hold"))
    assert (
        hold_to_it(read_wav(path), factory(engine)) > 0
        or silent
        or path.stem.startswith(("street", "coffee"))
    )


@pytest.mark.parametrize("name", LARGER)
def test_the_larger_data_do_too(name: str) -> None:
    path = need_shared_data("vad", f"{name}.wav")
    assert hold_to_it(read_wav(path), factory(DEFAULT)) > 0


def heard(recording: Recording, blocks: list[int], detector: DetectorFactory) -> list[Event]:
    """Every event but the watermarks, which come once per block."""
    listener = Listener(LineId("l1"), recording.rate, recording.rate, detector)
    listener.reset(0.0)
    events: list[Event] = []
    start = 0
    for size in blocks:
        part = recording.samples[start : start + size]
        events.extend(listener.push(Channel.FAR, part, start / recording.rate))
        start += len(part)
    return [event for event in events if not isinstance(event, AudioAnalysedUntil)]


def equal_blocks(recording: Recording, seconds: float) -> list[int]:
    size = round(seconds * recording.rate)
    return [size] * (len(recording.samples) // size)


@pytest.mark.parametrize("engine", [DEFAULT, NEURAL])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_blocks_of_any_size_give_the_same_events(path: Path, engine: str) -> None:
    recording, detector = read_wav(path), factory(engine)
    by_frame = heard(recording, equal_blocks(recording, 0.02), detector)
    assert by_frame
    chance = np.random.default_rng(7)
    random_blocks = chance.integers(1, recording.rate // 5, 4000).tolist()
    for blocks in (equal_blocks(recording, 0.01), random_blocks):
        found = heard(recording, blocks, detector)
        assert [event for event in found if event.at <= by_frame[-1].at] == by_frame
