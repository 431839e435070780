"""Lines and calls: what a line reports becomes events of the call regions.

May not decide; the tables do. Also where a line's own list is held against what the seat believes.
"""

from __future__ import annotations

from dataclasses import replace

from state.call import Call
from state.cues import CueId
from state.events import (
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallEvent,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CallSeen,
    CallUpdated,
    CommandCompleted,
    DigitsReceived,
    EffectFailed,
    LineInService,
    LineMuteReported,
    LineOutOfService,
    OpenRecord,
)
from state.handlers.registry import Handlers
from state.ids import LineId
from state.line import Line
from state.rows import CallRow, Stamp
from state.seat import Seat
from state.tables import CallOn, LineOn, MuteOn
from state.words import Audience, By, CallState, Cause, Direction, Urgency

ON = Handlers()

_DELIVERED = {
    CallState.RINGING: CallOn.DELIVERED,
    CallState.WAITING: CallOn.OFFERED_WAITING,
    CallState.RINGBACK: CallOn.RINGBACK,
}
_SEEN = {
    **_DELIVERED,
    CallState.DIALING: CallOn.ORIGINATED,
    CallState.CONNECTED: CallOn.ESTABLISHED,
    CallState.HELD: CallOn.HELD,
}


def _facts(call: Call, number: str, name: str = "") -> None:
    call.row = replace(call.row, number=number or call.number, name=name or call.name)


def _show_promises(seat: Seat, call: Call) -> None:
    """When that customer rings again, what is owed is shown while it rings."""
    for promise in seat.promises.values():
        if call.number and promise.number == call.number:
            seat.desk.cue(
                CueId.PROMISE_OPEN,
                call.id,
                call.direction,
                Urgency.HINT,
                subject=promise.subject,
                due=promise.due or "-",
                number=promise.number,
            )


@ON(CallOriginated)
def _originated(seat: Seat, event: CallOriginated) -> None:
    call = seat.call(event.line, event.call, Direction.OUTBOUND)
    _facts(call, event.number)
    seat.fire(call, CallOn.ORIGINATED, event)
    _take_dialled(seat, call)
    seat.desk.publish("call.originated", call=call.id, line=call.line, number=call.number)


def _take_dialled(seat: Seat, call: Call) -> None:
    """This is the call that was dialled: whoever asked for it is answered."""
    line = seat.line(call.line)
    line.settle(None, became=call.id)
    if line.dialled is not None:
        call.customer, call.matter = line.dialled.customer, line.dialled.matter
        line.dialled = None


@ON(CallDelivered)
def _delivered(seat: Seat, event: CallDelivered) -> None:
    known = event.call in seat.calls
    call = seat.call(event.line, event.call, event.direction)
    _facts(call, event.number, event.name)
    seat.fire(call, _DELIVERED.get(event.state, CallOn.DELIVERED), event)
    if not known and event.direction is Direction.OUTBOUND:
        _take_dialled(seat, call)  # a line that tells no beginning
    if not known and event.direction is Direction.INBOUND:
        _show_promises(seat, call)
    _publish_delivered(seat, call)


def _publish_delivered(seat: Seat, call: Call) -> None:
    seat.desk.publish(
        "call.delivered",
        call=call.id,
        line=call.line,
        state=call.state,
        direction=call.direction,
        number=call.number,
        name=call.name,
    )


@ON(CallUpdated)
def _updated(seat: Seat, event: CallUpdated) -> None:
    call = seat.calls.get(event.call)
    if call is None:
        return
    first_number = not call.number and bool(event.number)
    _facts(call, event.number, event.name)
    seat.desk.changed = True
    call.write()
    if first_number and call.direction is Direction.INBOUND:
        _show_promises(seat, call)
    seat.desk.publish("call.updated", call=call.id, number=call.number, name=call.name)


@ON(CallEstablished)
def _established(seat: Seat, event: CallEstablished) -> None:
    call = seat.call(event.line, event.call, Direction.INBOUND)
    seat.fire(call, CallOn.ESTABLISHED, event)
    seat.line(event.line).settle(call.id)
    seat.desk.publish("call.established", call=call.id, line=call.line)


@ON(CallHeld)
def _held(seat: Seat, event: CallHeld) -> None:
    _move(seat, event, CallOn.HELD, "call.held")


@ON(CallRetrieved)
def _retrieved(seat: Seat, event: CallRetrieved) -> None:
    _move(seat, event, CallOn.RETRIEVED, "call.retrieved")


def _move(seat: Seat, event: CallEvent, on: CallOn, topic: str) -> None:
    call = seat.calls.get(event.call)
    if call is not None:
        seat.fire(call, on, event)
        seat.line(event.line).settle(call.id)
        seat.desk.publish(topic, call=call.id, line=call.line)


@ON(CallCleared)
def _cleared(seat: Seat, event: CallCleared) -> None:
    _end(seat, event, CallOn.CLEARED, event.cause, event.by)


@ON(CallFailed)
def _failed(seat: Seat, event: CallFailed) -> None:
    _end(seat, event, CallOn.FAILED, event.cause, event.by)


def _end(seat: Seat, event: CallEvent, on: CallOn, cause: Cause, by: By) -> None:
    call = seat.calls.get(event.call)
    if call is None:
        return
    seat.fire(call, on, event)
    seat.line(event.line).finish(call.id)
    topic = "call.failed" if on is CallOn.FAILED else "call.cleared"
    seat.desk.publish(topic, call=call.id, line=call.line, cause=cause, by=call.row.by)


@ON(DigitsReceived)
def _digits(seat: Seat, event: DigitsReceived) -> None:
    seat.desk.publish("call.digits", call=event.call, count=event.count)


# lines -----------------------------------------------------------------------------------------


@ON(LineInService)
def _in_service(seat: Seat, event: LineInService) -> None:
    line = seat.line(event.line)
    line.fire(LineOn.ANSWERS, event)
    seat.desk.changed = True
    _reconcile(seat, line, event.calls)
    seat.desk.publish("line.in_service", line=line.id)


@ON(LineOutOfService)
def _out_of_service(seat: Seat, event: LineOutOfService) -> None:
    line = seat.line(event.line)
    line.fire(LineOn.LOST, event)
    for call in seat.calls.values():
        if call.line == line.id:
            call.lost, call.pending = True, ""
    seat.focus_again()
    mute = seat.mutes.get(str(line.id))
    if mute is not None:
        mute.fire(MuteOn.LOST)
        seat.judge_all()
    seat.desk.publish("line.out_of_service", line=line.id, reason=event.reason)


def _reconcile(seat: Seat, line: Line, seen: tuple[CallSeen, ...] | None) -> None:
    """Hold the line's own list against calls that were up before it was lost, or before a restart."""
    lost = [c for c in seat.calls.values() if c.line == line.id and c.lost]
    listed = seen or ()
    for item in listed:
        told = seat.calls.get(item.call)  # a call told of before the list is itself, not a lost one
        call = _same_call(lost, item) if told is None or told.lost else None
        if call is not None:
            lost.remove(call)
            _rename(seat, call, item)
        elif item.call not in seat.calls:
            call = seat.call(line.id, item.call, item.direction)
            _facts(call, item.number)
            record = _same_record(seat, line, item)
            if record is not None:
                seat.open_records.remove(record)
                call.adopt(record.row, _gap_s(seat, record))
            seat.fire(call, _SEEN.get(item.state, CallOn.ESTABLISHED))
            _tell_found(seat, call)
            continue
        seat.fire(seat.calls[item.call], _SEEN.get(item.state, CallOn.ESTABLISHED))
    for call in lost:
        _end(seat, call.lose(Cause.LINE_LOST), CallOn.CLEARED, Cause.LINE_LOST, By.UNKNOWN)
    for record in [r for r in seat.open_records if r.row.line == line.id]:
        seat.open_records.remove(record)
        seat.desk.record(_interrupted(record.row, seat.desk.stamp()))


def _tell_found(seat: Seat, call: Call) -> None:
    """A call that was there when its line came up is told like one that begins."""
    if call.state in _DELIVERED:
        if call.direction is Direction.INBOUND:
            _show_promises(seat, call)
        _publish_delivered(seat, call)
    elif call.state is CallState.DIALING:
        seat.desk.publish("call.originated", call=call.id, line=call.line, number=call.number)
    else:
        seat.desk.publish("call.established", call=call.id, line=call.line)


def _same_call(lost: list[Call], item: CallSeen) -> Call | None:
    for call in lost:
        if call.id == item.call:
            return call
    for call in lost:
        if call.direction is item.direction and _same_number(call.number, item.number):
            return call
    return None


def _same_record(seat: Seat, line: Line, item: CallSeen) -> OpenRecord | None:
    for record in seat.open_records:
        row = record.row
        if row.line == line.id and row.direction is item.direction and _same_number(row.number, item.number):
            return record
    return None


def _same_number(a: str, b: str) -> bool:
    """Withheld or not yet known matches anything: one line rarely has two calls of one direction."""
    return not a or not b or a == b


def _rename(seat: Seat, call: Call, item: CallSeen) -> None:
    """The line gave the call a new name when it came back."""
    call.lost = False
    if call.id == item.call:
        return
    seat.desk.withdraw(call.id)
    watch = seat.watches.pop(call.id, None)
    del seat.calls[call.id]
    call.row = replace(call.row, call=item.call)
    seat.calls[call.id] = call
    if watch is not None:
        seat.watches[call.id] = watch


def _gap_s(seat: Seat, record: OpenRecord) -> float:
    now = seat.desk.stamp().wall_s
    if now is None or record.last_seen_wall_s is None:
        return 0.0
    return round(max(0.0, now - record.last_seen_wall_s), 3)


def _interrupted(row: CallRow, now: Stamp) -> CallRow:
    return replace(row, state=CallState.IDLE, cleared=now, cause=Cause.INTERRUPTED, by=By.UNKNOWN)


@ON(LineMuteReported)
def _line_mute(seat: Seat, event: LineMuteReported) -> None:
    mute = seat.mute_of("line", str(event.line))
    mute.fire(MuteOn.REPORTED_MUTED if event.muted else MuteOn.REPORTED_LIVE)
    seat.desk.changed = True
    seat.judge_all()


# what became of our own effects ----------------------------------------------------------------


@ON(CommandCompleted)
def _completed(seat: Seat, event: CommandCompleted) -> None:
    line = seat.lines.get(LineId(event.target))
    if line is not None and event.call is not None:
        line.settle(event.call)


@ON(EffectFailed)
def _effect_failed(seat: Seat, event: EffectFailed) -> None:
    what = event.effect
    call = seat.calls.get(event.call) if event.call is not None else None
    if call is not None:
        what = call.pending or what
        for each in seat.calls.values():
            # the held call of a transfer that failed is not passed on either
            if each is call or (what == "transfer" == each.pending and each.line == call.line):
                each.command_failed()
        seat.focus_again()
    line = seat.lines.get(LineId(event.target))
    if line is not None:
        message = f"{event.reason}: {event.detail}" if event.detail else event.reason
        line.settle(event.call, event.reason, message)
        if event.call is None and line.dialled is not None:
            what, line.dialled = "dial", None
    seat.desk.changed = True
    seat.desk.publish("effect.failed", effect=event.effect, target=event.target, reason=event.reason)
    seat.desk.cue(
        CueId.COMMAND_FAILED,
        event.call,
        call.direction if call else None,
        Urgency.DUE,
        Audience.AGENT,
        what=what,
        target=event.target,
        reason=event.reason,
    )
