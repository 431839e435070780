"""Invariants of the whole registry: a new record adds its own tests."""

from __future__ import annotations

from dataclasses import fields

import pytest

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.extension import make_extension
from devices.models import find_model
from devices.models.headsets import RECORDS
from devices.models.record import DEFAULT, Extension, ModelRecord
from tests.devices.hid.descriptors import ALL, load

IDENTITY = {"name", "vendor_id", "product_id", "evidence"}
QUIRKS = {field.name for field in fields(ModelRecord)} - IDENTITY
by_name = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)


def test_ids_and_names_are_unique() -> None:
    assert len({(record.vendor_id, record.product_id) for record in RECORDS}) == len(RECORDS)
    assert len({record.name for record in RECORDS}) == len(RECORDS)


@by_name
def test_a_record_is_found_by_its_ids(record: ModelRecord) -> None:
    assert 0 < record.vendor_id <= 0xFFFF
    assert 0 < record.product_id <= 0xFFFF
    assert find_model(record.vendor_id, record.product_id) is record


@by_name
def test_every_deviation_has_evidence_and_nothing_else_has(record: ModelRecord) -> None:
    deviating = {name for name in QUIRKS if getattr(record, name) != getattr(DEFAULT, name)}
    assert set(record.evidence) == deviating
    assert all(len(line) >= 20 for line in record.evidence.values())


@by_name
def test_times_are_sane(record: ModelRecord) -> None:
    times = (record.hook_echo_s, record.mute_echo_s, record.mute_lock_s, record.long_press_s)
    assert all(0 < time <= 5 for time in times)
    assert 0 < record.unacked_drop_s <= 5
    assert 0 <= record.duplicate_s <= 0.25


def test_unknown_ids_have_no_record() -> None:
    assert find_model(0, 0) is None
    assert find_model(0x0B0E, 0xFFFF) is None


@pytest.mark.parametrize("name", ALL)
def test_records_fit_the_descriptors_they_are_for(name: str) -> None:
    device = load(name)
    record = device.model
    descriptor = parse_descriptor(device.descriptor)
    usages = {f.usage for f in descriptor.fields}
    if record is not None:
        assert set(record.usages) <= usages
        controls = read_controls(descriptor, record)
        assert record.reject_button is None or controls.find(record.reject_button) is not None


@pytest.mark.parametrize("extension", Extension)
def test_every_extension_can_be_made(extension: Extension) -> None:
    made = make_extension(extension)
    assert ("display" in made.features) is (extension is Extension.CX300)
    assert (made.show_lines(("a",)) is None) is (extension is Extension.NONE)
