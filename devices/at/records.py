"""Records of what only tells about calls: caller id boxes and the call accounting port of a PBX.

May not take part in a dialogue: such a device is never written to, and accounting comes after the call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.at.values import fields

_BOX = re.compile(
    r"\$?(?P<line>[0-9]{2}) (?P<direction>[IO]) (?P<phase>[SE]) (?P<duration>[0-9]{4}) (?P<checksum>[GB])"
    r" (?P<ring>[A-Z][0-9]) (?P<date>[0-9]{2}/[0-9]{2}) (?P<time>[0-9]{2}:[0-9]{2} [AP]M)"
    r" (?P<number>.{14}) ?(?P<name>.{0,15})"
)
"""Whozz Calling, detailed format (callerid.com): fixed columns, number 14 and name 15 characters wide."""
_ESI = re.compile(r"[0-9]{8}")
_LOG = re.compile(
    r"(?P<date>[0-9]{2}/[0-9]{2}/[0-9]{2}) +(?P<time>[0-9]{2}:[0-9]{2}[AP]M) +(?P<extension>[0-9]{1,5}) +"
    r"LOG (?P<way>IN|OUT)"
)
"""Panasonic SMDR pattern A: log-in and log-out come on the lines of calls."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One record, as told; an empty text, and None, is what it does not say."""

    incoming: bool | None = None
    phase: str = ""
    duration_s: int | None = None
    line: str = ""
    extension: str = ""
    number: str = ""
    name: str = ""
    date: str = ""
    time: str = ""
    ring: str = ""
    intact: bool = True
    logged_in: bool | None = None


def read_record(line: str) -> CallRecord | None:
    """The record a line is, or None."""
    return _box(line) or _esi(line) or _log(line)


def _box(line: str) -> CallRecord | None:
    """Caller id box; a bad checksum is said, not hidden."""
    found = _BOX.fullmatch(line.rstrip("\r\n").ljust(50)[:80])
    if found is None:
        return None
    return CallRecord(
        incoming=found["direction"] == "I",
        phase="start" if found["phase"] == "S" else "end",
        duration_s=int(found["duration"]),
        line=str(int(found["line"])),
        number=found["number"].strip(),
        name=found["name"].strip(),
        date=found["date"],
        time=found["time"],
        ring=found["ring"],
        intact=found["checksum"] == "G",
    )


def _esi(line: str) -> CallRecord | None:
    """ESI accounting as CSV: way, MMDDYYYY, HHMMSS, HHMMSS long, extension, number, name, line."""
    parts = [field.text for field in fields(line)]
    if len(parts) != 8 or parts[0] not in {"I", "O"} or not _ESI.fullmatch(parts[1]):
        return None
    if not all(re.fullmatch(r"[0-9]{6}", clock) for clock in parts[2:4]):
        return None
    hours, minutes, seconds = (int(parts[3][place : place + 2]) for place in (0, 2, 4))
    return CallRecord(
        incoming=parts[0] == "I",
        phase="end",
        duration_s=hours * 3600 + minutes * 60 + seconds,
        line=parts[7].strip(),
        extension=parts[4].strip(),
        number=parts[5].strip(),
        name=parts[6].strip(),
        date=f"{parts[1][4:]}-{parts[1][:2]}-{parts[1][2:4]}",
        time=":".join(parts[2][place : place + 2] for place in (0, 2, 4)),
    )


def _log(line: str) -> CallRecord | None:
    found = _LOG.match(line)
    if found is None:
        return None
    return CallRecord(
        extension=found["extension"], date=found["date"], time=found["time"], logged_in=found["way"] == "IN"
    )
