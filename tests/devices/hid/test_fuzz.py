"""Damaged descriptors and reports, a hundred thousand of each: a clear refusal or a working engine.

Nothing is timed: the work of each input is bounded by counts, and the counts are what is asserted.
"""

from __future__ import annotations

import gc
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.hid.controls import read_controls
from devices.hid.decode import MAX_CONTROLS, decode
from devices.hid.descriptor import MAX_FIELDS, parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.fields import MAX_ARRAY_VALUES, Descriptor, ReportKind
from devices.hid.indicators import MAX_INDICATORS
from devices.hid.items import MAX_DESCRIPTOR_BYTES
from state.commands import Lamps, SetDisplay, SetLamps
from state.errors import Blame, ProtocolError, ProtocolReason
from state.events import Event
from state.ids import DeviceId
from tests.devices.hid import built
from tests.devices.hid.descriptors import ALL, load

ME = DeviceId("fuzzed")
BUILT = (built.LINK_380C, built.WH66, built.IMPACT_DW, built.SP325, built.SIDEWINDER, built.BOYA)
DESCRIPTORS = (*(load(name).descriptor for name in ALL), *BUILT)
SHARDS = 20
DESCRIPTORS_PER_SHARD = STREAMS_PER_SHARD = 5000
"""Times SHARDS: 10^5 mutated descriptors, 10^5 mutated report streams."""
REPORTS_PER_STREAM = 6
MEANINGS = 40
"""Hook, mute, 16 digits and fewer than 20 keys: what a device can say, whatever it claims."""
by_shard = pytest.mark.parametrize("shard", range(SHARDS))


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
                raw[place:place] = rng.randbytes(rng.randint(1, 4))
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


def check_controls(descriptor: Descriptor) -> None:
    """What may be made of a descriptor, at most."""
    controls = read_controls(descriptor)
    assert sum(len(control.meanings) for control in controls.inputs) <= MEANINGS
    assert sum(len(control.values) for control in controls.inputs) <= MEANINGS * MAX_ARRAY_VALUES
    assert len(controls.indicators) < MAX_INDICATORS + MAX_ARRAY_VALUES
    assert controls.verdict.reason


class Stream:
    """Reports of one device, damaged on the way, through one engine, with lamps and time between them."""

    def __init__(self, descriptor: Descriptor, rng: random.Random) -> None:
        self.engine = HeadsetEngine(ME, descriptor)
        self._rng = rng
        self._layouts = {(e.kind, e.report_id): e.payload_bytes for e in descriptor.reports}
        self._shapes = [
            (bytes((e.report_id,)) if descriptor.numbered else b"", e.payload_bytes)
            for e in descriptor.reports
            if e.kind is ReportKind.INPUT
        ] or [(b"", 1)]
        self._last = b""
        self._at = 1.0

    def report(self) -> bytes:
        """A report as it should be, or the last one with a bit turned, or one cut, grown or made up."""
        rng = self._rng
        match rng.randrange(5):
            case 0 if self._last:
                raw = bytearray(self._last)
                raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
                return bytes(raw)
            case 1:
                return self._last[: rng.randrange(len(self._last) + 1)] + rng.randbytes(rng.randrange(3))
            case _:
                head, length = rng.choice(self._shapes)
                return head + rng.randbytes(min(length, 16)) + bytes(max(0, length - 16))

    def step(self) -> None:
        """One report, and what a seat does about it."""
        self._at += self._rng.choice((0.01, 0.5, 3.0))
        self._last = self.report()
        step = self.engine.feed(self._last, self._at)
        assert len(step.events) <= 2 * MEANINGS
        assert all(isinstance(event, Event) and event.source == ME for event in step.events)
        self.check_writes(step.writes)
        if self._rng.random() < 0.3:
            bits = self._rng.getrandbits(6)
            lamps = Lamps(*(bool(bits >> n & 1) for n in range(6)))
            self.check_writes(self.engine.request(SetLamps(lamps), self._at).writes)
            self.engine.request(SetDisplay(("x",)), self._at)
            self.check_writes(self.engine.advance(self._at).writes)
        due = self.engine.next_deadline()
        assert due is None or due >= 0

    def check_writes(self, writes: tuple) -> None:
        """Whole reports of this device, not more than it has twice over (out and lit again)."""
        assert len(writes) <= 2 * len(self._layouts)
        for write in writes:
            assert len(write.data) == self._layouts[ReportKind(write.via), write.data[0]] + 1


@by_shard
def test_mutated_descriptors(shard: int) -> None:
    rng = random.Random(f"descriptors {shard}")
    read = 0
    for n in range(DESCRIPTORS_PER_SHARD):
        descriptor = parse_or_blame(mutate(DESCRIPTORS[n % len(DESCRIPTORS)], rng))
        if descriptor is None:
            continue
        read += 1
        check_descriptor(descriptor)
        check_controls(descriptor)
        if read % 4 == 0:
            stream = Stream(descriptor, rng)
            for _ in range(REPORTS_PER_STREAM):
                stream.step()
    assert DESCRIPTORS_PER_SHARD // 10 < read < DESCRIPTORS_PER_SHARD


@by_shard
def test_mutated_report_streams(shard: int) -> None:
    rng = random.Random(f"streams {shard}")
    layouts = [parse_descriptor(descriptor) for descriptor in DESCRIPTORS]
    ignored = 0
    for n in range(STREAMS_PER_SHARD):
        stream = Stream(layouts[n % len(layouts)], rng)
        for _ in range(REPORTS_PER_STREAM):
            stream.step()
        ignored += stream.engine.ignored_reports
    assert 0.05 < ignored / (STREAMS_PER_SHARD * REPORTS_PER_STREAM) < 0.5


def test_memory_does_not_grow() -> None:
    rng = random.Random("memory")
    layouts = [parse_descriptor(descriptor) for descriptor in DESCRIPTORS]
    long_lived = Stream(layouts[0], rng)

    def work(rounds: int) -> None:
        for n in range(rounds):
            descriptor = parse_or_blame(mutate(DESCRIPTORS[n % len(DESCRIPTORS)], rng))
            if descriptor is not None:
                check_controls(descriptor)
            stream = Stream(layouts[n % len(layouts)], rng)
            for _ in range(REPORTS_PER_STREAM):
                stream.step()
                long_lived.step()

    tracemalloc.start()
    try:
        work(100)
        for _ in range(4000):  # until it has every reading it may remember
            long_lived.step()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        work(400)
        gc.collect()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 64 * 1024
    assert peak - before < 16 * 1024 * 1024


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
        check_controls(descriptor)


LED_ARRAY = bytes.fromhex("05 08 75 08 95 01 19 01 29 ff 91 00")


@pytest.mark.parametrize(
    "block",
    [
        bytes.fromhex("75 01 96 00 f0 1a 00 00 2a ff ff 81 00"),
        bytes.fromhex("75 10 95 01 1a 00 00 2a ff ff 81 00"),
        bytes.fromhex("75 00 97 ff ff 00 00 09 20 81 02"),
        bytes.fromhex("75 ff 95 10 19 20 29 2f 81 00"),
        bytes.fromhex("1a 00 00 2a ff ff"),
        bytes.fromhex("19 b0 29 bf"),
        bytes.fromhex("09 20"),
        bytes.fromhex("fe ff 00") + bytes(255),
        LED_ARRAY,
        LED_ARRAY[:-2] + b"\xb1\x00",
    ],
)
def test_the_largest_descriptors_stay_small(block: bytes) -> None:
    room = MAX_DESCRIPTOR_BYTES - 11
    tail = bytes.fromhex("81 00")
    data = bytes.fromhex("050b0905a101") + block * (room // len(block)) + tail + b"\xc0"
    descriptor = parse_or_blame(data)
    if descriptor is not None:
        check_descriptor(descriptor)
        check_controls(descriptor)
        shown = decode(data, inputs=[bytes(9)] * 2, lamps=Lamps(ring=True))
        assert len(shown.controls) <= MAX_CONTROLS
        assert len(shown.lamps) < MAX_INDICATORS + MAX_ARRAY_VALUES
