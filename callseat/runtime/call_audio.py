"""The sound of a simulated call: two tracks in, two ears out, and WAV files of what each of them heard.

May not analyse or mix: it hands over blocks of tracks and takes mixed blocks.
"""

from __future__ import annotations

import logging
import wave
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.mixer import Mixed
from audio.track import Track
from state.words import Audience, Channel

_log = logging.getLogger("callseat.audio")

Samples = NDArray[np.int16]
Heard = tuple[str, int, Samples]

ROOM_NOISE_DBFS = -62.0
"""A quiet room through a headset microphone; never digital zeros, which a live microphone does not give."""
LINE_NOISE_DBFS = -58.0
"""Comfort noise of a telephone line."""
NOISE_S = 4.0


def noise_track(rate: int, dbfs: float, seed: int, origin: float = 0.0) -> Track:
    """A track of steady noise, the same for the same seed."""
    noise = np.random.default_rng(seed).normal(0.0, 2000.0, round(NOISE_S * rate))
    return Track(rate, np.clip(noise, -32768, 32767).astype(np.int16), background_dbfs=dbfs, origin=origin)


class WavTap:
    """Writes what was heard, one file per ear; a call's files are closed with the call.

    A disk that takes no more ends the files, never the call.
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self._files: dict[str, wave.Wave_write] = {}
        self._open = ExitStack()
        self._ended = False

    def add(self, heard: tuple[Heard, ...]) -> None:
        """Append a block to the file of each ear named."""
        if self._ended:
            return
        try:
            for ear, rate, samples in heard:
                self._file(ear, rate).writeframesraw(samples.astype("<i2").tobytes())
        except OSError as error:
            _log.warning("%s: what is heard is no longer kept: %s", self._folder, error.strerror)
            self.close()

    def close(self) -> None:
        """Finish the files."""
        self._ended = True
        # The last samples are written here, and each file's length at its head.
        with suppress(OSError):
            self._open.close()

    def _file(self, ear: str, rate: int) -> wave.Wave_write:
        if ear not in self._files:
            self._folder.mkdir(parents=True, exist_ok=True)
            raw = self._open.enter_context((self._folder / f"{self._stem}-{ear}.wav").open("wb"))
            file = self._open.enter_context(wave.open(raw, "wb"))  # noqa: SIM115 -- the stack closes it
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            self._files[ear] = file
        return self._files[ear]


class SimulatedCallAudio:
    """One line's sound; tracks may be replaced or spoken into at any time, mutes are asked every block."""

    def __init__(
        self, near: Track, far: Track, *, muted: Callable[[], bool], line_muted: Callable[[], bool]
    ) -> None:
        self.near = near
        self.far = far
        self.raw_while_muted = False
        self.tap: WavTap | None = None
        self._muted = muted
        self._line_muted = line_muted

    @property
    def near_rate(self) -> int:
        """Samples per second of the microphone and the ear."""
        return self.near.rate

    @property
    def far_rate(self) -> int:
        """Samples per second of the line."""
        return self.far.rate

    def pull(self, at: float, duration_s: float) -> tuple[Samples, Samples]:
        """The block from `at` on; a headset that mutes in the device delivers digital zeros."""
        near = self.near.block(at, round(duration_s * self.near.rate))
        if self._muted() and not self.raw_while_muted:
            near = np.zeros_like(near)
        return near, self.far.block(at, round(duration_s * self.far.rate))

    def transmitting(self) -> bool:
        """Muted at the headset or at the phone, the customer hears nothing of the agent."""
        return not (self._muted() or self._line_muted())

    def push(self, near: Samples, far: Samples, mixed: Mixed, at: float) -> None:
        """Keep what was heard, where that is asked for."""
        if self.tap is not None:
            ear, line = self.near.rate, self.far.rate
            self.tap.add(
                (("near", ear, near), ("far", line, far), ("ear", ear, mixed.ear), ("line", line, mixed.line))
            )

    def input_latency_s(self, channel: Channel) -> float | None:
        """A track is heard as it is pulled."""
        return 0.0

    def output_latency_s(self, audience: Audience) -> float:
        """And nobody waits for a loudspeaker."""
        return 0.0

    def close(self) -> None:
        """The call is over."""
        if self.tap is not None:
            self.tap.close()
            self.tap = None
