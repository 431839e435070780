"""What a descriptor and a model record say of one device, in a technician's words."""

from __future__ import annotations

import json

import pytest

from callseat.diagnosis.ability import read_ability
from callseat.diagnosis.portrait import portrait, usage_text
from devices.models import find_model
from devices.models.record import ModelRecord
from tests.callseat.diagnosis.tree import BRIO, CX300, DATA, G535, JABRA, KITTY

CMEDIA = "0d8c-0014_cmedia_hs100b_kernel_fixup"
EPOS = "1395-0082_sennheiser_sc660"
FILES = sorted(DATA.glob("*.json"))


def _descriptor(name: str) -> bytes:
    told = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return bytes.fromhex(told["report_descriptor_hex"])


def _abilities(name: str, model: ModelRecord | None = None) -> dict[str, str]:
    told = portrait(_descriptor(name), model)["abilities"]
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_recorded_device_has_a_portrait_that_json_can_carry(file) -> None:
    told = json.loads(file.read_text("utf-8"))
    shown = portrait(bytes.fromhex(told["report_descriptor_hex"]), None)
    assert json.loads(json.dumps(shown)) == shown
    assert shown["why"]
    assert list(shown["controls"][0] if shown["controls"] else {}) in (
        [],
        ["usage", "name", "report_id", "bit", "size", "kind", "value"],
    )


@pytest.mark.parametrize(("name", "hollow"), [(BRIO, False), (KITTY, True), (G535, False)])
def test_a_device_that_is_no_headset_says_whether_its_claim_to_be_one_is_hollow(
    name: str, hollow: bool
) -> None:
    vendor, product = (int(part, 16) for part in name.split("_", maxsplit=1)[0].split("-"))
    able = read_ability(_descriptor(name), find_model(vendor, product))
    assert not able.call_control
    assert able.hollow is hollow
    assert able.broken == ""


def test_how_a_ringing_call_is_refused() -> None:
    assert _abilities(JABRA)["reject"] == "a key of its own"
    assert _abilities(CX300, find_model(0x095D, 0x9201))["reject"] == "the delete key while it rings"
    two = ModelRecord(name="ion", vendor_id=1, product_id=2, reject_reports=2)
    assert _abilities(CMEDIA, two)["reject"] == "2 reports without hook while it rings"
    assert _abilities(CMEDIA)["reject"].startswith("none")


def test_how_mute_is_told() -> None:
    assert _abilities(CMEDIA)["mute"].startswith("level")
    assert _abilities(JABRA)["mute"].startswith("key")
    assert _abilities(G535)["mute"] == "none"


def test_a_key_pad_is_told_key_by_key() -> None:
    keys = {control["name"]: control["value"] for control in portrait(_descriptor(JABRA), None)["controls"]}
    assert keys["Hook Switch"] is None
    assert keys["Phone Key 0"] == 1
    assert _abilities(JABRA)["keypad"] == "yes"


def test_a_record_is_shown_with_its_evidence() -> None:
    model = find_model(0x095D, 0x9201)
    assert model is not None
    record = portrait(_descriptor(CX300), model)["record"]
    assert record["name"] == "Polycom CX300"
    assert record["differs"]["unacked_drop_s"] == 0.05
    assert record["differs"]["usages"]["000B:0007"] == "delete"
    assert record["differs"]["usages"]["000B:0050"] is None
    assert set(record["differs"]) <= set(record["evidence"])


def test_a_descriptor_that_is_cut_is_told_and_never_raised() -> None:
    whole = _descriptor(EPOS)
    for length in range(0, len(whole), 7):
        shown = portrait(whole[:length], None)
        assert shown["why"]
        if "cannot be read" in shown["why"]:
            assert (shown["call_control"], shown["controls"], shown["lamps"]) == (False, [], [])
    assert "cannot be read" in portrait(whole[:-1], None)["why"]
    assert read_ability(whole[:-1], None).broken


def test_usages_are_written_as_the_tables_write_them() -> None:
    assert usage_text(0x000B_0020) == "000B:0020"
    assert usage_text(0xFF30_FFFD) == "FF30:FFFD"
