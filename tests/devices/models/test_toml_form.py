"""A record written as TOML says what differs and nothing else."""

from __future__ import annotations

import tomllib

import pytest

from devices.models.headsets import RECORDS
from devices.models.record import IDENTITY, Extension, HoldStyle, ModelRecord, deviations
from devices.models.toml_form import record_toml, usage_key
from state.words import Button

ACME = ModelRecord(
    name="Acme Talk",
    vendor_id=0x0ABC,
    product_id=0x0012,
    call_control=True,
    unacked_drop_s=0.05,
    echoes_unmute=True,
    hold=HoldStyle.OFF_HOOK_CLEAR,
    reject_reports=2,
    reject_button=Button.DELETE,
    array_base=1,
    usages={0x000B_0007: Button.DELETE, 0x000B_0050: None},
    extension=Extension.CX300,
    evidence={"hold": "seen on the seat, tape acme.jsonl", "name": "printed on it"},
)


def test_a_record_word_by_word() -> None:
    assert record_toml(ACME) == (
        'name = "Acme Talk"\n'
        "vendor_id = 0x0abc\n"
        "product_id = 0x0012\n"
        "call_control = true\n"
        "echoes_unmute = true\n"
        "unacked_drop_s = 0.05\n"
        'hold = "off_hook_clear"\n'
        "reject_reports = 2\n"
        'reject_button = "delete"\n'
        "array_base = 1\n"
        'extension = "cx300"\n'
        "\n"
        "[usages]\n"
        '"000B:0007" = "delete"\n'
        '"000B:0050" = ""\n'
        "\n"
        "[evidence]\n"
        'hold = "seen on the seat, tape acme.jsonl"\n'
        'name = "printed on it"\n'
    )


def test_a_plain_record_has_three_lines() -> None:
    assert record_toml(ModelRecord("Plain", 1, 2)).splitlines() == [
        'name = "Plain"',
        "vendor_id = 0x0001",
        "product_id = 0x0002",
    ]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_shipped_record_is_toml_with_its_deviations(record: ModelRecord) -> None:
    tree = tomllib.loads(record_toml(record))
    assert (tree["name"], tree["vendor_id"], tree["product_id"]) == (
        record.name,
        record.vendor_id,
        record.product_id,
    )
    assert set(tree) - set(IDENTITY) == set(deviations(record))
    assert tree["evidence"] == record.evidence


@pytest.mark.parametrize(
    "text", ['a "quoted" name', "back\\slash", "tab\tand\x7fdel", "话机", "\x01", "a = b # c"]
)
def test_any_text_comes_back(text: str) -> None:
    record = ModelRecord(text, 1, 2, evidence={"name": text})
    tree = tomllib.loads(record_toml(record))
    assert (tree["name"], tree["evidence"]["name"]) == (text, text)


def test_a_usage_is_written_as_page_and_id() -> None:
    assert usage_key(0x000B_0007) == "000B:0007"
    assert usage_key(0xFF30_FFFD) == "FF30:FFFD"
