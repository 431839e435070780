"""HID usages that matter to a call (USB HID Usage Tables 1.5: Telephony, LED, Consumer, Button) as tables.

May not decide which page a device is read by: that is `devices.hid.controls`.
"""

from __future__ import annotations

from enum import StrEnum

from state.words import Button

TELEPHONY = 0x0B
LED = 0x08
CONSUMER = 0x0C
BUTTON = 0x09

PROGRAMMABLE = 0x07
HOOK_SWITCH = 0x20
PHONE_MUTE = 0x2F
RINGER = 0x9E

BUTTONS: dict[int, Button] = {
    0x07: Button.PROGRAMMABLE,
    0x21: Button.FLASH,
    0x23: Button.FLASH,
    0x24: Button.REDIAL,
    0x26: Button.REJECT,
    0x2A: Button.LINE,
    0x50: Button.SPEED_DIAL,
    0x70: Button.VOICE_MAIL,
}
"""Telephony page ids that are keys. Drop (26) is the reject key of EPOS; Hold (23) does what Flash does."""

DIGITS: dict[int, str] = {
    **{0xB0 + n: str(n) for n in range(10)},
    0xBA: "*",
    0xBB: "#",
    **{0xBC + n: letter for n, letter in enumerate("ABCD")},
}
"""Telephony page ids of the dial pad."""

CONSUMER_BUTTONS: dict[int, Button] = {0xE9: Button.VOLUME_UP, 0xEA: Button.VOLUME_DOWN}
"""Consumer page ids; E2 (Mute) is the speaker's mute and says nothing of the microphone."""


class Lamp(StrEnum):
    """A lamp or sounder of the device; the names are those of state.commands.Lamps, ringer follows ring."""

    OFF_HOOK = "off_hook"
    MUTE = "mute"
    HOLD = "hold"
    RING = "ring"
    RINGER = "ringer"
    MICROPHONE = "microphone"
    MESSAGE_WAITING = "message_waiting"


LAMPS: dict[int, Lamp] = {
    0x09: Lamp.MUTE,
    0x17: Lamp.OFF_HOOK,
    0x18: Lamp.RING,
    0x19: Lamp.MESSAGE_WAITING,
    0x20: Lamp.HOLD,
    0x21: Lamp.MICROPHONE,
}
"""LED page ids."""

MIRRORS: dict[int, int] = {0xFF30: 0xFF40, 0xFF13: 0xFF95}
"""Vendor pages that repeat the telephony page, and the LED page that belongs to each.

FF30/FF40: Jabra and Yealink; FF13/FF95: Sennheiser and EPOS (GOnnect tests/resources/hid). Ids are the
standard ones. Every press comes on both pages, so one page is read per device.
"""

VENDOR_PAGES: dict[int, str] = {
    0xFF30: "Jabra or Yealink",
    0xFF13: "EPOS",
    0xFFA0: "Poly",
    0xFFA2: "Poly",
    0xFF99: "Microsoft Teams",
}
"""Vendor pages with call keys, and whose they are.

Poly's ids are its own (B5 mute, B1 and B2 volume: Linux hid-plantronics), and no source names one for the
hook; Teams' page has displays and one button. A device is never read by these two: it has the telephony page
beside them, or it cannot be used.
"""

ONLY_MIRRORED: dict[int, Button] = {0xFF30_FFFD: Button.REJECT}
"""Vendor keys the standard page has no usage for, so they are no duplicate: Jabra's and Yealink's reject.

At bit 5 on a Jabra headset, 4 on its speakerphone, 6 on a Yealink: only the usage says where.
"""
