"""Agreement with hid-tools on every valid descriptor there is: field by field, report by report.

hid-tools is GPL-2.0: it is installed into an environment of its own and run as a program, `hid-decode`. That
lists items with their values; what the items add up to is added up here, once with the page in force when a
usage was named (ours), once with the last page before the main item (Linux and hid-tools). Where the two
differ is a list of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import Descriptor, Flags
from devices.hid.usage_names import NAMES
from tests.devices.hid import built
from tests.devices.hid.descriptors import (
    ALL,
    ANKER,
    BIZ,
    BRIO,
    BT700,
    CX300,
    D1,
    JABRA,
    SC660,
    SPEAK,
    WH66,
    load,
)
from tests.peers.install import pypi
from tests.support import shared_data

PACKAGE = "hid-tools==0.12"
RUN_S = 60
LINE = re.compile(r"^# ((?:0x[0-9a-f]{2}, ?)+)\s*// +([A-Z][A-Za-z ]*?)(?: \((.*)\))?\s+(\d+)$")
WORDS = {
    "Cnst": Flags.CONSTANT,
    "Var": Flags.VARIABLE,
    "Rel": Flags.RELATIVE,
    "Wrap": Flags.WRAP,
    "NonLin": Flags.NON_LINEAR,
    "NoPref": Flags.NO_PREFERRED,
    "Null": Flags.NULL_STATE,
    "Vol": Flags.VOLATILE,
    "Buff": Flags.BUFFERED,
    "Data": Flags(0),
    "Arr": Flags(0),
    "Abs": Flags(0),
}
"""Flag words as the program writes them."""

GLOBALS = {
    "Usage Page": "page",
    "Report ID": "id",
    "Report Size": "size",
    "Report Count": "count",
    "Logical Minimum": "low",
    "Logical Maximum": "high",
}

CALL_BUTTON = (0x000B_0007, 0x0009_0007)
LATER_PAGE: dict[str, set[tuple[int, int]]] = {
    **{name: {CALL_BUTTON} for name in (JABRA, BIZ, SPEAK, BT700, CX300, ANKER, WH66)},
    **{name: {CALL_BUTTON, (0xFF13_0007, 0x0009_0007)} for name in (SC660, D1)},
}
"""Usages named before a page that follows them: what we read, and what Linux and hid-tools make of them.

These makers name Programmable Button (0B:07), then declare page 09, some with a Button 1 that is the same
key: Linux reads Button 7. A device that is not in this table must say the same either way.
"""


@dataclass(frozen=True)
class Element:
    """One number of a report: a variable field has one usage, an array all it may name."""

    kind: str
    report_id: int
    bit: int
    size: int
    usages: tuple[tuple[int, int], ...]
    low: int
    high: int
    flags: Flags
    application: int


@dataclass
class Listing:
    """Adds up the items of one listing."""

    later_page: bool
    elements: list[Element] = field(default_factory=list)
    bits: dict[tuple[str, int], int] = field(default_factory=dict)
    applications: list[int] = field(default_factory=list)
    now: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GLOBALS.values(), 0))
    stack: list[dict[str, int]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    depth: int = 0

    def take(self, raw: bytes, name: str, said: str) -> None:
        """One line: its bytes, its name, its value."""
        number = int.from_bytes(raw[1:], "little")
        match name:
            case "Usage Page":
                self.now["page"] = number
            case "Report ID" | "Report Size" | "Report Count" | "Logical Minimum" | "Logical Maximum":
                self.now[GLOBALS[name]] = int(said)
            case "Push":
                self.stack.append(dict(self.now))
            case "Pop":
                self.now = self.stack.pop()
            case "Usage":
                self.spans.append((self.paged(raw), self.paged(raw)))
            case "Usage Minimum":
                self.spans.append((self.paged(raw), -1))
            case "Usage Maximum":
                self.spans[-1] = (self.spans[-1][0], self.paged(raw))
            case "Collection":
                if self.depth == 0:
                    self.applications.append(self.named()[0][0])
                self.depth += 1
                self.spans = []
            case "End Collection":
                self.depth -= 1
                self.spans = []
            case "Input" | "Output" | "Feature":
                self.main(name.lower(), said)
                self.spans = []

    def paged(self, raw: bytes) -> int:
        """A usage with the page in force; a long one has its own."""
        number = int.from_bytes(raw[1:], "little")
        return number | 1 << 32 if len(raw) == 5 else self.now["page"] << 16 | number

    def named(self) -> list[tuple[int, int]]:
        """The usages since the last main item."""
        return [(self.settled(first), self.settled(last)) for first, last in self.spans]

    def settled(self, usage: int) -> int:
        if usage >> 32:
            return usage & 0xFFFF_FFFF
        return self.now["page"] << 16 | usage & 0xFFFF if self.later_page else usage

    def main(self, kind: str, said: str) -> None:
        """One main item: its elements, and how far its report reaches."""
        flags = Flags(0)
        for word in said.split(","):
            flags |= WORDS[word]
        now = self.now
        start = self.bits.get((kind, now["id"]), 0)
        self.bits[kind, now["id"]] = start + now["size"] * now["count"]
        spans = self.named()
        if not spans or not now["size"]:
            return
        each = [usage for first, last in spans for usage in range(first, last + 1)]
        for n in range(now["count"]):
            one = each[min(n, len(each) - 1)]
            usages = ((one, one),) if flags & Flags.VARIABLE else tuple(spans)
            place = (kind, now["id"], start + n * now["size"], now["size"])
            self.elements.append(
                Element(*place, usages, now["low"], now["high"], flags, self.applications[-1])
            )


def ours(descriptor: Descriptor) -> list[Element]:
    """The same of our own reading."""
    return [
        Element(
            f.kind.value, f.report_id, f.bit + n * f.size, f.size, tuple((s.first, s.last) for s in f.usages),
            f.logical_min, f.logical_max, f.flags, f.path[0].usage,
        )
        for f in descriptor.fields
        for n in range(f.count)
    ]  # fmt: skip


@pytest.fixture(name="hid_decode", scope="module")
def _hid_decode() -> Path:
    """The program, in an environment of its own; a skip where it cannot be had."""
    return pypi(PACKAGE).with_name("hid-decode")


def lines_of(program: Path, descriptor: bytes, folder: Path) -> list[tuple[bytes, str, str]]:
    """What the program says of a descriptor, every byte of it."""
    file = folder / "descriptor"
    text = f"R: {len(descriptor)} {descriptor.hex(' ')}\nN: device\nI: 3 0001 0001\n"
    file.write_text(text, encoding="ascii")
    done = subprocess.run([program, file], capture_output=True, text=True, check=True, timeout=RUN_S)
    found = [match for match in map(LINE.match, done.stdout.splitlines()) if match]
    lines = [(bytes.fromhex(m[1].replace("0x", "").replace(",", "")), m[2], m[3] or "") for m in found]
    assert b"".join(raw for raw, _, _ in lines) == descriptor, done.stdout + done.stderr
    return lines


def add_up(lines: list[tuple[bytes, str, str]], *, later_page: bool) -> Listing:
    listing = Listing(later_page)
    for raw, name, said in lines:
        listing.take(raw, name, said)
    return listing


def descriptors() -> dict[str, bytes]:
    """Every valid descriptor: real ones here and in the larger data, and those built from notes."""
    found = {name: load(name).descriptor for name in ALL}
    for file in sorted((shared_data() or Path()).glob("hid/*.json")):
        raw = json.loads(file.read_text(encoding="utf-8"))["report_descriptor_hex"]
        found.setdefault(file.stem, bytes.fromhex(raw))
    return found | {name: getattr(built, name) for name in BUILT}


BUILT = (
    "LINK_380C",
    "WH66",
    "IMPACT_DW",
    "SP325",
    "C5220",
    "VOYAGER_BASE",
    "SIDEWINDER",
    "BOYA",
    "H540",
    "RAZER_MIC",
    "YEALINK_ADAPTER",
)
VALID = descriptors()


@pytest.mark.parametrize("name", VALID)
def test_every_field_and_every_report_is_the_same(name: str, hid_decode: Path, tmp_path: Path) -> None:
    lines = lines_of(hid_decode, VALID[name], tmp_path)
    descriptor = parse_descriptor(VALID[name])
    listing = add_up(lines, later_page=False)
    assert ours(descriptor) == listing.elements
    assert {(r.kind.value, r.report_id): r.bits for r in descriptor.reports} == listing.bits
    assert list(descriptor.applications) == listing.applications
    assert descriptor.numbered is any(said == "Report ID" for _, said, _ in lines)


@pytest.mark.parametrize("name", VALID)
def test_the_one_known_difference_is_where_it_is_known(name: str, hid_decode: Path, tmp_path: Path) -> None:
    lines = lines_of(hid_decode, VALID[name], tmp_path)
    theirs = add_up(lines, later_page=True)
    assert theirs.bits == add_up(lines, later_page=False).bits
    differing = {
        (mine, other)
        for one, two in zip(ours(parse_descriptor(VALID[name])), theirs.elements, strict=True)
        for (mine, _), (other, _) in zip(one.usages, two.usages, strict=True)
        if mine != other
    }
    assert differing == LATER_PAGE.get(name, set())


def test_names_are_the_programs_but_for_these(hid_decode: Path, tmp_path: Path) -> None:
    """Its tables and ours were typed from the same standard by different people."""
    named = [(page, number) for page in (0x0B, 0x08, 0x0C) for number in NAMES[page]]
    usages = b"".join(bytes((0x05, page, 0x09, number)) for page, number in named)
    lines = lines_of(hid_decode, bytes.fromhex("050b0905a101") + usages + b"\xc0", tmp_path)
    theirs = [said for _, name, said in lines if name == "Usage"][1:]
    our = [NAMES[page][number] for page, number in named]
    differing = {name: said for name, said in zip(our, theirs, strict=True) if name != said}
    assert differing == {
        "Line": "Line OSC",
        "Headset": "Head Set",
        "Surround On": "Surround field On",
        "Volume Increment": "Volume Up",
        "Volume Decrement": "Volume Down",
    }


def test_the_larger_data_is_all_there(shared_data: Callable[..., Path]) -> None:
    assert {file.stem for file in shared_data("hid").glob("*.json")} <= VALID.keys()
    assert {BRIO, CX300, D1, SC660, SPEAK} <= VALID.keys()
