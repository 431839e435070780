"""Last words reach exactly the device they are for, and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge import hidraw, parting
from firmware_bridge.parting import identity_of, write_reports
from state.engine import Write
from state.errors import ProtocolError, ProtocolReason, TransportError, TransportReason
from tests.firmware_bridge.hid_tree import HidTree, heard

JABRA = (0x0B0E, 0x0307)
REPORTS = (Write(b"\x02\x01\x00"), Write(b"\x05\x00"))


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> HidTree:
    return HidTree(tmp_path)


@pytest.fixture(name="ear")
def _ear(tree: HidTree) -> Iterator[int]:
    tree.plug("hidraw0", JABRA, "A1")
    fd = tree.listen("hidraw0")
    yield fd
    os.close(fd)


def test_who_is_behind_a_node(tree: HidTree) -> None:
    assert identity_of(tree.node("hidraw0"), tree.system) == ""
    identity = tree.plug("hidraw0", JABRA, "A1", "1-1.2")
    assert identity == "0b0e:0307:A1:1-1.2"
    assert identity_of(tree.node("hidraw0"), tree.system) == identity
    (tree.system / "class/hidraw/hidraw0/device/uevent").write_text("HID_NAME=x\n", encoding="utf-8")
    assert identity_of(tree.node("hidraw0"), tree.system) == ""


def test_reports_are_written_in_their_order(tree: HidTree, ear: int) -> None:
    write_reports(tree.node("hidraw0"), "0b0e:0307:A1:1-2", REPORTS, tree.system, lambda _fd: JABRA)
    assert heard(ear) == b"\x02\x01\x00\x05\x00"


@pytest.mark.parametrize(
    "identity",
    ["0b0e:0307:B2:1-2", "0b0e:0307:A1:1-3", "0b0e:2453:A1:1-2", "0b0e:0307::1-2", ""],
)
def test_another_device_hears_nothing(identity: str, tree: HidTree, ear: int) -> None:
    with pytest.raises(TransportError, match="0b0e:0307:A1:1-2 is there now") as caught:
        write_reports(tree.node("hidraw0"), identity, REPORTS, tree.system, lambda _fd: JABRA)
    assert caught.value.reason is TransportReason.GONE
    assert heard(ear) == b""


def test_a_node_whose_kernel_ids_differ_from_sysfs_hears_nothing(tree: HidTree, ear: int) -> None:
    """The name was given to another device between sysfs and open."""
    with pytest.raises(TransportError):
        write_reports(tree.node("hidraw0"), "0b0e:0307:A1:1-2", REPORTS, tree.system, lambda _fd: (1, 2))
    assert heard(ear) == b""


def test_a_device_that_left_is_gone(tree: HidTree) -> None:
    with pytest.raises(TransportError, match="hidraw7") as caught:
        write_reports(tree.node("hidraw7"), "0b0e:0307:A1:1-2", REPORTS, tree.system)
    assert caught.value.reason is TransportReason.GONE


def test_what_is_no_hidraw_node_is_refused_by_the_system(tree: HidTree, ear: int) -> None:
    with pytest.raises(TransportError, match="hidraw0"):
        write_reports(tree.node("hidraw0"), "0b0e:0307:A1:1-2", REPORTS, tree.system)
    assert heard(ear) == b""


def test_a_feature_report_goes_by_ioctl(tree: HidTree, ear: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bytes]] = []

    def ioctl(_fd: int, number: int, data: bytearray) -> int:
        asked.append((number, bytes(data)))
        return len(data)

    monkeypatch.setattr(hidraw.fcntl, "ioctl", ioctl)
    reports = (Write(b"\x01\x02", "feature"), Write(b"\x03\x04"))
    write_reports(tree.node("hidraw0"), "0b0e:0307:A1:1-2", reports, tree.system, lambda _fd: JABRA)
    assert asked == [(0xC0024806, b"\x01\x02")]
    assert heard(ear) == b"\x03\x04"


def test_a_report_taken_in_part_is_an_error_and_the_node_is_closed(
    tree: HidTree, ear: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(parting.os, "write", lambda _fd, data: len(data) - 1)
    with pytest.raises(ProtocolError, match="took 2 of 3 bytes") as caught:
        write_reports(tree.node("hidraw0"), "0b0e:0307:A1:1-2", REPORTS, tree.system, lambda _fd: JABRA)
    assert caught.value.reason is ProtocolReason.WRONG_LENGTH
    assert len(os.listdir("/proc/self/fd")) == opened
    assert heard(ear) == b""
