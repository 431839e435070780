"""Real report descriptors for tests, and small ones written by hand.

May not interpret a descriptor: what it must say stands in the tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from devices.models import find_model
from devices.models.record import ModelRecord

DATA = Path(__file__).resolve().parents[2] / "data" / "hid"

JABRA = "0b0e-0307_jabra_evolve_link_ms"
BIZ = "0b0e-2453_jabra_biz_2400_ii"
SPEAK = "0b0e-2456_jabra_speak_810"
BT700 = "047f-02e6_poly_bt700"
BLACKWIRE = "047f-c056_plantronics_blackwire_3220"
SC660 = "1395-0082_sennheiser_sc660"
D1 = "1395-009c_epos_impact_d1"
CX300 = "095d-9201_polycom_cx300"
CMEDIA = "0d8c-0014_cmedia_hs100b_kernel_fixup"
WH66 = "6993-b02b_yealink_wh66"
ANKER = "291a-3301_anker_powerconf"
BRIO = "046d-0944_logitech_mx_brio"
G535 = "046d-0ac4_logitech_g535"
KRAKEN = "1532-0560_razer_kraken_kitty_v2"

CALL_CONTROL = (JABRA, BIZ, SPEAK, BT700, BLACKWIRE, SC660, D1, CX300, CMEDIA, ANKER, WH66)
WITH_LAMPS = tuple(name for name in CALL_CONTROL if name != CMEDIA)
DECOYS = (BRIO, G535, KRAKEN)
ALL = (*CALL_CONTROL, *DECOYS)


@dataclass(frozen=True, slots=True)
class Device:
    """One file of tests/data/hid."""

    name: str
    vendor_id: int
    product_id: int
    source: str
    descriptor: bytes

    @property
    def model(self) -> ModelRecord | None:
        return find_model(self.vendor_id, self.product_id)


def load(stem: str) -> Device:
    raw = json.loads((DATA / f"{stem}.json").read_text(encoding="utf-8"))
    return Device(
        raw["name"],
        int(raw["vendor_id"], 16),
        int(raw["product_id"], 16),
        raw["source"],
        bytes.fromhex(raw["report_descriptor_hex"]),
    )


def tlc(*items: bytes, usage: int = 0x05) -> bytes:
    """A telephony application collection around hand-written items."""
    return b"".join((bytes((0x05, 0x0B, 0x09, usage, 0xA1, 0x01)), *items, b"\xc0"))


ONE_BIT = bytes.fromhex("15 00 25 01 75 01 95 01")
"""Logical 0..1, one field of one bit."""
HOOK = bytes.fromhex("05 0b 09 20 81 22")
MUTE_EDGE = bytes.fromhex("05 0b 09 2f 81 06")
MUTE_LEVEL = bytes.fromhex("05 0b 09 2f 81 22")
FLASH_LEVEL = bytes.fromhex("05 0b 09 21 81 02")
FLASH_EDGE = bytes.fromhex("05 0b 09 21 81 06")
LAMP_OFF_HOOK = bytes.fromhex("05 08 09 17 91 22")
LAMP_MUTE = bytes.fromhex("05 08 09 09 91 22")
LAMP_RING = bytes.fromhex("05 08 09 18 91 22")
LAMP_HOLD = bytes.fromhex("05 08 09 20 91 22")


def pad(kind: int, bits: int) -> bytes:
    """Const bits of a main item (0x81 input, 0x91 output, 0xB1 feature)."""
    return bytes((0x75, bits, 0x95, 0x01, kind, 0x01, 0x75, 0x01))


HEADSET = tlc(
    b"\x85\x01", ONE_BIT, HOOK, MUTE_EDGE, FLASH_LEVEL, pad(0x81, 5),
    b"\x85\x02", LAMP_OFF_HOOK, LAMP_MUTE, LAMP_RING, LAMP_HOLD, pad(0x91, 4),
)  # fmt: skip
"""Input 1: hook, mute edge, flash level. Output 2: off-hook, mute, ring, hold."""

LEVEL_HEADSET = tlc(
    b"\x85\x01", ONE_BIT, HOOK, MUTE_LEVEL, pad(0x81, 6),
    b"\x85\x02", LAMP_OFF_HOOK, LAMP_MUTE, LAMP_RING, pad(0x91, 5),
)  # fmt: skip
"""The same with an absolute mute, as Google Meet speakermics have it."""
