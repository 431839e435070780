"""What a phrase may ask for by name: the context of every phrase, the facts of each cue.

May not hold values: those come with the cue and the context.
"""

from __future__ import annotations

from collections.abc import Mapping

from state.cues import CueId
from state.words import Direction

CONTEXT_NAMES = frozenset(("centre", "agent", "staff", "customer", "matter", "greeting", "wish"))
"""What every phrase may ask for besides facts; `staff` is `agent` where the centre wants the number said."""

CUSTOMER_NAMES = frozenset(("customer", "matter", "number"))
"""Customer data: not for `show`, which stays on displays when the agent is not ready or signed out."""

_STAGE = frozenset(("stage", "silent_s"))
_WHERE = frozenset(("where", "since_s", "evidence"))
_HINT = frozenset(("since_s", "sure_percent"))

FACT_NAMES: Mapping[CueId, frozenset[str]] = {
    CueId.OPENING: frozenset(("silent_s",)),
    CueId.SILENT_STAGE_2: _STAGE,
    CueId.SILENT_STAGE_3: _STAGE,
    CueId.SILENT_MAY_HANG_UP: frozenset(("silent_s",)),
    CueId.HANG_UP_TOO_EARLY: frozenset(("stage_heard", "missing")),
    CueId.AGENT_MUTED: _WHERE,
    CueId.SPEAKING_WHILE_MUTED: _WHERE,
    CueId.AGENT_MIC_DEAD: _WHERE,
    CueId.AGENT_MIC_TOO_QUIET: _WHERE,
    CueId.HEADSET_UNPLUGGED: _WHERE,
    CueId.LINE_AUDIO_DEAD: _WHERE,
    CueId.MUSIC_OR_TONE: _WHERE,
    CueId.CHECK_BY_SPEAKING: _WHERE,
    **{cue: _HINT for cue in CueId if cue.startswith(("near.", "far."))},
    CueId.CLOSING_MAY_HANG_UP: frozenset(("quiet_s",)),
    CueId.PROMISE_OPEN: frozenset(("subject", "due", "number")),
    CueId.COMMAND_FAILED: frozenset(("what", "target", "reason")),
}
"""The facts a phrase of each cue may ask for; one a cue does not carry reads `?`."""


def variants(cue: CueId) -> tuple[str, ...]:
    """Every key the phrase of a cue may have."""
    return (str(cue), *(f"{cue}.{direction}" for direction in Direction))


def allowed(key: str, field: str = "say") -> frozenset[str]:
    """The placeholders a phrase may use in `show`, `say` or `why`; greetings and wishes use none."""
    if key.startswith(("greeting.", "wish.")):
        return frozenset()
    facts = (names for cue, names in FACT_NAMES.items() if key in variants(cue))
    names = CONTEXT_NAMES.union(*facts)
    return names - CUSTOMER_NAMES if field == "show" else names
