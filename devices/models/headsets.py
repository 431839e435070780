"""The records of headsets and USB phones; a new model on a known protocol is one record here.

May not hold behaviour. Ids are those the device reports over USB.
"""

from __future__ import annotations

from devices.models.record import Extension, ModelRecord
from state.words import Button

PROGRAMMABLE_BUTTON = 0x000B_0007
SPEED_DIAL = 0x000B_0050

RECORDS: tuple[ModelRecord, ...] = (
    ModelRecord(
        name="Jabra Evolve Link MS",
        vendor_id=0x0B0E,
        product_id=0x0307,
        array_base=1,
        evidence={
            "array_base": "descriptor says keys 0..11, no null state; on the wire 0 is no key and 1 is key 0 "
            "(GOnnect src/usb/HeadsetDevice.cpp)",
        },
    ),
    ModelRecord(
        name="Jabra BIZ 2400 II",
        vendor_id=0x0B0E,
        product_id=0x2453,
        array_base=1,
        evidence={"array_base": "13 values over 12 keys, 0 is no key (GOnnect src/usb/HeadsetDevice.cpp)"},
    ),
    ModelRecord(
        name="Poly BT700",
        vendor_id=0x047F,
        product_id=0x02E6,
        duplicate_s=0.05,
        evidence={"duplicate_s": "Plantronics repeats a mute press within 50 ms (WICG/webhid issue 61)"},
    ),
    ModelRecord(
        name="Plantronics Blackwire 3220",
        vendor_id=0x047F,
        product_id=0xC056,
        duplicate_s=0.05,
        evidence={
            "duplicate_s": "double volume keys (Linux hid-plantronics) and mute repeated within 50 ms "
            "(WICG/webhid issue 61)",
        },
    ),
    ModelRecord(name="Sennheiser SC 660", vendor_id=0x1395, product_id=0x0082),
    ModelRecord(name="EPOS IMPACT D1", vendor_id=0x1395, product_id=0x009C),
    ModelRecord(
        name="Polycom CX300",
        vendor_id=0x095D,
        product_id=0x9201,
        unacked_drop_s=0.05,
        usages={PROGRAMMABLE_BUTTON: Button.DELETE, SPEED_DIAL: None},
        reject_button=Button.DELETE,
        extension=Extension.CX300,
        evidence={
            "unacked_drop_s": "hook falls back after 50 ms (tSIP-plugin-PhonePolycomCX300 _doc/logs.txt)",
            "usages": "0B:07 is the backspace key; 0B:50 only marks any key held for 1.5 s (ibid.)",
            "reject_button": "backspace rejects an incoming call (ibid.)",
            "extension": "keepalive, display and presence lamp on page FF99 (cx300-control CX300Status.java)",
        },
    ),
    ModelRecord(
        name="C-Media HS-100B",
        vendor_id=0x0D8C,
        product_id=0x0014,
        call_control=True,
        evidence={"call_control": "hook and true mute, no lamp at all (Linux drivers/hid/hid-cmedia.c)"},
    ),
    ModelRecord(
        name="BOYA mini 2",
        vendor_id=0x2F05,
        product_id=0x003B,
        call_control=False,
        evidence={"call_control": "a microphone receiver whose descriptor poses as a phone with 15 lamps"},
    ),
)
