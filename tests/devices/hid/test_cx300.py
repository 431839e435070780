"""The CX300's own reports: keepalive, presence, display; every one of the length its descriptor declares."""

from __future__ import annotations

import pytest

from devices.hid.cx300 import COLUMNS, KEEPALIVE, Cx300
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import ReportKind
from devices.simulated.headset_display import SimulatedDisplay
from state.commands import Lamps, SetDisplay, SetLamps
from state.engine import NOTHING, Write
from state.events import ButtonPressed, DigitKeyed, HookChanged, MuteRequested
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid.descriptors import CX300, load

ME = DeviceId("phone")


def phone() -> HeadsetEngine:
    device = load(CX300)
    return HeadsetEngine(ME, device.descriptor, device.model)


def hexes(writes: tuple[Write, ...]) -> list[str]:
    return [write.data.hex(" ") for write in writes]


def test_keepalive_at_once_and_every_25_seconds() -> None:
    engine = phone()
    assert engine.next_deadline() == 0.0
    assert engine.advance(50.0).writes == (KEEPALIVE,)
    assert Write(bytes.fromhex("17 09 04 01 02"), via="feature") == KEEPALIVE
    assert engine.next_deadline() == 75.0
    assert engine.advance(74.9) == NOTHING
    assert engine.advance(75.0).writes == (KEEPALIVE,)


PICTURES = [
    (Lamps(), "16 01 00"),
    (Lamps(ring=True), "16 05 00"),
    (Lamps(off_hook=True), "16 03 10"),
    (Lamps(off_hook=True, mute=True), "16 03 30"),
    (Lamps(off_hook=True, hold=True), "16 03 10"),
    (Lamps(message_waiting=True), "16 01 06"),
]


@pytest.mark.parametrize(("lamps", "report"), PICTURES)
def test_presence_shows_the_call(lamps: Lamps, report: str) -> None:
    phone_lamps = Cx300()
    assert hexes(tuple(phone_lamps.show_lamps(lamps))) == [report]
    assert phone_lamps.show_lamps(lamps) == []


def test_lamps_and_presence_go_out_together() -> None:
    engine = phone()
    assert hexes(engine.request(SetLamps(Lamps()), 1.0).writes) == ["02 00", "16 01 00"]
    assert hexes(engine.request(SetLamps(Lamps(off_hook=True)), 2.0).writes) == ["02 01", "16 03 10"]
    assert {"display", "lamp_ring", "lamp_mute", "lamp_message_waiting"} <= engine.features


def test_display_in_character_reports_of_eight() -> None:
    writes = hexes(phone().request(SetDisplay(("Ringing 110", "OK")), 1.0).writes)
    assert writes == [
        "13 15",
        "14 05 80",
        "15 00 52 00 69 00 6e 00 67 00 69 00 6e 00 67 00 20 00",
        "15 80 31 00 31 00 30 00 00 00 00 00 00 00 00 00 00 00",
        "14 0a 80",
        "15 80 4f 00 4b 00 00 00 00 00 00 00 00 00 00 00 00 00",
    ]


def test_the_same_lines_are_not_written_twice() -> None:
    engine = phone()
    engine.request(SetDisplay(("a", "b")), 1.0)
    assert engine.request(SetDisplay(("a", "b")), 2.0) == NOTHING
    assert hexes(engine.request(SetDisplay(()), 3.0).writes) == ["13 00"]


LINES = [
    (("one",), ("one", "")),
    (("", "two"), ("", "two")),
    (("x" * 40, "y"), ("x" * COLUMNS, "y")),
    (("来电 13800138000", "客户等待中"), ("来电 13800138000", "客户等待中")),
    (("a", "b", "c"), ("a", "b")),
    (("tab\tend", "smile \U0001f600"), ("tab?end", "smile ?")),
    (("same8888" * 3, ""), ("same8888" * 3, "")),
    (("lone \ud800",), ("lone ?", "")),
]


@pytest.mark.parametrize(("lines", "shown"), LINES)
def test_what_is_asked_is_what_a_display_shows(lines: tuple[str, ...], shown: tuple[str, str]) -> None:
    display = SimulatedDisplay()
    for write in phone().request(SetDisplay(lines), 1.0).writes:
        display.feed(write.data)
    assert display.lines == shown


def test_every_write_has_the_declared_length() -> None:
    descriptor = parse_descriptor(load(CX300).descriptor)
    engine = phone()
    writes = [*engine.advance(0.0).writes]
    for lamps, _ in PICTURES:
        writes += engine.request(SetLamps(lamps), 1.0).writes
    for lines, _ in LINES:
        writes += engine.request(SetDisplay(lines), 1.0).writes
    writes += engine.request(SetDisplay(()), 1.0).writes
    assert len(writes) > 30
    for write in writes:
        layout = descriptor.report(ReportKind(write.via), write.data[0])
        assert layout is not None
        assert len(write.data) == layout.payload_bytes + 1


def test_a_real_capture_of_keys() -> None:
    """Reports of tSIP-plugin-PhonePolycomCX300 _doc/logs.txt, with the report id the log leaves out."""
    engine = phone()
    idle = "01 00 00 00 00 d5 5a 00 00"[: 3 * 8 - 1]
    log = [
        ("00 02 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "1")]),
        ("00 00 00 00 d5 5a 00", []),
        ("00 0b 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "*")]),
        ("08 0b 00 00 d5 5a 00", []),
        ("00 00 00 00 d5 5a 00", []),
        ("04 00 00 00 d5 5a 00", [ButtonPressed(0.0, ME, ME, Button.REDIAL)]),
        ("00 00 00 00 d5 5a 00", []),
        ("20 00 00 00 d5 5a 00", [ButtonPressed(0.0, ME, ME, Button.DELETE)]),
        ("00 00 00 00 d5 5a 00", []),
        ("10 00 00 00 d5 5a 00", [MuteRequested(0.0, ME, ME, True)]),
        ("00 00 00 00 d5 5a 00", []),
    ]
    assert engine.feed(bytes.fromhex(idle), 0.0) == NOTHING
    for payload, events in log:
        assert list(engine.feed(b"\x01" + bytes.fromhex(payload), 0.0).events) == events
    assert engine.ignored_reports == 0


def test_the_hook_that_falls_back_after_50_ms_is_one_request() -> None:
    engine = phone()
    engine.feed(bytes.fromhex("01 00 00 00 00 4e 80 00"), 0.0)
    picked_up = engine.feed(bytes.fromhex("01 01 00 00 40 4e 80 00"), 16.868)
    assert picked_up.events == (HookChanged(16.868, ME, ME, True),)
    assert engine.feed(bytes.fromhex("01 00 00 00 00 4e 80 00"), 16.918) == NOTHING


def test_backspace_rejects_while_it_rings() -> None:
    engine = phone()
    engine.feed(bytes.fromhex("01 00 00 00 00 d5 5a 00"), 0.0)
    engine.request(SetLamps(Lamps(ring=True)), 1.0)
    step = engine.feed(bytes.fromhex("01 20 00 00 00 d5 5a 00"), 2.0)
    assert step.events == (ButtonPressed(2.0, ME, ME, Button.REJECT),)
