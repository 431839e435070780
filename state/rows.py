"""Rows: the truth for the record, as values. The record writer adds session and boot id.

May not hold behaviour. A call row is written whole at every change: delivered, established, cleared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from state.ids import CallId, LineId, RecordId
from state.words import Basis, By, CallState, Cause, Direction


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time on the monotonic base and, where known, on the wall (POSIX seconds)."""

    at: float
    wall_s: float | None = None
    synced: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that was broken, and how that is known."""

    rule: str
    at: float
    basis: Basis
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class SpeechFigure:
    """One number of how a call was spoken; its name ends with its unit where it has one, `near.talk_s`."""

    name: str
    value: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. `silent_stage` counts utterances heard (0..3); `cause_s` is seconds of silence by cause.

    `speech` is how it was spoken, as far as the run that heard it last knows.
    """

    record: RecordId
    line: LineId
    call: CallId
    direction: Direction
    number: str
    state: CallState
    name: str = ""
    agent: str | None = None
    delivered: Stamp | None = None
    established: Stamp | None = None
    cleared: Stamp | None = None
    cause: Cause | None = None
    by: By = By.UNKNOWN
    silent_stage: int = 0
    silent_outcome: str = ""
    cause_s: dict[str, float] = field(default_factory=dict)
    cues: tuple[str, ...] = ()
    first_near_s: float | None = None
    first_far_s: float | None = None
    near_spoken_s: float = 0.0
    far_spoken_s: float = 0.0
    speech: tuple[SpeechFigure, ...] = ()
    hold_s: float = 0.0
    hold_count: int = 0
    muted_s: float = 0.0
    gap_s: float = 0.0
    closing: str = ""
    breaches: tuple[Breach, ...] = ()
    category: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """A change of the agent's state."""

    at: Stamp
    agent: str | None
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """Something owed to a customer; `closed` when kept or handed on."""

    promise: RecordId
    record: RecordId | None
    made: Stamp
    owner: str
    number: str
    subject: str
    due: str
    basis: Basis
    closed: bool = False


Row = CallRow | AgentRow | PromiseRow
