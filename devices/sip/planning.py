"""From a line command to what baresip is told: which call, which deeds, what must be true afterwards.

May not write anything: a plan or a refusal is a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devices.line_calls import OUTGOING, Refusal
from devices.sip.calls import Call, CallTable
from devices.sip.numbers import dial_target, good_digits
from state.abilities import ABILITY
from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    Swap,
    Transfer,
)
from state.ids import CallId
from state.words import CallState

ATTENDED_SINCE = (2, 0, 0)
"""`atransferstart` and `atransferexec` came with baresip 2.0.0; Debian 12 has 1.0.0, Debian 13 has 1.1.0."""
ABLE = frozenset(
    {
        "answer",
        "reject",
        "hang_up",
        "dial",
        "hold",
        "retrieve",
        "waiting",
        "swap",
        "digits",
        "mute",
        "call_list",
    }
    | {"transfer"}
)
"""What every version from 1.0.0 on does. None makes a conference, so `join` is nowhere."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One command of baresip. It acts on the current call, so `call` is made that first; None: no call."""

    call: Call | None
    name: str
    params: str = ""
    names_call: bool = False
    """Versions from 1.1.0 on take the Call-ID as well, and then refuse a call that is gone."""
    first: bool = False
    """The next deed waits until the list shows what this one did."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Deeds in order, and the state that proves each call; None: it must be gone."""

    deeds: tuple[Deed, ...]
    call: Call | None = None
    proof: tuple[tuple[Call, CallState | None], ...] = ()


def capabilities(version: tuple[int, ...]) -> frozenset[str]:
    """What a line on this version of baresip can do."""
    return ABLE | ({"complete_transfer"} if version >= ATTENDED_SINCE else frozenset())


_TARGETS: dict[type[LineCommand], tuple[CallState, ...]] = {
    Answer: (CallState.RINGING, CallState.WAITING),
    Reject: (CallState.WAITING, CallState.RINGING),
    HangUp: (CallState.CONNECTED, CallState.RINGBACK, CallState.DIALING, CallState.HELD),
    Hold: (CallState.CONNECTED,),
    Retrieve: (CallState.HELD,),
    SendDigits: (CallState.CONNECTED,),
    Transfer: (CallState.CONNECTED, CallState.HELD),
    Swap: (CallState.CONNECTED, CallState.HELD),
    CompleteTransfer: (CallState.CONNECTED, CallState.HELD),
}
"""States in which a command makes sense, in the order in which an unnamed call is looked for."""


def _target(command: LineCommand, table: CallTable) -> Call | Refusal:
    states = _TARGETS[type(command)]
    named: CallId | None = getattr(command, "call", None)
    call = table.first(*states) if named is None else table.find(named)
    if call is None:
        return Refusal("no_such_call", f"no call is {' or '.join(states)}" if named is None else "", named)
    if call.state not in states:
        return Refusal("invalid_state", f"the call is {call.state}", call.id)
    return call


def _room(table: CallTable, besides: Call | None) -> tuple[Deed, ...]:
    """One talk at a time: 1.0.0 would connect both on `resume` and on a call dialled beside another."""
    talking = [call for call in table.calls if call.state is CallState.CONNECTED and call is not besides]
    return tuple(_aside(call) for call in talking)


def _aside(call: Call) -> Deed:
    return Deed(call, "hold", names_call=True, first=True)


def _answer(call: Call, table: CallTable) -> Plan:
    deeds = (*_room(table, call), Deed(call, "accept", names_call=True))
    return Plan(deeds, call, ((call, CallState.CONNECTED),))


def _end(call: Call, _table: CallTable) -> Plan:
    return Plan((Deed(call, "hangup", names_call=True),), call, ((call, None),))


def _hold(call: Call, _table: CallTable) -> Plan:
    return Plan((Deed(call, "hold", names_call=True),), call, ((call, CallState.HELD),))


def _retrieve(call: Call, table: CallTable) -> Plan:
    deeds = (*_room(table, call), Deed(call, "resume", names_call=True))
    return Plan(deeds, call, ((call, CallState.CONNECTED),))


def _pair(call: Call, table: CallTable) -> tuple[Call, Call] | Refusal:
    """The connected call and the held one; with several held ones `call` must name which."""
    talking = table.first(CallState.CONNECTED)
    held = call if call.state is CallState.HELD else table.first(CallState.HELD)
    if talking is None or held is None:
        return Refusal("invalid_state", "this takes a connected call and a held one", call.id)
    return talking, held


def _swap(call: Call, table: CallTable) -> Plan | Refusal:
    pair = _pair(call, table)
    if isinstance(pair, Refusal):
        return pair
    talking, held = pair
    deeds = (_aside(talking), Deed(held, "resume", names_call=True))
    return Plan(deeds, call, ((talking, CallState.HELD), (held, CallState.CONNECTED)))


def _complete_transfer(call: Call, table: CallTable) -> Plan | Refusal:
    pair = _pair(call, table)
    if isinstance(pair, Refusal):
        return pair
    talking, held = pair
    return Plan((Deed(talking, "atransferexec"),), call, ((held, None),))


_Planner = Callable[[Call, CallTable], "Plan | Refusal"]
_PLANNERS: dict[type[LineCommand], _Planner] = {
    Answer: _answer,
    Reject: _end,
    HangUp: _end,
    Hold: _hold,
    Retrieve: _retrieve,
    Swap: _swap,
    CompleteTransfer: _complete_transfer,
}


def _dial(number: str, table: CallTable, able: frozenset[str]) -> Plan | Refusal:
    """Where baresip can connect two calls it must know, as the second begins, for whom it is made."""
    target = dial_target(number)
    if not target:
        return Refusal("invalid_number", "a number is digits, *, # and a leading +, or a sip: address")
    if table.any_in(OUTGOING):
        return Refusal("invalid_state", "the line is dialling")
    talking = [call for call in table.calls if call.state is CallState.CONNECTED]
    if "complete_transfer" in able and len(talking) == 1:
        attended = Deed(talking[0], "atransferstart", target, first=True)
        return Plan((attended, Deed(None, "dial", target)))
    return Plan((*_room(table, None), Deed(None, "dial", target)))


def _transfer(call: Call, number: str) -> Plan | Refusal:
    target = dial_target(number)
    if not target:
        return Refusal(
            "invalid_number", "a number is digits, *, # and a leading +, or a sip: address", call.id
        )
    return Plan((Deed(call, "transfer", target),), call, ((call, None),))


def plan(command: LineCommand, table: CallTable, able: frozenset[str]) -> Plan | Refusal:
    """What to do for a command now, or why not; mute is not planned here, it is kept true for every call."""
    if ABILITY[type(command)] not in able:
        return Refusal("not_supported", "this version of baresip cannot do this")
    if isinstance(command, Dial):
        return _dial(command.number, table, able)
    target = _target(command, table)
    if isinstance(target, Refusal):
        return target
    if isinstance(command, Transfer):
        return _transfer(target, command.number)
    if isinstance(command, SendDigits):
        if not good_digits(command.digits):
            return Refusal("invalid_params", "digits are 0-9, *, #, A-D", target.id)
        return Plan((Deed(target, "sndcode", command.digits),), target)
    return _PLANNERS[type(command)](target, table)
