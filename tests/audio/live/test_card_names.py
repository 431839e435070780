"""Streams of a real PulseAudio at every rate, resampled where a card has another; by the server's names."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.live.card import Card
from audio.live.process import CardSpec, program
from tests.audio.live.card_kit import BLOCK_S, LINE, RATE, blocks, kept, live, now, opened, tone
from tests.peers.pulse import Pulse, need_pyaudio, pulse


@pytest.fixture(name="server")
def _server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pulse]:
    need_pyaudio()
    with pulse(tmp_path) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.mark.parametrize(
    ("rate", "inside"), [(8000, 8000), (16000, 16000), (48000, 48000), (16000, 48000), (16000, 44100)]
)
def test_a_tone_goes_both_ways_at_every_rate(
    server: Pulse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, inside: int
) -> None:
    """Where the card runs at the rate `inside` alone, as a bare `hw:` device does, it is resampled by us."""
    if inside != rate:
        monkeypatch.setenv("CALLSEAT_AUDIO_PYTHON", str(picky(tmp_path, inside)))
    card = Card(replace(LINE, rate=rate), time.monotonic)
    heard: list[tuple[float, np.ndarray, float]] = []

    async def main() -> None:
        async with kept(card):
            assert {lane.rate for lane in (await opened(card)).lanes} == {inside}
            hearing = asyncio.create_task(blocks(card, 1.6, lambda _: tone(BLOCK_S, 700, rate)))
            await asyncio.to_thread(server.play, "callseat_from_line", tone(1.0), RATE)
            heard.extend(await hearing)

    with server.record("callseat_to_line.monitor", RATE) as line:
        live(main)
        spoken = line.samples()
    loud = [block for _, block, _ in heard if np.abs(block).max() > 6000]
    assert len(loud) == pytest.approx(50, abs=4)
    assert pitch(np.concatenate(loud[5:-5]), rate) == pytest.approx(1000, abs=30), (
        "at another rate it would be another tone"
    )
    assert pitch(spoken[-RATE:], RATE) == pytest.approx(700, abs=30), (
        "at another rate it would be another tone"
    )


def pitch(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * len(samples)))
    return float(np.argmax(spectrum) * rate / (8 * len(samples)))


PICKY = """
import importlib.machinery
import sys

place = importlib.machinery.PathFinder.find_spec("pyaudio", [p for p in sys.path if p != {folder!r}])
theirs = place.loader.load_module("pyaudio")


class PyAudio(theirs.PyAudio):
    def open(self, **wanted):
        if wanted["rate"] != {rate}:
            raise OSError(-9997, "Invalid sample rate")
        return super().open(**wanted)
"""
"""The real PyAudio on a card with one rate, which no card here is."""


def picky(folder: Path, rate: int) -> Path:
    """A Python whose PyAudio opens devices at one rate alone."""
    (folder / "pyaudio.py").write_text(PICKY.format(folder=str(folder), rate=rate), encoding="utf-8")
    python = folder / "python"
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH="{folder}:$PYTHONPATH" exec {program({})[0]} "$@"\n', encoding="utf-8"
    )
    python.chmod(0o755)
    return python


def test_sinks_and_sources_are_opened_by_the_servers_own_names(server: Pulse) -> None:
    spec = CardSpec("pulse:callseat_from_line.monitor", "pulse:callseat_to_line", RATE)

    async def main() -> None:
        card = Card(spec, now)
        async with kept(card):
            await opened(card)
            places = {
                (kind, each["name"]): each["index"]
                for kind in ("source", "sink")
                for each in server.listing(f"{kind}s")
            }
            (hearing,), (playing,) = server.listing("source-outputs"), server.listing("sink-inputs")
            assert hearing["source"] == places["source", "callseat_from_line.monitor"]
            assert playing["sink"] == places["sink", "callseat_to_line"]

    live(main)


def test_a_node_that_is_not_there_is_named_not_replaced_by_another(server: Pulse) -> None:
    async def main() -> None:
        card = Card(CardSpec("pulse:callseat_from_lime.monitor", None, RATE), now)
        async with kept(card):
            await card.tried.wait()
            assert card.process is None
            assert "pulse:callseat_from_lime.monitor" in card.health.error

    live(main)
