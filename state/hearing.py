"""What is heard on one line: speech of both sides, joined into utterances, and how far the audio is known.

May not decide what silence means; it says who spoke when, and whether a deadline may be believed yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from state.words import AudioFault, Channel, SignalCondition


@dataclass(frozen=True, slots=True)
class Heard:
    """One side's speech from its first sound to its last."""

    begin: float
    end: float

    @property
    def length_s(self) -> float:
        """How long it lasted, pauses included."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class SoundFault:
    """What is wrong with a channel's sound since `since`; confidence 0 to 1, evidence in English."""

    kind: AudioFault
    since: float
    confidence: float
    evidence: str


@dataclass(slots=True)
class Ear:
    """One channel as it is known now."""

    watermark: float = 0.0
    suspected_at: float | None = None
    speaking_since: float | None = None
    last_ended: float | None = None
    condition: SignalCondition = SignalCondition.OK
    condition_since: float = 0.0
    evidence: str = ""
    faults: dict[AudioFault, SoundFault] = field(default_factory=dict)

    def busy_before(self, deadline: float) -> bool:
        """Whether speech, sure or suspected, began by `deadline` and is not over."""
        for began in (self.suspected_at, self.speaking_since):
            if began is not None and began <= deadline:
                return True
        return False


class Hearing:
    """Both channels of one line's call; `gap_s` is the longest pause inside an utterance."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self.near = Ear()
        self.far = Ear()
        self.listening = False
        self.stalled = False
        self._group: Heard | None = None

    def ear(self, channel: Channel) -> Ear:
        """One channel."""
        return self.near if channel is Channel.NEAR else self.far

    def start(self, at: float) -> None:
        """A new call is listened to from `at` on; nothing of an earlier call is kept."""
        self.near, self.far = (Ear(watermark=at, condition_since=at) for _ in Channel)
        self.listening, self.stalled, self._group = True, False, None

    def stop(self) -> None:
        """Nobody listens any more: what was wrong with the sound is not known to be so still."""
        self.listening = False
        for ear in (self.near, self.far):
            ear.condition, ear.evidence = SignalCondition.OK, ""
            ear.faults.clear()

    def found(self, channel: Channel, fault: SoundFault) -> bool:
        """A fault as it is now, the newest word being the truth; returns whether that is news."""
        faults = self.ear(channel).faults
        if not self.listening or faults.get(fault.kind) == fault:
            return False
        faults[fault.kind] = fault
        return True

    def mended(self, channel: Channel, fault: AudioFault) -> bool:
        """A fault is over; returns whether it was there."""
        return self.ear(channel).faults.pop(fault, None) is not None

    @property
    def analysed_until(self) -> float:
        """Everything before this is known on both channels."""
        return min(self.near.watermark, self.far.watermark)

    def suspected(self, channel: Channel, began_at: float) -> None:
        """A first voiced frame."""
        self.ear(channel).suspected_at = began_at

    def dismissed(self, channel: Channel) -> None:
        """It was nothing."""
        self.ear(channel).suspected_at = None

    def started(self, channel: Channel, began_at: float) -> Heard | None:
        """Speech is certain; returns the agent's earlier utterance where this one begins a new one."""
        ear = self.ear(channel)
        ear.suspected_at, ear.speaking_since = None, began_at
        if channel is Channel.FAR:
            return None
        if self._group is not None and began_at - self._group.end <= self._gap_s:
            return None
        finished, self._group = self._group, Heard(began_at, began_at)
        return finished

    def stopped(self, channel: Channel, ended_at: float) -> float:
        """Speech is over; returns its length in seconds."""
        ear = self.ear(channel)
        began = ear.speaking_since if ear.speaking_since is not None else ended_at
        ear.suspected_at, ear.speaking_since, ear.last_ended = None, None, ended_at
        if channel is Channel.NEAR:
            self._group = Heard(self._group.begin if self._group else began, ended_at)
        return ended_at - began

    def analysed(self, channel: Channel, until: float) -> Heard | None:
        """Watermark; returns the agent's utterance once no pause short enough can continue it."""
        ear = self.ear(channel)
        ear.watermark = until
        group = self._group
        if channel is Channel.FAR or group is None or until < group.end + self._gap_s:
            return None
        if ear.busy_before(group.end + self._gap_s):
            return None
        self._group = None
        return group

    def ready(self, deadline: float) -> bool:
        """Whether it is certain that nobody had begun to speak by `deadline` and not finished."""
        if self.analysed_until < deadline or self.far.busy_before(deadline):
            return False
        if self.near.busy_before(deadline):
            return False
        return self._group is None or self._group.begin > deadline

    def quiet_since(self) -> float | None:
        """When the last sound of either side ended; None while somebody speaks or nobody has yet."""
        if self.near.speaking_since is not None or self.far.speaking_since is not None:
            return None
        ended = [e.last_ended for e in (self.near, self.far) if e.last_ended is not None]
        return max(ended, default=None)
