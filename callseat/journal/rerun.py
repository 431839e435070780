"""A journal decided again by a fresh core: what it decides now, beside what was decided then.

May not perform anything. What the journal masks (numbers, digits) stays masked: a dialled one is refused now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from callseat.config import Config
from callseat.core import Core
from callseat.journal.codec import outline
from callseat.journal.reader import replay_sessions
from prompts.choice import Calendar
from prompts.phrasebook import Phrasebook

Outlines = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: `event` is None where only time passed; effects by name and target, now and then."""

    session: str
    at: float
    event: str | None
    effects: Outlines
    then: Outlines
    same: bool


def rerun(path: Path, config: Config, phrasebook: Phrasebook, calendar: Calendar) -> Iterator[Step]:
    """Every decision of a journal, taken again; each run of the daemon begins with a fresh core."""
    core: Core | None = None
    running = ""
    for session, decision in replay_sessions(path):
        if core is None or session != running:
            running = session
            core = Core(replace(config.seat, session=session), phrasebook, calendar, config.prompts.speak)
        effects = core.advance(decision.at)
        if decision.event is not None:
            effects = (*effects, *core.handle(decision.event))
        now = tuple(tuple(outline(effect)) for effect in effects)
        name = None if decision.event is None else type(decision.event).__name__
        yield Step(session, decision.at, name, now, decision.effects, now == decision.effects)
