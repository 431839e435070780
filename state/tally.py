"""The facts of one call as they gather, and the row they make.

May not decide; every number is seconds unless its name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from state.rows import Breach, CallRow, Stamp
from state.words import Basis, By, Cause


@dataclass(slots=True)
class Tally:
    """What a call's record will say."""

    agent: str | None = None
    delivered: Stamp | None = None
    established: Stamp | None = None
    cleared: Stamp | None = None
    cause: Cause | None = None
    by: By = By.UNKNOWN
    silent_stage: int = 0
    silent_outcome: str = ""
    cause_s: dict[str, float] = field(default_factory=dict)
    cues: list[str] = field(default_factory=list)
    first_near_s: float | None = None
    first_far_s: float | None = None
    near_spoken_s: float = 0.0
    far_spoken_s: float = 0.0
    hold_s: float = 0.0
    hold_count: int = 0
    muted_s: float = 0.0
    gap_s: float = 0.0
    closing: str = ""
    breaches: list[Breach] = field(default_factory=list)
    category: str = ""
    note: str = ""

    def breach(self, rule: str, at: float, evidence: str, basis: Basis = Basis.SENSED) -> None:
        """A rule was broken; only sensed, keyed or app-told facts count."""
        self.breaches.append(Breach(rule, at, basis, evidence))

    def resume(self, row: CallRow, gap_s: float) -> None:
        """Go on with the record an earlier run left open."""
        self.agent = row.agent
        self.delivered, self.established = row.delivered, row.established
        self.silent_stage, self.cause_s, self.cues = row.silent_stage, dict(row.cause_s), list(row.cues)
        self.first_near_s, self.first_far_s = row.first_near_s, row.first_far_s
        self.near_spoken_s, self.far_spoken_s = row.near_spoken_s, row.far_spoken_s
        self.hold_s, self.hold_count, self.muted_s = row.hold_s, row.hold_count, row.muted_s
        self.gap_s = row.gap_s + gap_s
        self.breaches = list(row.breaches)
        self.category, self.note = row.category, row.note
