"""Descriptors written from what is known of devices whose own bytes are not here: layouts, not captures.

May not be used by the product. Bits and flags follow published notes on each device; what the notes leave
open is written the way the maker's other devices have it.
"""

from __future__ import annotations

from collections.abc import Iterable

TELEPHONY, LED, CONSUMER, BUTTON, TEAMS = 0x0B, 0x08, 0x0C, 0x09, 0xFF99
HOOK, FLASH, REDIAL, DROP, LINE, MUTE, SPEED, VOICE, BUSY, RINGER = (
    0x20, 0x21, 0x24, 0x26, 0x2A, 0x2F, 0x50, 0x70, 0x97, 0x9E,
)  # fmt: skip
OFF_HOOK, RING, MUTE_LED, HOLD, MIC, SPEAKER, ON_LINE = 0x17, 0x18, 0x09, 0x20, 0x21, 0x1E, 0x2A
DATA, REL, NO_PREFERRED, CONST, NULL = 0x02, 0x06, 0x22, 0x01, 0x40
CONST_LEVEL, CONST_EDGE = 0x23, 0x07
INPUT, OUTPUT, FEATURE = 0x81, 0x91, 0xB1


def item(prefix: int, value: int) -> bytes:
    """A short item in as few bytes as it needs; prefix with size bits 0."""
    size = 1 if value <= 0xFF else 2
    return bytes((prefix | size,)) + value.to_bytes(size, "little")


def bits(kind: int, page: int, ids: Iterable[int], flags: int = DATA, size: int = 1) -> bytes:
    """One field of `size` bits per usage."""
    ids = tuple(ids)
    usages = b"".join(item(0x08, each) for each in ids)
    counted = item(0x14, 0) + item(0x24, 1) + item(0x74, size) + item(0x94, len(ids))
    return item(0x04, page) + usages + counted + bytes((kind, flags))


def pad(kind: int, count: int) -> bytes:
    """Constant bits without a usage."""
    return item(0x74, 1) + item(0x94, count) + bytes((kind, CONST))


def array(
    kind: int,
    page: int,
    first: int,
    last: int,
    *,
    size: int,
    low: int,
    high: int,
    flags: int = 0,
    count: int = 1,
) -> bytes:
    """One array over a range of usages."""
    span = item(0x04, page) + item(0x18, first) + item(0x28, last)
    return (
        span
        + item(0x14, low)
        + item(0x24, high)
        + item(0x74, size)
        + item(0x94, count)
        + bytes((kind, flags))
    )


def report(number: int) -> bytes:
    """What follows belongs to this report id."""
    return item(0x84, number)


def collection(page: int, usage: int, *items: bytes, kind: int = 1) -> bytes:
    """A collection, an application by default."""
    return item(0x04, page) + item(0x08, usage) + bytes((0xA1, kind)) + b"".join(items) + b"\xc0"


def consumer(number: int, flags: int = DATA) -> bytes:
    """Volume keys in a Consumer collection."""
    keys = bits(INPUT, CONSUMER, (0xE9, 0xEA), flags)
    return collection(CONSUMER, 0x01, report(number), keys, pad(INPUT, 6))


KEYPAD_0_12_NULL = collection(
    TELEPHONY, 0x06, array(INPUT, TELEPHONY, 0xB0, 0xBB, size=4, low=0, high=12, flags=NULL), kind=2
)


def mirror(
    number: int, inputs: bytes, lamps: Iterable[int], tlc: tuple[int, int], page: int = 0xFF40
) -> bytes:
    """A vendor collection that repeats the telephony page."""
    shown = bits(OUTPUT, page, lamps, NO_PREFERRED)
    return collection(*tlc, report(number), inputs, shown, pad(OUTPUT, 2))


LINK_380C = b"".join((
    collection(
        TELEPHONY, 0x05, report(2),
        bits(INPUT, TELEPHONY, (HOOK, BUSY), CONST_LEVEL),
        bits(INPUT, TELEPHONY, (MUTE, FLASH, REDIAL, SPEED), CONST_EDGE),
        bits(INPUT, TELEPHONY, (0x07,), CONST_LEVEL), KEYPAD_0_12_NULL, pad(INPUT, 5),
        bits(OUTPUT, LED, (OFF_HOOK, SPEAKER, MUTE_LED, RING, HOLD, MIC, ON_LINE), NO_PREFERRED),
        bits(OUTPUT, TELEPHONY, (RINGER,), NO_PREFERRED), pad(OUTPUT, 8),
    ),
    mirror(
        4,
        bits(INPUT, 0xFF30, (HOOK, BUSY), NO_PREFERRED)
        + bits(INPUT, 0xFF30, (MUTE, FLASH, REDIAL, 0xFFFD, SPEED), REL) + pad(INPUT, 9),
        (OFF_HOOK, MUTE_LED, RING, HOLD, MIC, ON_LINE), (0xFF00, 0x01),
    ),
    consumer(1),
))  # fmt: skip
"""Jabra Link 380c: call inputs Const, LEDs OffHook0 Speaker1 Mute2 Ring3 Hold4 Mic5 OnLine6, Ringer7."""

WH66 = b"".join((
    collection(
        TELEPHONY, 0x05, report(2),
        bits(INPUT, TELEPHONY, (HOOK, BUSY), NO_PREFERRED),
        bits(INPUT, TELEPHONY, (MUTE, FLASH, REDIAL, SPEED), REL),
        bits(INPUT, TELEPHONY, (0x07,)), KEYPAD_0_12_NULL, pad(INPUT, 5),
        bits(OUTPUT, LED, (OFF_HOOK, MUTE_LED, RING, HOLD, MIC), NO_PREFERRED),
        bits(OUTPUT, TELEPHONY, (RINGER,), NO_PREFERRED), pad(OUTPUT, 10),
    ),
    mirror(
        4,
        bits(INPUT, 0xFF30, (HOOK, BUSY), NO_PREFERRED)
        + bits(INPUT, 0xFF30, (MUTE, FLASH, REDIAL, SPEED, 0xFFFD), REL) + pad(INPUT, 9),
        (OFF_HOOK, MUTE_LED, RING, HOLD, MIC, ON_LINE), (0xFF00, 0x01),
    ),
    collection(TEAMS, 0x01, report(0x9B), bits(INPUT, TEAMS, (0x04,)), pad(INPUT, 7)),
    consumer(1),
))  # fmt: skip
"""Yealink WH66: Jabra's layout, reject at bit 6, vendor output of 8 bits, a Teams page."""


def epos(*, nested: bool) -> bytes:
    """EPOS IMPACT DW and D: a nested application without usage, volume among the call keys, Ringer first."""
    body = b"".join((
        report(2), bits(INPUT, TELEPHONY, (HOOK,)), bits(INPUT, CONSUMER, (0xE9, 0xEA)),
        bits(INPUT, TELEPHONY, (FLASH, REDIAL, MUTE, DROP), REL),
        collection(TELEPHONY, 0x07, bits(INPUT, BUTTON, (0x01,)), kind=2),
        report(3), bits(OUTPUT, TELEPHONY, (RINGER,)),
        bits(OUTPUT, LED, (OFF_HOOK, MIC, RING, MUTE_LED, ON_LINE, HOLD)),
        pad(OUTPUT, 1),
    ))  # fmt: skip
    inner = b"\xa1\x01" + body + b"\xc0" if nested else body
    vendor = bits(INPUT, 0xFF13, (HOOK,), NO_PREFERRED) + bits(
        INPUT, 0xFF13, (FLASH, REDIAL, MUTE, DROP), REL
    )
    return collection(TELEPHONY, 0x05, inner) + mirror(
        4, vendor + pad(INPUT, 3), (OFF_HOOK, MIC, RING, MUTE_LED, ON_LINE, HOLD), (0xFFFF, 0x01), 0xFF95
    )


IMPACT_DW, IMPACT_D = epos(nested=True), epos(nested=True)

SP325 = b"".join((
    consumer(1),
    *(collection(0xFF00 + n, 0x01, report(0x10 + n), bits(INPUT, 0xFF00 + n, (0x01,), size=8))
      for n in range(3)),
    collection(
        TELEPHONY, 0x05, report(5), bits(INPUT, TELEPHONY, (HOOK,), NO_PREFERRED),
        bits(INPUT, TELEPHONY, (MUTE, FLASH, BUSY), REL), pad(INPUT, 4),
        bits(OUTPUT, LED, (OFF_HOOK, MUTE_LED, RING, HOLD, MIC), NO_PREFERRED), pad(OUTPUT, 3),
    ),
))  # fmt: skip
"""Dell SP325: the telephony collection is the last of five, Line Busy Tone is relative, LEDs in report 5."""

C5220 = b"".join((
    consumer(1, REL),
    collection(
        TELEPHONY, 0x05, report(8), bits(INPUT, TELEPHONY, (MUTE,), REL),
        bits(INPUT, TELEPHONY, (HOOK, FLASH), NO_PREFERRED), pad(INPUT, 5),
        *(report(0x1A if led == SPEAKER else led) + bits(OUTPUT, LED, (led,), NO_PREFERRED) + pad(OUTPUT, 7)
          for led in (MUTE_LED, OFF_HOOK, RING, SPEAKER, HOLD, ON_LINE)),
    ),
    collection(TEAMS, 0x01, report(0x9B), bits(INPUT, TEAMS, (0x04,)), pad(INPUT, 7)),
))  # fmt: skip
"""Plantronics Blackwire C5220: one LED per report, report id == usage id except Speaker, a Teams page."""

VOYAGER_BASE = b"".join((
    consumer(0xFF),
    collection(
        TELEPHONY, 0x05, report(0x20), bits(INPUT, TELEPHONY, (HOOK,), NO_PREFERRED),
        bits(INPUT, TELEPHONY, (MUTE,), REL), bits(INPUT, TELEPHONY, (FLASH,)),
        bits(INPUT, TELEPHONY, (REDIAL, 0x07), REL), pad(INPUT, 3),
        *(report(number) + bits(OUTPUT, LED, (led,), NO_PREFERRED) + pad(OUTPUT, 7)
          for number, led in enumerate((RING, SPEAKER, MUTE_LED, OFF_HOOK, HOLD), 1)),
    ),
    collection(0xFFA0, 0x03, report(6), bits(INPUT, 0xFFA0, (0xA1,), NO_PREFERRED),
               bits(INPUT, 0xFFA0, (0xB7, 0xB5, 0xB3, 0xB1, 0xB2), REL), pad(INPUT, 2)),
))  # fmt: skip
"""Poly Voyager Base CD: LEDs are reports 1 to 5; collections Consumer, Telephony, vendor."""

SIDEWINDER = collection(
    TELEPHONY, 0x05, bits(INPUT, BUTTON, range(1, 9)),
    collection(LED, 0x3A, bits(FEATURE, BUTTON, range(1, 9)), kind=2),
)  # fmt: skip
"""SideWinder Game Voice: no report id, buttons in a Headset collection, LEDs by feature, usage-selected."""

BOYA = b"".join((
    consumer(1),
    collection(
        TELEPHONY, 0x05, report(7), bits(INPUT, TELEPHONY, (HOOK,), CONST_LEVEL),
        bits(INPUT, TELEPHONY, (MUTE, FLASH), CONST_EDGE), pad(INPUT, 5),
        bits(OUTPUT, LED, (OFF_HOOK, MUTE_LED, RING, HOLD, MIC, SPEAKER, ON_LINE), NO_PREFERRED),
        bits(OUTPUT, LED, (0x19, 0x1F, 0x22, 0x26, 0x2B, 0x2C, 0x08), NO_PREFERRED),
        bits(OUTPUT, TELEPHONY, (RINGER,), NO_PREFERRED), pad(OUTPUT, 1),
    ),
))  # fmt: skip
"""BOYA mini 2: a microphone receiver that declares a phone with 15 lamps."""

H540 = consumer(1) + collection(
    0xFF43, 0x0202, report(0x11), array(INPUT, 0xFF43, 2, 2, size=8, low=0, high=255, count=19)
)
"""Logitech H540: volume keys and a vendor page."""

RAZER_MIC = collection(
    TELEPHONY, 0x05, report(1), bits(INPUT, TELEPHONY, (HOOK,), CONST_LEVEL), pad(INPUT, 7)
) + consumer(2)
"""Razer Seiren microphone: a telephony collection with nothing but a Const hook."""

YEALINK_ADAPTER = collection(
    TELEPHONY, 0x01,
    array(INPUT, BUTTON, 0x01, 0x3F, size=1, low=0, high=1, count=128),
    array(OUTPUT, LED, 0x01, 0x10, size=1, low=0, high=1, count=128),
)  # fmt: skip
"""Yealink USB phone adapter (FreeBSD usb_template_phone.c): a fig leaf over 16-byte vendor packets."""
