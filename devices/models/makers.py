"""Records of call-control devices of other makers.

May not hold behaviour.
"""

from __future__ import annotations

from devices.models.record import HoldStyle, ModelRecord

RECORDS: tuple[ModelRecord, ...] = (
    ModelRecord(
        name="Yealink WH66",
        vendor_id=0x6993,
        product_id=0xB02B,
        hold=HoldStyle.OFF_HOOK_CLEAR,
        evidence={
            "name": "Jabra's layout; reject is bit 6 of its vendor page (GOnnect "
            "tests/resources/hid/6993-b02b.bin)",
            "hold": "Hold lamp on and Off-Hook out (purecloudlabs/softphone-vendor-headsets yealink.ts)",
        },
    ),
    ModelRecord(
        name="C-Media HS-100B",
        vendor_id=0x0D8C,
        product_id=0x0014,
        evidence={"name": "hook and true mute, no lamp at all (Linux drivers/hid/hid-cmedia.c)"},
    ),
    ModelRecord(
        name="Google Hangouts Meet speakermic",
        vendor_id=0x18D1,
        product_id=0x8001,
        evidence={"name": "Phone Mute is a level, 1 is muted, not a key (systemd pull request 23372)"},
    ),
    ModelRecord(
        name="Google Meet speakermic",
        vendor_id=0x18D1,
        product_id=0x8007,
        evidence={"name": "Phone Mute is a level, 1 is muted, not a key (systemd pull request 23530)"},
    ),
)
