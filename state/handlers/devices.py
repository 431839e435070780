"""Headsets, phones and consoles: keys and hooks become requests, mute becomes a fact.

May not decide whether a request is allowed; the tables do.
"""

from __future__ import annotations

from dataclasses import replace

from state.call import Call
from state.commands import (
    Answer,
    BeginClosing,
    CancelCue,
    Command,
    Dial,
    HangUp,
    Hold,
    Reject,
    RepeatCue,
    Retrieve,
    SendDigits,
    Swap,
)
from state.events import (
    BatteryReported,
    ButtonPressed,
    CommandRequested,
    DeviceAttached,
    DeviceContended,
    DeviceDetached,
    DigitKeyed,
    Event,
    HookChanged,
    MuteReported,
    MuteRequested,
)
from state.handlers.headsets import press_hook
from state.handlers.registry import Handlers
from state.handlers.requests import request, set_mute
from state.ids import DeviceId
from state.seat import Device, Seat
from state.tables import MuteOn
from state.words import Basis, Button, CallState, DeviceKind, MuteState

ON = Handlers()

_SEAT_KEYS: dict[str, Command] = {
    "begin_closing": BeginClosing(),
    "repeat_cue": RepeatCue(),
    "cancel_cue": CancelCue(),
}


def ask(seat: Seat, event: Event, command: Command) -> None:
    """A key asks for something, as an app would."""
    request(seat, CommandRequested(event.at, event.source, command, Basis.KEY))


@ON(DeviceAttached)
def _attached(seat: Seat, event: DeviceAttached) -> None:
    seat.devices[event.device] = Device(event.device, event.kind, event.name, event.features)
    seat.desk.changed = True
    if event.kind is DeviceKind.HEADSET:
        _mute_anew(seat, event)
        seat.headset_came()
        seat.judge_all()
    seat.desk.publish("device.added", device=event.device, kind=event.kind, name=event.name)


def _mute_anew(seat: Seat, event: DeviceAttached) -> None:
    """A headset comes: muted if this call was, else live where its mute is the host's to set."""
    mute = seat.mute_of("headset", str(event.device))
    if not seat.devices[event.device].takes_mute:
        return
    if seat.keep_muted:
        mute.fire(MuteOn.ASKED_MUTE)
    elif "mute" in event.features and "mute_level" not in event.features:
        mute.fire(MuteOn.ASKED_LIVE)


@ON(DeviceDetached)
def _detached(seat: Seat, event: DeviceDetached) -> None:
    device = seat.devices.pop(event.device, None)
    seat.desk.changed = True
    if device is not None and device.kind is DeviceKind.HEADSET:
        seat.mute_of("headset", str(event.device)).fire(MuteOn.LOST)
        seat.headset_went()
        seat.judge_all()
    seat.desk.publish("device.removed", device=event.device, reason=event.reason)


@ON(HookChanged)
def _hook(seat: Seat, event: HookChanged) -> None:
    seat.desk.publish("device.hookswitch", device=event.device, off_hook=event.off_hook)
    if not press_hook(seat, event.device, event.off_hook):
        if event.off_hook or seat.kept_off_hook():
            _lifted(seat, event)  # at a headset that is kept off-hook, every press reads as on-hook
        elif (carried := _carried(seat, event.device)) is not None:
            ask(seat, event, HangUp(carried.id))
    seat.reassert.add(event.device)
    seat.desk.changed = True


def _lifted(seat: Seat, event: HookChanged) -> None:
    """Off-hook answers what rings; at a headset the call is not on, it takes the call over."""
    focus = seat.focus
    if focus.ringing is not None:
        if seat.desk.settings.answer_on_hook:
            if not seat.stands_for_seat(event.device):
                seat.owner = event.device
            ask(seat, event, Answer(focus.ringing.id))
            seat.focus_again()
    elif focus.headset is not None and not seat.carried_by(event.device):
        seat.owner = event.device
        seat.desk.publish("device.took_over", device=event.device, call=focus.headset.id)


def _carried(seat: Seat, device: DeviceId) -> Call | None:
    """The call that on-hook at this headset ends: not one on hold, nor one on another headset."""
    call = seat.focus.headset
    if call is None or call.state is CallState.HELD or not seat.carried_by(device):
        return None
    return call


@ON(MuteRequested)
def _mute_requested(seat: Seat, event: MuteRequested) -> None:
    mute = seat.mutes.get(str(event.device))
    if mute is not None and mute.state is MuteState.LOCKED and not event.muted:
        # a device that asks to be live itself does not refuse it any more (boom arm down, or never up)
        mute.fire(MuteOn.REPORTED_LIVE)
        seat.desk.changed = True
    set_mute(seat, event.muted, str(event.device))
    seat.reassert.add(event.device)
    seat.desk.changed = True


@ON(MuteReported)
def _mute_reported(seat: Seat, event: MuteReported) -> None:
    mute = seat.mute_of("headset", str(event.device))
    if event.locked:
        mute.fire(MuteOn.REPORTED_LOCKED)
    else:
        mute.fire(MuteOn.REPORTED_MUTED if event.muted else MuteOn.REPORTED_LIVE)
    seat.keep_muted = seat.muted()
    seat.desk.changed = True
    seat.judge_all()
    seat.desk.publish("device.mute", device=event.device, muted=event.muted, locked=event.locked)


@ON(ButtonPressed)
def _button(seat: Seat, event: ButtonPressed) -> None:
    seat.desk.publish("device.button", device=event.device, button=event.button, long=event.long)
    name = f"{event.button.value}:long" if event.long else event.button.value
    action = dict(seat.desk.settings.keys).get(name, "")
    if seat.lease_of(event.device) is not None:
        return  # the holder is told, and it alone knows what the key means
    command = _SEAT_KEYS.get(action) or _call_key(seat, event, action)
    if command is not None:
        ask(seat, event, command)


def _call_key(seat: Seat, event: ButtonPressed, action: str) -> Command | None:
    """What a call key means in this focus; None: nothing."""
    focus = seat.focus
    if focus.ringing is not None and (event.button is Button.REJECT or action == "reject"):
        return Reject(focus.ringing.id)
    if event.button is Button.REDIAL or action == "redial":
        free = focus.headset is None and focus.ringing is None
        return Dial(seat.last_number) if free and seat.last_number else None
    return _flash(seat, event.long) if event.button is Button.FLASH else None


def _flash(seat: Seat, long: bool) -> Command | None:
    """The hold key: a call that waits is answered (long: refused), else two calls are swapped, else hold."""
    focus = seat.focus
    if focus.ringing is not None:
        return Reject(focus.ringing.id) if long else Answer(focus.ringing.id)
    if focus.held is not None:
        talking, line = focus.guide, seat.line(focus.held.line)
        swaps = talking is not None and talking.line == line.id and "swap" in line.capabilities
        return Swap() if swaps else Retrieve(focus.held.id)
    return Hold(focus.guide.id) if focus.guide is not None else None


@ON(DeviceContended)
def _contended(seat: Seat, event: DeviceContended) -> None:
    device = seat.devices.get(event.device)
    if device is not None:
        seat.devices[event.device] = replace(device, contended=event.evidence)
        seat.desk.changed = True
    seat.desk.publish("device.contended", device=event.device, evidence=event.evidence)


@ON(BatteryReported)
def _battery(seat: Seat, event: BatteryReported) -> None:
    device = seat.devices.get(event.device)
    if device is not None:
        seat.devices[event.device] = replace(device, battery_percent=event.charge_percent)
        seat.desk.changed = True
    seat.desk.publish("device.battery", device=event.device, charge_percent=event.charge_percent)


@ON(DigitKeyed)
def _digit(seat: Seat, event: DigitKeyed) -> None:
    if seat.focus.guide is not None and seat.lease_of(event.device) is None:
        ask(seat, event, SendDigits(event.digit, seat.focus.guide.id))
