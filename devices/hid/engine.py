"""The HID headset engine: input reports in, requests of the agent out; lamps in, whole reports out.

May not open a device, read a clock or decide about a call. A press is a request and the lamps we write are
its acknowledgement: nothing here answers, mutes or hangs up by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from devices.hid.battery import BatteryReader
from devices.hid.blink import Blink
from devices.hid.controls import Digit, Shape, Special, Verdict, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.echo import HookWatch, MuteAnswer, MuteWatch
from devices.hid.extension import make_extension
from devices.hid.fields import Descriptor
from devices.hid.inputs import Change, InputReader, Reading
from devices.hid.lamps import LampWriter
from devices.models.record import DEFAULT, HoldStyle, ModelRecord
from state.commands import DeviceCommand, Identify, Lamps, SetDisplay, SetLamps, SetPassive
from state.engine import NOTHING, Step, Write
from state.errors import ProtocolReason
from state.events import (
    BatteryReported,
    ButtonPressed,
    DeviceContended,
    DigitKeyed,
    EffectFailed,
    Event,
    HookChanged,
    MuteReported,
    MuteRequested,
)
from state.ids import DeviceId
from state.words import Button

HELD_KEYS = frozenset({Button.FLASH})
"""Keys whose long press means something else (swap): told when released, or when held long enough."""


END_KEY_S = 0.15
"""A mute this soon after the end belongs to the same key (softphone-vendor-headsets pull request 55)."""


class HeadsetEngine:
    """One headset or USB phone, from its report descriptor and the record of its model.

    Raises ProtocolError (device, malformed) when the descriptor cannot be read; after that nothing raises.
    """

    def __init__(
        self, device: DeviceId, descriptor: bytes | Descriptor, model: ModelRecord | None = None
    ) -> None:
        if isinstance(descriptor, bytes):
            descriptor = parse_descriptor(descriptor)
        self.device = device
        self.ignored_reports = 0
        """Input of the wrong length or of a report the descriptor does not have."""
        self._record = model or DEFAULT
        self._controls = read_controls(descriptor, model)
        self._extension = make_extension(descriptor, self._record.extension)
        self._battery = BatteryReader(descriptor)
        battery = {"battery"} if self._battery.present else frozenset[str]()
        self._own_features = self._controls.features | battery
        self.features = self._own_features | self._extension.features
        """Names of what the device can say and show."""
        self._reader = InputReader(descriptor, self._controls)
        self._writer = LampWriter(descriptor, self._controls.lamps)
        self._lamps = Lamps()
        self._blink = Blink(self.features)
        self._hook = HookWatch(self._record, acknowledged="lamp_off_hook" in self.features)
        self._mute = MuteWatch(self._record)
        self._edges: dict[object, float] = {}
        self._held: dict[Button, float] = {}
        self._silent_while_ringing = 0
        self._passive = False
        self._overheard: dict[Special, bool] = {}
        """What hook and mute said to somebody else, where they are levels."""

    @property
    def verdict(self) -> Verdict:
        """Whether the device can control calls, and why."""
        return self._controls.verdict

    @property
    def lamps(self) -> Lamps:
        """What the device was last told to show."""
        return self._lamps

    @property
    def question(self) -> bytes | None:
        """A feature report to ask the device for once it is open, id first; None: nothing is asked."""
        return self._extension.question

    def told(self, answer: bytes) -> None:
        """What the device answered to `question`."""
        self._extension.told(answer)
        self.features = self._own_features | self._extension.features

    # input -------------------------------------------------------------------------------------

    def feed(self, data: bytes, at: float) -> Step:
        """Take one whole input report as hidraw gives it; what is none of the device's is counted."""
        reading = self._reader.read(data)
        if reading is None:
            self.ignored_reports += 1
            return Step()
        if self._passive:
            self._overheard |= reading.levels
            return NOTHING
        percent = self._battery.read(data) if self._battery.present else None
        step = self._acknowledged(self._heard(reading, at), at)
        if percent is None:
            return step
        return Step((BatteryReported(at, self.device, self.device, percent), *step.events), step.writes)

    def _acknowledged(self, step: Step, at: float) -> Step:
        """A press shown by lamp before anybody has decided it: the headset does not wait long.

        Whoever decides otherwise sets other lamps, and those are written then.
        """
        lamps = self._lamps
        for event in step.events:
            match event:
                case HookChanged(off_hook=True) if lamps.ring:
                    lamps = replace(lamps, off_hook=True, ring=False)
                case MuteRequested(muted=muted):
                    lamps = replace(lamps, mute=muted, microphone=lamps.off_hook and not muted)
                case _:
                    pass
        if lamps is self._lamps or lamps == self._lamps:
            return step
        return Step(step.events, (*step.writes, *self._show(lamps, at)))

    def _heard(self, reading: Reading, at: float) -> Step:
        level = reading.levels.get(Special.HOOK)
        lone = all(change.meaning is Special.HOOK for change in reading.changes)
        if level is not None and self._hook.dropped_by_another(level, at, lone=lone):
            evidence = "went on-hook by itself right after its lamps were set: another program writes to it"
            told = DeviceContended(at, self.device, self.device, evidence)
            return Step((told,), self._show_again(self._lamps, at))
        events = self._hooked(reading, at)  # first: an end key may send a mute in the same report
        for change in reading.changes:
            if change.meaning is Special.HOOK and change.shape is Shape.LEVEL:
                continue
            events += self._changed(change, at)
        if Special.MUTE in reading.levels and reading.first:
            events.append(MuteReported(at, self.device, self.device, reading.levels[Special.MUTE]))
        return Step(tuple(events))

    def _hooked(self, reading: Reading, at: float) -> list[Event]:
        """What the hook level of a report asks for."""
        level = reading.levels.get(Special.HOOK)
        if level is None:
            return []
        others = [change for change in reading.changes if change.meaning is not Special.HOOK]
        asked = self._hook.hear(
            level, at, ringing=self._lamps.ring, lone=not others, repeated=reading.repeated
        )
        if asked is not None:
            return [HookChanged(at, self.device, self.device, asked)]
        if self._hook.echoed or not self._record.reject_reports or not self._lamps.ring or level or others:
            self._silent_while_ringing = 0
            return []
        self._silent_while_ringing += 1
        if self._silent_while_ringing < self._record.reject_reports:
            return []
        self._silent_while_ringing = 0
        return [ButtonPressed(at, self.device, self.device, Button.REJECT)]

    def _changed(self, change: Change, at: float) -> list[Event]:
        """What one changed control asks for."""
        if change.shape is Shape.EDGE and (not change.down or self._duplicate(change.meaning, at)):
            return []
        match change.meaning:
            case Special.HOOK:
                return [HookChanged(at, self.device, self.device, not self._shown(self._lamps).off_hook)]
            case Special.MUTE:
                return self._muted(change, at)
            case Digit(digit):
                return [DigitKeyed(at, self.device, self.device, digit)] if change.down else []
            case Button() as button:
                return self._pressed(button, change, at)
            case _:
                assert_never(change.meaning)

    def _duplicate(self, meaning: object, at: float) -> bool:
        """Whether this edge is the model's second report of one press."""
        before = self._edges.get(meaning)
        if before is not None and at - before < self._record.duplicate_s:
            return True
        self._edges[meaning] = at
        return False

    def _muted(self, change: Change, at: float) -> list[Event]:
        if change.shape is Shape.LEVEL:
            locked = change.down and self._mute.refused(at)
            return [MuteReported(at, self.device, self.device, change.down, locked)]
        ended = self._hook.put_down_at
        if ended is not None and at - ended <= END_KEY_S:
            return []
        match self._mute.hear_edge(at):
            case MuteAnswer.ECHO:
                return []
            case MuteAnswer.REFUSAL:
                return [MuteReported(at, self.device, self.device, muted=True, locked=True)]
            case MuteAnswer.REQUEST:
                return [MuteRequested(at, self.device, self.device, not self._lamps.mute)]

    def _pressed(self, button: Button, change: Change, at: float) -> list[Event]:
        if change.down and button is self._record.reject_button and self._lamps.ring:
            button = Button.REJECT
        if button not in HELD_KEYS or change.shape is not Shape.LEVEL:
            return [ButtonPressed(at, self.device, self.device, button)] if change.down else []
        if change.down:
            self._held[button] = at
            return []
        since = self._held.pop(button, None)
        if since is None:
            return []
        return [ButtonPressed(at, self.device, self.device, button, at - since >= self._record.long_press_s)]

    # commands ----------------------------------------------------------------------------------

    def request(self, command: DeviceCommand, at: float) -> Step:
        """Show lamps or lines; a lamp the device lacks is no failure, a display is."""
        if self._passive and not isinstance(command, SetPassive):
            return NOTHING
        match command:
            case SetLamps(lamps, again):
                anew = again or (self._hook.left and self._shown(lamps).off_hook)
                return Step(writes=self._show_again(lamps, at) if anew else self._show(lamps, at))
            case SetDisplay(lines):
                writes = self._extension.show_lines(lines, at)
                if writes is None:
                    return Step((self._cannot(at, "no display"),))
                return Step(writes=tuple(writes))
            case Identify():
                signal = self._extension.identify(at)
                if signal is None and not self._blink.possible:
                    return Step((self._cannot(at, "no lamp that can be spared, and no display"),))
                if self._blink.possible:
                    self._blink.start(at)
                return Step(writes=(*self._show(self._lamps, at), *(signal or ())))
            case SetPassive(passive):
                self._passive = passive
                return self._changed_hands(at)
            case _:
                assert_never(command)

    def _changed_hands(self, at: float) -> Step:
        """Somebody else has the device from now on, or had it: what it shows is not known any more."""
        said, self._overheard = self._overheard, {}
        self._writer.forget()
        self._extension = self._extension.fresh()
        self._hook.forget(said.get(Special.HOOK))
        self._blink.stop()
        self._held.clear()
        muted = said.get(Special.MUTE)
        return NOTHING if muted is None else Step((MuteReported(at, self.device, self.device, muted),))

    def farewell(self) -> tuple[Write, ...]:
        """Whole reports that leave everything as it is shown, but ring and ringer off; passive: none."""
        if self._passive:
            return ()
        silent = replace(self._shown(self._lamps), ring=False)
        return (*self._writer.whole(silent), *self._extension.farewell(silent))

    def _show_again(self, lamps: Lamps, at: float) -> tuple[Write, ...]:
        """Everything anew; a headset that hung up by itself heeds Off-Hook only where the lamp changes."""
        self._writer.forget()
        down = self._show(replace(lamps, off_hook=False), at) if lamps.off_hook and self._hook.left else ()
        return (*down, *self._show(lamps, at))

    def _show(self, lamps: Lamps, at: float) -> tuple[Write, ...]:
        if lamps.off_hook or lamps.ring:
            self._blink.stop()
        stays = lamps.off_hook and self._lamps.off_hook
        self._lamps = lamps
        shown = self._shown(lamps)
        if "lamp_off_hook" in self.features:
            self._hook.tell(shown.off_hook, at)
        if "lamp_mute" in self.features:
            self._mute.tell(shown.mute, at)
        if not lamps.ring:
            self._silent_while_ringing = 0
        blinking = self._blink.over(shown)
        writes = self._writer.show(blinking)
        if writes and stays:
            self._hook.wrote(at)
        return (*writes, *self._extension.show_lamps(blinking))

    def _shown(self, lamps: Lamps) -> Lamps:
        """The lamps in this model's way of showing a held call."""
        if lamps.hold and self._record.hold is HoldStyle.OFF_HOOK_CLEAR:
            return replace(lamps, off_hook=False)
        return lamps

    def _cannot(self, at: float, detail: str) -> EffectFailed:
        return EffectFailed(
            at, self.device, "SendToDevice", self.device, ProtocolReason.NOT_SUPPORTED, detail=detail
        )

    # time --------------------------------------------------------------------------------------

    def advance(self, at: float) -> Step:
        """Tell long presses while the key is still down, and keep the model alive."""
        if self._passive:
            return NOTHING
        due = [button for button, since in self._held.items() if at >= since + self._record.long_press_s]
        events = tuple(ButtonPressed(at, self.device, self.device, button, True) for button in due)
        for button in due:
            del self._held[button]
        blinked = self._show(self._lamps, at) if self._blink.advance(at) else ()
        return Step(events, (*blinked, *self._extension.advance(at)))

    def next_deadline(self) -> float | None:
        """The nearest long press, blink or keepalive."""
        if self._passive:
            return None
        dues = [since + self._record.long_press_s for since in self._held.values()]
        dues += [
            due for due in (self._blink.next_deadline(), self._extension.next_deadline()) if due is not None
        ]
        return min(dues, default=None)
