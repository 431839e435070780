"""A report descriptor explained: controls, lamps, what inputs ask for, what is written for lamps.

May not open a file or a device: values in and out. Inputs run through the engine of the daemon, with the
decoder in the daemon's place: it acknowledges each request by lamps at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from devices.hid.controls import Controls, read_controls, shape_of
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Descriptor, Field, ReportKind, ReportLayout
from devices.hid.score import capability
from devices.hid.usage_names import knows, usage_name
from devices.hid.usages import BUTTON, CONSUMER, CONSUMER_BUTTONS, ONLY_MIRRORED, TELEPHONY
from devices.models.record import DEFAULT, ModelRecord
from devices.models.toml_form import usage_key
from state.commands import Lamps, SetLamps
from state.events import ButtonPressed, DigitKeyed, Event, HookChanged, MuteReported, MuteRequested
from state.ids import DeviceId

LAMPS_FIRST_S = 10.0
"""The lamps are set so long before the baseline that no echo of theirs is awaited any more."""
STEP_S = 0.8
"""Between inputs: longer than the windows in which a report answers a write of ours (at most 0.7 s)."""
MAX_CONTROLS = 1024
"""More keys than any device has; a damaged descriptor may claim a hundred thousand."""
ME = DeviceId("decoded")


@dataclass(frozen=True, slots=True)
class ControlEntry:
    """One key or switch; `value` is what an array says for it."""

    usage: str
    name: str
    report_id: int
    bit: int
    size: int
    kind: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class LampEntry:
    """One lamp or sounder."""

    usage: str
    name: str
    report_id: int
    via: str
    bit: int
    size: int


@dataclass(frozen=True, slots=True)
class EventEntry:
    """What the agent asked for, or a device stated."""

    event: str
    value: bool | str


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """One report to the device, whole, with its id byte (00 where there are no ids)."""

    report_id: int
    via: str
    hex: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """All there is to say about one device."""

    call_control: bool
    why: str
    score: int
    controls: tuple[ControlEntry, ...]
    lamps: tuple[LampEntry, ...]
    events: tuple[EventEntry, ...]
    writes: tuple[WriteEntry, ...]
    ignored: tuple[int, ...]
    """Inputs that are no report of this device, by their place in the sequence."""


def decode(
    descriptor: bytes,
    model: ModelRecord | None = None,
    inputs: Sequence[bytes] = (),
    lamps: Lamps | None = None,
) -> Decoded:
    """Explain a descriptor; raises ProtocolError (device, malformed) when it cannot be read."""
    layout = parse_descriptor(descriptor)
    controls = read_controls(layout, model)
    engine = HeadsetEngine(ME, layout, model)
    judged = capability(controls, engine.features)
    shown = () if lamps is None else engine.request(SetLamps(lamps), 0.0).writes
    events, ignored = _events(layout, model, inputs, lamps or Lamps())
    return Decoded(
        judged.call_control,
        judged.why,
        judged.score,
        tuple(_controls(layout, controls, model or DEFAULT))[:MAX_CONTROLS],
        tuple(_lamps(controls)),
        events,
        tuple(WriteEntry(write.data[0], write.via, write.data.hex()) for write in shown),
        ignored,
    )


# controls and lamps --------------------------------------------------------------------------------


def _controls(layout: Descriptor, controls: Controls, record: ModelRecord) -> Iterator[ControlEntry]:
    """Every input of the chosen page, one entry per key of an array, and what no page repeats.

    Also what the engine does not act on: Line Busy Tone (0B:97) is the headset saying "I hold a line". The
    line itself knows that better, so the tone is shown here and drives nothing.
    """
    for field in layout.fields:
        if field.kind is not ReportKind.INPUT:
            continue
        kind = shape_of(field).value
        base = record.array_base
        keys: Iterable[tuple[int, int | None]] = (
            field.array_values(base) if field.array else ((field.usage, None),)
        )
        for usage, value in keys:
            if _counts(usage, field, controls.page, record):
                yield ControlEntry(
                    usage_key(usage), usage_name(usage), field.report_id, field.bit, field.size, kind, value
                )


def _counts(usage: int, field: Field, page: int, record: ModelRecord) -> bool:
    """Whether a usage is a control to tell of."""
    if record.usages.get(usage) is not None or usage in ONLY_MIRRORED:
        return True
    own_page, number = usage >> 16, usage & 0xFFFF
    if own_page == CONSUMER:
        return number in CONSUMER_BUTTONS
    if own_page == BUTTON:
        around = {each.usage >> 16 for each in field.path} | {field.usages[0].first >> 16}
        return bool(around & {TELEPHONY, page})
    return own_page == page and knows(usage)


def _lamps(controls: Controls) -> Iterator[LampEntry]:
    for each in controls.indicators:
        name = usage_name(each.usage) + (" selected" if each.selected else "")
        yield LampEntry(usage_key(each.usage), name, each.report_id, each.kind.value, each.bit, each.size)


# inputs --------------------------------------------------------------------------------------------


def _events(
    layout: Descriptor, model: ModelRecord | None, inputs: Sequence[bytes], lamps: Lamps
) -> tuple[tuple[EventEntry, ...], tuple[int, ...]]:
    """What a sequence asks for; its first report is what was before, and all other reports were zero."""
    if not inputs:
        return (), ()
    host = _Host(HeadsetEngine(ME, layout, model), lamps)
    reports = [_whole(layout, data) for data in inputs]
    at = LAMPS_FIRST_S
    for each in layout.reports:
        if each.kind is ReportKind.INPUT and each.report_id != _id_of(layout, reports[0]):
            host.feed(_report(layout, each), at)
    host.feed(reports[0], at)
    ignored = [1] if host.ignored else []
    events: list[EventEntry] = []
    for number, data in enumerate(reports[1:], 2):
        at += STEP_S
        before = host.ignored
        events += host.answer(data, at)
        ignored += [number] if host.ignored != before else []
    events += host.release(at + (model or DEFAULT).long_press_s)
    return tuple(events), tuple(ignored)


def _id_of(layout: Descriptor, data: bytes) -> int:
    return data[0] if layout.numbered and data else 0


def _report(layout: Descriptor, report: ReportLayout) -> bytes:
    """A report of zeros as hidraw would give it."""
    return bytes((report.report_id,) if layout.numbered else ()) + bytes(report.payload_bytes)


def _whole(layout: Descriptor, data: bytes) -> bytes:
    """An input as hidraw gives it: without the zero for an id that does not exist."""
    report = layout.report(ReportKind.INPUT, 0)
    if layout.numbered or report is None or len(data) != report.payload_bytes + 1 or data[0]:
        return data
    return data[1:]


class _Host:
    """The daemon's part: lamps as they were asked for, by the time the next report comes."""

    def __init__(self, engine: HeadsetEngine, lamps: Lamps) -> None:
        self._engine = engine
        self._lamps = lamps
        engine.request(SetLamps(lamps), 0.0)

    @property
    def ignored(self) -> int:
        return self._engine.ignored_reports

    def feed(self, data: bytes, at: float) -> None:
        """A report from before: what it asks for is past."""
        self._engine.feed(data, at)

    def answer(self, data: bytes, at: float) -> Iterator[EventEntry]:
        """Advance to `at`, take a report, and acknowledge what it asks for."""
        events = (*self._engine.advance(at).events, *self._engine.feed(data, at).events)
        for event in events:
            lamps = _acknowledged(event, self._lamps)
            if lamps != self._lamps:
                self._lamps = lamps
                self._engine.request(SetLamps(lamps), at)
            yield from _told(event)

    def release(self, at: float) -> Iterator[EventEntry]:
        """What keys mean that are still down at the end."""
        for event in self._engine.advance(at).events:
            yield from _told(event)


def _acknowledged(event: Event, lamps: Lamps) -> Lamps:
    """The lamps that tell the headset it was heard."""
    match event:
        case HookChanged(off_hook=True):
            return replace(lamps, off_hook=True, ring=False)
        case HookChanged(off_hook=False):
            return Lamps(message_waiting=lamps.message_waiting)
        case MuteRequested(muted=muted) | MuteReported(muted=muted):
            return replace(lamps, mute=muted)
    return lamps


def _told(event: Event) -> Iterator[EventEntry]:
    """An event in the words of computer telephony (CSTA Hookswitch, MicrophoneMute, ButtonPress)."""
    match event:
        case HookChanged(off_hook=off_hook):
            yield EventEntry("device.hookswitch", off_hook)
        case MuteRequested(muted=muted) | MuteReported(muted=muted):
            yield EventEntry("device.mute", muted)
        case ButtonPressed(button=button):
            yield EventEntry("device.button", button.value)
        case DigitKeyed(digit=digit):
            yield EventEntry("device.button", digit)
