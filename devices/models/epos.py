"""Records of Sennheiser and EPOS headsets (vendor 1395).

May not hold behaviour. They reject by Drop (0B:26) and repeat every press on a vendor page.
"""

from __future__ import annotations

from devices.models.record import ModelRecord

EPOS = 0x1395

RECORDS: tuple[ModelRecord, ...] = (
    ModelRecord(
        name="Sennheiser SC 660",
        vendor_id=EPOS,
        product_id=0x0082,
        evidence={
            "name": "inputs in report 8, lamps in 9 in another order; no lamp is to be seen (GOnnect README, "
            "tests/resources/hid/1395-0082.bin)",
        },
    ),
    ModelRecord(
        name="EPOS IMPACT D1",
        vendor_id=EPOS,
        product_id=0x009C,
        evidence={
            "name": "nested application collection without a usage (GOnnect "
            "tests/resources/hid/1395-009c.bin)",
        },
    ),
    ModelRecord(
        name="EPOS IMPACT D",
        vendor_id=EPOS,
        product_id=0x00A9,
        evidence={
            "name": "as IMPACT D1, volume keys in the telephony report (GOnnect "
            "tests/resources/hid/1395-00a9.bin)",
        },
    ),
)
