"""The CX300: keys and hook of its real log, keepalive, presence, and two lines of text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.hid.cx300 import CX300 as MANNER
from devices.hid.cx300 import FEATURES
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import ReportKind
from devices.models import find_model
from devices.simulated.headset_display import PATIENCE_S, SimulatedDisplay
from devices.simulated.headset_models import HEADSETS, simulate_headset
from state.commands import Identify, Lamps, SetDisplay, SetLamps, SetPassive
from state.engine import NOTHING, Write
from state.events import ButtonPressed, DigitKeyed, Event, HookChanged, MuteRequested
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid.descriptors import CX300, load

ME = DeviceId("phone")
KEEPALIVE = Write(bytes.fromhex("17 09 04 01 02"), via="feature")
IDLE = "00 00 00 00 d5 5a 00"


def phone() -> HeadsetEngine:
    device = load(CX300)
    return HeadsetEngine(ME, device.descriptor, device.model)


def at_rest(volume: str = "d5 5a 00") -> HeadsetEngine:
    """A phone that has said how it stands."""
    engine = phone()
    assert engine.feed(bytes.fromhex("01 00 00 00 00" + volume), 0.0) == NOTHING
    return engine


def hexes(writes: tuple[Write, ...]) -> list[str]:
    return [write.data.hex(" ") for write in writes]


def seen(*steps: tuple[Write, ...]) -> SimulatedDisplay:
    """A display that was kept awake and was told this."""
    display = SimulatedDisplay(parse_descriptor(load(CX300).descriptor))
    for write in (KEEPALIVE, *(write for writes in steps for write in writes)):
        display.feed(write.data, write.via, 1.0)
    return display


# keepalive -----------------------------------------------------------------------------------------


def test_keepalive_at_once_and_every_25_seconds() -> None:
    engine = phone()
    assert engine.next_deadline() == 0.0
    assert engine.advance(50.0).writes == (KEEPALIVE,)
    assert engine.next_deadline() == 75.0
    assert engine.advance(74.9) == NOTHING
    assert engine.advance(75.0).writes == (KEEPALIVE,)


def test_it_comes_before_the_phone_loses_patience() -> None:
    assert MANNER.awake_s < PATIENCE_S - 1.0
    display = seen(phone().request(SetDisplay(("here",)), 1.0).writes)
    display.feed(bytes.fromhex("16 01 30"), "output", 1.0 + PATIENCE_S)
    assert display.lines == ("here", "")
    display.feed(bytes.fromhex("16 01 30"), "output", 1.1 + PATIENCE_S)
    assert display.lines == ()


def test_a_phone_given_back_by_an_app_is_told_everything_again() -> None:
    engine = phone()
    engine.advance(1.0)
    first = engine.request(SetDisplay(("a", "b")), 1.0).writes
    engine.request(SetPassive(True), 2.0)
    assert engine.next_deadline() is None
    engine.request(SetPassive(False), 40.0)
    assert engine.advance(40.0).writes == (KEEPALIVE,)
    assert engine.request(SetDisplay(("a", "b")), 40.0).writes == first


# presence, microphone, voice mail ------------------------------------------------------------------

PICTURES = [
    (Lamps(), "16 01 30"),
    (Lamps(ring=True), "16 05 30"),
    (Lamps(off_hook=True), "16 03 30"),
    (Lamps(off_hook=True, mute=True), "16 03 10"),
    (Lamps(off_hook=True, hold=True), "16 03 30"),
    (Lamps(message_waiting=True), "16 01 32"),
]
"""10 mutes, 30 lets be heard, 00 would leave it as it is (agent-phone, tried at a live phone; GOnnect)."""


@pytest.mark.parametrize(("lamps", "report"), PICTURES)
def test_presence_shows_the_call(lamps: Lamps, report: str) -> None:
    engine = phone()
    engine.request(SetLamps(Lamps(off_hook=not lamps.off_hook)), 1.0)
    assert report in hexes(engine.request(SetLamps(lamps), 2.0).writes)
    assert engine.request(SetLamps(lamps), 3.0) == NOTHING


def test_lamps_and_presence_go_out_together() -> None:
    engine = phone()
    assert hexes(engine.request(SetLamps(Lamps()), 1.0).writes) == ["02 00", "16 01 30"]
    assert hexes(engine.request(SetLamps(Lamps(off_hook=True)), 2.0).writes) == ["02 01", "16 03 30"]
    assert engine.features >= FEATURES | {"display", "display_4x24"}


def test_what_it_is_told_is_what_its_microphone_does() -> None:
    """The simulated phone mutes as the live one did: +1 mutes, -1 un-mutes, 0 changes nothing."""
    headset = simulate_headset(HEADSETS["polycom_cx300"])
    for report, muted in (("16 03 10", True), ("16 03 00", True), ("16 03 30", False), ("16 01 00", False)):
        headset.feed(bytes.fromhex(report), 1.0)
        assert headset.lamps.mute is muted


# display -------------------------------------------------------------------------------------------


def test_display_in_character_reports_of_eight() -> None:
    writes = hexes(phone().request(SetDisplay(("Ringing 110", "OK")), 1.0).writes)
    assert writes == [
        "16 01 30",
        "13 15",
        "14 05 80",
        "15 00 52 00 69 00 6e 00 67 00 69 00 6e 00 67 00 20 00",
        "15 80 31 00 31 00 30 00 00 00 00 00 00 00 00 00 00 00",
        "14 0a 80",
        "15 80 4f 00 4b 00 00 00 00 00 00 00 00 00 00 00 00 00",
    ]


def test_two_lines_as_cx300_control_writes_them() -> None:
    """CX300DisplayTest.java of OE4AMW/cx300-control."""
    writes = hexes(phone().request(SetDisplay(("Top", "Bottom")), 1.0).writes)
    assert [write.replace(" ", "") for write in writes[1:]] == [
        "1315",
        "140580",
        "158054006f00700000000000000000000000",
        "140a80",
        "158042006f00740074006f006d0000000000",
    ]


def test_the_same_lines_are_not_written_twice() -> None:
    engine = phone()
    engine.request(SetDisplay(("a", "b")), 1.0)
    assert engine.request(SetDisplay(("a", "b")), 2.0) == NOTHING
    assert hexes(engine.request(SetDisplay(()), 3.0).writes) == ["13 00"]


LINES = [
    (("one",), ("one", "")),
    (("", "two"), ("", "two")),
    (("Open: greet, centre, welcome",), ("Open: greet, centre,", "welcome")),
    (("来电 13800138000", "客户等待中"), ("来电 13800138000", "客户等待中")),
    (("客户无声:再次问候,请问有什么可以帮您",), ("客户无声:再次问候,请问有", "什么可以帮您")),
    (("tab\tend", "smile \U0001f600"), ("tab?end", "smile ?")),
    (("same8888" * 3, ""), ("same8888" * 3, "")),
    (("x" * 40,), ("x" * 24, "x" * 16)),
    (("lone \ud800",), ("lone ?", "")),
]


@pytest.mark.parametrize(("lines", "shown"), LINES)
def test_what_is_asked_is_what_a_display_shows(lines: tuple[str, ...], shown: tuple[str, str]) -> None:
    assert seen(phone().request(SetDisplay(lines), 1.0).writes).lines == shown


def test_a_cue_is_shown_at_once_and_a_longer_one_page_by_page() -> None:
    engine = phone()
    call = ("1001 talking", "Connected 13800138000")
    first = engine.request(SetDisplay(call), 1.0).writes
    cue = ("Still silent: sorry, other phone", "goodbye")
    now = engine.request(SetDisplay((*call, *cue)), 2.0).writes
    engine.advance(4.9)
    assert seen(first, now).lines == ("Still silent: sorry,", "other phone")
    next_page = engine.advance(5.0).writes
    assert seen(first, now, next_page).lines == ("goodbye", "")
    again = engine.advance(8.0).writes
    assert seen(first, now, next_page, again).lines == ("Still silent: sorry,", "other phone")
    over = engine.request(SetDisplay(call), 9.0).writes
    assert seen(now, over).lines == call
    assert engine.next_deadline() == 4.9 + MANNER.awake_s


def test_every_write_has_the_declared_length() -> None:
    descriptor = parse_descriptor(load(CX300).descriptor)
    engine = phone()
    writes = [*engine.advance(0.0).writes]
    for lamps, _ in PICTURES:
        writes += engine.request(SetLamps(lamps), 1.0).writes
    for lines, _ in LINES:
        writes += engine.request(SetDisplay(lines), 1.0).writes
    writes += engine.request(SetDisplay(()), 1.0).writes
    writes += engine.farewell()
    assert len(writes) > 30
    for write in writes:
        layout = descriptor.report(ReportKind(write.via), write.data[0])
        assert layout is not None
        assert len(write.data) == layout.payload_bytes + 1


def test_the_farewell_keeps_mute_and_takes_the_customer_off_the_display() -> None:
    engine = phone()
    engine.request(SetLamps(Lamps(off_hook=True, mute=True)), 1.0)
    engine.request(SetDisplay(("Connected 13800138000",)), 1.0)
    assert hexes(engine.farewell()) == ["02 01", "16 03 10", "13 00"]


def test_identified_by_its_display_and_then_as_it_was() -> None:
    engine = phone()
    engine.advance(0.0)
    engine.request(SetLamps(Lamps()), 1.0)
    before = engine.request(SetDisplay(("1001", "ready")), 1.0).writes
    signal = engine.request(Identify(), 10.0).writes
    assert seen(before, signal).lines == ("#" * 24, "#" * 24)
    after = [write for n in range(1, 8) for write in engine.advance(10.0 + n / 2).writes]
    assert seen(before, signal, tuple(after)).lines == ("1001", "ready")


# its make ------------------------------------------------------------------------------------------


def test_a_phone_of_its_make_needs_no_record() -> None:
    """Plantronics Calisto P540-M, snom UC600: the same phone under ids that nobody has published."""
    assert find_model(0x047F, 0x9201) is None
    sibling = HeadsetEngine(ME, load(CX300).descriptor)
    assert sibling.features >= FEATURES | {"display"}
    assert sibling.advance(1.0).writes == (KEEPALIVE,)
    assert hexes(sibling.request(SetDisplay(("hello",)), 1.0).writes)[1] == "13 15"


# a real log ----------------------------------------------------------------------------------------

KEYS: list[tuple[float, str, list[Event]]] = [
    (31.892, "00 01 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "0")]),
    (32.092, IDLE, []),
    (38.996, "00 02 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "1")]),
    (39.275, IDLE, []),
    (42.939, "00 0a 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "9")]),
    (43.139, IDLE, []),
    (46.798, "00 0b 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "*")]),
    (46.998, IDLE, []),
    (48.100, "00 0c 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "#")]),
    (48.300, IDLE, []),
    (167.553, "00 01 00 00 d5 5a 00", [DigitKeyed(0.0, ME, ME, "0")]),
    (169.051, "08 01 00 00 d5 5a 00", []),
    (170.906, IDLE, []),
    (233.312, "04 00 00 00 d5 5a 00", [ButtonPressed(0.0, ME, ME, Button.REDIAL)]),
    (233.512, IDLE, []),
    (346.315, "20 00 00 00 d5 5a 00", [ButtonPressed(0.0, ME, ME, Button.DELETE)]),
    (346.515, IDLE, []),
]
"""tSIP-plugin-PhonePolycomCX300 _doc/logs.txt, seconds after 13:27; the report id, which it leaves out, and
the release of the last two keys are added."""


def stamped(event: Event, at: float) -> Event:
    return replace(event, at=at)


def test_keys_of_the_log_one_at_a_time_a_long_one_once() -> None:
    engine = at_rest()
    for at, payload, events in KEYS:
        heard = engine.feed(b"\x01" + bytes.fromhex(payload), at).events
        assert list(heard) == [stamped(event, at) for event in events]
    assert engine.ignored_reports == 0


@pytest.mark.parametrize("garbage", ["", "00", "00 ff ff"])
def test_longer_reports_say_the_same(garbage: str) -> None:
    """Windows pads to the longest report."""
    engine = at_rest()
    for at, payload, events in KEYS:
        heard = engine.feed(b"\x01" + bytes.fromhex(payload + garbage), at).events
        assert list(heard) == [stamped(event, at) for event in events]


def test_a_report_cut_short_says_nothing() -> None:
    engine = at_rest()
    for cut in range(3):
        assert engine.feed(bytes.fromhex("01 01 02")[:cut], 1.0) == NOTHING
    assert engine.ignored_reports == 3


def test_the_hold_key_short_and_long() -> None:
    engine = at_rest()
    assert engine.feed(bytes.fromhex("01 02 00 00 00 d5 5a 00"), 1.0) == NOTHING
    short = engine.feed(bytes.fromhex("01 00 00 00 00 d5 5a 00"), 1.2).events
    assert short == (ButtonPressed(1.2, ME, ME, Button.FLASH, long=False),)
    engine.feed(bytes.fromhex("01 02 00 00 00 d5 5a 00"), 5.0)
    assert engine.advance(6.5).events == (ButtonPressed(6.5, ME, ME, Button.FLASH, long=True),)


ROUTES = {"handset": ("40", "4e 80 00"), "speaker": ("50", "d5 5a 00"), "headset": ("60", "3b 20 00")}
SPEAKER_OF_OTHER_FIRMWARE = {"speaker, other firmware": ("52", "d5 5a 00")}
"""OpenPhone cx300.py and agent-phone docs/cx300-hid-protocol.md."""


@pytest.mark.parametrize(("route", "volume"), {**ROUTES, **SPEAKER_OF_OTHER_FIRMWARE}.values())
def test_handset_speaker_and_headset_key_are_one_hook(route: str, volume: str) -> None:
    """The hook falls back 50 ms later, wherever the handset is, because nobody took the call."""
    engine = at_rest()
    picked_up = engine.feed(bytes.fromhex(f"01 01 00 00 {route} {volume}"), 16.868)
    assert picked_up.events == (HookChanged(16.868, ME, ME, True),)
    assert engine.feed(bytes.fromhex(f"01 00 00 00 00 {volume}"), 16.918) == NOTHING
    assert engine.feed(bytes.fromhex("01 00 00 00 00 d5 5a 00"), 19.300) == NOTHING


def test_another_route_during_a_call_asks_for_nothing() -> None:
    engine = at_rest()
    engine.request(SetLamps(Lamps(ring=True)), 1.0)
    answered = engine.feed(bytes.fromhex("01 01 00 03 40 4e 80 00"), 2.0)
    assert answered.events == (HookChanged(2.0, ME, ME, True),)
    assert hexes(answered.writes) == ["02 01", "16 03 30"]
    engine.request(SetLamps(Lamps(off_hook=True)), 2.1)
    for at, (route, volume) in enumerate((*ROUTES.values(), *SPEAKER_OF_OTHER_FIRMWARE.values()), 5):
        assert engine.feed(bytes.fromhex(f"01 01 00 03 {route} {volume}"), float(at)) == NOTHING
    ended = engine.feed(bytes.fromhex("01 00 00 00 00 d5 5a 00"), 20.0)
    assert ended.events == (HookChanged(20.0, ME, ME, False),)


def test_volume_is_the_phones_own() -> None:
    engine = at_rest("27 10 00")
    steps = ("d1 16", "3b 20", "86 2d", "4e 40", "d5 5a", "4e 80", "3c b5", "ff ff", "3c b5", "70 0b")
    for at, step in enumerate(steps, 1):
        assert engine.feed(bytes.fromhex(f"01 00 00 00 00 {step} 00"), float(at)) == NOTHING
    assert "volume" not in engine.features


def test_mute_key_of_the_log() -> None:
    """The second press is two reports and a release: its own state follows 50 ms after the key."""
    engine = at_rest("3b 20 00")
    engine.request(SetLamps(Lamps(off_hook=True)), 1.0)
    pressed = engine.feed(bytes.fromhex("01 10 00 00 00 3b 20 01"), 48.996)
    assert pressed.events == (MuteRequested(48.996, ME, ME, True),)
    assert "16 03 10" in hexes(pressed.writes)
    engine.request(SetLamps(Lamps(off_hook=True, mute=True)), 49.0)
    assert engine.feed(bytes.fromhex("01 00 00 00 00 3b 20 01"), 49.100) == NOTHING
    again = engine.feed(bytes.fromhex("01 10 00 00 00 3b 20 01"), 72.331)
    assert again.events == (MuteRequested(72.331, ME, ME, False),)
    assert "16 03 30" in hexes(again.writes)
    assert engine.feed(bytes.fromhex("01 10 00 00 00 3b 20 00"), 72.382) == NOTHING
    assert engine.feed(bytes.fromhex("01 00 00 00 00 3b 20 00"), 72.432) == NOTHING


def test_backspace_rejects_while_it_rings() -> None:
    engine = at_rest()
    engine.request(SetLamps(Lamps(ring=True)), 1.0)
    step = engine.feed(bytes.fromhex("01 20 00 00 00 d5 5a 00"), 2.0)
    assert step.events == (ButtonPressed(2.0, ME, ME, Button.REJECT),)
