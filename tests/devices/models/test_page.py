"""docs/headset-models.md as a function of a registry."""

from __future__ import annotations

from devices.models import REGISTRY, ModelRegistry
from devices.models.page import page
from devices.models.record import ModelRecord
from state.words import Button

PLAIN = ModelRecord("Plain", 1, 2, evidence={"name": "seen (a/b)"})
ODD = ModelRecord(
    "Odd | <One>",
    0xABCD,
    0x1234,
    duplicate_s=0.05,
    usages={0x000B_0007: Button.DELETE, 0x000B_0050: None},
    evidence={"duplicate_s": "twice (c/d)", "usages": "keys (e/f)"},
)
SURE = ModelRecord("Sure", 1, 3, call_control=True, evidence={"call_control": "known (g/h)"})
DECOY = ModelRecord("Camera", 1, 4, call_control=False, evidence={"call_control": "a webcam (i/j)"})


def test_every_kind_of_row() -> None:
    text = page(ModelRegistry((PLAIN, ODD, SURE, DECOY)))
    models, decoys = text.split("## Models with a record")[1].split("## No call control")
    assert "| Plain | `0001:0002` | by descriptor |  | seen (a/b) |" in models
    assert (
        "| Odd \\| &lt;One> | `abcd:1234` | by descriptor | `duplicate_s` 0.05, "
        "`usages`: 000B:0007 is delete, 000B:0050 is no key | twice (c/d); keys (e/f) |"
    ) in models
    assert "| Sure | `0001:0003` | yes |  | known (g/h) |" in models
    assert "| Camera | `0001:0004` | a webcam (i/j) |" in decoys
    assert "Camera" not in models


def test_every_row_of_a_table_has_its_columns() -> None:
    text = page(REGISTRY)
    for part, columns in (("## Models with a record", 5), ("## No call control", 3)):
        rows = [line for line in text.split(part)[1].split("\n## ")[0].splitlines() if line.startswith("|")]
        assert {row.replace("\\|", "").count("|") for row in rows} == {columns + 1}
    assert all(
        f"| {record.name} | `{record.vendor_id:04x}:{record.product_id:04x}` |" in text
        for record in REGISTRY.records
    )


def test_the_page_tells_how_to_install_what_is_generated_beside_it() -> None:
    text = page(REGISTRY)
    for word in (
        "70-callseat.rules",
        "70-callseat.hwdb",
        "systemd-hwdb update",
        "udevadm control --reload",
        "udevadm trigger",
    ):
        assert word in text
