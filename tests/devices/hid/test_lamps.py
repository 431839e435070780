"""Lamp reports: merged, whole, exact, ordered, only what differs."""

from __future__ import annotations

import pytest

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import ReportKind
from devices.hid.lamps import LampWriter, lamp_values
from devices.hid.usages import Lamp
from state.commands import Lamps
from state.engine import Write
from tests.devices.hid.descriptors import (
    ANKER,
    BLACKWIRE,
    BT700,
    CMEDIA,
    D1,
    HOOK,
    JABRA,
    LAMP_OFF_HOOK,
    ONE_BIT,
    SC660,
    WITH_LAMPS,
    load,
    pad,
    tlc,
)

DARK = Lamps()
RINGING = Lamps(ring=True)
TALKING = Lamps(off_hook=True)
MUTED = Lamps(off_hook=True, mute=True)
HELD = Lamps(off_hook=True, hold=True)


def writer(name: str) -> LampWriter:
    device = load(name)
    descriptor = parse_descriptor(device.descriptor)
    return LampWriter(descriptor, read_controls(descriptor, device.model).lamps)


def hexes(writes: list[Write]) -> list[str]:
    return [write.data.hex(" ") for write in writes]


SHARED = [
    (JABRA, ["02 00 00", "02 24 00", "02 01 00", "02 03 00", "02 09 00", "02 00 00"]),
    (SC660, ["09 00", "09 04", "09 02", "09 03", "09 22", "09 00"]),
    (D1, ["03 00", "03 04", "03 01", "03 09", "03 21", "03 00"]),
    (ANKER, ["02 00 00", "02 24 00", "02 01 00", "02 03 00", "02 09 00", "02 00 00"]),
]


@pytest.mark.parametrize(("name", "expected"), SHARED)
def test_a_shared_report_carries_every_lamp_each_time(name: str, expected: list[str]) -> None:
    lamps = writer(name)
    shown = [DARK, RINGING, TALKING, MUTED, HELD, DARK]
    assert [hexes(lamps.show(picture)) for picture in shown] == [[report] for report in expected]


def test_separate_reports_write_only_what_changed() -> None:
    lamps = writer(BT700)
    assert hexes(lamps.show(RINGING)) == ["23 00", "25 00", "21 01", "24 00"]
    assert hexes(lamps.show(MUTED)) == ["24 01", "23 01", "21 00"]
    assert hexes(lamps.show(TALKING)) == ["23 00"]
    assert hexes(lamps.show(TALKING)) == []


@pytest.mark.parametrize("name", [BT700, BLACKWIRE])
def test_off_hook_lights_before_ring_goes_out_and_goes_out_last(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    places = {lamp: f.report_id for lamp, f in read_controls(descriptor).lamps.items()}
    lamps = writer(name)
    lamps.show(RINGING)
    answered = [write.data[0] for write in lamps.show(TALKING)]
    assert answered == [places[Lamp.OFF_HOOK], places[Lamp.RING]]
    lamps.show(Lamps(off_hook=True, mute=True, hold=True))
    ended = [write.data[0] for write in lamps.show(DARK)]
    assert ended == [places[Lamp.MUTE], places[Lamp.HOLD], places[Lamp.OFF_HOOK]]


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_the_first_picture_is_written_whole_even_when_dark(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    fields = read_controls(descriptor).lamps.values()
    reports = {(f.kind.value, f.report_id) for f in fields}
    writes = writer(name).show(DARK)
    assert {(write.via, write.data[0]) for write in writes} == reports
    assert all(not any(write.data[1:]) for write in writes)


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_every_write_has_the_declared_length(name: str) -> None:
    descriptor = parse_descriptor(load(name).descriptor)
    lamps = writer(name)
    for bits in range(64):
        picture = Lamps(*(bool(bits >> n & 1) for n in range(6)))
        for write in lamps.show(picture):
            layout = descriptor.report(ReportKind(write.via), write.data[0])
            assert layout is not None
            assert len(write.data) == layout.payload_bytes + 1


def test_no_lamps_no_writes() -> None:
    assert writer(CMEDIA).show(MUTED) == []


def test_unnumbered_reports_are_written_with_a_leading_zero() -> None:
    descriptor = parse_descriptor(tlc(ONE_BIT, HOOK, pad(0x81, 7), LAMP_OFF_HOOK, pad(0x91, 7)))
    lamps = LampWriter(descriptor, read_controls(descriptor).lamps)
    assert hexes(lamps.show(TALKING)) == ["00 01"]


def test_feature_lamps_go_out_as_features() -> None:
    mute = bytes.fromhex("05 08 09 09 b1 22")
    descriptor = parse_descriptor(
        tlc(b"\x85\x01", ONE_BIT, HOOK, pad(0x81, 7), b"\x85\x05", mute, pad(0xB1, 7))
    )
    lamps = LampWriter(descriptor, read_controls(descriptor).lamps)
    assert lamps.show(MUTED) == [Write(b"\x05\x01", via="feature")]


def test_the_ringer_follows_the_ring_lamp() -> None:
    assert lamp_values(RINGING)[Lamp.RINGER] is True
    assert lamp_values(TALKING)[Lamp.RINGER] is False
    assert set(lamp_values(DARK)) == set(Lamp)
