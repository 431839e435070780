"""Which call owns the headset, the ringer and the guide, and what the lamps follow from.

May not keep state: the same calls always give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from state.call import OFFERED, Call
from state.commands import Lamps
from state.words import CallState


@dataclass(frozen=True, slots=True)
class Focus:
    """The owners; None where nobody owns it."""

    headset: Call | None = None
    ringing: Call | None = None
    guide: Call | None = None
    held: Call | None = None


# Who owns the headset, best first; among equals the newest wins.
_HEADSET_ORDER = (CallState.CONNECTED, CallState.DIALING, CallState.RINGBACK, CallState.HELD)


def focus_of(calls: Collection[Call]) -> Focus:
    """The owners among these calls."""
    engaged: Call | None = None
    for state in _HEADSET_ORDER:
        of_state = [c for c in calls if c.state is state]
        if of_state:
            engaged = max(of_state, key=lambda c: c.since)
            break
    offered = [c for c in calls if c.state in OFFERED]
    answering = [c for c in offered if c.pending == "answer"]
    free = [c for c in offered if not c.pending]
    connected = engaged if engaged is not None and engaged.state is CallState.CONNECTED else None
    held = [c for c in calls if c.state is CallState.HELD]
    return Focus(
        headset=engaged or (answering[0] if answering else None),
        ringing=min(free, key=lambda c: c.since, default=None),
        guide=connected,
        held=max(held, key=lambda c: c.since, default=None),
    )


def lamps_of(focus: Focus, muted: bool) -> Lamps:
    """What every lamp should show: a function of the calls and the mute, nothing else.

    What was asked for shows at once, as the acknowledgement of the key; a command that fails takes it back.
    """
    call = focus.headset
    held = call is not None and (call.state is CallState.HELD or call.pending == "hold")
    return Lamps(
        off_hook=call is not None and call.pending != "hang_up",
        ring=focus.ringing is not None,
        mute=muted,
        hold=held and call is not None and call.pending != "retrieve",
        microphone=focus.guide is not None and not muted,
    )
