"""Near is live, but is not the agent's mouth: the ear's own sound, a room, a microphone nobody speaks into.

May not judge a channel of zeros: that is dead or muted, not wrong.
"""

from __future__ import annotations

from audio.analysis.faults.judging import Scale
from audio.analysis.faults.one_way import TurnCounter
from audio.analysis.faults.thresholds import (
    MONITOR_CONFIDENCE,
    MONITOR_CORRELATION,
    MONITOR_LAG_S,
    MONITOR_LOSS_DB,
    MONITOR_OWN_SHARE,
    MONITOR_TALK_S,
    MONITOR_TURNS,
    NOBODY_CONFIDENCE,
    NOBODY_LIVE_DBFS,
    NOBODY_S,
    NOBODY_TALK_S,
    NOBODY_TURNS,
    ROOM_END_DB,
    ROOM_FAIL_DB,
    ROOM_JUDGED_S,
    ROOM_LEVEL_DBFS,
    ROOM_MEMORY_S,
    ROOM_WARN_DB,
)
from audio.analysis.frame import Finding, Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.repeats import RepeatMeter
from audio.decibel import FULL_SCALE, amplitude, dbfs
from state.words import AudioFault

_JUDGED_FRAMES = 50
_ROOM = Scale(ROOM_WARN_DB, ROOM_FAIL_DB, ROOM_END_DB)


class WrongDevice:
    """Three ways of being wrong, the surest first; reads a far-to-near meter that is pushed before it."""

    def __init__(self, meter: RepeatMeter) -> None:
        self._meter = meter
        self._turns = TurnCounter()
        self._voice = _Voice()
        self.reset()

    def reset(self) -> None:
        """A new call begins; the meter is its owner's."""
        self.finding: Finding | None = None
        self._turns.reset()
        self._voice.reset()
        self._frames = 0
        self._began: float | None = None
        self._spoken_frames = self._own_frames = 0
        self._power = 0.0

    def push(self, near: Frame, far: Frame) -> None:
        """Take the frames of the same 20 ms."""
        if self._began is None:
            self._began = near.begin
        self._turns.push(far.speaking)
        self._frames += 1
        self._power += amplitude(near.verdict.level_dbfs) ** 2
        if near.speaking:
            self._spoken_frames += 1
            if not far.speaking:
                self._own_frames += 1
                self._voice.push(near)
        if self._frames % _JUDGED_FRAMES == 0:
            before = self.finding
            now = self._monitor() or self._nobody() or self._room()
            if now is not None and before is not None:
                now = Finding(now.fault, before.since, now.confidence, now.evidence)
            self.finding = now

    def _monitor(self) -> Finding | None:
        repeat = self._meter.repeat
        if repeat is None or self._turns.turns < MONITOR_TURNS or self._turns.talk_s < MONITOR_TALK_S:
            return None
        copied = repeat.correlation >= MONITOR_CORRELATION and repeat.lag_s <= MONITOR_LAG_S
        if not copied or abs(repeat.loss_db) > MONITOR_LOSS_DB:
            return None
        if self._own_frames > MONITOR_OWN_SHARE * self._spoken_frames:
            return None
        evidence = (
            f"the microphone carries the ear's sound ({1000.0 * repeat.lag_s:.0f} ms later,"
            f" {repeat.loss_db:.0f} dB down) and no voice of its own: a monitor is recorded"
        )
        return Finding(AudioFault.WRONG_DEVICE, repeat.since, MONITOR_CONFIDENCE, evidence)

    def _nobody(self) -> Finding | None:
        level = dbfs(self._power / self._frames * FULL_SCALE**2)
        waited = self._frames * FRAME_S >= NOBODY_S - 1e-6 and self._turns.talk_s >= NOBODY_TALK_S
        if self._spoken_frames or not waited or self._turns.turns < NOBODY_TURNS or level < NOBODY_LIVE_DBFS:
            return None
        evidence = (
            f"nobody has spoken into the microphone in {self._frames * FRAME_S:.0f} s, though the customer"
            f" spoke and waited {self._turns.turns} times; it carries {level:.0f} dBFS of a room"
        )
        return Finding(AudioFault.WRONG_DEVICE, self._began or 0.0, NOBODY_CONFIDENCE, evidence)

    def _room(self) -> Finding | None:
        if self._voice.heard_s < ROOM_JUDGED_S or self._voice.level_dbfs > ROOM_LEVEL_DBFS:
            return None
        over = self._voice.level_dbfs - self._voice.floor_dbfs
        if not _ROOM.holds(over, self.finding is not None):
            return None
        evidence = (
            f"the agent is far from this microphone: the voice is at {self._voice.level_dbfs:.0f} dBFS,"
            f" {over:.0f} dB over the room"
        )
        return Finding(AudioFault.WRONG_DEVICE, self._voice.since, _ROOM.confidence(over), evidence)


class _Voice:
    """Level of the agent's voice and of what is behind it, over the last seconds of talk."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.heard_s = 0.0
        self.since = 0.0
        self.floor_dbfs = 0.0
        self._power = 0.0

    @property
    def level_dbfs(self) -> float:
        return dbfs(self._power * FULL_SCALE**2)

    def push(self, frame: Frame) -> None:
        """Take a frame of decided speech; only what is surely voice counts."""
        if not frame.verdict.voiced:
            return
        if not self.heard_s:
            self.since = frame.begin
        self.heard_s += FRAME_S
        share = FRAME_S / min(self.heard_s, ROOM_MEMORY_S)
        self._power += (amplitude(frame.verdict.level_dbfs) ** 2 - self._power) * share
        self.floor_dbfs += (frame.verdict.floor_dbfs - self.floor_dbfs) * share
