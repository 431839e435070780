"""What apps and keys ask for: each command finds its call, is decided by a table, and is answered.

May not perform anything; an accepted command becomes an effect for the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from state.abilities import ABILITY
from state.call import Call
from state.chart import Because, Row, Stay
from state.commands import (
    AcquireHeadset,
    Answer,
    BeginClosing,
    CancelCue,
    Command,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    IdentifyDevice,
    Join,
    NoteCall,
    Reject,
    ReleaseHeadset,
    RepeatCue,
    Retrieve,
    SendDigits,
    SetMute,
    SetNotReady,
    SetReady,
    ShowHeadset,
    SignIn,
    SignOut,
    Swap,
    Transfer,
    TwoCallCommand,
)
from state.events import CommandRequested
from state.handlers import headsets
from state.handlers.registry import Handlers
from state.ids import CallId, DeviceId, LineId, RecordId
from state.line import Line, Waiter
from state.machine import refusal
from state.seat import Seat
from state.tables import AgentOn, CallOn, ClosingOn, MuteOn, SilentOn
from state.words import AgentState, CallState, LineState

ON = Handlers()

_DIALLABLE = re.compile(r"[0-9*#+]{1,32}|sips?:\S{1,200}")
"""A number as V.250 dials it, or a SIP address."""

_NUMBER_FORM = "a number is digits, *, #, +, or a sip: address"

CallAct = Answer | Reject | Hold | Retrieve | SendDigits

_ACTS: dict[type[CallAct], CallOn] = {
    Answer: CallOn.ASKED_ANSWER,
    Reject: CallOn.ASKED_REJECT,
    Hold: CallOn.ASKED_HOLD,
    Retrieve: CallOn.ASKED_RETRIEVE,
    SendDigits: CallOn.ASKED_DIGITS,
}
"""Commands about one call: the event of its region."""
_TWO_CALLS: dict[type[TwoCallCommand], CallOn] = {
    Swap: CallOn.ASKED_SWAP,
    Join: CallOn.ASKED_JOIN,
    CompleteTransfer: CallOn.ASKED_COMPLETE_TRANSFER,
}
"""The same for commands about the two calls of a line."""


@ON(CommandRequested)
def request(seat: Seat, event: CommandRequested) -> None:
    """Decide one command, and answer whoever asked now or when the line is done."""
    seat.desk.changed = True
    _COMMANDS[type(event.command)](seat, event.command, event)


def _no_call(seat: Seat, event: CommandRequested, call: CallId | None) -> None:
    named = f"no call {call}" if call else "no call this could mean"
    seat.desk.reply(event.request, "no_such_call", named)


def _find(seat: Seat, named: CallId | None, default: Call | None) -> Call | None:
    return seat.calls.get(named) if named is not None else default


def _usable(seat: Seat, event: CommandRequested, line: Line, ability: str) -> bool:
    if line.state is LineState.OUT_OF_SERVICE:
        seat.desk.reply(event.request, "line_out_of_service", f"line {line.id}: {line.reason}")
        return False
    if ability and ability not in line.capabilities:
        seat.desk.reply(event.request, "not_supported", f"line {line.id} cannot {ability}")
        return False
    return True


def _answer_or_wait(seat: Seat, event: CommandRequested, call: Call, row: Row) -> None:
    """A refused command is answered now; one that was passed on when the line is done with it."""
    kind = refusal(row)
    if kind:
        seat.desk.reply(event.request, kind, f"call {call.id} is {call.state.value}")
    elif event.request is not None:
        ends = isinstance(event.command, HangUp | Reject | Transfer | CompleteTransfer)
        seat.line(call.line).waiters.append(Waiter(event.request, call.id, ends))


def _act(seat: Seat, command: CallAct, event: CommandRequested) -> None:
    focus = seat.focus
    usual = {Answer: focus.ringing, Reject: focus.ringing, Retrieve: focus.held}
    call = _find(seat, command.call, usual.get(type(command), focus.guide))
    if call is None:
        _no_call(seat, event, command.call)
        return
    if _usable(seat, event, seat.line(call.line), ABILITY[type(command)]):
        row = seat.fire(call, _ACTS[type(command)], command)
        if isinstance(command, Answer | Retrieve) and not refusal(row):
            _make_room(seat, call.line)
        _answer_or_wait(seat, event, call, row)


def _two_calls(seat: Seat, command: TwoCallCommand, event: CommandRequested) -> None:
    """The connected and the held call of one line; two lines' calls are swapped by the seat itself."""
    talking, held = seat.focus.guide, seat.focus.held
    named = seat.calls.get(command.call) if command.call is not None else None
    if talking is None or held is None or (command.call is not None and named not in (talking, held)):
        _no_call(seat, event, command.call)
    elif talking.line != held.line:
        if isinstance(command, Swap):
            _act(seat, Retrieve(held.id), event)
        else:
            seat.desk.reply(event.request, "invalid_state", "the two calls are on different lines")
    elif _usable(seat, event, seat.line(talking.line), ABILITY[type(command)]):
        on = _TWO_CALLS[type(command)]
        first = held if isinstance(command, Join) else talking
        _answer_or_wait(seat, event, first, seat.fire(first, on, command))
        if isinstance(command, CompleteTransfer):
            seat.fire(held, on, command)


def _transfer(seat: Seat, command: Transfer, event: CommandRequested) -> None:
    if not _DIALLABLE.fullmatch(command.number):
        seat.desk.reply(event.request, "invalid_number", _NUMBER_FORM)
        return
    call = _find(seat, command.call, seat.focus.guide or seat.focus.held)
    if call is None:
        _no_call(seat, event, command.call)
    elif _usable(seat, event, seat.line(call.line), ABILITY[Transfer]):
        _answer_or_wait(seat, event, call, seat.fire(call, CallOn.ASKED_TRANSFER, command))


def _make_room(seat: Seat, line: LineId) -> None:
    """One headset, one talk: a call on another line is held; a line with both calls swaps by itself."""
    talking = seat.focus.guide
    if talking is None or talking.line == line or talking.pending:
        return
    other = seat.line(talking.line)
    if "hold" in other.capabilities and other.state is LineState.IN_SERVICE:
        seat.fire(talking, CallOn.ASKED_HOLD, Hold(talking.id))


def _hang_up(seat: Seat, command: HangUp, event: CommandRequested) -> None:
    call = _find(seat, command.call, seat.focus.headset)
    if call is None:
        _no_call(seat, event, command.call)
        return
    if not _usable(seat, event, seat.line(call.line), ""):
        return
    watch = seat.watches.get(call.id)
    if watch is not None and call.pending != "hang_up":
        call.before_hanging_up()
        row = watch.silent.fire(SilentOn.ASKED_HANG_UP)
        if isinstance(row, Stay) and row.because is Because.HELD:
            seat.reassert.update(seat.devices)
            seat.desk.publish("call.hang_up_held", call=call.id)
            seat.desk.reply(
                event.request, "hang_up_held", "the silent-call script is not finished; ask again to end"
            )
            return
        watch.closing.fire(ClosingOn.HANGING_UP)
    _answer_or_wait(seat, event, call, seat.fire(call, CallOn.ASKED_HANG_UP, command))


def _dial(seat: Seat, command: Dial, event: CommandRequested) -> None:
    emergency = seat.desk.is_emergency(command.number)
    if not _DIALLABLE.fullmatch(command.number):
        seat.desk.reply(event.request, "invalid_number", _NUMBER_FORM)
    elif seat.agent.state is AgentState.LOGGED_OUT and not emergency:
        seat.desk.reply(
            event.request, "not_signed_in", "sign in before dialling; emergency numbers always work"
        )
    else:
        line = _line_for(seat, command)
        if line is None:
            seat.desk.reply(event.request, "line_out_of_service", "no line is in service")
        elif _usable(seat, event, line, ABILITY[Dial]):
            seat.last_number = command.number
            if event.request is not None:
                line.waiters.append(Waiter(event.request, None))
            _make_room(seat, line.id)
            line.dialled = replace(command, line=line.id)
            seat.desk.ask(line.id, line.dialled)


def _line_for(seat: Seat, command: Dial) -> Line | None:
    named = seat.lines.get(command.line) if command.line is not None else None
    if command.line is not None and not (seat.desk.is_emergency(command.number) and _out(named)):
        return named
    serving = [ln for ln in seat.lines.values() if ln.state is LineState.IN_SERVICE]
    return next((ln for ln in serving if "dial" in ln.capabilities), None)


def _out(line: Line | None) -> bool:
    return line is None or line.state is LineState.OUT_OF_SERVICE


# mute ------------------------------------------------------------------------------------------


def _set_mute(seat: Seat, command: SetMute, event: CommandRequested) -> None:
    kind = set_mute(seat, command.muted, None)
    message = {"": "", "locked": "the headset refuses to be un-muted (boom arm up?)"}.get(
        kind, "nothing here can be muted"
    )
    seat.desk.reply(event.request, kind, message)


def set_mute(seat: Seat, muted: bool, asked_at: str | None) -> str:
    """Set the microphone everywhere it can be set; returns an error kind or empty.

    The place that was asked is set first, so that it is the one named as the cause.
    """
    on = MuteOn.ASKED_MUTE if muted else MuteOn.ASKED_LIVE
    places = [seat.mutes[d] for d in seat.mutes if _mutable(seat, d)]
    places.sort(key=lambda m: m.owner != asked_at)
    lines = [ln for ln in seat.lines.values() if "mute" in ln.capabilities and _engaged(seat, ln)]
    if not places and not lines:
        return "not_supported"
    if any(refusal(place.fire(on)) for place in places):
        return "locked"
    for line in lines:
        seat.mute_line(line, muted)
    seat.keep_muted = muted
    seat.desk.changed = True
    seat.judge_all()
    seat.desk.publish("device.mute", device=asked_at, muted=muted, locked=False)
    return ""


def _mutable(seat: Seat, owner: str) -> bool:
    device = seat.devices.get(DeviceId(owner))
    return device is not None and device.takes_mute


def _engaged(seat: Seat, line: Line) -> bool:
    return any(c.line == line.id and c.state is CallState.CONNECTED for c in seat.calls.values())


# the agent -------------------------------------------------------------------------------------


def _fire_agent(seat: Seat, on: AgentOn, command: Command, event: CommandRequested, **data: object) -> None:
    kind = refusal(seat.agent.fire(on, command))
    state = seat.agent.state.value
    message = f"the agent is {state}" if kind else ""
    seat.desk.reply(event.request, kind, message, state=state, pending=seat.agent.pending, **data)


def _sign_in(seat: Seat, command: SignIn, event: CommandRequested) -> None:
    owed = [p.promise for p in seat.promises.values()]
    _fire_agent(seat, AgentOn.SIGN_IN, command, event, promises=owed)


def _sign_out(seat: Seat, command: SignOut, event: CommandRequested) -> None:
    mine = [p for p in seat.promises.values() if p.owner == seat.desk.agent]
    if command.successor:
        for promise in mine:
            seat.keep(replace(promise, owner=command.successor))
    _fire_agent(seat, AgentOn.SIGN_OUT, command, event, promises=[p.promise for p in mine])


def _set_ready(seat: Seat, command: SetReady, event: CommandRequested) -> None:
    _fire_agent(seat, AgentOn.SET_READY, command, event)


def _set_not_ready(seat: Seat, command: SetNotReady, event: CommandRequested) -> None:
    _fire_agent(seat, AgentOn.SET_NOT_READY, command, event)


# the call in hand ------------------------------------------------------------------------------


def _cue_key(seat: Seat, command: RepeatCue | CancelCue, event: CommandRequested) -> None:
    seat.desk.cue_keys.append((command, event.request))


def _begin_closing(seat: Seat, command: BeginClosing, event: CommandRequested) -> None:
    call = _find(seat, command.call, seat.focus.guide)
    watch = seat.watches.get(call.id) if call is not None else None
    if watch is None:
        _no_call(seat, event, command.call)
        return
    watch.call.row = replace(watch.call.row, closing=f"confirmed by {event.basis.value}")
    watch.closing.fire(ClosingOn.CLOSING_SAID)
    seat.desk.reply(event.request)


def _note(seat: Seat, command: NoteCall, event: CommandRequested) -> None:
    call = _noted(seat, command.record)
    if call is None:
        seat.desk.reply(event.request, "no_such_call", f"no record {command.record or 'to note'}")
        return
    category, note = command.category or call.row.category, command.note or call.row.note
    call.row = replace(call.row, category=category, note=note)
    call.write()
    promise = ""
    if command.promise_subject:
        owner = seat.desk.agent or "agent" if command.promise_owner == "agent" else command.promise_owner
        row = seat.promise(call, owner, command.promise_subject, command.promise_due or "", event.basis)
        promise = row.promise
    seat.desk.reply(event.request, record=call.record, promise=promise)


def _noted(seat: Seat, record: str | None) -> Call | None:
    """The call of a record, or the one in hand, or the last one."""
    if record is not None:
        for call in seat.calls.values():
            if call.record == record:
                return call
        return seat.recent.get(RecordId(record))
    if seat.focus.headset is not None:
        return seat.focus.headset
    return next(reversed(seat.recent.values()), None)


_Act = Callable[[Seat, Command, CommandRequested], None]
_CommandT = TypeVar("_CommandT")


def _entry(
    kind: type[_CommandT], act: Callable[[Seat, _CommandT, CommandRequested], None]
) -> tuple[type, _Act]:
    return kind, cast("_Act", act)


_COMMANDS: dict[type, _Act] = dict(
    (
        *((kind, cast("_Act", _act)) for kind in _ACTS),
        *((kind, cast("_Act", _two_calls)) for kind in _TWO_CALLS),
        _entry(Transfer, _transfer),
        _entry(HangUp, _hang_up),
        _entry(Dial, _dial),
        _entry(SetMute, _set_mute),
        _entry(SignIn, _sign_in),
        _entry(SignOut, _sign_out),
        _entry(SetReady, _set_ready),
        _entry(SetNotReady, _set_not_ready),
        _entry(BeginClosing, _begin_closing),
        _entry(NoteCall, _note),
        _entry(RepeatCue, _cue_key),
        _entry(CancelCue, _cue_key),
        _entry(IdentifyDevice, headsets.identify),
        _entry(AcquireHeadset, headsets.acquire),
        _entry(ReleaseHeadset, headsets.release),
        _entry(ShowHeadset, headsets.show),
    )
)
