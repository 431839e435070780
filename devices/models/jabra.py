"""Records of Jabra headsets and speakerphones (vendor 0b0e); the descriptor tells nearly everything.

May not hold behaviour. They keep Off-Hook while a call is held (GOnnect pull request 52) and take an
unanswered press back after 2 s (WICG/webhid issue 61), which are the defaults.
"""

from __future__ import annotations

from devices.models.record import ModelRecord

JABRA = 0x0B0E

RECORDS: tuple[ModelRecord, ...] = (
    ModelRecord(
        name="Jabra Evolve Link MS",
        vendor_id=JABRA,
        product_id=0x0307,
        array_base=1,
        evidence={
            "array_base": "descriptor says keys 0..11, no null state; on the wire 0 is no key and 1 is key 0 "
            "(GOnnect src/usb/HeadsetDevice.cpp)",
        },
    ),
    ModelRecord(
        name="Jabra BIZ 2400 II",
        vendor_id=JABRA,
        product_id=0x2453,
        array_base=1,
        evidence={"array_base": "13 values over 12 keys, 0 is no key (GOnnect src/usb/HeadsetDevice.cpp)"},
    ),
    ModelRecord(
        name="Jabra PRO 930",
        vendor_id=JABRA,
        product_id=0x1017,
        evidence={
            "name": "one node with telephony, vendor and consumer collections (HeadsetControl issue 425)",
        },
    ),
    ModelRecord(
        name="Jabra Speak 810",
        vendor_id=JABRA,
        product_id=0x2456,
        evidence={
            "name": "speakerphone: hook, mute, flash, no keypad (GOnnect tests/resources/hid/0b0e-2456.bin)",
        },
    ),
    ModelRecord(
        name="Jabra Link 380",
        vendor_id=JABRA,
        product_id=0x24C8,
        evidence={
            "name": "with Evolve2 65: boom arm and sidetone are not told over HID, a lamp report has 3 bytes "
            "(Sm4rtens/jabra-sidetone-linux README)",
        },
    ),
    ModelRecord(
        name="Jabra Link 380c",
        vendor_id=JABRA,
        product_id=0x24C9,
        evidence={
            "name": "call inputs are declared constant and change all the same (Chromium test descriptor "
            "JabraLink380c; michidold/Jabraw reads them live)",
        },
    ),
)
