"""What may be written down: everything an event is made of, and not one keyed digit or displayed letter."""

from __future__ import annotations

import random

import pytest

from devices.hid.controls import Digit, Special
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import ReportKind
from devices.hid.redactor import Redactor
from devices.simulated.headset import SimulatedHeadset
from state.commands import Lamps, SetDisplay, SetLamps
from state.events import DigitKeyed, Event
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid.descriptors import ALL, ANKER, BIZ, BT700, CALL_CONTROL, CX300, JABRA, WH66, load

PADS = (JABRA, BIZ, CX300, ANKER, WH66)


def redactor(name: str) -> Redactor:
    return Redactor(parse_descriptor(load(name).descriptor))


@pytest.mark.parametrize("name", PADS)
def test_no_digit_leaves_a_trace(name: str) -> None:
    """Whatever is keyed, what is written down is the same: nothing at all."""
    headset = SimulatedHeadset(load(name).descriptor, model=load(name).model)
    masked = redactor(name)
    for write in headset.report_state().writes:
        masked.read(write.data)
    for digit in "13800138000*#":
        kept = [masked.read(write.data) for write in headset.press_digit(digit, 1.0).writes]
        assert kept == [None, None]


@pytest.mark.parametrize("name", PADS)
def test_a_digit_held_while_another_key_is_pressed_is_not_in_that_report(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    engine = HeadsetEngine(DeviceId("e"), descriptor, load(name).model)
    pad = engine._controls.find(Digit("5"))
    hook = engine._controls.find(Special.HOOK)
    assert pad is not None
    assert hook is not None
    seen = set()
    for value, _digit in pad.values:
        layout = descriptor.report(ReportKind.INPUT, pad.field.report_id)
        assert layout is not None
        whole = value << pad.field.bit | 1 << hook.field.bit
        payload = whole.to_bytes(layout.payload_bytes, "little")
        report = bytes((pad.field.report_id, *payload)) if descriptor.numbered else payload
        seen.add(redactor(name).read(report))
    assert len(seen) == 1
    assert None not in seen


@pytest.mark.parametrize("name", [JABRA, BIZ])
def test_the_mirror_of_the_pad_is_masked_too(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    pads = [f for f in descriptor.fields if f.array and f.kind is ReportKind.INPUT]
    mirror = next(f for f in pads if f.usage >> 16 == 0xFF30)
    layout = descriptor.report(ReportKind.INPUT, mirror.report_id)
    assert layout is not None
    masked = redactor(name)
    bare = bytes((mirror.report_id, *bytes(layout.payload_bytes)))
    assert masked.read(bare) == bare
    for value in range(1, 13):
        pressed = bytes((mirror.report_id, *(value << mirror.bit).to_bytes(layout.payload_bytes, "little")))
        assert masked.read(pressed) is None
        assert masked.read(bare) is None


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_a_replay_of_what_was_written_gives_the_same_events_without_the_digits(name: str) -> None:
    device = load(name)
    headset = SimulatedHeadset(device.descriptor, model=device.model)
    live = HeadsetEngine(DeviceId("e"), device.descriptor, device.model)
    taped = HeadsetEngine(DeviceId("e"), device.descriptor, device.model)
    masked, rng, at = redactor(name), random.Random(name), 0.0
    heard: list[Event] = []
    replayed: list[Event] = []
    keys = [meaning for control in live._controls.inputs for meaning in control.meanings]
    pictures = (Lamps(), Lamps(ring=True), Lamps(off_hook=True), Lamps(off_hook=True, mute=True))
    for _ in range(300):
        at += rng.choice((0.1, 0.6, 3.0))
        if rng.random() < 0.3:
            lamps = rng.choice(pictures)
            writes = live.request(SetLamps(lamps), at).writes
            assert taped.request(SetLamps(lamps), at).writes == writes
            answers = [a for w in writes for a in headset.feed(w.data, at, w.via).writes]
        else:
            match rng.choice(keys):
                case Special.HOOK:
                    answers = list(headset.press_hook(at).writes)
                case Special.MUTE:
                    answers = list(headset.press_mute(at).writes)
                case Digit(digit):
                    answers = list(headset.press_digit(digit, at).writes)
                case Button() as button:
                    answers = list(headset.press(button, at).writes)
        answers += headset.advance(at).writes
        for answer in answers:
            heard += live.feed(answer.data, at).events
            kept = masked.read(answer.data)
            if kept is not None:
                assert len(kept) == len(answer.data)
                replayed += taped.feed(kept, at).events
    assert [event for event in heard if not isinstance(event, DigitKeyed)] == replayed
    assert any(isinstance(event, DigitKeyed) for event in heard) == (name in PADS)


def test_no_letter_of_a_display_is_written_down() -> None:
    masked = redactor(CX300)
    device = load(CX300)
    engine = HeadsetEngine(DeviceId("phone"), device.descriptor, device.model)
    shown = engine.request(SetDisplay(("13800138000", "Ms Wang")), 1.0).writes
    texts = [write for write in shown if write.data[0] == 0x15]
    assert texts
    for write in texts:
        kept = masked.written(write.data, write.via)
        assert kept is not None
        assert kept[:1] == write.data[:1]
        assert not any(kept[2:])


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_lamps_are_kept_whole(name: str) -> None:
    device = load(name)
    engine = HeadsetEngine(DeviceId("e"), device.descriptor, device.model)
    lamp_ids = {field.report_id for field in engine._controls.lamps.values()}
    masked = redactor(name)
    for lamps in (
        Lamps(),
        Lamps(off_hook=True, mute=True),
        Lamps(ring=True),
        Lamps(off_hook=True, hold=True),
    ):
        for write in engine.request(SetLamps(lamps), 1.0).writes:
            if write.data[0] in lamp_ids:
                assert masked.written(write.data, write.via) == write.data


@pytest.mark.parametrize("name", ALL)
def test_what_a_maker_carries_in_its_own_wide_fields_is_zero(name: str) -> None:
    """Every bit of every report set: what comes back has only narrow fields and no pad in it."""
    descriptor = parse_descriptor(load(name).descriptor)
    masked = Redactor(descriptor)
    for layout in descriptor.reports:
        payload = b"\xff" * layout.payload_bytes
        if layout.kind is ReportKind.INPUT:
            kept = masked.read(bytes((layout.report_id,)) + payload if descriptor.numbered else payload)
            kept = None if kept is None else kept[descriptor.numbered :]
        else:
            kept = masked.written(bytes((layout.report_id,)) + payload, layout.kind.value)
            kept = None if kept is None else kept[1:]
        assert kept is not None
        bits = int.from_bytes(kept, "little")
        for field in descriptor.of_report(layout.kind, layout.report_id):
            wide_vendor = field.usage >> 16 >= 0xFF00 and field.size > 2 and not field.array
            if wide_vendor or (field.count > 1 and field.size > 2 and not field.array):
                assert bits >> field.bit & (1 << field.size * field.count) - 1 == 0


@pytest.mark.parametrize("name", [JABRA, BT700])
def test_what_the_device_does_not_have_is_left_out(name: str) -> None:
    masked = redactor(name)
    assert masked.read(b"") is None
    assert masked.read(b"\xee\x01\x02") is None
    assert masked.read(b"\x02") is None
    assert masked.written(b"", "output") is None
    assert masked.written(b"\xee\x01", "output") is None
    assert masked.written(b"\x02\x01\x00\x00\x00", "feature") is None


def test_the_same_report_again_is_written_again() -> None:
    """A report that changes nothing may end or reject a call."""
    masked = redactor(JABRA)
    assert masked.read(b"\x02\x01\x00") == b"\x02\x01\x00"
    assert masked.read(b"\x02\x01\x00") == b"\x02\x01\x00"
