"""Events: what happened. Past tense, frozen, stamped at the edge with `at` and `source`.

May not hold behaviour. Times are seconds on one monotonic base. A fact known late carries its true time too
(`began_at`, `ended_at`, `until`): durations use those.
"""

from __future__ import annotations

from dataclasses import dataclass

from state.commands import Command
from state.ids import CallId, DeviceId, LineId, PromptId, RequestId
from state.rows import CallRow, PromiseRow, SpeechFigure
from state.words import (
    Audience,
    AudioFault,
    Basis,
    Button,
    By,
    CallState,
    Cause,
    Channel,
    DeviceKind,
    Direction,
    SignalCondition,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that happened at `at`, told by `source` (a device, line, app or service name)."""

    at: float
    source: str


# devices ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeviceAttached(Event):
    """A device is there and its engine runs; `features` are names such as hook, mute, reject, lamps."""

    device: DeviceId
    kind: DeviceKind
    name: str
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeviceDetached(Event):
    """A device is gone; `reason` is a TransportReason value."""

    device: DeviceId
    reason: str


@dataclass(frozen=True, slots=True)
class HookChanged(Event):
    """The agent asked to go off-hook or on-hook: a request, not yet a fact of the line."""

    device: DeviceId
    off_hook: bool


@dataclass(frozen=True, slots=True)
class MuteRequested(Event):
    """A mute key was pressed on a device that sends edges; `muted` is the target it means."""

    device: DeviceId
    muted: bool


@dataclass(frozen=True, slots=True)
class MuteReported(Event):
    """A device states its own mute level; locked means it refuses to be un-muted (boom arm up)."""

    device: DeviceId
    muted: bool
    locked: bool = False


@dataclass(frozen=True, slots=True)
class ButtonPressed(Event):
    """A key was pressed (long: held at least the device's long-press time)."""

    device: DeviceId
    button: Button
    long: bool = False


@dataclass(frozen=True, slots=True)
class DigitKeyed(Event):
    """A dial-pad key; the digit never reaches journal or log."""

    device: DeviceId
    digit: str


@dataclass(frozen=True, slots=True)
class DeviceContended(Event):
    """A device did what neither the agent nor the seat asked for: somebody else writes to it."""

    device: DeviceId
    evidence: str


@dataclass(frozen=True, slots=True)
class BatteryReported(Event):
    """A device states how full its battery is."""

    device: DeviceId
    charge_percent: int


# lines -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call as a line lists it when it is asked."""

    call: CallId
    state: CallState
    direction: Direction
    number: str = ""


@dataclass(frozen=True, slots=True)
class LineInService(Event):
    """A line answers; `calls` is its own list, or None where the line cannot be asked."""

    line: LineId
    capabilities: frozenset[str] = frozenset()
    calls: tuple[CallSeen, ...] | None = ()


@dataclass(frozen=True, slots=True)
class LineOutOfService(Event):
    """A line is lost; `reason` is a TransportReason value."""

    line: LineId
    reason: str


@dataclass(frozen=True, slots=True)
class CallEvent(Event):
    """Something happened to one call of one line."""

    line: LineId
    call: CallId


@dataclass(frozen=True, slots=True)
class CallOriginated(CallEvent):
    """An outgoing call was started (CSTA Originated)."""

    number: str = ""


@dataclass(frozen=True, slots=True)
class CallDelivered(CallEvent):
    """A call rings: `state` is ringing, waiting (second call) or ringback (CSTA Delivered)."""

    state: CallState
    direction: Direction
    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CallUpdated(CallEvent):
    """Number or name became known late (+CLIP after the first RING)."""

    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CallEstablished(CallEvent):
    """Both sides are connected for the first time (CSTA Established)."""


@dataclass(frozen=True, slots=True)
class CallHeld(CallEvent):
    """The call is on hold here (CSTA Held)."""


@dataclass(frozen=True, slots=True)
class CallRetrieved(CallEvent):
    """The call is back from hold (CSTA Retrieved)."""


@dataclass(frozen=True, slots=True)
class CallCleared(CallEvent):
    """The call is over (CSTA ConnectionCleared)."""

    cause: Cause
    by: By = By.UNKNOWN


@dataclass(frozen=True, slots=True)
class CallFailed(CallEvent):
    """The call ended before it was connected (CSTA Failed)."""

    cause: Cause
    by: By = By.UNKNOWN


@dataclass(frozen=True, slots=True)
class DigitsReceived(CallEvent):
    """The far end keyed digits; only their count is kept."""

    count: int


@dataclass(frozen=True, slots=True)
class LineMuteReported(Event):
    """A line states its own transmit mute."""

    line: LineId
    muted: bool


# audio -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AudioEvent(Event):
    """Something about one channel of one line's call audio."""

    line: LineId
    channel: Channel


@dataclass(frozen=True, slots=True)
class ListeningStarted(Event):
    """Both channels of a line's call are being analysed from `at` on."""

    line: LineId


@dataclass(frozen=True, slots=True)
class ListeningStopped(Event):
    """The analysis of a line's call ended."""

    line: LineId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SpeechSuspected(AudioEvent):
    """A first voiced frame: holds a silence deadline until confirmed or dismissed."""

    began_at: float


@dataclass(frozen=True, slots=True)
class SpeechDismissed(AudioEvent):
    """The suspicion came to nothing."""


@dataclass(frozen=True, slots=True)
class SpeechStarted(AudioEvent):
    """Speech is certain; it began at `began_at`."""

    began_at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped(AudioEvent):
    """Speech is over; its last sound was at `ended_at`."""

    ended_at: float


@dataclass(frozen=True, slots=True)
class AudioAnalysedUntil(AudioEvent):
    """Watermark: everything before `until` has been analysed, and told."""

    until: float


@dataclass(frozen=True, slots=True)
class LevelMeasured(AudioEvent):
    """Once a second: level of the last second, and of its noise floor."""

    level_dbfs: float
    floor_dbfs: float


@dataclass(frozen=True, slots=True)
class SignalChanged(AudioEvent):
    """The channel's condition changed at `began_at`; `evidence` is for a person to read."""

    condition: SignalCondition
    began_at: float
    evidence: str


@dataclass(frozen=True, slots=True)
class AudioFaultFound(AudioEvent):
    """A fault of the channel's sound, there since `began_at`; confidence 0 to 1, `evidence` for a person.

    Told again when confidence or evidence have changed much; the newest one of a fault is the truth.
    """

    fault: AudioFault
    began_at: float
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class AudioFaultEnded(AudioEvent):
    """The fault is over; it was last there at `ended_at`."""

    fault: AudioFault
    ended_at: float


@dataclass(frozen=True, slots=True)
class SpeechMeasured(CallEvent):
    """How the call was spoken from its answer until `at`; the newest one of a call is the truth."""

    figures: tuple[SpeechFigure, ...]


@dataclass(frozen=True, slots=True)
class PromptStarted(Event):
    """The first sample of a prompt left for its audience."""

    prompt: PromptId
    audience: Audience
    line: LineId | None = None


@dataclass(frozen=True, slots=True)
class PromptFinished(Event):
    """A prompt's last sample, output latency included, was at `ended_at`; not completed: it was stopped."""

    prompt: PromptId
    audience: Audience
    ended_at: float
    completed: bool = True
    line: LineId | None = None


# the world -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CivilTimeKnown(Event):
    """Wall clock at `at`: POSIX seconds and UTC offset; unsynced means nobody vouches for it."""

    wall_s: float
    utc_offset_s: int
    synced: bool


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A call record an earlier run left open, and when that run last wrote it (POSIX seconds)."""

    row: CallRow
    last_seen_wall_s: float | None = None


@dataclass(frozen=True, slots=True)
class SeatRestored(Event):
    """What an earlier run left behind: who is signed in and which calls were up."""

    agent: str | None = None
    agent_state: str = ""
    agent_reason: str = ""
    open_records: tuple[OpenRecord, ...] = ()
    open_promises: tuple[PromiseRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandRequested(Event):
    """An app or a key asked for something; the answer goes to `request`."""

    command: Command
    basis: Basis = Basis.APP
    request: RequestId | None = None


@dataclass(frozen=True, slots=True)
class ClientLeft(Event):
    """An app's connection ended, by its wish or by its death; `source` names it as its commands did."""


@dataclass(frozen=True, slots=True)
class EffectFailed(Event):
    """An effect could not be performed: `effect` is its class name, `target` a line, device or prompt."""

    effect: str
    target: str
    reason: str
    call: CallId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CommandCompleted(Event):
    """A line or device did what it was told."""

    effect: str
    target: str
    call: CallId | None = None
