"""The immutable picture of the seat that the socket, the lamps and the display are drawn from.

May not hold behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass

from state.commands import Lamps
from state.ids import CallId, DeviceId, LineId, RecordId
from state.rows import SpeechFigure
from state.words import (
    AgentState,
    AudioFault,
    Basis,
    CallState,
    Channel,
    DeviceKind,
    Direction,
    SignalCondition,
)


@dataclass(frozen=True, slots=True)
class CallView:
    """One call as the world sees it; ages are given as the time they began (monotonic seconds).

    `speech`: how it is spoken (speech-measures.md), every ten seconds.
    """

    call: CallId
    line: LineId
    record: RecordId
    state: CallState
    direction: Direction
    number: str
    name: str
    since: float
    established_at: float | None
    silent: str
    silence_cause: str | None
    silence_evidence: str
    closing: str
    customer_spoke: bool
    adopted: bool
    pending: str
    silence_since: float | None = None
    speech: tuple[SpeechFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultView:
    """What is wrong with the sound of one channel, since when, how sure (0 to 1), and why."""

    channel: Channel
    fault: AudioFault
    since: float
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class SignalView:
    """What one channel carries as a whole, since when, and why that is believed."""

    condition: SignalCondition
    since: float
    evidence: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line; capabilities say what it can do and what it cannot, faults what is wrong with its sound.

    `near` and `far`: the agent's and the customer's side, while they are listened to.
    """

    line: LineId
    in_service: bool
    reason: str
    capabilities: tuple[str, ...]
    listening: bool
    faults: tuple[FaultView, ...] = ()
    near: SignalView | None = None
    far: SignalView | None = None


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One attached device and the lamps it was last told to show.

    `features`: what it can say and show; `holder`: the app that has its lease; `contended`: why somebody else
    seems to write to it.
    """

    device: DeviceId
    kind: DeviceKind
    name: str
    lamps: Lamps
    features: tuple[str, ...] = ()
    holder: str = ""
    contended: str = ""
    battery_percent: int | None = None


@dataclass(frozen=True, slots=True)
class MuteView:
    """Whether the agent can be heard, who says so, and whether the box could change it."""

    value: str
    source: str
    locked: bool
    confidence: str


@dataclass(frozen=True, slots=True)
class FocusView:
    """Which call owns the headset, the ringer and the guide."""

    headset: CallId | None
    ringing: CallId | None
    guide: CallId | None


@dataclass(frozen=True, slots=True)
class CueView:
    """The cue on show, its words, and the answer to "why do you tell me this"; basis `proposed`: a guess."""

    id: str
    at: float
    call: CallId | None
    text: str
    say: str
    why: str
    repeat: int
    basis: Basis = Basis.SENSED


@dataclass(frozen=True, slots=True)
class AgentView:
    """Who sits here and in which state."""

    agent: str | None
    state: AgentState
    reason: str
    pending: str
    since: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole seat at one moment."""

    at: float
    agent: AgentView
    calls: tuple[CallView, ...]
    lines: tuple[LineView, ...]
    devices: tuple[DeviceView, ...]
    mute: MuteView
    focus: FocusView
    cue: CueView | None
    lamps: Lamps
    display: tuple[str, ...]
    promises: int
