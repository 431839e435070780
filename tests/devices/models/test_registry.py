"""Invariants of every shipped record: a new one is tested by being there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from devices.hid.controls import Controls, Shape, Special, read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.extension import make_extension
from devices.hid.usages import Lamp
from devices.models import REGISTRY, ModelRegistry, find_model
from devices.models.headsets import RECORDS
from devices.models.record import (
    BOUNDS,
    DEFAULT,
    EVIDENCE_CHARACTERS,
    IDENTITY,
    Extension,
    HoldStyle,
    ModelRecord,
    deviations,
)
from devices.simulated.headset_models import HEADSETS, HeadsetKit
from state.words import Button
from tests.devices.hid.descriptors import ALL, CX300, DATA, WH66, load
from tests.support import ROOT

MAX_RECORD_LINES = 30
MAKERS = sorted((ROOT / "devices" / "models").glob("*.py"))
SOURCE = re.compile(
    r"[\w.-]+/[\w.-]+|(issue|pull request) \d+|\w+\.(java|ts|cpp|c|txt|bin|json|ids)\b|README", re.ASCII
)
"""A repository or path, a thread, a file: somewhere to look it up."""

by_name = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
with_descriptor = pytest.mark.parametrize(
    "name", [name for name in ALL if load(name).model is not None], ids=lambda name: name[:9]
)


def test_the_shipped_registry_is_all_of_them_and_ids_and_names_are_unique() -> None:
    assert REGISTRY.records == RECORDS
    assert len({(record.vendor_id, record.product_id) for record in RECORDS}) == len(RECORDS) >= 30
    assert len({record.name for record in RECORDS}) == len(RECORDS)


@by_name
def test_a_record_is_found_by_its_ids(record: ModelRecord) -> None:
    assert find_model(record.vendor_id, record.product_id) is record
    assert REGISTRY.find(record.vendor_id, record.product_id) is record


@by_name
def test_every_deviation_has_evidence_and_nothing_else_has(record: ModelRecord) -> None:
    assert set(record.evidence) - {"name"} == set(deviations(record))
    assert record.evidence, "a record without manners says in evidence['name'] what is known and from where"


@by_name
def test_every_line_of_evidence_says_enough_and_names_its_source(record: ModelRecord) -> None:
    for name, line in record.evidence.items():
        assert len(line) >= EVIDENCE_CHARACTERS, name
        assert SOURCE.search(line), f"{name}: no source in {line!r}"
        assert line.isprintable()
        assert not line.endswith("."), name


@by_name
def test_numbers_are_within_their_bounds(record: ModelRecord) -> None:
    for name, (low, high) in BOUNDS.items():
        value = getattr(record, name)
        assert value is None or low <= value <= high, name


@by_name
def test_keys_and_usages_are_of_a_page_that_has_keys(record: ModelRecord) -> None:
    assert all(0 < usage <= 0xFFFF_FFFF for usage in record.usages)
    assert record.reject_button in (None, *record.usages.values(), *Button)
    assert not (record.reject_button and record.reject_reports), "one way to reject is enough"


@by_name
def test_what_is_no_headset_has_no_manners_of_one(record: ModelRecord) -> None:
    if record.call_control is False:
        assert deviations(record) == ("call_control",)


def source_records() -> Iterator[tuple[str, int]]:
    for path in MAKERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "ModelRecord"
            ):
                yield f"{path.name}:{node.lineno}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_record_has_at_most_30_lines_and_a_file_of_records_200() -> None:
    sizes = dict(source_records())
    assert len(sizes) >= len(RECORDS)
    assert {place: lines for place, lines in sizes.items() if lines > MAX_RECORD_LINES} == {}
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 200 for path in MAKERS)


# against real descriptors ----------------------------------------------------------------------------------


def controls_of(name: str) -> tuple[ModelRecord, Controls]:
    device = load(name)
    assert device.model is not None
    return device.model, read_controls(parse_descriptor(device.descriptor), device.model)


def test_most_descriptors_have_a_record() -> None:
    files = {path.stem for path in Path(DATA).glob("*.json")}
    assert set(ALL) <= files
    assert len([name for name in ALL if load(name).model is not None]) >= 11


@with_descriptor
def test_a_recorded_verdict_is_the_verdict(name: str) -> None:
    record, controls = controls_of(name)
    if record.call_control is None:
        assert controls.verdict.usable, controls.verdict.reason
    else:
        assert controls.verdict.usable is record.call_control
        assert record.evidence["call_control"] in controls.verdict.reason


@with_descriptor
def test_renamed_usages_are_in_the_descriptor(name: str) -> None:
    record, _ = controls_of(name)
    fields_of = parse_descriptor(load(name).descriptor).fields
    named = {field.usage for field in fields_of} | {
        usage.first + step for field in fields_of for usage in field.usages for step in range(32)
    }
    assert set(record.usages) <= named


@with_descriptor
def test_an_array_base_is_recorded_only_where_there_is_an_array(name: str) -> None:
    record, controls = controls_of(name)
    if record.array_base is None:
        return
    arrays = [control for control in controls.inputs if control.shape is Shape.ARRAY]
    assert arrays
    assert all(control.values[0][0] >= record.array_base for control in arrays)


@with_descriptor
def test_a_reject_key_exists_and_is_not_beside_a_reject_key_of_its_own(name: str) -> None:
    record, controls = controls_of(name)
    if record.reject_button is not None:
        assert controls.find(record.reject_button) is not None
        assert controls.find(Button.REJECT) is None
    if record.reject_reports:
        assert controls.find(Button.REJECT) is None


@with_descriptor
def test_a_hold_style_needs_both_lamps_and_duplicates_need_an_edge_or_key(name: str) -> None:
    record, controls = controls_of(name)
    if record.hold is HoldStyle.OFF_HOOK_CLEAR:
        assert {Lamp.HOLD, Lamp.OFF_HOOK} <= controls.lamps.keys()
    if record.duplicate_s:
        assert any(control.shape is Shape.EDGE for control in controls.inputs)


@with_descriptor
def test_a_drop_time_needs_a_hook_that_can_fall_back(name: str) -> None:
    record, controls = controls_of(name)
    if record.unacked_drop_s != DEFAULT.unacked_drop_s:
        hook = controls.find(Special.HOOK)
        assert hook is not None
        assert hook.shape is Shape.LEVEL


@with_descriptor
def test_an_extension_finds_its_vendor_page(name: str) -> None:
    record, _ = controls_of(name)
    if record.extension is Extension.CX300:
        pages = {field.usage >> 16 for field in parse_descriptor(load(name).descriptor).fields}
        assert 0xFF99 in pages


@pytest.mark.parametrize("kit", HEADSETS.values(), ids=list(HEADSETS))
def test_a_simulated_headset_is_a_recorded_one_that_can_control_a_call(kit: HeadsetKit) -> None:
    record = find_model(kit.vendor_id, kit.product_id)
    assert record is not None
    controls = read_controls(parse_descriptor(kit.descriptor), record)
    assert controls.verdict.usable, controls.verdict.reason


@pytest.mark.parametrize("extension", Extension)
@pytest.mark.parametrize("name", ALL)
def test_every_extension_can_be_made_of_every_descriptor(name: str, extension: Extension) -> None:
    made = make_extension(parse_descriptor(load(name).descriptor), extension)
    assert ("display" in made.features) is (name in {CX300, WH66})
    assert (made.show_lines(("a",), 1.0) is None) is ("display" not in made.features)


# the registry itself ---------------------------------------------------------------------------------------


def test_unknown_ids_have_no_record() -> None:
    assert find_model(0, 0) is None
    assert find_model(0x0B0E, 0xFFFF) is None
    assert ModelRegistry(()).find(0x0B0E, 0x0307) is None


def test_a_record_of_the_site_holds_whole_over_a_shipped_one() -> None:
    shipped = find_model(0x047F, 0x02E6)
    assert shipped is not None
    assert shipped.duplicate_s
    ours = ModelRecord("Ours", 0x047F, 0x02E6, long_press_s=1.0)
    new = ModelRecord("New", 0x1234, 0x5678)
    over = REGISTRY.overlaid((ours, new))
    assert over.find(0x047F, 0x02E6) is ours
    assert over.find(0x1234, 0x5678) is new
    assert len(over.records) == len(REGISTRY.records) + 1
    assert REGISTRY.find(0x047F, 0x02E6) is shipped
    assert over.overlaid((shipped,)).find(0x047F, 0x02E6) is shipped


@pytest.mark.parametrize("name", [field.name for field in fields(ModelRecord) if field.name not in IDENTITY])
def test_every_manner_counts_as_a_deviation(name: str) -> None:
    other: dict[str, object] = {
        "call_control": True,
        "hold": HoldStyle.OFF_HOOK_CLEAR,
        "reject_button": Button.FLASH,
        "usages": {0x000B_0007: None},
        "extension": Extension.CX300,
        "echoes_unmute": True,
    }
    changed = replace(DEFAULT, **{name: other.get(name, 1)})  # type: ignore[arg-type]  # any field, by name
    assert deviations(changed) == (name,)


def test_nothing_deviates_in_the_default_and_its_numbers_are_within_bounds() -> None:
    assert deviations(DEFAULT) == ()
    manners = set(BOUNDS) - {"vendor_id", "product_id", "array_base"}
    assert all(BOUNDS[name][0] <= getattr(DEFAULT, name) <= BOUNDS[name][1] for name in manners)
