"""Records of devices that are no call-control headset, whatever their descriptor or their vendor id suggests.

May not hold behaviour.
"""

from __future__ import annotations

from devices.models.record import ModelRecord

RECORDS: tuple[ModelRecord, ...] = (
    ModelRecord(
        name="Logitech MX Brio",
        vendor_id=0x046D,
        product_id=0x0944,
        call_control=False,
        evidence={
            "call_control": "a webcam: hook and mute, nothing to hear with (macOS IORegistry of one, "
            "tests/data/hid/046d-0944_logitech_mx_brio.json)",
        },
    ),
    ModelRecord(
        name="BOYA mini 2",
        vendor_id=0x2F05,
        product_id=0x003B,
        call_control=False,
        evidence={
            "call_control": "a microphone receiver whose descriptor poses as a phone with 15 lamps "
            "(bn-l/boyamanager)",
        },
    ),
    ModelRecord(
        name="Razer RZ19-0229 microphone",
        vendor_id=0x1532,
        product_id=0x0511,
        call_control=False,
        evidence={
            "call_control": "a gaming microphone (usb.ids); its only telephony input is a constant hook",
        },
    ),
    ModelRecord(
        name="Razer Kraken Kitty V2",
        vendor_id=0x1532,
        product_id=0x0560,
        call_control=False,
        evidence={"call_control": "its telephony collection is empty (gh123man/OpenSnek pull request 120)"},
    ),
    ModelRecord(
        name="Microsoft SideWinder Game Voice",
        vendor_id=0x045E,
        product_id=0x003B,
        call_control=False,
        evidence={
            "call_control": "a command pad for voice chat in games: team keys in a headset collection "
            "(ghoebilly/ts3gamevoice)",
        },
    ),
    ModelRecord(
        name="HP Internet handset",
        vendor_id=0x03F0,
        product_id=0x1C07,
        call_control=False,
        evidence={
            "call_control": "press codes of two bytes, cradle in a feature report: it needs an engine of its "
            "own (arkygeek/voipHandset device.py)",
        },
    ),
    ModelRecord(
        name="Yealink USB-P1K",
        vendor_id=0x6993,
        product_id=0xB001,
        call_control=False,
        evidence={
            "call_control": "speaks vendor packets of 16 bytes, no telephony page (Linux "
            "drivers/input/misc/yealink.c)",
        },
    ),
    ModelRecord(
        name="Plantronics Status Indicator",
        vendor_id=0x047F,
        product_id=0xD005,
        call_control=False,
        evidence={"call_control": "a busy light with the vendor id of headsets (JnyJny/busylight issue 28)"},
    ),
    ModelRecord(
        name="EPOS Busylight",
        vendor_id=0x1395,
        product_id=0x0074,
        call_control=False,
        evidence={
            "call_control": "a busy light with the vendor id of headsets (JnyJny/busylight "
            "packages/busylight-core)",
        },
    ),
)
