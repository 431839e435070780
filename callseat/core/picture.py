"""Draws the immutable snapshot from the seat's regions.

May not decide or change anything.
"""

from __future__ import annotations

import re
from dataclasses import replace

from prompts.display import Scene, Terms, lay_out
from state.call import Call
from state.commands import Lamps
from state.focus import lamps_of
from state.ids import CallId, DeviceId
from state.line import Line
from state.seat import Device, Seat
from state.snapshot import (
    AgentView,
    CallView,
    CueView,
    DeviceView,
    FaultView,
    FocusView,
    LineView,
    MuteView,
    SignalView,
    Snapshot,
)
from state.words import Channel, LineState, MuteState

_SIZE = re.compile(r"display_(\d+)x(\d+)")
COLUMNS, ROWS = 32, 6
"""The display in the snapshot: what a terminal or a desktop app shows in a corner (ours)."""


def lamps_for(seat: Seat, device: DeviceId) -> Lamps:
    """What one device shows: every headset rings, only the one that answered is off-hook.

    A headset that no call of the seat needs shows what the app that holds it wants.
    """
    lease = seat.lease_of(device)
    if lease is not None:
        return lease.lamps(seat.muted())
    lamps = lamps_of(seat.focus, seat.muted())
    if seat.stands_for_seat(device):
        return lamps
    if seat.kept_off_hook():
        return replace(lamps, off_hook=True)
    if seat.carrier in (None, device):
        return lamps
    return Lamps(ring=lamps.ring, message_waiting=lamps.message_waiting)


def lines_for(now: Snapshot, features: frozenset[str], terms: Terms) -> tuple[str, ...]:
    """The display of a device: laid out for its own size where a feature such as display_2x16 tells it."""
    size = next((found for name in sorted(features) if (found := _SIZE.fullmatch(name))), None)
    if size is None:
        return now.display
    scene = Scene(now.agent, now.calls, now.mute, now.focus, now.cue, now.promises)
    return lay_out(scene, int(size[2]), int(size[1]), terms)


def draw(seat: Seat, cue: CueView | None, terms: Terms) -> Snapshot:
    """The whole seat now."""
    scene = Scene(
        agent=AgentView(
            seat.desk.agent, seat.agent.state, seat.agent.reason, seat.agent.pending, seat.agent.since
        ),
        calls=tuple(_call(seat, call) for call in seat.calls.values()),
        mute=_mute(seat),
        focus=FocusView(_id(seat.focus.headset), _id(seat.focus.ringing), _id(seat.focus.guide)),
        cue=cue,
        promises=len(seat.promises),
    )
    return Snapshot(
        at=seat.desk.at,
        lines=tuple(
            LineView(
                line.id,
                line.state is LineState.IN_SERVICE,
                line.reason,
                tuple(sorted(line.capabilities)),
                line.hearing.listening,
                _faults(line),
                near=_signal(line, Channel.NEAR),
                far=_signal(line, Channel.FAR),
            )
            for line in seat.lines.values()
        ),
        devices=tuple(_device(seat, device) for device in seat.devices.values()),
        lamps=lamps_of(seat.focus, seat.muted()),
        display=lay_out(scene, COLUMNS, ROWS, terms),
        agent=scene.agent,
        calls=scene.calls,
        mute=scene.mute,
        focus=scene.focus,
        cue=cue,
        promises=scene.promises,
    )


def _device(seat: Seat, device: Device) -> DeviceView:
    lease = seat.leases.get(device.id)
    return DeviceView(
        device.id,
        device.kind,
        device.name,
        lamps_for(seat, device.id),
        features=tuple(sorted(device.features)),
        holder="" if lease is None else lease.app,
        contended=device.contended,
        battery_percent=device.battery_percent,
    )


def _faults(line: Line) -> tuple[FaultView, ...]:
    return tuple(
        FaultView(channel, fault.kind, fault.since, round(fault.confidence, 2), fault.evidence)
        for channel in Channel
        for fault in line.hearing.ear(channel).faults.values()
    )


def _signal(line: Line, channel: Channel) -> SignalView | None:
    if not line.hearing.listening:
        return None
    ear = line.hearing.ear(channel)
    return SignalView(ear.condition, ear.condition_since, ear.evidence)


def _call(seat: Seat, call: Call) -> CallView:
    watch = seat.watches.get(call.id)
    verdict = watch.verdict if watch is not None else None
    quiet = watch is not None and (watch.at_fault or not watch.customer_spoke)
    return CallView(
        call=call.id,
        line=call.line,
        record=call.record,
        state=call.state,
        direction=call.direction,
        number=call.number,
        name=call.name,
        since=call.since,
        established_at=call.established_at,
        silent=watch.silent.state.value if watch is not None else "",
        silence_cause=verdict.cause.value if verdict is not None and quiet else None,
        silence_evidence=verdict.evidence if verdict is not None and quiet else "",
        silence_since=verdict.since if verdict is not None and quiet else None,
        closing=watch.closing.state.value if watch is not None else "",
        customer_spoke=watch is not None and watch.customer_spoke,
        adopted=call.adopted,
        pending=call.pending,
        speech=call.row.speech,
    )


def _id(call: Call | None) -> CallId | None:
    return call.id if call is not None else None


def _mute(seat: Seat) -> MuteView:
    fact = seat.mute_fact()
    if fact is None:
        return MuteView(MuteState.UNKNOWN.value, "", False, "none")
    value = MuteState.MUTED if fact.muted else MuteState.LIVE
    confidence = max(
        (m.confidence for m in seat.mutes.values() if m.where == fact.where and m.muted == fact.muted),
        default="none",
    )
    return MuteView(value.value, fact.where, fact.locked, confidence)
