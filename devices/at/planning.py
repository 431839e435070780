"""From a line command to an AT command: which call, which text, what must be true afterwards.

May not write anything: a plan or a refusal is a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from devices.at.calls import Call, CallTable
from devices.at.profiles import Profile
from devices.line_calls import OFFERED, Refusal
from state.abilities import ABILITY
from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    Join,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    SetMute,
    Swap,
    TwoCallCommand,
)
from state.ids import CallId
from state.words import CallState, Cause


@dataclass(frozen=True, slots=True)
class Plan:
    """A command line (no CR) and what proves it done: `call`, and others, in these states (idle: gone)."""

    text: str
    call: Call | None = None
    proof: CallState | None = None
    others: tuple[tuple[Call, CallState], ...] = ()
    ended_as: Cause | None = None
    """Why calls end by it, where that is more than being hung up."""

    @property
    def proofs(self) -> tuple[tuple[Call, CallState], ...]:
        """Every call it is about, and the state that proves it."""
        own = () if self.call is None or self.proof is None else ((self.call, self.proof),)
        return own + self.others

    @property
    def ended(self) -> tuple[Call, ...]:
        """The calls it ends."""
        return tuple(call for call, state in self.proofs if state is CallState.IDLE)


_TARGETS: dict[type[LineCommand], tuple[CallState, ...]] = {
    Answer: (CallState.RINGING, CallState.WAITING),
    Reject: (CallState.WAITING, CallState.RINGING),
    HangUp: (CallState.CONNECTED, CallState.RINGBACK, CallState.DIALING, CallState.HELD),
    Hold: (CallState.CONNECTED,),
    Retrieve: (CallState.HELD,),
    SendDigits: (CallState.CONNECTED,),
}
"""States in which a command makes sense, in the order in which an unnamed call is looked for."""
_NUMBER = re.compile(r"\+?[0-9*#A-D]{1,40}")
_DIGITS = re.compile(r"[0-9*#A-D]{1,32}")
_PUNCTUATION = str.maketrans("", "", " -().\t")


def _target(command: LineCommand, table: CallTable) -> Call | Refusal:
    states = _TARGETS[type(command)]
    named: CallId | None = getattr(command, "call", None)
    call = table.first(*states) if named is None else table.find(named)
    if call is None:
        return Refusal("no_such_call", f"no call is {' or '.join(states)}" if named is None else "", named)
    if call.state not in states:
        return Refusal("invalid_state", f"the call is {call.state}", call.id)
    return call


def _answer(call: Call, table: CallTable, profile: Profile) -> Plan | Refusal:
    """A waiting call is taken by holding the active one, so nobody is cut off."""
    text = profile.accept_waiting if call.state is CallState.WAITING else profile.answer
    return Plan(text, call, CallState.CONNECTED)


def _reject(call: Call, table: CallTable, profile: Profile) -> Plan | Refusal:
    """CHUP would kill the active call while another waits."""
    text = profile.reject_waiting if call.state is CallState.WAITING else profile.reject
    return Plan(text, call, CallState.IDLE)


def _hang_up(call: Call, table: CallTable, profile: Profile) -> Plan | Refusal:
    """CHUP ends the current call; a connected one among several needs the device's own number for it."""
    one = profile.hang_up_one.format(index=call.index) if call.index is not None else ""
    if call.state is CallState.HELD:
        text = profile.hang_up_held
        if table.any_in(OFFERED):  # CHLD=0 would reject the waiting call instead
            text = one
    else:
        text = one if one and call.state is CallState.CONNECTED and len(table.calls) > 1 else profile.hang_up
    if not text:
        return Refusal("invalid_state", "another call is waiting", call.id)
    return Plan(text, call, CallState.IDLE)


def _hold_or_retrieve(call: Call, table: CallTable, profile: Profile) -> Plan | Refusal:
    """AT+CHLD=2 would accept a waiting call instead."""
    if table.any_in(OFFERED):
        return Refusal("invalid_state", "another call is waiting", call.id)
    if call.state is CallState.CONNECTED:
        return Plan(profile.hold, call, CallState.HELD)
    return Plan(profile.retrieve, call, CallState.CONNECTED)


def _two_calls(command: TwoCallCommand, table: CallTable, profile: Profile) -> Plan | Refusal:
    """Swap, join and transfer need one call that is up and one on hold; the command may name either."""
    active, held = table.first(CallState.CONNECTED), table.first(CallState.HELD)
    if active is None or held is None:
        return Refusal("invalid_state", "needs a connected call and a held one", command.call)
    if command.call not in {None, active.id, held.id}:
        unknown = table.find(command.call) is None
        return Refusal("no_such_call" if unknown else "invalid_state", "", command.call)
    if table.any_in(OFFERED):  # 27.007 would act on the waiting call instead
        return Refusal("invalid_state", "another call is waiting", command.call)
    text, of_active, of_held, why = _TWO_CALLS[type(command)](profile)
    if command.call == held.id:
        return Plan(text, held, of_held, ((active, of_active),), why)
    return Plan(text, active, of_active, ((held, of_held),), why)


_UP, _ONHOLD, _OVER = CallState.CONNECTED, CallState.HELD, CallState.IDLE
_Outcome = tuple[str, CallState, CallState, Cause | None]
_TWO_CALLS: dict[type[LineCommand], Callable[[Profile], _Outcome]] = {
    Swap: lambda profile: (profile.swap, _ONHOLD, _UP, None),
    Join: lambda profile: (profile.join, _UP, _UP, None),
    CompleteTransfer: lambda profile: (profile.complete_transfer, _OVER, _OVER, Cause.TRANSFER),
}
"""What is written, what the connected call and the held one become, and why calls end."""


def _digits(call: Call, digits: str, profile: Profile) -> Plan | Refusal:
    if not _DIGITS.fullmatch(digits):
        return Refusal("invalid_params", "digits are 0-9, *, #, A-D", call.id)
    body = ";".join(profile.digits.format(digit=digit) for digit in digits)
    return Plan("AT" + body if profile.digits else "", call, call.state)


def _dial(number: str, table: CallTable, profile: Profile) -> Plan | Refusal:
    """Anything but digits would be a second command in the same line."""
    plain = number.translate(_PUNCTUATION)
    if not _NUMBER.fullmatch(plain):
        return Refusal("invalid_number", "a number is digits, *, # and a leading +")
    if table.any_in({*OFFERED, CallState.DIALING, CallState.RINGBACK}):
        return Refusal("invalid_state", "the line is ringing or dialling")
    return Plan(profile.dial.format(number=plain))


_Planner = Callable[[Call, CallTable, Profile], "Plan | Refusal"]
_PLANNERS: dict[type[LineCommand], _Planner] = {
    Answer: _answer,
    Reject: _reject,
    HangUp: _hang_up,
    Hold: _hold_or_retrieve,
    Retrieve: _hold_or_retrieve,
}


def plan(command: LineCommand, table: CallTable, profile: Profile) -> Plan | Refusal:
    """What to write for a command now, or why not."""
    if ABILITY[type(command)] not in profile.capabilities:
        return Refusal("not_supported", f"the {profile.name} profile cannot do this")
    if isinstance(command, SetMute):
        return Plan(profile.mute.format(flag=int(command.muted)))
    if isinstance(command, Dial):
        return _dial(command.number, table, profile)
    if isinstance(command, Swap | Join | CompleteTransfer):
        return _two_calls(command, table, profile)
    target = _target(command, table)
    if isinstance(target, Refusal):
        return target
    if isinstance(command, SendDigits):
        return _digits(target, command.digits, profile)
    planned = _PLANNERS[type(command)](target, table, profile)
    if isinstance(planned, Plan) and not planned.text:
        return Refusal("not_supported", f"the {profile.name} profile cannot do this", target.id)
    return planned
