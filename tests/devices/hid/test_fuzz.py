"""Damaged descriptors and reports: a clear refusal or a working engine, never a crash or a hang."""

from __future__ import annotations

import random
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.hid.controls import read_controls
from devices.hid.descriptor import MAX_FIELDS, parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import Descriptor, ReportKind
from devices.hid.items import MAX_DESCRIPTOR_BYTES
from state.commands import Lamps, SetDisplay, SetLamps
from state.errors import Blame, ProtocolError, ProtocolReason
from state.events import Event
from state.ids import DeviceId
from tests.devices.hid.descriptors import ALL, load

ME = DeviceId("fuzzed")
MUTATIONS = 250
REPORTS = 400


def mutate(data: bytes, rng: random.Random) -> bytes:
    """One to four damages: flipped bits, changed, lost, doubled or moved bytes."""
    raw = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if not raw:
            break
        place = rng.randrange(len(raw))
        match rng.randrange(5):
            case 0:
                raw[place] ^= 1 << rng.randrange(8)
            case 1:
                raw[place] = rng.randrange(256)
            case 2:
                del raw[place : place + rng.randint(1, 4)]
            case 3:
                raw[place:place] = raw[place : place + rng.randint(1, 8)]
            case _:
                raw[place:place] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 4)))
    return bytes(raw)


def parse_or_blame(data: bytes) -> Descriptor | None:
    """The descriptor, or None when it was refused as it must be."""
    try:
        return parse_descriptor(data)
    except ProtocolError as error:
        if (error.by, error.reason) != (Blame.DEVICE, ProtocolReason.MALFORMED):
            raise
        return None


def check_descriptor(descriptor: Descriptor) -> None:
    """What a descriptor promises whatever its bytes were."""
    assert len(descriptor.fields) <= MAX_FIELDS
    lengths = {(layout.kind, layout.report_id): layout.bits for layout in descriptor.reports}
    for field in descriptor.fields:
        assert field.usages
        assert field.path
        assert field.bit + field.size * field.count <= lengths[field.kind, field.report_id]


def check_engine(engine: HeadsetEngine, descriptor: Descriptor, rng: random.Random) -> None:
    """Random reports, lamps and time through one engine; writes keep their declared length."""
    clock = count(1)
    ids = [layout.report_id for layout in descriptor.reports] or [0]
    for _ in range(12):
        at = next(clock) * rng.choice((0.01, 0.5, 3.0))
        head = bytes((rng.choice(ids),)) if descriptor.numbered else b""
        step = engine.feed(head + rng.randbytes(rng.choice((0, 1, 2, 7, 32))), at)
        assert all(isinstance(event, Event) and event.source == ME for event in step.events)
        assert step.writes == ()
        lamps = Lamps(*(rng.random() < 0.5 for _ in range(6)))
        for write in engine.request(SetLamps(lamps), at).writes:
            layout = descriptor.report(ReportKind(write.via), write.data[0])
            assert layout is not None
            assert len(write.data) == layout.payload_bytes + 1
        engine.request(SetDisplay(("x",)), at)
        engine.advance(at)
        due = engine.next_deadline()
        assert due is None or due >= 0


@pytest.mark.parametrize("name", ALL)
def test_mutated_descriptors(name: str) -> None:
    rng = random.Random(name)
    device = load(name)
    outcomes = {True: 0, False: 0}
    for _ in range(MUTATIONS):
        descriptor = parse_or_blame(mutate(device.descriptor, rng))
        outcomes[descriptor is not None] += 1
        if descriptor is not None:
            check_descriptor(descriptor)
            check_engine(HeadsetEngine(ME, descriptor), descriptor, rng)
    assert min(outcomes.values()) > MUTATIONS // 20


@pytest.mark.parametrize("name", ALL)
def test_random_reports_into_real_devices(name: str) -> None:
    rng = random.Random(name)
    device = load(name)
    descriptor = parse_descriptor(device.descriptor)
    engine = HeadsetEngine(ME, descriptor, device.model)
    inputs = [layout for layout in descriptor.reports if layout.kind is ReportKind.INPUT]
    accepted = 0
    for n in range(REPORTS):
        layout = rng.choice(inputs)
        head = bytes((layout.report_id,)) if descriptor.numbered else b""
        length = max(0, layout.payload_bytes + rng.choice((0, 0, 0, 0, -1, 1, 8)))
        ignored = engine.ignored_reports
        engine.feed(head + rng.randbytes(length), n * 0.1)
        whole = length == layout.payload_bytes
        assert engine.ignored_reports == ignored + (not whole)
        accepted += whole
    assert accepted > REPORTS // 3


@given(st.binary(max_size=300))
@settings(max_examples=400)
def test_random_bytes_are_refused_or_read(data: bytes) -> None:
    descriptor = parse_or_blame(data)
    if descriptor is not None:
        check_descriptor(descriptor)


TAGS = st.sampled_from(
    [0x05, 0x09, 0x19, 0x29, 0x15, 0x25, 0x75, 0x95, 0x85, 0x81, 0x91, 0xB1, 0xA1, 0xC0, 0xA4, 0xB4, 0xA9]
)


@given(st.lists(st.tuples(TAGS, st.integers(0, 255)), max_size=120))
@settings(max_examples=400)
def test_random_items_are_refused_or_read(items: list[tuple[int, int]]) -> None:
    body = b"".join(bytes((tag, value)) if tag & 3 else bytes((tag,)) for tag, value in items)
    depth = max(0, sum(1 for t, _ in items if t == 0xA1) - sum(1 for t, _ in items if t == 0xC0))
    data = bytes.fromhex("050b0905a101") + body + b"\xc0" * (depth + 1)
    descriptor = parse_or_blame(data)
    if descriptor is not None:
        check_descriptor(descriptor)
        read_controls(descriptor)


@pytest.mark.parametrize(
    "block",
    [
        bytes.fromhex("75 01 96 00 f0 1a 00 00 2a ff ff 81 00"),
        bytes.fromhex("75 00 97 ff ff 00 00 09 20 81 02"),
        bytes.fromhex("1a 00 00 2a ff ff"),
        bytes.fromhex("09 20"),
        bytes.fromhex("fe ff 00") + bytes(255),
    ],
)
def test_the_largest_descriptors_stay_small(block: bytes) -> None:
    room = MAX_DESCRIPTOR_BYTES - 7
    data = bytes.fromhex("050b0905a101") + block * (room // len(block)) + b"\xc0"
    descriptor = parse_or_blame(data)
    if descriptor is not None:
        check_descriptor(descriptor)
        controls = read_controls(descriptor)
        assert sum(len(control.meanings) for control in controls.inputs) <= 64
