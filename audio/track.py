"""A simulated sound source of one call direction: a looped background and utterances placed at times.

May not read files, clocks or chance: the same track gives the same samples, in blocks or at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decibel import active_dbfs, amplitude, rms_dbfs

Samples = NDArray[np.int16]

CROSSFADE_S = 0.05
"""Length of the loop's joint: long enough not to click, short enough to keep the noise's level."""


@dataclass(frozen=True, slots=True, eq=False)
class _Utterance:
    """Samples from an index of the track on."""

    start: int
    samples: Samples

    @property
    def end(self) -> int:
        """Index behind the last sample."""
        return self.start + len(self.samples)


class Track:
    """Sound of one direction; time 0 of the background's loop is `origin`. No background: digital zeros."""

    def __init__(
        self,
        rate: int,
        background: Samples | None = None,
        *,
        background_dbfs: float | None = None,
        origin: float = 0.0,
    ) -> None:
        self.rate = rate
        self._origin = origin
        self._loop = np.zeros(1, np.int16)
        self._utterances: list[_Utterance] = []
        if background is not None and len(background):
            level = None if background_dbfs is None else background_dbfs - rms_dbfs(background)
            self._loop = _seamless(_amplified(background, level), round(CROSSFADE_S * rate))

    def say(self, samples: Samples, at: float, *, level_dbfs: float | None = None) -> float:
        """Place an utterance (samples at the track's rate) at a time; returns the time it ends."""
        gain = None if level_dbfs is None else level_dbfs - active_dbfs(samples, self.rate)
        utterance = _Utterance(self._index(at), _amplified(samples, gain))
        self._utterances.append(utterance)
        return self._origin + utterance.end / self.rate

    def hush(self, at: float) -> None:
        """Cut everything said from `at` on: the speaker broke off."""
        index = self._index(at)
        self._utterances = [
            _Utterance(said.start, said.samples[: index - said.start])
            for said in self._utterances
            if said.start < index
        ]

    def speaking(self, at: float) -> bool:
        """Whether an utterance covers `at`."""
        index = self._index(at)
        return any(said.start <= index < said.end for said in self._utterances)

    def block(self, at: float, n: int) -> Samples:
        """The n samples from `at` on."""
        start = self._index(at)
        places = np.arange(start, start + n) % len(self._loop)
        mixed = self._loop[places].astype(np.int32)
        for said in self._utterances:
            first, last = max(said.start, start), min(said.end, start + n)
            if first < last:
                mixed[first - start : last - start] += said.samples[first - said.start : last - said.start]
        return np.clip(mixed, -32768, 32767).astype(np.int16)

    def _index(self, at: float) -> int:
        return round((at - self._origin) * self.rate)


def _amplified(samples: Samples, gain_db: float | None) -> Samples:
    """Samples with a gain in dB, saturated."""
    if gain_db is None:
        return samples
    amplified: Samples = np.clip(np.rint(samples * amplitude(gain_db)), -32768, 32767).astype(np.int16)
    return amplified


def _seamless(samples: Samples, joint: int) -> Samples:
    """A loop without a click: its tail is cross-faded, at equal power, into its head."""
    joint = min(joint, len(samples) // 2)
    if joint == 0:
        return samples
    angle = (np.arange(joint) + 0.5) / joint * (np.pi / 2)
    head = samples[:joint] * np.sin(angle) + samples[-joint:] * np.cos(angle)
    body = samples[joint:-joint]
    return np.concatenate((np.clip(np.rint(head), -32768, 32767).astype(np.int16), body))
