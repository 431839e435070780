"""Raw hidraw without a device: ioctl numbers, lookup by ids, reads and writes over a stand-in descriptor."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from firmware_bridge import hidraw
from firmware_bridge.hidraw import HidrawTransport, find_hidraw, open_hidraw
from state.errors import ProtocolError, ProtocolReason, TransportError, TransportReason


def test_ioctl_numbers_are_the_kernels():
    """As a C program including linux/hidraw.h prints them on amd64; arm64 packs them the same way."""
    assert hidraw.HIDIOCGRDESCSIZE == 0x80044801
    assert hidraw.HIDIOCGRDESC == 0x90044802
    assert hidraw.HIDIOCGRAWINFO == 0x80084803
    assert hidraw.HIDIOCGRAWNAME == 0x81004804
    assert hidraw.hidiocsfeature(3) == 0xC0034806


@pytest.fixture(name="pair")
def _pair():
    # Packets keep their borders as hidraw's reports do.
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    with theirs:
        yield HidrawTransport(ours.detach(), "/dev/hidraw9"), theirs


def test_one_read_is_one_report_and_one_write_is_one(pair):
    transport, device = pair

    async def main():
        device.send(b"\x08\x01")
        device.send(b"\x08\x00")
        reports = [await transport.read(), await transport.read()]
        await transport.write(b"\x09\x01", "output")
        await transport.aclose()
        await transport.aclose()
        return reports

    assert asyncio.run(main()) == [b"\x08\x01", b"\x08\x00"]
    assert device.recv(64) == b"\x09\x01"
    assert device.recv(64) == b""


def test_a_short_write_is_an_error(pair, monkeypatch):
    transport, _device = pair
    monkeypatch.setitem(transport._writes, "output", lambda _fd, data: len(data) - 1)

    async def main():
        try:
            await transport.write(b"\x09\x01", "output")
        finally:
            await transport.aclose()

    with pytest.raises(ProtocolError, match="took 1 of 2 bytes") as caught:
        asyncio.run(main())
    assert caught.value.reason is ProtocolReason.WRONG_LENGTH


def test_a_feature_report_to_a_stand_in_is_refused_by_the_system(pair):
    transport, _device = pair

    async def main():
        try:
            await transport.write(b"\x02\x01", "feature")
        finally:
            await transport.aclose()

    with pytest.raises(TransportError, match="/dev/hidraw9"):
        asyncio.run(main())


def test_unplugged_and_closed_are_gone(pair):
    transport, device = pair

    async def main():
        device.shutdown(socket.SHUT_RDWR)
        with pytest.raises(TransportError) as unplugged:
            await transport.read()
        await transport.aclose()
        with pytest.raises(TransportError, match="closed"):
            await transport.write(b"\x00", "output")
        return unplugged.value.reason

    assert asyncio.run(main()) is TransportReason.GONE


def open_files():
    """What this process has open; a descriptor closed while we look is none."""
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(number.readlink())
    return found


def test_open_files_sees_an_open_file(tmp_path):
    held = (tmp_path / "held").resolve()
    with held.open("wb"):
        assert held in open_files()
    assert held not in open_files()


def test_opening_what_is_not_there_or_no_hid_device(tmp_path):
    with pytest.raises(TransportError, match="No such file") as missing:
        asyncio.run(open_hidraw(str(tmp_path / "hidraw0")))
    assert missing.value.reason is TransportReason.GONE
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    with pytest.raises(TransportError, match="Inappropriate ioctl"):
        asyncio.run(open_hidraw(str(plain)))
    assert plain.resolve() not in open_files()


def test_a_device_is_asked_who_it_is(tmp_path, monkeypatch):
    node = tmp_path / "hidraw3"
    node.write_bytes(b"")
    descriptor = bytes.fromhex("050b0905a101c0")

    def answer(_fd, number, buffer):
        if number == hidraw.HIDIOCGRDESCSIZE:
            return len(descriptor).to_bytes(4, "little")
        if number == hidraw.HIDIOCGRDESC:
            buffer[4 : 4 + len(descriptor)] = descriptor
            return 0
        if number == hidraw.HIDIOCGRAWNAME:
            return b"Jabra BIZ 2400 II".ljust(256, b"\0")
        return (3).to_bytes(4, "little") + bytes.fromhex("0e0b5324")

    monkeypatch.setattr(hidraw.fcntl, "ioctl", answer)

    async def main():
        transport, info = await open_hidraw(str(node))
        await transport.aclose()
        return info

    info = asyncio.run(main())
    assert (info.bus, info.vendor, info.product) == (3, 0x0B0E, 0x2453)
    assert info.name == "Jabra BIZ 2400 II"
    assert info.descriptor == descriptor


def test_nodes_are_found_by_ids_in_the_kernels_order(tmp_path):
    for name, hid_id in (
        ("hidraw10", "HID_ID=0003:00000B0E:00002453"),
        ("hidraw2", "HID_ID=0003:00000B0E:00002453"),
        ("hidraw3", "HID_ID=0003:00000B0E:00000307"),
        ("hidraw4", "DRIVER=hid-generic"),
    ):
        place = tmp_path / name / "device"
        place.mkdir(parents=True)
        (place / "uevent").write_text(f"DRIVER=x\n{hid_id}\n")
    (tmp_path / "hidraw5" / "device").mkdir(parents=True)
    names = [path.name for path in find_hidraw(0x0B0E, 0x2453, tmp_path)]
    assert names == ["hidraw2", "hidraw10"]
    assert len(find_hidraw(0x0B0E, None, tmp_path)) == 3
    assert find_hidraw(0x1395, None, tmp_path) == ()
