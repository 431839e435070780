"""The device side of a headset, from any report descriptor: it echoes, refuses and forgets like real ones.

May not be kinder than a device: a write of the wrong length is refused, an un-acknowledged press is taken
back after two seconds (WICG/webhid issue 61), mute is dead on-hook. Deterministic; time is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.hid.bits import get_bits, set_bits
from devices.hid.controls import Control, Digit, Meaning, Shape, Special, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import Field, ReportKind
from devices.hid.indicators import Indicator
from devices.hid.usages import Lamp
from devices.models.record import DEFAULT, ModelRecord
from devices.simulated.headset_display import SimulatedDisplay
from state.commands import Lamps
from state.engine import NOTHING, Step, Write
from state.errors import Blame, ProtocolError, ProtocolReason
from state.words import Button

MICROPHONE_PAIR = 0xFF99_FF1C
"""On/off pair of the display page: +1 mutes the microphone, -1 lets it be heard, 0 leaves it as it is
(SJM7/agent-phone docs/cx300-hid-descriptor.md, tried at a live phone; GOnnect HeadsetDevice.cpp)."""
LONG_HOLD_S = 2.0
"""How long a long press is held."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What a few models do and most do not."""

    echo_after_s: float = 0.0
    """How late a host-set lamp is reported back (tSIP-plugin-HidPhone waits about 1.5 s, GOnnect 0.7 s)."""
    end_key_mutes_s: float | None = None
    """The key that ends a call sends Phone Mute too, so much later; 0: in the same report (Yealink WH62,
    softphone-vendor-headsets pull request 55)."""
    waits_for_mute_ack: bool = False
    """Its mute key is dead until the last press was shown by the lamp (Evolve2 40, libhidtelephony issue
    2)."""


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Manners:
    """How one headset behaves."""

    ack_timeout_s: float
    """A press nobody acknowledges by a lamp is taken back after this; the model's own time by default."""
    echo_hook: bool
    """A host-set Off-Hook is reported back as Hook Switch."""
    echo_mute: bool
    """A host-set Mute is reported back as Phone Mute."""
    mute_needs_off_hook: bool
    """The mute key is dead outside calls."""
    mic_gated: bool
    """The microphone is dead until the Off-Hook lamp is set (Anker PowerConf)."""
    faults: Faults


class SimulatedHeadset:
    """One simulated headset. Step.writes are input reports to the host; the id byte leads when numbered."""

    def __init__(
        self,
        descriptor: bytes,
        *,
        model: ModelRecord | None = None,
        ack_timeout_s: float | None = None,
        echo_hook: bool = True,
        echo_mute: bool = False,
        mute_needs_off_hook: bool = True,
        mic_gated: bool = False,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self.descriptor = descriptor
        self._record = model or DEFAULT
        timeout_s = self._record.unacked_drop_s if ack_timeout_s is None else ack_timeout_s
        self._manners = Manners(timeout_s, echo_hook, echo_mute, mute_needs_off_hook, mic_gated, faults)
        self._layout = parse_descriptor(descriptor)
        self._controls = read_controls(self._layout, model)
        self._pair = next((f for f in self._layout.fields if f.usage == MICROPHONE_PAIR), None)
        self._inputs = {
            layout.report_id: bytearray(layout.payload_bytes)
            for layout in self._layout.reports
            if layout.kind is ReportKind.INPUT
        }
        self._lit: dict[Lamp, bool] = {}
        self._pair_muted = False
        self._hook = self._muted = self._boom_up = False
        self._hook_due: float | None = None
        self._mute_due: float | None = None
        self._coming: list[tuple[float, Control, bool]] = []
        """Controls that change by themselves: keys let go, echoes, the mute that follows an end."""
        self.display = SimulatedDisplay(self._layout)

    # what it is --------------------------------------------------------------------------------

    @property
    def features(self) -> frozenset[str]:
        """What its descriptor offers."""
        return self._controls.features

    @property
    def lamps(self) -> Lamps:
        """What its lamps show."""
        lit = self._lit.get
        return Lamps(
            off_hook=lit(Lamp.OFF_HOOK, False),
            ring=lit(Lamp.RING, False) or lit(Lamp.RINGER, False),
            mute=lit(Lamp.MUTE, False) or self._pair_muted,
            hold=lit(Lamp.HOLD, False),
            microphone=lit(Lamp.MICROPHONE, False),
            message_waiting=lit(Lamp.MESSAGE_WAITING, False),
        )

    @property
    def off_hook(self) -> bool:
        """Whether its own state machine believes it is off-hook."""
        return self._hook

    @property
    def muted(self) -> bool:
        """Whether its microphone delivers digital zeros, whatever its lamp shows."""
        gated = self._manners.mic_gated and not self.lamps.off_hook
        return self._muted or self._boom_up or gated

    # what the agent does -----------------------------------------------------------------------

    def press_hook(self, at: float) -> Step:
        """Press the call key: a request to answer or dial, or to hang up."""
        control = self._need(Special.HOOK)
        if control.shape is not Shape.LEVEL:
            return self._pulse(control, Special.HOOK)
        self._coming = [entry for entry in self._coming if entry[1] is not control]
        mute, after_s = self._controls.find(Special.MUTE), self._manners.faults.end_key_mutes_s
        if self._hook and after_s is not None and mute is not None and mute.shape is Shape.EDGE:
            return self._end_and_mute(control, mute, after_s, at)
        return Step(writes=tuple(self._set_hook(not self._hook, at)))

    def _end_and_mute(self, hook: Control, mute: Control, after_s: float, at: float) -> Step:
        """The end key of a headset whose firmware sends Phone Mute with it; it does not mute itself."""
        if after_s:
            self._coming += [(at + after_s, mute, True), (at + after_s, mute, False)]
            return Step(writes=tuple(self._set_hook(False, at)))
        pressed, ended = self._put(mute, True), self._set_hook(False, at)
        alone = () if mute.field.report_id == hook.field.report_id else (pressed,)
        return Step(writes=(*alone, *ended, self._put(mute, False)))

    def press_mute(self, at: float) -> Step:
        """Press the mute key; dead on-hook where so configured, and while the boom is up."""
        self._need(Special.MUTE)
        waiting = self._manners.faults.waits_for_mute_ack and self._mute_due is not None
        if self._boom_up or waiting or self._mute_dead():
            return NOTHING
        return self._mute_by_itself(not self._muted, at)

    def set_boom(self, up: bool, at: float) -> Step:
        """Move the boom arm: up mutes and keeps muted, down un-mutes."""
        if up == self._boom_up:
            return NOTHING
        self._boom_up = up
        if self._muted == up:
            return NOTHING
        if self._mute_dead():
            self._muted = up
            return NOTHING
        return self._mute_by_itself(up, at)

    def press(self, button: Button, at: float, long: bool = False) -> Step:
        """Press a key; a long press is released by `advance`."""
        if button is Button.REJECT and self._controls.find(button) is None and self._record.reject_button:
            button = self._record.reject_button
        return self._key(button, at, long)

    def press_digit(self, digit: str, at: float) -> Step:
        """Press a key of the dial pad."""
        return self._key(Digit(digit), at, long=False)

    def report_state(self) -> Step:
        """One report of each kind with its present state, as GET_REPORT would give them."""
        ids = {control.field.report_id for control in self._controls.inputs}
        return Step(writes=tuple(self._report(report_id) for report_id in sorted(ids)))

    # what the host does ------------------------------------------------------------------------

    def feed(self, report: bytes, at: float, via: str = "output") -> Step:
        """Take one report the host wrote, id byte first; raises ProtocolError (self) for a wrong one."""
        report_id = report[0] if report else 0
        layout = self._layout.report(ReportKind(via), report_id)
        if layout is None:
            message = f"this headset has no {via} report {report_id:#04x}"
            raise ProtocolError(Blame.SELF, ProtocolReason.UNKNOWN, message)
        if len(report) != layout.payload_bytes + 1:
            message = f"{via} report {report_id:#04x} is {len(report)} bytes, not {layout.payload_bytes + 1}"
            raise ProtocolError(Blame.SELF, ProtocolReason.WRONG_LENGTH, message)
        payload = report[1:]
        before = self.lamps
        for lamp, place in self._controls.lamps.items():
            if _is_of(place, via, report_id):
                self._lit[lamp] = get_bits(payload, place.bit, place.size) == place.lit
        if self._pair is not None and _is_of(self._pair, via, report_id):
            asked = get_bits(payload, self._pair.bit, self._pair.size)
            self._pair_muted = asked == 0b01 or (asked == 0b00 and self._pair_muted)
        self.display.feed(report, via, at)
        return Step(writes=tuple(self._obey(before, self.lamps, at)))

    def _obey(self, before: Lamps, now: Lamps, at: float) -> list[Write]:
        """Act on changed lamps: they acknowledge what was pressed, or tell what the host did by itself."""
        writes: list[Write] = []
        if now.off_hook:
            self._hook_due = None
        if now.off_hook != before.off_hook:
            if self._hook != now.off_hook:
                writes += self._echo(now.off_hook, at)
            if not now.off_hook and self._manners.mute_needs_off_hook and not now.mute:
                self._muted = self._boom_up
        if now.mute != before.mute:
            writes += self._obey_mute(now.mute, at)
        if now.mute == self._muted:
            self._mute_due = None
        return writes

    def _echo(self, off_hook: bool, at: float) -> list[Write]:
        """Follow the host, and report it back now, later or never."""
        control = self._controls.find(Special.HOOK)
        if not self._manners.faults.echo_after_s or not self._manners.echo_hook or control is None:
            echo = self._set_hook(off_hook, at)
            return echo if self._manners.echo_hook else []
        self._believe(off_hook, at)
        if control.shape is Shape.LEVEL:
            self._coming = [entry for entry in self._coming if entry[1] is not control]
            self._coming.append((at + self._manners.faults.echo_after_s, control, off_hook))
        return []

    def _obey_mute(self, muted: bool, at: float) -> list[Write]:
        if muted == self._muted:
            return []
        control = self._controls.find(Special.MUTE)
        if not muted and self._boom_up:
            if control is None or control.shape is Shape.LEVEL:
                return []
            return list(self._pulse(control, Special.MUTE).writes)
        self._muted = muted
        if control is None:
            return []
        if control.shape is Shape.LEVEL:
            return [self._put(control, muted)]
        if not self._manners.echo_mute:
            return []
        if self._manners.faults.echo_after_s:
            due = at + self._manners.faults.echo_after_s
            self._coming += [(due, control, True), (due, control, False)]
            return []
        return list(self._pulse(control, Special.MUTE).writes)

    # time --------------------------------------------------------------------------------------

    def advance(self, at: float) -> Step:
        """Do what comes by itself, such as the release of a key, and take back what nobody acknowledged."""
        writes: list[Write] = []
        due = [entry for entry in self._coming if at >= entry[0]]
        self._coming = [entry for entry in self._coming if at < entry[0]]
        writes += [self._put(control, down) for _, control, down in due]
        if self._hook_due is not None and at >= self._hook_due:
            writes += self._set_hook(False, at)
        if self._mute_due is not None and at >= self._mute_due:
            self._mute_due = None
            control = self._need(Special.MUTE)
            if not self._boom_up:
                self._muted = self.lamps.mute
                writes += [self._put(control, self._muted)] if control.shape is Shape.LEVEL else []
        return Step(writes=tuple(writes))

    def next_deadline(self) -> float | None:
        """When something comes by itself, or a press is taken back."""
        dues = [due for due, _, _ in self._coming]
        dues += [due for due in (self._hook_due, self._mute_due) if due is not None]
        return min(dues, default=None)

    # reports -----------------------------------------------------------------------------------

    def _set_hook(self, off_hook: bool, at: float) -> list[Write]:
        """Change the hook level, and tell it."""
        self._believe(off_hook, at)
        control = self._controls.find(Special.HOOK)
        if control is None or control.shape is not Shape.LEVEL:
            return []
        return [self._put(control, off_hook)]

    def _believe(self, off_hook: bool, at: float) -> None:
        """Its own state; without an Off-Hook lamp in answer it will be taken back."""
        self._hook = off_hook
        waits = off_hook and not self.lamps.off_hook and Lamp.OFF_HOOK in self._controls.lamps
        self._hook_due = at + self._manners.ack_timeout_s if waits else None

    def _mute_by_itself(self, muted: bool, at: float) -> Step:
        """Mute or un-mute at once; the host must light or clear the Mute lamp, or it is taken back."""
        control = self._need(Special.MUTE)
        self._muted = muted
        has_lamp = Lamp.MUTE in self._controls.lamps or self._pair is not None
        waits = has_lamp and self.lamps.mute != muted
        self._mute_due = at + self._manners.ack_timeout_s if waits else None
        if control.shape is Shape.LEVEL:
            return Step(writes=(self._put(control, muted),))
        return self._pulse(control, Special.MUTE)

    def _mute_dead(self) -> bool:
        has_lamp = Lamp.OFF_HOOK in self._controls.lamps
        return has_lamp and self._manners.mute_needs_off_hook and not self.lamps.off_hook

    def _key(self, meaning: Meaning, at: float, long: bool) -> Step:
        control = self._need(meaning)
        if not long:
            return self._pulse(control, meaning)
        self._coming.append((at + LONG_HOLD_S, control, False))
        return Step(writes=(self._put(control, True, meaning),))

    def _need(self, meaning: Meaning) -> Control:
        control = self._controls.find(meaning)
        if control is None:
            message = f"this headset has no {meaning}"
            raise ProtocolError(Blame.SELF, ProtocolReason.NOT_SUPPORTED, message)
        return control

    def _pulse(self, control: Control, meaning: Meaning) -> Step:
        """Down and up again, two reports."""
        return Step(writes=(self._put(control, True, meaning), self._put(control, False)))

    def _put(self, control: Control, down: bool, meaning: Meaning | None = None) -> Write:
        """Change one control and give its report."""
        value = int(down)
        if down and control.shape is Shape.ARRAY:
            value = next(value for value, has in control.values if has == meaning)
        field = control.field
        set_bits(self._inputs[field.report_id], field.bit, field.size, value)
        return self._report(field.report_id)

    def _report(self, report_id: int) -> Write:
        payload = bytes(self._inputs[report_id])
        return Write(bytes((report_id, *payload)) if self._layout.numbered else payload, via="input")


def _is_of(place: Field | Indicator, via: str, report_id: int) -> bool:
    """Whether a field or a lamp belongs to this report."""
    return place.kind.value == via and place.report_id == report_id
