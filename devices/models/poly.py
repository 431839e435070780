"""Records of Plantronics, Poly and Polycom devices (vendors 047f and 095d).

May not hold behaviour. Lamps have a report each, or one each on vendor pages; the descriptor says which.
"""

from __future__ import annotations

from devices.models.record import Extension, ModelRecord
from state.words import Button

PLANTRONICS = 0x047F
POLYCOM = 0x095D

PROGRAMMABLE_BUTTON = 0x000B_0007
SPEED_DIAL = 0x000B_0050

DUPLICATE_S = 0.05
"""WICG/webhid issue 61: a Plantronics headset repeats a mute press within 50 ms."""
REPEATS = (
    "a press comes twice: mute within 50 ms (WICG/webhid issue 61), any key of a Plantronics within 5 ms "
    "(Linux drivers/hid/hid-plantronics.c)"
)
DOUBLE_VOLUME = (
    "double volume keys (Linux drivers/hid/hid-plantronics.c) and mute repeated within 50 ms (WICG/webhid "
    "issue 61)"
)

RECORDS: tuple[ModelRecord, ...] = (
    ModelRecord(
        name="Poly BT700",
        vendor_id=PLANTRONICS,
        product_id=0x02E6,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": "Plantronics repeats a mute press within 50 ms (WICG/webhid issue 61)"},
    ),
    ModelRecord(
        name="Poly Voyager Base CD",
        vendor_id=PLANTRONICS,
        product_id=0x02EC,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": REPEATS},
    ),
    ModelRecord(
        name="Poly BT600",
        vendor_id=PLANTRONICS,
        product_id=0x02EE,
        duplicate_s=DUPLICATE_S,
        evidence={
            "name": "battery and settings are on page FFA2, report 7 (HeadsetControl pull request 536)",
            "duplicate_s": REPEATS,
        },
    ),
    ModelRecord(
        name="Plantronics Blackwire C5220",
        vendor_id=PLANTRONICS,
        product_id=0xC053,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": REPEATS},
    ),
    ModelRecord(
        name="Plantronics Blackwire 3210",
        vendor_id=PLANTRONICS,
        product_id=0xC055,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": DOUBLE_VOLUME},
    ),
    ModelRecord(
        name="Plantronics Blackwire 3220",
        vendor_id=PLANTRONICS,
        product_id=0xC056,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": DOUBLE_VOLUME},
    ),
    ModelRecord(
        name="Plantronics Blackwire 3215",
        vendor_id=PLANTRONICS,
        product_id=0xC057,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": DOUBLE_VOLUME},
    ),
    ModelRecord(
        name="Plantronics Blackwire 3225",
        vendor_id=PLANTRONICS,
        product_id=0xC058,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": DOUBLE_VOLUME},
    ),
    ModelRecord(
        name="Plantronics Blackwire 3325",
        vendor_id=PLANTRONICS,
        product_id=0x430C,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": REPEATS},
    ),
    ModelRecord(
        name="Plantronics EncorePro 500",
        vendor_id=PLANTRONICS,
        product_id=0x431E,
        duplicate_s=DUPLICATE_S,
        evidence={"duplicate_s": REPEATS},
    ),
    ModelRecord(
        name="Polycom CX300",
        vendor_id=POLYCOM,
        product_id=0x9201,
        unacked_drop_s=0.05,
        usages={PROGRAMMABLE_BUTTON: Button.DELETE, SPEED_DIAL: None},
        reject_button=Button.DELETE,
        extension=Extension.CX300,
        evidence={
            "unacked_drop_s": "hook falls back after 50 ms (tSIP-plugin-PhonePolycomCX300 _doc/logs.txt)",
            "usages": "0B:07 is the backspace key; 0B:50 only marks any key held for 1.5 s "
            "(tSIP-plugin-PhonePolycomCX300 _doc/logs.txt)",
            "reject_button": "backspace rejects an incoming call "
            "(tSIP-plugin-PhonePolycomCX300 _doc/logs.txt)",
            "extension": "keepalive, display and presence lamp on page FF99 (cx300-control CX300Status.java)",
        },
    ),
)
