"""One side talks and is not answered: nothing of a voice comes the other way, though sound does.

May not blame a customer who says nothing: without a sign of a dead line its confidence stays under a warning.
"""

from __future__ import annotations

from dataclasses import dataclass

from audio.analysis.faults.thresholds import (
    ONE_WAY_DROP_DB,
    ONE_WAY_DROPPED_CONFIDENCE,
    ONE_WAY_HUSHED_CONFIDENCE,
    ONE_WAY_NEVER_CONFIDENCE,
    ONE_WAY_SILENT_S,
    ONE_WAY_TALK_S,
    ONE_WAY_TONE_SHARE,
    ONE_WAY_TURNS,
    ONE_WAY_ZERO_CONFIDENCE,
    ONE_WAY_ZERO_DBFS,
    ONE_WAY_ZERO_SHARE,
    TURN_PAUSE_S,
)
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S
from audio.decibel import FULL_SCALE, amplitude, dbfs
from state.words import AudioFault, Channel

_JUDGED_FRAMES = 50
"""Judged once a second."""
_WHO = {
    Channel.NEAR: ("agent", "customer"),
    Channel.FAR: ("customer", "agent"),
}


class TurnCounter:
    """Turns of one side: speech after a pause in which the other one could have answered."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin to count; the next speech is a turn."""
        self.turns = 0
        self.talk_s = 0.0
        self._pause_s = TURN_PAUSE_S

    def push(self, speaking: bool) -> None:
        """Take a frame."""
        if not speaking:
            self._pause_s += FRAME_S
            return
        if self._pause_s >= TURN_PAUSE_S:
            self.turns += 1
        self._pause_s = 0.0
        self.talk_s += FRAME_S


@dataclass(slots=True)
class _Carried:
    """What the silent channel carries since its last voice."""

    frames: int = 0
    zeros: int = 0
    tones: int = 0
    power: float = 0.0

    def add(self, frame: Frame) -> None:
        level = frame.verdict.level_dbfs
        self.frames += 1
        self.zeros += level < ONE_WAY_ZERO_DBFS
        self.tones += frame.verdict.tone_hz is not None
        self.power += amplitude(level) ** 2

    @property
    def level_dbfs(self) -> float:
        return dbfs(self.power / self.frames * FULL_SCALE**2)


class OneWay:
    """Watches one channel for its silence while the other one talks."""

    def __init__(self, silent: Channel) -> None:
        self._silent = silent
        self._turns = TurnCounter()
        self.reset()

    def reset(self) -> None:
        """A new call begins."""
        self.finding: Finding | None = None
        self._floor_dbfs: float | None = None
        self._since: float | None = None
        self._again()

    def push(self, near: Frame, far: Frame) -> None:
        """Take the frames of the same 20 ms."""
        silent, talker = (near, far) if self._silent is Channel.NEAR else (far, near)
        if silent.speaking:
            self._floor_dbfs = silent.verdict.floor_dbfs
            self._since = None
            self.finding = None
            self._again()
            return
        if self._since is None:
            self._since = silent.begin
        self._turns.push(talker.speaking)
        self._carried.add(silent)
        if self._carried.frames % _JUDGED_FRAMES == 0:
            self._judge(self._since)

    def _again(self) -> None:
        self._turns.reset()
        self._carried = _Carried()

    def _judge(self, since: float) -> None:
        silent_s, turns = self._carried.frames * FRAME_S, self._turns
        toned = self._carried.tones > ONE_WAY_TONE_SHARE * self._carried.frames
        enough = turns.turns >= ONE_WAY_TURNS and turns.talk_s >= ONE_WAY_TALK_S - 1e-6
        if toned or not enough or silent_s < ONE_WAY_SILENT_S - 1e-6:
            return
        confidence, carries = self._weighed()
        silent, talker = _WHO[self._silent]
        evidence = (
            f"nothing is heard of the {silent} for {silent_s:.0f} s while the {talker} spoke"
            f" {turns.turns} times: {carries}"
        )
        self.finding = Finding(AudioFault.ONE_WAY, since, confidence, evidence)

    def _weighed(self) -> tuple[float, str]:
        """How sure it is that this is no mere silence, and why."""
        level = self._carried.level_dbfs
        if self._carried.zeros >= ONE_WAY_ZERO_SHARE * self._carried.frames:
            return ONE_WAY_ZERO_CONFIDENCE, "digital zero"
        if self._floor_dbfs is None:
            return ONE_WAY_NEVER_CONFIDENCE, f"noise at {level:.0f} dBFS, as of somebody who says nothing"
        if level <= self._floor_dbfs - ONE_WAY_DROP_DB:
            fell = f"from {self._floor_dbfs:.0f} to {level:.0f} dBFS"
            return ONE_WAY_DROPPED_CONFIDENCE, f"the noise fell {fell} with the last voice"
        return ONE_WAY_HUSHED_CONFIDENCE, f"noise at {level:.0f} dBFS as before"
