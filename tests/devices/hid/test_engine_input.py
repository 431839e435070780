"""Input that is cut, padded or none of the device's: it says nothing, and never that the hook is down."""

from __future__ import annotations

import pytest

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from state.engine import NOTHING
from state.events import HookChanged
from tests.devices.hid.descriptors import CALL_CONTROL, HEADSET, load
from tests.devices.hid.test_engine import ME


@pytest.mark.parametrize("report", ["", "01", "02 00", "00 00", "ff ff ff ff", "09 01"])
def test_input_that_is_cut_or_of_no_known_id_is_ignored_and_counted(report: str) -> None:
    engine = HeadsetEngine(ME, HEADSET)
    engine.feed(b"\x01\x00", 1.0)
    assert engine.feed(bytes.fromhex(report), 2.0) == NOTHING
    assert engine.ignored_reports == 1
    assert engine.feed(b"\x01\x01", 3.0).events == (HookChanged(3.0, ME, ME, True),)


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_every_input_report_says_the_same_with_garbage_behind_it(name: str) -> None:
    device = load(name)
    descriptor = parse_descriptor(device.descriptor)
    plain, padded = (HeadsetEngine(ME, descriptor, device.model) for _ in range(2))
    at = 1.0
    for layout in descriptor.reports:
        if layout.kind != "input":
            continue
        head = bytes((layout.report_id,)) if descriptor.numbered else b""
        for fill in (b"\x00", b"\xff", b"\xa5", b"\x00"):
            at += 3.0
            whole = head + fill * layout.payload_bytes
            assert padded.feed(whole + b"\xff\xff", at) == plain.feed(whole, at)
    assert plain.ignored_reports == padded.ignored_reports == 0


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_a_report_that_ends_before_what_is_read_of_it_says_nothing(name: str) -> None:
    """Never that the hook is down because its byte is not there."""
    device = load(name)
    descriptor = parse_descriptor(device.descriptor)
    engine = HeadsetEngine(ME, descriptor, device.model)
    for control in read_controls(descriptor, device.model).inputs:
        field = control.field
        head = bytes((field.report_id,)) if descriptor.numbered else b""
        last = (field.bit + field.size * field.count - 1) // 8
        before = engine.ignored_reports
        assert engine.feed(head + bytes(last), 1.0) == NOTHING
        assert engine.ignored_reports == before + 1
