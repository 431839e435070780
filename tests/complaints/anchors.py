"""Other products' ways with a headset, each as a small engine of the shape of ours.

May not copy code: each is the behaviour that its source or its thread describes, in our own words. Only what
the complaint is about differs from our engine, so that a scenario fails for that and for nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from devices.hid.bits import set_bits
from devices.hid.controls import Shape, Special
from devices.hid.descriptor import parse_descriptor
from devices.hid.echo import HookWatch, MuteAnswer, MuteWatch
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Descriptor
from devices.hid.indicators import Indicator
from devices.hid.inputs import Change, Reading
from devices.hid.lamps import LampWriter, ReportKey, lamp_values
from devices.hid.usages import Lamp
from devices.models.record import ModelRecord
from state.commands import DeviceCommand, Lamps, SetLamps
from state.engine import Step, Write
from state.events import ButtonPressed, Event, HookChanged, MuteReported, MuteRequested
from state.ids import DeviceId
from state.words import Button

Raw = bytes | Descriptor
Model = ModelRecord | None


CALL_LAMPS = (Lamp.OFF_HOOK, Lamp.MUTE, Lamp.RING, Lamp.HOLD)


def _parsed(descriptor: Raw) -> Descriptor:
    return parse_descriptor(descriptor) if isinstance(descriptor, bytes) else descriptor


# the hook --------------------------------------------------------------------------------------------


class EveryHookIsThePress(HookWatch):
    """Each change of the hook is the agent's doing, whoever set the lamps."""

    def dropped_by_another(self, off_hook: bool, at: float, *, lone: bool) -> bool:
        return False

    def hear(self, off_hook: bool, at: float, *, ringing: bool, lone: bool, repeated: bool) -> bool | None:
        before, self._reported = self._reported, off_hook
        return None if off_hook is before or (before is None and not off_hook) else off_hook


class GenesysHook(HeadsetEngine):
    """softphone-vendor-headsets 89bf128, jabra-native.ts: `ignoreNextOffhookEvent` is set and never read."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._hook = EveryHookIsThePress(self._record)


class _DeadAfterWrites(EveryHookIsThePress):
    """The hook is not listened to for a while after the host set it."""

    dead_s = 0.0
    _deaf_until = 0.0

    def tell(self, off_hook: bool, at: float) -> None:
        if off_hook != self._told:
            self._deaf_until = at + self.dead_s
        super().tell(off_hook, at)

    def hear(self, off_hook: bool, at: float, *, ringing: bool, lone: bool, repeated: bool) -> bool | None:
        asked = super().hear(off_hook, at, ringing=ringing, lone=lone, repeated=repeated)
        return None if at < self._deaf_until else asked


class _DeadForHalfASecond(_DeadAfterWrites):
    dead_s = 0.5


class _DeadForTenReads(_DeadAfterWrites):
    dead_s = 1.5


class GonnectDeadTime(HeadsetEngine):
    """gonnect d482116, src/usb/HeadsetDevice.cpp (GOW_001, issue 138): hook input is ignored for 500 ms."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._hook = _DeadForHalfASecond(self._record)


class TsipDeadTime(HeadsetEngine):
    """tSIP-plugin-HidPhone 2bf78df, HidReportHandler.cpp: about ten reads (1.5 s) of hook are ignored."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._hook = _DeadForTenReads(self._record)


# lamps -----------------------------------------------------------------------------------------------


class _LampByLamp(LampWriter):
    """Each lamp that changed gets a buffer of its own, with nothing else in it; out where none is lit."""

    def __init__(self, descriptor: Descriptor, lamps: dict[Lamp, Indicator]) -> None:
        super().__init__(descriptor, {lamp: place for lamp, place in lamps.items() if lamp in CALL_LAMPS})
        self._lit: dict[Lamp, bool] = dict.fromkeys(CALL_LAMPS, False)

    def show(self, lamps: Lamps) -> list[Write]:
        return [write for _key, write in self._changed(lamp_values(lamps))]

    def _changed(self, values: dict[Lamp, bool]) -> list[tuple[ReportKey, Write]]:
        changed = {lamp for lamp in CALL_LAMPS if self._lit[lamp] is not values[lamp]}
        lit = {lamp for lamp in changed if values[lamp]}
        self._lit = {lamp: values[lamp] for lamp in CALL_LAMPS}
        return [
            (key, self._alone(key, place, lit=values[lamp]))
            for key, fields in self._fields.items()
            for lamp, place in fields.items()
            if lamp in (lit or changed)
        ]

    def _alone(self, key: ReportKey, place: Indicator, *, lit: bool) -> Write:
        payload = bytearray(self._lengths[key])
        set_bits(payload, place.bit, place.size, place.lit if lit else place.out)
        return Write(bytes((key[1], *payload)), via=key[0].value)


class _LastBufferWins(_LampByLamp):
    """Of the buffers for one report the last is sent."""

    def show(self, lamps: Lamps) -> list[Write]:
        return list(dict(self._changed(lamp_values(lamps))).values())


class TsipZeroBased(GenesysHook):
    """tSIP-plugin-HidPhone before 5d345ca, ControlQueue.cpp: every LED write begins from zero."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._writer = _LampByLamp(_parsed(descriptor), self._controls.lamps)


class JitsiLastBuffer(GenesysHook):
    """jitsi-meet 1c8216e, web-hid/utils.ts sendDeviceReport: one buffer per LED, the last one is sent."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._writer = _LastBufferWins(_parsed(descriptor), self._controls.lamps)


class GonnectClearsOffHook(GenesysHook):
    """gonnect before pull request 52: a call on hold is shown by putting Off-Hook out."""

    def _shown(self, lamps: Lamps) -> Lamps:
        return replace(lamps, off_hook=False) if lamps.hold else lamps


class GonnectTwoBytes(HeadsetEngine):
    """gonnect d482116, HeadsetDevice.cpp send(): every report is written with two bytes."""

    def request(self, command: DeviceCommand, at: float) -> Step:
        step = super().request(command, at)
        cut = tuple(Write(write.data[:2].ljust(2, b"\0"), write.via) for write in step.writes)
        return Step(step.events, cut)


class GenesysOwnPressOnly(HeadsetEngine):
    """softphone-vendor-headsets before pull request 86: Off-Hook follows the headset's key, not the call."""

    _by_key = False

    def feed(self, data: bytes, at: float) -> Step:
        step = super().feed(data, at)
        for event in step.events:
            if isinstance(event, HookChanged):
                self._by_key = event.off_hook
        return step

    def request(self, command: DeviceCommand, at: float) -> Step:
        if not isinstance(command, SetLamps):
            return super().request(command, at)
        lit = replace(command.lamps, off_hook=command.lamps.off_hook and self._by_key)
        if not command.lamps.off_hook:
            self._by_key = False
        return super().request(replace(command, lamps=lit), at)


class InCallOnly(HeadsetEngine):
    """gnaudio/jabra-browser-integration issue 49: Off-Hook is lit for a connected call only."""

    _talking = False

    def request(self, command: DeviceCommand, at: float) -> Step:
        if not isinstance(command, SetLamps):
            return super().request(command, at)
        lamps = command.lamps
        self._talking = lamps.off_hook and (self._talking or lamps.microphone)
        return super().request(replace(command, lamps=replace(lamps, off_hook=self._talking)), at)


class LateApp(HeadsetEngine):
    """WICG/webhid issues 61 and 72: lamps are written when the app has done its work, 2.5 s after a press."""

    LATE_S = 2.5

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._waiting: list[tuple[float, DeviceCommand]] = []

    def _acknowledged(self, step: Step, at: float) -> Step:
        return step

    def request(self, command: DeviceCommand, at: float) -> Step:
        self._waiting.append((at + self.LATE_S, command))
        return Step()

    def advance(self, at: float) -> Step:
        step = super().advance(at)
        due = [command for when, command in self._waiting if when <= at]
        self._waiting = [each for each in self._waiting if each[0] > at]
        done = [super(LateApp, self).request(command, at) for command in due]
        return Step(
            step.events + tuple(event for each in done for event in each.events),
            step.writes + tuple(write for each in done for write in each.writes),
        )

    def next_deadline(self) -> float | None:
        dues = [when for when, _ in self._waiting]
        own = super().next_deadline()
        return min([*dues, *([] if own is None else [own])], default=None)


class GonnectIdleOnOpen(HeadsetEngine):
    """gonnect d482116, HeadsetDeviceProxy.cpp: what is plugged in is told IDLE, also in a call."""

    _opened = False

    def request(self, command: DeviceCommand, at: float) -> Step:
        if not self._opened and isinstance(command, SetLamps):
            self._opened = True
            command = SetLamps(Lamps())
        return super().request(command, at)


# mute ------------------------------------------------------------------------------------------------


class _EveryMuteIsAPress(MuteWatch):
    def hear_edge(self, at: float) -> MuteAnswer:
        return MuteAnswer.REQUEST

    def refused(self, at: float) -> bool:
        return False


class JitsiMuteEcho(HeadsetEngine):
    """jitsi-meet 1c8216e and gonnect before pull request 505: a Phone Mute always means "the other way"."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self._mute = _EveryMuteIsAPress(self._record)


class GenesysBlindToggle(HeadsetEngine):
    """softphone-vendor-headsets 89bf128, CyberAcoustics.ts (AC-304): a flag turned by each press."""

    _flag = False

    def _muted(self, change: Change, at: float) -> list[Event]:
        if change.shape is Shape.LEVEL:
            return super()._muted(change, at)
        self._flag = not self._flag
        return [MuteRequested(at, self.device, self.device, self._flag)]


class GenesysMuteKept(HeadsetEngine):
    """softphone-vendor-headsets before pull request 143: the mute flag is not reset when the call ends."""

    _flag = False
    _wished = Lamps()

    def request(self, command: DeviceCommand, at: float) -> Step:
        if not isinstance(command, SetLamps):
            return super().request(command, at)
        lamps, before = command.lamps, self._wished
        self._wished = lamps
        if lamps.off_hook and before.off_hook and lamps.mute is not before.mute:
            self._flag = lamps.mute
        return super().request(replace(command, lamps=replace(lamps, mute=self._flag)), at)


class GenesysNoLock(HeadsetEngine):
    """softphone-vendor-headsets 89bf128: a headset that refuses to be un-muted is not noticed."""

    def _muted(self, change: Change, at: float) -> list[Event]:
        told = super()._muted(change, at)
        return [event for event in told if not (isinstance(event, MuteReported) and event.locked)]


class GenesysGuessesLive(HeadsetEngine):
    """softphone-vendor-headsets 89bf128, headset.ts: a headset begins as not muted, whatever it is."""

    def __init__(self, device: DeviceId, descriptor: Raw, model: Model = None) -> None:
        super().__init__(device, descriptor, model)
        self.features -= {"mute_level"}


class KernelMuteKey(HeadsetEngine):
    """systemd issue 23372: an absolute mute types KEY_MICMUTE when it rises (hid-input)."""

    def _heard(self, reading: Reading, at: float) -> Step:
        rises = [c for c in reading.changes if c.meaning is Special.MUTE and c.down]
        others = tuple(c for c in reading.changes if c.meaning is not Special.MUTE)
        levels = {meaning: level for meaning, level in reading.levels.items() if meaning is not Special.MUTE}
        step = super()._heard(reading._replace(levels=levels, changes=others), at)
        asked = MuteRequested(at, self.device, self.device, not self._lamps.mute)
        return Step((*step.events, *(asked for _ in rises)), step.writes)


# keys --------------------------------------------------------------------------------------------------


class GenesysEndMutes(HeadsetEngine):
    """softphone-vendor-headsets before pull request 55: every changed bit is acted on (WH62's end key)."""

    def _muted(self, change: Change, at: float) -> list[Event]:
        self._hook.put_down_at = None
        return super()._muted(change, at)


class GenesysFirstBit(HeadsetEngine):
    """softphone-vendor-headsets 89bf128, yealink.ts: the first changed bit of a report decides, alone."""

    def _heard(self, reading: Reading, at: float) -> Step:
        first, levels = reading.changes[:1], dict(reading.levels)
        if first and first[0].meaning is not Special.HOOK and Special.HOOK in levels:
            self._hook._reported = levels.pop(Special.HOOK)
        return super()._heard(reading._replace(changes=first, levels=levels), at)


class JitsiHookAndMute(HeadsetEngine):
    """jitsi-meet 1c8216e, webhid-manager.ts: hook and mute are listened to, no other key."""

    def feed(self, data: bytes, at: float) -> Step:
        return self._without_keys(super().feed(data, at))

    def advance(self, at: float) -> Step:
        return self._without_keys(super().advance(at))

    def _without_keys(self, step: Step) -> Step:
        return Step(tuple(e for e in step.events if not isinstance(e, ButtonPressed)), step.writes)


class GenesysFixedMasks(HeadsetEngine):
    """softphone-vendor-headsets 89bf128, yealink.ts: report 2 and one model's bits for every headset."""

    HOOK, MUTE, FLASH = 0x01, 0x04, 0x08
    OFF_HOOK_LAMP, MUTE_LAMP, RING_LAMP, HOLD_LAMP = 0x01, 0x02, 0x04, 0x08
    _flags = 0

    def feed(self, data: bytes, at: float) -> Step:
        if len(data) < 2 or data[0] != 2:
            return Step()
        changed, self._flags = self._flags ^ data[1], data[1]
        me = (at, self.device, self.device)
        if changed & self.HOOK:
            return Step((HookChanged(*me, bool(data[1] & self.HOOK)),))
        if changed & data[1] & self.MUTE:
            return Step((MuteRequested(*me, not self._lamps.mute),))
        if changed & data[1] & self.FLASH:
            return Step((ButtonPressed(*me, Button.FLASH),))
        return Step()

    def request(self, command: DeviceCommand, at: float) -> Step:
        if not isinstance(command, SetLamps):
            return Step()
        lamps = self._lamps = command.lamps
        bits = (
            lamps.off_hook * self.OFF_HOOK_LAMP
            | lamps.mute * self.MUTE_LAMP
            | lamps.ring * self.RING_LAMP
            | lamps.hold * self.HOLD_LAMP
        )
        return Step(writes=(Write(bytes((2, bits, 0))),))
