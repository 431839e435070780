"""What apps ask of headsets: leases, and which one is which.

May not pass a press to an app: everybody who listens is told of it, the holder knows that it is meant.
"""

from __future__ import annotations

from functools import partial

from state.commands import AcquireHeadset, Identify, IdentifyDevice, Lamps, ReleaseHeadset, ShowHeadset
from state.effects import SendToDevice
from state.events import ClientLeft, CommandRequested
from state.handlers.registry import Handlers
from state.ids import DeviceId
from state.lease import CONFIRM_S, Lease
from state.seat import Seat
from state.timers import Timer
from state.words import DeviceKind

ON = Handlers()


def identify(seat: Seat, command: IdentifyDevice, event: CommandRequested) -> None:
    """Blink; not while the lamps say something that matters."""
    device, lease = command.device, seat.leases.get(command.device)
    if device not in seat.devices:
        seat.desk.reply(event.request, "no_such_device", _unknown(seat, device))
    elif lease is not None and lease.hands_off:
        _held_by(seat, device, lease, event)
    elif seat.focus.headset is not None or seat.focus.ringing is not None:
        seat.desk.reply(event.request, "busy", "a call is up or rings: its lamps come first")
    elif seat.kept_off_hook() or (lease is not None and (lease.shown.off_hook or lease.shown.ring)):
        seat.desk.reply(event.request, "busy", "its lamps show a call of an app, or it is kept off-hook")
    else:
        seat.desk.effects.append(SendToDevice(device, Identify()))
        seat.desk.reply(event.request)


def acquire(seat: Seat, command: AcquireHeadset, event: CommandRequested) -> None:
    """Hand out the lease of a headset, or name who has it."""
    device, app = command.device, command.app
    attached = seat.devices.get(device)
    if attached is None or attached.kind is not DeviceKind.HEADSET:
        seat.desk.reply(event.request, "no_such_device", _unknown(seat, device))
        return
    held = seat.leases.get(device)
    if held is not None and held.client != event.source:
        _held_by(seat, device, held, event)
        return
    if command.hands_off and seat.needs(device):
        seat.desk.reply(event.request, "busy", "a call is up or rings: it needs the headset")
        return
    if held is None:
        seat.leases[device] = Lease(event.source, app, command.hands_off)
    else:
        held.app, held.hands_off = app, command.hands_off
    seat.desk.publish("device.held", device=device, app=app)
    seat.desk.reply(event.request)


def release(seat: Seat, command: ReleaseHeadset, event: CommandRequested) -> None:
    """Take a lease back from its holder."""
    if _mine(seat, command.device, event) is not None:
        _end(seat, command.device, "released")
        seat.desk.reply(event.request)


def show(seat: Seat, command: ShowHeadset, event: CommandRequested) -> None:
    """The holder's lamps; its call is over when Off-Hook goes out, and mute with it."""
    lease = _mine(seat, command.device, event)
    if lease is None:
        return
    seat.desk.timers.cancel(_key(command.device))
    ended = lease.show(Lamps(off_hook=command.off_hook, ring=command.ring, hold=command.hold))
    if ended:
        seat.end_mute()
    seat.desk.reply(event.request)


def press_hook(seat: Seat, device: DeviceId, off_hook: bool) -> bool:
    """Acknowledge a press at a headset that is an app's just now; False: it is the seat's to decide."""
    lease = seat.lease_of(device)
    if lease is None:
        return False
    lease.press_hook(off_hook)
    seat.desk.timers.set(
        _key(device), Timer(seat.desk.at + CONFIRM_S, partial(_take_back, seat, device, lease))
    )
    return True


def _take_back(seat: Seat, device: DeviceId, lease: Lease) -> None:
    lease.take_back()
    seat.reassert.add(device)
    seat.desk.changed = True


@ON(ClientLeft)
def _client_left(seat: Seat, event: ClientLeft) -> None:
    for device in [d for d, lease in seat.leases.items() if lease.client == event.source]:
        _end(seat, device, "client_left")


def _end(seat: Seat, device: DeviceId, reason: str) -> None:
    lease = seat.leases.pop(device)
    seat.desk.timers.cancel(_key(device))
    if lease.shown.off_hook:
        seat.end_mute()
    seat.desk.changed = True
    seat.desk.publish("device.released", device=device, app=lease.app, reason=reason)


def _mine(seat: Seat, device: DeviceId, event: CommandRequested) -> Lease | None:
    """The asking app's own lease; a refusal was answered where it has none."""
    lease = seat.leases.get(device)
    if lease is not None and lease.client == event.source:
        return lease
    if lease is not None:
        _held_by(seat, device, lease, event)
    else:
        seat.desk.reply(event.request, "not_held", f"acquire headset {device} first")
    return None


def _held_by(seat: Seat, device: DeviceId, lease: Lease, event: CommandRequested) -> None:
    seat.desk.reply(event.request, "held", f"headset {device} is held by {lease.app}", holder=lease.app)


def _key(device: DeviceId) -> tuple[str, str]:
    return (str(device), "lease")


def _unknown(seat: Seat, device: DeviceId) -> str:
    here = ", ".join(seat.devices) or "none"
    return f"no device {device} is attached; there are: {here}"
