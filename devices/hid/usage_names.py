"""Names of HID usages (USB HID Usage Tables 1.5: Telephony, LED, Button, and the Consumer ids of headsets).

May not give a usage a meaning: that is `devices.hid.usages`. Ids the tables leave out are reserved.
"""

from __future__ import annotations

from devices.hid.usages import BUTTON, CONSUMER, LED, MIRRORS, ONLY_MIRRORED, TELEPHONY
from devices.models.toml_form import usage_key

_TELEPHONY = """
01 Phone; 02 Answering Machine; 03 Message Controls; 04 Handset; 05 Headset; 06 Telephony Key Pad; 07
Programmable Button; 20 Hook Switch; 21 Flash; 22 Feature; 23 Hold; 24 Redial; 25 Transfer; 26 Drop; 27
Park; 28 Forward Calls; 29 Alternate Function; 2A Line; 2B Speaker Phone; 2C Conference; 2D Ring Enable;
2E Ring Select; 2F Phone Mute; 30 Caller ID; 31 Send; 50 Speed Dial; 51 Store Number; 52 Recall Number; 53
Phone Directory; 70 Voice Mail; 71 Screen Calls; 72 Do Not Disturb; 73 Message; 74 Answer On/Off; 90
Inside Dial Tone; 91 Outside Dial Tone; 92 Inside Ring Tone; 93 Outside Ring Tone; 94 Priority Ring Tone;
95 Inside Ringback; 96 Priority Ringback; 97 Line Busy Tone; 98 Reorder Tone; 99 Call Waiting Tone; 9A
Confirmation Tone 1; 9B Confirmation Tone 2; 9C Tones Off; 9D Outside Ringback; 9E Ringer; B0 Phone Key 0;
B1 Phone Key 1; B2 Phone Key 2; B3 Phone Key 3; B4 Phone Key 4; B5 Phone Key 5; B6 Phone Key 6; B7 Phone
Key 7; B8 Phone Key 8; B9 Phone Key 9; BA Phone Key Star; BB Phone Key Pound; BC Phone Key A; BD Phone Key
B; BE Phone Key C; BF Phone Key D; C0 Phone Call History Key; C1 Phone Caller ID Key; C2 Phone Settings
Key; F0 Host Control; F1 Host Available; F2 Host Call Active; F3 Activate Handset Audio; F4 Ring Type; F5
Re-dialable Phone Number; F8 Stop Ring Tone; F9 PSTN Ring Tone; FA Host Ring Tone; FB Alert Sound Error;
FC Alert Sound Confirm; FD Alert Sound Notification; FE Silent Ring
"""

_LED = """
01 Num Lock; 02 Caps Lock; 03 Scroll Lock; 04 Compose; 05 Kana; 06 Power; 07 Shift; 08 Do Not Disturb; 09
Mute; 0A Tone Enable; 0B High Cut Filter; 0C Low Cut Filter; 0D Equalizer Enable; 0E Sound Field On; 0F
Surround On; 10 Repeat; 11 Stereo; 12 Sampling Rate Detect; 13 Spinning; 14 CAV; 15 CLV; 16 Recording
Format Detect; 17 Off-Hook; 18 Ring; 19 Message Waiting; 1A Data Mode; 1B Battery Operation; 1C Battery
OK; 1D Battery Low; 1E Speaker; 1F Headset; 20 Hold; 21 Microphone; 22 Coverage; 23 Night Mode; 24 Send
Calls; 25 Call Pickup; 26 Conference; 27 Stand-by; 28 Camera On; 29 Camera Off; 2A On-Line; 2B Off-Line;
2C Busy; 2D Ready; 2E Paper-Out; 2F Paper-Jam; 30 Remote; 31 Forward; 32 Reverse; 33 Stop; 34 Rewind; 35
Fast Forward; 36 Play; 37 Pause; 38 Record; 39 Error; 3A Usage Selected Indicator; 3B Usage In Use
Indicator; 3C Usage Multi Mode Indicator; 3D Indicator On; 3E Indicator Flash; 3F Indicator Slow Blink; 40
Indicator Fast Blink; 41 Indicator Off; 42 Flash On Time; 43 Slow Blink On Time; 44 Slow Blink Off Time;
45 Fast Blink On Time; 46 Fast Blink Off Time; 47 Usage Indicator Color; 48 Indicator Red; 49 Indicator
Green; 4A Indicator Amber; 4B Generic Indicator; 4C System Suspend; 4D External Power Connected; 4E
Indicator Blue; 4F Indicator Orange; 50 Good Status; 51 Warning Status
"""

_CONSUMER = """
01 Consumer Control; B0 Play; B1 Pause; B2 Record; B3 Fast Forward; B4 Rewind; B5 Scan Next Track; B6 Scan
Previous Track; B7 Stop; CD Play/Pause; E0 Volume; E2 Mute; E9 Volume Increment; EA Volume Decrement
"""


def _table(text: str) -> dict[int, str]:
    entries = (entry.split(maxsplit=1) for entry in text.replace("\n", " ").split(";"))
    return {int(number, 16): name.strip() for number, name in entries}


NAMES: dict[int, dict[int, str]] = {
    TELEPHONY: _table(_TELEPHONY),
    LED: _table(_LED),
    CONSUMER: _table(_CONSUMER),
}
"""Page -> id -> name."""

STANDARD: dict[int, int] = {
    **dict.fromkeys(MIRRORS, TELEPHONY),
    **dict.fromkeys(MIRRORS.values(), LED),
}
"""Vendor pages whose ids are those of a standard page."""


def usage_name(usage: int) -> str:
    """What a usage is called; `vendor FF00:0001` or `usage 0001:0030` where it has no name here."""
    page, number = usage >> 16, usage & 0xFFFF
    if usage in ONLY_MIRRORED:
        return ONLY_MIRRORED[usage].value.replace("_", " ").capitalize()
    if page == BUTTON:
        return f"Button {number}"
    name = NAMES.get(STANDARD.get(page, page), {}).get(number)
    return name or f"{'vendor' if page >= 0xFF00 else 'usage'} {usage_key(usage)}"


def knows(usage: int) -> bool:
    """Whether a telephony usage (or its vendor mirror's) has a name."""
    page = usage >> 16
    return STANDARD.get(page, page) == TELEPHONY and usage & 0xFFFF in NAMES[TELEPHONY]
