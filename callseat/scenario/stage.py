"""What a scenario can do to the world beside a running app: the wall clock, the audio worker, the voice.

May not decide when: the director does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from audio.wav import Recording, read_wav
from callseat import clock
from callseat.runtime.workers import InlineWorker
from callseat.scenario.model import ClockSetting
from state.events import CivilTimeKnown

T = TypeVar("T")


class StageClock:
    """A wall that runs with the loop and can be set."""

    def __init__(self, setting: ClockSetting, start: float = 0.0) -> None:
        self._wall_minus_at = setting.wall_s - start
        self._offset_s = setting.utc_offset_s
        self._synced = setting.synced

    def read(self, at: float) -> CivilTimeKnown:
        """The wall at `at`."""
        return CivilTimeKnown(at, "clock", self._wall_minus_at + at, self._offset_s, self._synced)

    def jump(self, by_s: float, *, synced: bool) -> None:
        """Set the wall forward, or back."""
        self._wall_minus_at += by_s
        self._synced = synced


class StageWorker(InlineWorker):
    """An audio worker that can be held up."""

    def __init__(self) -> None:
        self._held_until = 0.0

    def hold(self, for_s: float) -> None:
        """Do nothing for a while from now on."""
        self._held_until = clock.now() + for_s

    async def run(self, job: Callable[[], T]) -> T:
        """What `job` returns, when the worker is free."""
        if clock.now() < self._held_until:
            await asyncio.sleep(self._held_until - clock.now())
        return await super().run(job)


class RecordedSpeech:
    """Prompts from a folder of recordings alone, so that a result does not depend on an installed voice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def render(self, phrase: str, _text: str, language: str) -> Recording | None:
        """The recording of this phrase, or None: it is only read."""
        path = self._folder / language / f"{phrase}.wav"
        return read_wav(path) if path.exists() else None
