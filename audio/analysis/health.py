"""What a channel carries apart from speech: digital zeros, a frozen input, a voice too quiet, a tone.

May not know whose channel it is: the core names the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import FRAME_S
from audio.analysis.vad import TONE_STILL_FRAMES, Verdict
from audio.decibel import FULL_SCALE, amplitude, dbfs
from state.words import SignalCondition

Samples = NDArray[np.int16]

ZERO_S = 1.0
"""A live line has noise; a second of zeros is a mute or a dead input (Jitsi waits 4 s, too long here)."""
ZERO_LSB = 1
"""Dither and a codec's idle pattern reach one step."""
TOO_QUIET_DBFS = -46.0
"""Active speech below this: a caller hears hardly anything (-26 is the usual level)."""
HEARD_AGAIN_DBFS = -43.0
"""3 dB of hysteresis."""
QUIET_JUDGED_S = 1.0
"""So much speech must have been heard before its level is judged."""
QUIET_MEMORY_S = 3.0
TONE_S = 0.3
"""Shorter than a busy tone's beep (0.35 s), longer than any vowel that passes for a tone."""
_KNOWN_LATE_S = TONE_STILL_FRAMES * FRAME_S
"""A detector tells a tone only when it has stood still so long."""
TONE_DRIFT_HZ = 25.0
TONE_HOLD_S = 4.5
"""Ring-back pauses for 4 s: until then the channel still carries a tone, unless somebody speaks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The channel's condition from `since` on."""

    condition: SignalCondition
    since: float
    evidence: str


class StuckWatch:
    """Runs of one unchanging value: zeros, or an input stuck elsewhere."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.reset()

    def reset(self) -> None:
        """Forget the run."""
        self._low = self._high = 0
        self._since: float | None = None
        self.finding: Finding | None = None

    def push(self, frame: Samples, begin: float, end: float) -> None:
        """Follow a frame."""
        low, high = int(frame.min()), int(frame.max())
        if self._since is not None and self._still(low, high):
            self._low, self._high = min(low, self._low), max(high, self._high)
        else:
            self._begin_run(frame, begin)
        self.finding = self._judged(end)

    def _still(self, low: int, high: int) -> bool:
        """Whether the run goes on with values between low and high."""
        zero = max(abs(self._low), abs(self._high), abs(low), abs(high)) <= ZERO_LSB
        return zero or (low == high == self._low == self._high)

    def _begin_run(self, frame: Samples, begin: float) -> None:
        """A run can begin within a frame: behind its last sample that differs."""
        last = int(frame[-1])
        near = np.abs(frame) <= ZERO_LSB if abs(last) <= ZERO_LSB else frame == last
        differing = np.flatnonzero(~near)
        start = int(differing[-1]) + 1 if len(differing) else 0
        self._since = begin + start / self._rate
        run = frame[start:]
        self._low, self._high = int(run.min()), int(run.max())

    def _judged(self, end: float) -> Finding | None:
        if self._since is None or end - self._since < ZERO_S - 1e-6:
            return None
        if self.finding is not None:
            return self.finding
        lasted = end - self._since
        if max(abs(self._low), abs(self._high)) <= ZERO_LSB:
            evidence = f"digital zero for {lasted:.1f} s"
            return Finding(SignalCondition.DIGITAL_ZERO, self._since, evidence)
        evidence = f"stuck at sample value {self._low} for {lasted:.1f} s"
        return Finding(SignalCondition.FROZEN, self._since, evidence)


class ToneWatch:
    """A steady tone, held through the pauses of its cadence."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the tone."""
        self._since = 0.0
        self._hz = 0.0
        self._frames = 0
        self._pause_s = 0.0
        self.finding: Finding | None = None

    def push(self, tone_hz: float | None, begin: float, speaking: bool) -> None:
        """Follow a frame."""
        if tone_hz is None or abs(tone_hz - self._hz) > TONE_DRIFT_HZ:
            self._frames = 0
        if tone_hz is not None:
            if not self._frames:
                self._since, self._hz = begin - _KNOWN_LATE_S, tone_hz
            self._frames += 1
            if self._frames * FRAME_S + _KNOWN_LATE_S >= TONE_S - 1e-6:
                self._pause_s = 0.0
                if self.finding is None:
                    evidence = f"steady tone near {self._hz:.0f} Hz"
                    self.finding = Finding(SignalCondition.TONE, self._since, evidence)
        if self.finding is not None and not self._frames:
            self._pause_s += FRAME_S
            if speaking or self._pause_s > TONE_HOLD_S:
                self.finding = None


class QuietWatch:
    """Active speech level against what a listener needs."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the voice."""
        self._power = 0.0
        self._active_s = 0.0
        self.finding: Finding | None = None

    def push(self, verdict: Verdict, begin: float, speaking: bool) -> None:
        """Follow a frame; only frames that sound within speech count."""
        if not (speaking and verdict.passes):
            return
        self._active_s += FRAME_S
        share = FRAME_S / min(self._active_s, QUIET_MEMORY_S)
        self._power += (amplitude(verdict.level_dbfs) ** 2 - self._power) * share
        if self._active_s < QUIET_JUDGED_S:
            return
        level = dbfs(self._power * FULL_SCALE**2)
        if self.finding is None and level < TOO_QUIET_DBFS:
            evidence = f"voice at {level:.0f} dBFS, needs {TOO_QUIET_DBFS:.0f}"
            self.finding = Finding(SignalCondition.TOO_QUIET, begin, evidence)
        elif self.finding is not None and level > HEARD_AGAIN_DBFS:
            self.finding = None


class Health:
    """One condition per channel at a time, the gravest first; tells changes."""

    def __init__(self, rate: int) -> None:
        self._stuck = StuckWatch(rate)
        self._tone = ToneWatch()
        self._quiet = QuietWatch()
        self._told = SignalCondition.OK

    def push(self, frame: Samples, verdict: Verdict, begin: float, speaking: bool) -> Finding | None:
        """Follow a frame; a change of condition, if it made one."""
        self._stuck.push(frame, begin, begin + FRAME_S)
        self._tone.push(verdict.tone_hz, begin, speaking)
        self._quiet.push(verdict, begin, speaking)
        now = self._stuck.finding or self._tone.finding or self._quiet.finding
        if (now.condition if now else SignalCondition.OK) is self._told:
            return None
        if now is None:
            was, self._told = self._told, SignalCondition.OK
            return Finding(SignalCondition.OK, begin, f"{was.value.replace('_', ' ')} is over")
        self._told = now.condition
        return now

    def reset(self) -> None:
        """A new call: nothing is known."""
        self._stuck.reset()
        self._tone.reset()
        self._quiet.reset()
        self._told = SignalCondition.OK
