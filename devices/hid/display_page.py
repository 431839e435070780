"""Microsoft's display page (FF99) in a report descriptor: which reports carry text, icons and language.

May not decide what is shown. The page holds the usages of the standard page 14 (Auxiliary Display, HID Usage
Tables 1.5: 20 attributes, 24 control, 25 clear, 26 enable, 2B characters, 35 rows, 36 columns, 48
character attributes) beside Microsoft's own, which are named as in GOnnect src/usb/ReportDescriptorEnums.h
and in a public gadget's header (hid_lync_display.h, USBHID_DFSI_LOCAL_NAME and its neighbours).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from devices.hid.bits import get_bits, set_bits
from devices.hid.fields import Descriptor, Field, ReportKind
from state.engine import Write

PAGE = 0xFF99
ENABLE, CLEAR, BACKLIGHT, SCREEN = 0x26, 0x25, 0xFF10, 0xFF11
FIRST_AREA, LAST_AREA = 0x81, 0x8C
TEXT_FOLLOWS, LAST, CHARACTERS = 0xFF22, 0xFF24, 0xFF2C
PRESENCE, VOICE_MAIL, MICROPHONE_MUTE = 0xFF18, 0xFF1B, 0xFF1C
ROWS, COLUMNS = 0x35, 0x36
LANGUAGE, LANGUAGE_MORE = 0x64, 0x65
NOTIFICATION = 0x03
PHONE_STATE = 0x62
"""Route, volume and mute of a phone, beside its keys: the CX300 has it, a headset has not."""
UNIT_BITS = 16
"""A character is one UTF-16 unit, the low byte first."""
MAX_REPORT_BYTES = 256
"""Reports of known devices have 63 at most; a damaged descriptor may claim what no ioctl can carry."""

Place = tuple[ReportKind, int]
"""A report: which way it goes, and its id."""

REQUIRED = (ENABLE, SCREEN, TEXT_FOLLOWS, LAST, CHARACTERS)


class Area(IntEnum):
    """Where a text goes, by what Lync and Teams write there; usages 81 to 8C in this order."""

    LOCAL_NAME = 1
    LOCAL_STATUS = 2
    DATE = 3
    TIME = 4
    CALL_STATUS = 5
    OTHER_NAME = 6
    OTHER_TITLE = 7
    SUBJECT = 8
    DURATION = 9
    NUMBER = 10
    OTHER_NUMBER = 11
    CONVERSATION = 12


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a display says of itself when it is asked."""

    rows: int
    columns: int
    areas: frozenset[int]


@dataclass(frozen=True, slots=True)
class DisplayPage:
    """The fields of one device's display, by usage."""

    fields: Mapping[int, Field]
    lengths: Mapping[Place, int]
    areas: Mapping[int, int]
    """Area -> the number that selects it."""
    selector: Field

    def control(self, screen: int | None) -> Write:
        """Switch to a screen, lit; None: off, which clears it."""
        on = int(screen is not None)
        return self._write({ENABLE: on, BACKLIGHT: on, SCREEN: screen or 0})

    def text(self, area: int, text: str) -> list[Write]:
        """Put a whole text into an area; a blank for none, or the display would keep the old one."""
        units = (text or " ").encode("utf-16-le", "replace")
        size = 2 * self.fields[CHARACTERS].count
        chunks = [units[n : n + size] for n in range(0, len(units), size)]
        return [
            self._write({TEXT_FOLLOWS: 1}, {self.selector: self.areas[area]}),
            *(self._characters(chunk, number == len(chunks)) for number, chunk in enumerate(chunks, 1)),
        ]

    def icons(self, presence: int, *, voice_mail: bool, muted: bool) -> list[Write]:
        """Presence, the voice mail icon and the microphone: an on/off pair that 0 would leave as it is."""
        if PRESENCE not in self.fields:
            return []
        pair = 1 if muted else -1
        return [self._write({PRESENCE: presence, VOICE_MAIL: int(voice_mail), MICROPHONE_MUTE: pair})]

    def language(self, code: int, more: int) -> list[Write]:
        """Tell which language the host speaks (a Windows LCID), where there is a report for it."""
        if LANGUAGE not in self.fields:
            return []
        return [self._write({LANGUAGE: code, LANGUAGE_MORE: more})]

    def notify(self, code: int) -> list[Write]:
        """An ASP notification, as long as declared; a device without such a report gets none."""
        return [self._write({NOTIFICATION: code})] if NOTIFICATION in self.fields else []

    @property
    def question(self) -> bytes | None:
        """The feature report to ask for, id first and zeros for the answer; None: it cannot be asked."""
        field = self.fields.get(ROWS)
        if field is None or field.kind is not ReportKind.FEATURE or not field.report_id:
            return None
        return bytes((field.report_id, *bytes(self.lengths[field.kind, field.report_id])))

    def attributes(self, answer: bytes) -> Attributes | None:
        """What the answer says; None where it is another report, cut short, or says that there is nothing."""
        question = self.question
        if question is None or len(answer) < len(question) or answer[0] != question[0]:
            return None
        told = {
            usage: get_bits(answer[1:], field.bit, field.size)
            for usage, field in self.fields.items()
            if field.kind is ReportKind.FEATURE and field.report_id == question[0]
        }
        rows, width = told.get(ROWS, 0), told.get(COLUMNS, 0)
        areas = frozenset(
            usage - FIRST_AREA + 1
            for usage, said in told.items()
            if FIRST_AREA <= usage <= LAST_AREA and said
        )
        return Attributes(rows, width, areas) if rows and width and areas else None

    def _characters(self, chunk: bytes, last: bool) -> Write:
        return self._write({LAST: int(last), CHARACTERS: int.from_bytes(chunk, "little")})

    def _write(self, values: Mapping[int, int], more: Mapping[Field, int] | None = None) -> Write:
        """One whole report with these values; what the device does not have in that report is left out."""
        placed = [(self.fields[usage], value) for usage, value in values.items() if usage in self.fields]
        placed += (more or {}).items()
        home = _place(placed[0][0])
        payload = bytearray(self.lengths[home])
        for field, value in placed:
            if _place(field) == home:
                bits = field.size * field.count
                set_bits(payload, field.bit, bits, value & (1 << bits) - 1)
        return Write(bytes((home[1], *payload)), via=home[0].value)


def read_page(descriptor: Descriptor) -> DisplayPage | None:
    """The display of a device; None where its reports lack what a text needs."""
    lengths = {(each.kind, each.report_id): each.payload_bytes for each in descriptor.reports}
    own = [
        field
        for field in descriptor.fields
        if field.usage >> 16 == PAGE and lengths[_place(field)] <= MAX_REPORT_BYTES
    ]
    fields = {
        field.usage & 0xFFFF: field
        for field in reversed(own)
        if not field.array and field.kind is not ReportKind.INPUT
    }
    selector = next((field for field in own if field.array and field.kind is ReportKind.OUTPUT), None)
    if selector is None or any(usage not in fields for usage in REQUIRED):
        return None
    areas = {
        (usage & 0xFFFF) - FIRST_AREA + 1: value
        for usage, value in selector.array_values()
        if FIRST_AREA <= usage & 0xFFFF <= LAST_AREA
    }
    homes = [
        {_place(fields[usage]) for usage in usages} | {_place(each) for each in others}
        for usages, others in (
            ((ENABLE, SCREEN), ()),
            ((TEXT_FOLLOWS,), (selector,)),
            ((LAST, CHARACTERS), ()),
        )
    ]
    if not (
        areas
        and fields[CHARACTERS].size == UNIT_BITS
        and all(len(home) == 1 for home in homes)
        and all(map(_outputs, homes))
    ):
        return None
    return DisplayPage(fields, lengths, areas, selector)


def is_phone(descriptor: Descriptor) -> bool:
    """Whether its keys come with the state of a desk phone: route, volume, mute."""
    state = PAGE << 16 | PHONE_STATE
    return any(field.usage == state and field.kind is ReportKind.INPUT for field in descriptor.fields)


def _place(field: Field) -> Place:
    return field.kind, field.report_id


def _outputs(places: set[Place]) -> bool:
    return all(kind is ReportKind.OUTPUT for kind, _report_id in places)
