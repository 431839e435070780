"""The run of one unchanging value at the end of a channel, exact to the sample, and what two faults share.

May not say what a run means.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.thresholds import CONFIDENCE_MOST, ZERO_LSB, ZERO_S
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S
from state.words import AudioFault

Samples = NDArray[np.int16]


class UnchangingRun:
    """Follows the samples; within ZERO_LSB of zero all values are the same."""

    def __init__(self, rate: int, zero: bool) -> None:
        self._rate = rate
        self._zero = zero
        self.reset()

    def reset(self) -> None:
        """A new call."""
        self._since: float | None = None
        self._last = self.value = 0

    def push(self, frame: Frame) -> float | None:
        """Take a frame; since when the value has not changed, None where the last sample is another kind."""
        samples = frame.samples
        self.value = int(samples[-1])
        if self._is_zero(self.value) is not self._zero:
            self._since = None
        elif not (self._since is not None and self._goes_on(samples)):
            start = self._start(samples)
            self._since = frame.begin + start / self._rate
        self._last = self.value
        return self._since

    def _is_zero(self, value: int) -> bool:
        return abs(value) <= ZERO_LSB

    def _goes_on(self, samples: Samples) -> bool:
        """Whether a whole frame carries the run on; its first sample tells for nearly every live one."""
        first = int(samples[0])
        if self._zero:
            return self._is_zero(first) and bool((np.abs(samples) <= ZERO_LSB).all())
        return first == self._last == self.value and bool((samples == self._last).all())

    def _start(self, samples: Samples) -> int:
        """Index behind the last sample that differs; 0 where none does."""
        if not self._zero and int(samples[-2]) != self.value:
            return len(samples) - 1
        same = np.abs(samples) <= ZERO_LSB if self._zero else samples == self.value
        differing = np.flatnonzero(~same)
        return int(differing[-1]) + 1 if len(differing) else 0


class UnchangingFault(ABC):
    """A run that has lasted for ZERO_S is the fault; over with the first frame that holds another value."""

    fault: AudioFault

    def __init__(self, rate: int, *, zero: bool) -> None:
        self._run = UnchangingRun(rate, zero=zero)
        self.finding: Finding | None = None

    def reset(self) -> None:
        """A new call begins."""
        self._run.reset()
        self.finding = None

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        since = self._run.push(frame)
        lasted_s = 0.0 if since is None else frame.begin + FRAME_S - since
        if since is None or lasted_s < ZERO_S - 1e-6:
            self.finding = None
        elif self.finding is None:
            self.finding = Finding(self.fault, since, CONFIDENCE_MOST, self._evidence(lasted_s))

    @abstractmethod
    def _evidence(self, lasted_s: float) -> str:
        """What is told of the run."""
