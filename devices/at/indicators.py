"""What the call indicators of a hands-free link say about the calls that are there (HFP 1.8, 4.10 and 4.28).

May not know the command in flight beyond what it was meant to do; nor create a call.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.at.calls import Call
from devices.at.hostline import Effect
from devices.line_calls import OFFERED, UNSETTLED
from state.words import CallState

NAMES = frozenset({"call", "callsetup", "callheld"})
_OUTGOING = frozenset({CallState.DIALING, CallState.RINGBACK})


def indicated(name: str, value: int, calls: Sequence[Call], asked: Sequence[Effect]) -> list[Effect]:
    """The changes an indicator stands for; `asked` is what a command still owes and explains it best."""
    if name == "call":
        return _call(value, calls)
    if name == "callsetup":
        return _setup(value, calls, asked)
    if name == "callheld":
        owed = [effect for effect in asked if effect[0] in calls]
        return owed or _held(value, calls)
    return []


def _call(value: int, calls: Sequence[Call]) -> list[Effect]:
    if value == 0:
        return [(call, CallState.IDLE) for call in calls if call.state not in UNSETTLED]
    begun = [call for call in calls if call.state in UNSETTLED - {CallState.WAITING}]
    return [(call, CallState.CONNECTED) for call in begun] if len(begun) == len(calls) == 1 else []


def _setup(value: int, calls: Sequence[Call], asked: Sequence[Effect]) -> list[Effect]:
    """Back to 0: answered where that was asked for (another indicator says so), else it came to nothing."""
    if value == 3:
        return [(call, CallState.RINGBACK) for call in calls if call.state is CallState.DIALING]
    if value != 0:
        return []
    meant = {call.id: state for call, state in asked}
    return [
        (call, CallState.IDLE)
        for call in calls
        if call.state in UNSETTLED and meant.get(call.id) is not CallState.CONNECTED
    ]


def _held(value: int, calls: Sequence[Call]) -> list[Effect]:
    """1: one held beside an active one; 2: only held ones; 0: none."""
    active = [call for call in calls if call.state is CallState.CONNECTED]
    held = [call for call in calls if call.state is CallState.HELD]
    coming = [call for call in calls if call.state in _OUTGOING or call.state in OFFERED]
    if value == 1 and (active or held):
        taken = coming or (held if active else [])
        kept = active if taken else []
        return [(call, CallState.HELD) for call in kept] + [(call, CallState.CONNECTED) for call in taken]
    if value == 2:
        return [(call, CallState.IDLE if held else CallState.HELD) for call in active]
    if value == 0:
        return [(call, CallState.IDLE if active else CallState.CONNECTED) for call in held]
    return []
