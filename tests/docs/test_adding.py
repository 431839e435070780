"""docs/adding-a-device.md is executed: its blocks run in order, and what they make keeps its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callseat.site_records import read_site_records
from devices.at.profiles import HAYES, PROFILES
from devices.hid.engine import HeadsetEngine
from devices.models import find_model
from devices.models.headsets import RECORDS
from devices.models.record import DEFAULT, HoldStyle
from devices.models.toml_form import record_toml
from devices.simulated.phone import SimulatedPhone
from state.commands import Lamps, SetLamps
from state.events import CallDelivered, LineInService
from tests.devices.at.rig import Rig
from tests.devices.hid.descriptors import ANKER, load
from tests.docs.pages import blocks, page

PAGE = "docs/adding-a-device.md"
MAX_RECORD_LINES = 30


@pytest.fixture(name="names", scope="module")
def _names() -> dict[str, Any]:
    """What the page's blocks define, run in order in one namespace."""
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(page(PAGE), "python"), start=1):
        exec(compile(block, f"{PAGE} block {number}", "exec"), names)
    return names


def test_the_page_has_its_blocks() -> None:
    assert len(blocks(page(PAGE), "python")) >= 8


def test_the_new_record_is_new_and_fits_its_descriptor(names: dict[str, Any]) -> None:
    record, device = names["POWERCONF"], load(ANKER)
    assert (record.vendor_id, record.product_id) == (device.vendor_id, device.product_id)
    assert find_model(device.vendor_id, device.product_id) in (None, record)
    plain, named = (HeadsetEngine("h", device.descriptor, model) for model in (DEFAULT, record))
    assert named.features == plain.features
    assert named.verdict.usable


def test_the_record_said_to_be_in_the_registry_is_there(names: dict[str, Any]) -> None:
    assert names["BT700"] in RECORDS


def test_records_on_the_page_are_short_enough() -> None:
    records = [block for block in blocks(page(PAGE), "python") if "ModelRecord(\n" in block]
    assert len(records) == 2
    assert all(block.count("\n") <= MAX_RECORD_LINES for block in records)


def test_the_record_of_a_site_is_good_and_comes_back(tmp_path: Path) -> None:
    (block,) = blocks(page(PAGE), "toml")
    (tmp_path / "acme.toml").write_text(block, encoding="utf-8")
    found = read_site_records(tmp_path)
    assert found.problems == ()
    (record,) = found.records
    assert (record.vendor_id, record.product_id, record.hold) == (0x1234, 0x00A7, HoldStyle.OFF_HOOK_CLEAR)
    (tmp_path / "acme.toml").write_text(record_toml(record), encoding="utf-8")
    assert read_site_records(tmp_path).records == (record,)


def test_the_profile_brings_a_line_up_and_hears_it_ring(names: dict[str, Any]) -> None:
    profile = names["ROCKWELL"]
    assert profile.name not in PROFILES
    assert set(profile.init) - set(HAYES.init) == {"AT#CID=1"}
    rig = Rig(SimulatedPhone(), profile).start()
    assert b"AT#CID=1\r" in rig.written
    assert [type(event) for event in rig.events] == [LineInService]
    assert any(isinstance(event, CallDelivered) for event in rig.ring("13800138000"))


def test_the_new_engine_keeps_its_sign_of_life(names: dict[str, Any]) -> None:
    beacon = names["BeaconEngine"]("beacon")
    assert beacon.next_deadline() is None
    assert [write.data for write in beacon.request(SetLamps(Lamps(ring=True)), 5.0).writes] == [b"R1\n"]
    assert beacon.next_deadline() == 15.0
    assert beacon.advance(14.9).writes == ()
    assert [write.data for write in beacon.advance(15.0).writes] == [b"?\n"]
    assert beacon.next_deadline() == 25.0


def test_the_new_engine_forgets_a_line_that_never_ends(names: dict[str, Any]) -> None:
    beacon = names["BeaconEngine"]("beacon")
    beacon.feed(b"x" * 1_000_000, 1.0)
    assert len(beacon._rest) <= 80
    assert len(beacon.feed(b"\nK\n", 2.0).events) == 1
